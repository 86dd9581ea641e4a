//! The HTTP status of a fault, where the address names the method; elsewhere faults are part of an answer.

use std::io::{self, Write};

use axum::http::StatusCode;
use koji_core::{Error, Fault};

/// The status of a fault. What the hub understood and refuses without a kinder word is 422.
pub(super) fn of(error: &Error) -> StatusCode {
    match error.fault {
        Fault::Parameter => StatusCode::BAD_REQUEST,
        Fault::Auth | Fault::AuthExpired | Fault::AuthLock | Fault::GssapiAuth => StatusCode::UNAUTHORIZED,
        Fault::NotAllowed => StatusCode::FORBIDDEN,
        Fault::Lock | Fault::Retry | Fault::Sequence => StatusCode::CONFLICT,
        Fault::Offline => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The body of a fault.
pub(super) fn write_fault(out: &mut dyn Write, error: &Error) -> io::Result<()> {
    let message = serde_json::to_string(&error.message)?;
    write!(out, r#"{{"fault":{},"message":{message}}}"#, error.code())
}
