//! [`FaultyServer`]: a web server of one file that misbehaves as it is told to.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does with one request. When nothing more is planned it serves well, ranges included.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Serves well
    None,
    /// Promises the whole, or the rest, and hangs up after so many bytes
    HangsUpAfter(usize),
    /// Hangs up before it answers
    SaysNothing,
    /// Answers with this status
    Status(u16),
    /// Serves something else, ranges included
    Serves(Vec<u8>),
    /// Tells no length and hangs up after so many bytes
    NoLength(usize),
    /// Serves the whole to whoever asks for a range
    IgnoresRange,
    /// Sends the whole and says that it is the range that was asked for
    WrongRange,
}

/// A running server.
pub struct FaultyServer {
    port: u16,
    plan: Arc<Mutex<VecDeque<Fault>>>,
    ranges: Arc<Mutex<Vec<String>>>,
}

impl FaultyServer {
    /// Serves these bytes under any path.
    pub fn start(content: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (plan, ranges) = (Arc::default(), Arc::default());
        let server = Self { port, plan: Arc::clone(&plan), ranges: Arc::clone(&ranges) };
        let content = content.to_vec();
        // it ends with the process: nothing tells it to stop
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let fault = plan.lock().unwrap().pop_front().unwrap_or(Fault::None);
                // whoever hangs up on us does so on purpose
                drop(serve(stream, &content, &fault, &ranges));
            }
        });
        server
    }

    /// Plans what happens to the next requests.
    pub fn plan(&self, faults: &[Fault]) {
        *self.plan.lock().unwrap() = faults.iter().cloned().collect();
        self.ranges.lock().unwrap().clear();
    }

    /// The ranges that were asked for since the last plan, empty for a whole file.
    pub fn ranges(&self) -> Vec<String> {
        self.ranges.lock().unwrap().clone()
    }

    /// The URL of its top directory.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn serve(
    mut stream: TcpStream,
    content: &[u8],
    fault: &Fault,
    ranges: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut range = String::new();
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            range = value.to_owned();
        }
    }
    ranges.lock().unwrap().push(range.clone());
    let start = range.trim_end_matches('-').parse::<usize>().ok();
    let content = match fault {
        Fault::Serves(other) => other.as_slice(),
        _ => content,
    };
    let start = start.filter(|_| !matches!(fault, Fault::IgnoresRange));
    if let Fault::Status(status) = fault {
        return write!(stream, "HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    }
    if start.is_some_and(|start| start >= content.len()) {
        return write!(stream, "HTTP/1.1 416 Range\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    }
    let mut rest = &content[start.unwrap_or(0)..];
    let mut head = match start {
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
        Some(start) => {
            let (first, last) =
                (if matches!(fault, Fault::WrongRange) { 0 } else { start }, content.len() - 1);
            format!("HTTP/1.1 206 Part\r\nContent-Range: bytes {first}-{last}/{}\r\n", content.len())
        }
    };
    match fault {
        Fault::SaysNothing => return Ok(()),
        Fault::NoLength(_) => {}
        Fault::WrongRange => {
            rest = content;
            head.push_str(&format!("Content-Length: {}\r\n", rest.len()));
        }
        _ => head.push_str(&format!("Content-Length: {}\r\n", rest.len())),
    }
    if let Fault::HangsUpAfter(count) | Fault::NoLength(count) = fault {
        rest = &rest[..rest.len().min(*count)];
    }
    write!(stream, "{head}ETag: \"{}\"\r\nConnection: close\r\n\r\n", content.len())?;
    stream.write_all(rest)
}
