//! What a web server in front says about the client: its address, its certificate, its Kerberos principal.
//!
//! It is believed only from the addresses in the hub's option `TrustedProxies`, of which there are none by
//! default. Such a server must set these headers itself, or remove them, whatever the client sent:
//!
//! | header | Apache | nginx |
//! |---|---|---|
//! | `X-SSL-Client-Verify` | `%{SSL_CLIENT_VERIFY}s` | `$ssl_client_verify` |
//! | `X-SSL-Client-S-DN` | `%{SSL_CLIENT_S_DN}s` | `$ssl_client_s_dn` |
//! | `X-Remote-User` | `%{REMOTE_USER}s` | |
//! | `X-Forwarded-For` | by itself | `$remote_addr` |

use std::net::IpAddr;

use axum::http::HeaderMap;
use koji_core::config::HubConfig;
use koji_core::session::Proxied;
use koji_core::{Error, Result};

/// The client's address, and what else is said about it.
pub(super) fn read(headers: &HeaderMap, peer: IpAddr, config: &HubConfig) -> Result<(String, Proxied)> {
    if !is_trusted(config.text("TrustedProxies"), peer) {
        return Ok((peer.to_string(), Proxied::default()));
    }
    let address = match forwarded(headers)? {
        Some(address) => address.to_string(),
        None => peer.to_string(),
    };
    let certificate_subject = match only(headers, "x-ssl-client-verify")? {
        Some("SUCCESS") => only(headers, "x-ssl-client-s-dn")?.map(str::to_owned),
        _ => None,
    };
    let certificate_user = certificate_subject
        .as_deref()
        .and_then(|subject| component(subject, config.text("DNUsernameComponent")));
    let principal = only(headers, "x-remote-user")?.map(str::to_owned);
    Ok((address, Proxied { principal, certificate_subject, certificate_user }))
}

/// Whether an address is in a list with commas or spaces.
fn is_trusted(list: &str, peer: IpAddr) -> bool {
    let known = list.split([',', ' ']).filter_map(|text| text.trim().parse::<IpAddr>().ok());
    known.map(|address| address.to_canonical()).any(|address| address == peer.to_canonical())
}

/// The value of a header; None if it is empty. Two of a name can only mean that the proxy let the client's pass.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::auth(format!(
            "the header {name} came twice: the proxy must replace the client's"
        )));
    }
    let text = first.map(|value| value.to_str()).transpose();
    let text = text.map_err(|_| Error::auth(format!("the header {name} is not ASCII")))?;
    // Apache writes (null) for a variable that is not set.
    Ok(text.map(str::trim).filter(|text| !text.is_empty() && *text != "(null)"))
}

/// The last address of `X-Forwarded-For`: the one that the trusted proxy itself has seen.
fn forwarded(headers: &HeaderMap) -> Result<Option<IpAddr>> {
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let Some(text) = last.and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let address = text.rsplit(',').next().unwrap_or_default().trim();
    address.parse().map(Some).map_err(|_| Error::auth(format!("X-Forwarded-For is no address: {address:?}")))
}

/// The value of a component of a subject such as `CN=x,O=y` (RFC 2253). None if it is not there just once, or not
/// written plainly: who is logged in must not depend on how a name is quoted.
fn component(subject: &str, name: &str) -> Option<String> {
    if subject.contains(['\\', '"']) || subject.starts_with('/') {
        return None;
    }
    let mut values = subject.split([',', '+', ';']).filter_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    });
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn config(proxies: &str) -> HubConfig {
        let mut config = HubConfig::default();
        config.set("TrustedProxies", proxies).unwrap();
        config
    }

    const SAID: [(&str, &str); 4] = [
        ("x-ssl-client-verify", "SUCCESS"),
        ("x-ssl-client-s-dn", "CN=alice,O=Example"),
        ("x-remote-user", "bob@EXAMPLE.ORG"),
        ("x-forwarded-for", "10.0.0.9, 192.0.2.1"),
    ];

    #[test]
    fn only_trusted_proxies_are_believed() {
        let peer = IpAddr::from([127, 0, 0, 1]);
        let read =
            |list: &[(&'static str, &str)], proxies: &str| read(&headers(list), peer, &config(proxies));
        let (address, said) = read(&SAID, "").unwrap();
        assert_eq!(address, "127.0.0.1");
        assert!(said.principal.is_none() && said.certificate_subject.is_none());
        let (address, said) = read(&SAID, "192.0.2.7, 127.0.0.1").unwrap();
        assert_eq!(address, "192.0.2.1");
        assert_eq!(said.principal.as_deref(), Some("bob@EXAMPLE.ORG"));
        assert_eq!(said.certificate_user.as_deref(), Some("alice"));
        let unverified = [("x-ssl-client-verify", "NONE"), SAID[1]];
        assert!(read(&unverified, "127.0.0.1").unwrap().1.certificate_subject.is_none());
        assert!(read(&[SAID[2], SAID[2]], "127.0.0.1").is_err());
    }

    #[test]
    fn a_user_is_named_plainly_and_once() {
        for (subject, user) in [
            ("CN=alice,O=x", Some("alice")),
            ("/C=DE/O=x/CN=alice", None),
            ("O=x,cn = alice ", Some("alice")),
            ("CN=alice+CN=root,O=x", None),
            ("CN=al\\,CN=root", None),
            ("O=\"x,CN=root\"", None),
            ("O=x", None),
            ("CN=,O=x", None),
        ] {
            assert_eq!(component(subject, "CN").as_deref(), user, "{subject}");
        }
    }
}
