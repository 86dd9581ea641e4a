//! Reading a request's body, bounded.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use koji_core::config::HubConfig;

/// Why a body is not taken.
pub(super) struct Refused {
    pub status: StatusCode,
    pub message: String,
}

/// The largest body in bytes (`MaxRequestLength`).
pub(super) fn limit(config: &HubConfig) -> usize {
    usize::try_from(config.int("MaxRequestLength")).ok().filter(|limit| *limit > 0).unwrap_or(4 << 20)
}

/// Reads a body of at most `limit` bytes. One that says it is longer is refused before it is read.
pub(super) async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Refused> {
    let too_long = || Refused {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        message: format!(
            "Request too long: at most {limit} bytes are taken (MaxRequestLength in hub.conf)\n"
        ),
    };
    let said =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|said| said > limit) {
        return Err(too_long());
    }
    let mut bytes = BytesMut::with_capacity(said.unwrap_or_default());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refused {
            status: StatusCode::BAD_REQUEST,
            message: format!("Invalid request: {error}\n"),
        })?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > limit {
                return Err(too_long());
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}
