//! A connection that sends any bytes as a request, and reads what comes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take before the hub hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that is kept.
pub struct Line {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer: its status and its body.
pub type Answer = (u16, Vec<u8>);

impl Line {
    /// To the hub at an address; it connects with the first request.
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Sends a request; `head` holds further lines of its head. Err says why there is no answer.
    pub fn post(&mut self, head: &str, body: &[u8]) -> Result<Answer, String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream =
                    TcpStream::connect(&self.address).map_err(|error| format!("no connection: {error}"))?;
                stream
                    .set_read_timeout(Some(PATIENCE))
                    .and_then(|()| stream.set_nodelay(true))
                    .map_err(text)?;
                BufReader::new(stream)
            }
        };
        let request = format!(
            "POST /kojihub HTTP/1.1\r\nHost: hub\r\nContent-Type: text/xml\r\n{head}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        stream.get_mut().write_all(&bytes).map_err(text)?;
        let (answer, kept) = read(&mut stream)?;
        self.stream = kept.then_some(stream);
        Ok(answer)
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Result<(Answer, bool), String> {
    let (mut status, mut length, mut chunked, mut kept) = (0, None, false, true);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).map_err(text)? == 0 {
            return Err("the hub hung up".to_owned());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        } else if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(0);
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse::<usize>().ok();
        } else if line.starts_with("transfer-encoding:") {
            chunked = line.ends_with("chunked");
        } else if line == "connection: close" {
            kept = false;
        }
    }
    let mut body = Vec::new();
    match (chunked, length) {
        (true, _) => loop {
            let mut size = String::new();
            stream.read_line(&mut size).map_err(text)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(text)?;
            let start = body.len();
            body.resize(start + size + 2, 0);
            stream.read_exact(&mut body[start..]).map_err(text)?;
            body.truncate(start + size);
            if size == 0 {
                break;
            }
        },
        (false, Some(length)) => {
            body.resize(length, 0);
            stream.read_exact(&mut body).map_err(text)?;
        }
        (false, None) => {
            kept = false;
            stream.read_to_end(&mut body).map_err(text)?;
        }
    }
    Ok(((status, body), kept))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
