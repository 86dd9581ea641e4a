//! Requests as a program without a Koji library makes them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use koji_core::client::Session;
use koji_core::wire::{Value, json};

use crate::TestHub;

/// A response.
pub struct Reply {
    /// The status
    pub status: u16,
    /// The headers, their names in small letters
    pub headers: Vec<(String, String)>,
    /// The body
    pub body: Vec<u8>,
}

impl Reply {
    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        json::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The headers of a logged-in session.
pub fn credentials(session: &Session) -> Vec<(&'static str, String)> {
    let own = session.credentials().unwrap();
    vec![("Koji-Session-Id", own.id.to_string()), ("Koji-Session-Key", own.key.expose().to_owned())]
}

impl TestHub {
    /// Sends a request and reads the whole response.
    pub fn http(&self, request: &str, headers: &[(&str, String)], body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let mut head = format!("{request} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        write!(stream, "{head}\r\n").unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        read(&answer)
    }

    /// POSTs JSON to a path.
    pub fn post_json(&self, path: &str, headers: &[(&str, String)], body: &str) -> Reply {
        let mut all = vec![("Content-Type", "application/json".to_owned())];
        all.extend_from_slice(headers);
        self.http(&format!("POST {path}"), &all, body.as_bytes())
    }
}

fn read(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = &answer[end + 4..];
    Reply { status, headers, body: if is_chunked { joined(body) } else { body.to_vec() } }
}

/// The chunks of a body as one.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(&String::from_utf8_lossy(&rest[..end]), 16).unwrap();
        if length == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
    body
}
