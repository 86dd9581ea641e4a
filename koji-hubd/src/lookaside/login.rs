//! Who uploads: by HTTP's basic authentication, a session's headers, or what a trusted proxy has verified.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koji_core::api::Mode;
use koji_core::hub::{Caller, Hub};
use koji_core::session::identify::{Basic, identify};
use koji_core::{Error, Result};

/// The id of the user, who must be proven.
pub(super) fn user(hub: &Hub, caller: &Caller, basic: Option<&Basic>) -> Result<i32> {
    // a user may be made by what a proxy has verified; otherwise nothing is written
    let by_proxy = basic.is_none() && caller.credentials.is_none();
    let mode = if by_proxy { Mode::Write } else { Mode::Read };
    hub.transaction(caller, "lookaside", mode, |cx| identify(cx, basic))
}

/// What the header `Authorization` says, if it is HTTP's basic authentication. Curl sends an empty name when it
/// would rather speak Kerberos.
pub(super) fn basic(headers: &HeaderMap) -> Result<Option<Basic>> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let malformed = || Error::auth("the header Authorization is malformed");
    let text = value.to_str().map_err(|_| malformed())?;
    let Some((_, encoded)) = text.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("basic"))
    else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (user, password) = text.split_once(':').ok_or_else(malformed)?;
    Ok((!user.is_empty()).then(|| Basic { user: user.to_owned(), password: password.to_owned() }))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn basic_authentication_is_read() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(text).unwrap());
            basic(&headers).map(|basic| basic.map(|basic| (basic.user, basic.password)))
        };
        assert_eq!(read("Basic YTpiOmM=").unwrap(), Some(("a".to_owned(), "b:c".to_owned())));
        assert_eq!(read("basic Og==").unwrap(), None);
        assert_eq!(read("Negotiate abc").unwrap(), None);
        assert!(read("Basic !").is_err() && read("Basic YQ==").is_err());
    }
}
