//! [`Connection`]: a conversation with a mail server, as much of SMTP as a builder needs (RFC 5321, 3207, 4954, 6152).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koji_core::{Error, Result};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::letter::{self, Letter};
use crate::builder::process;

/// The port of mail servers, and how long one may take to answer.
const PORT: u16 = 25;
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest line of an answer, and how many lines one may have.
const LINE_BYTES: u64 = 2048;
const LINES: usize = 200;

/// Where mails are handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub host: String,
    pub port: u16,
}

impl Server {
    /// Reads `host` or `host:port`.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::generic(format!("smtphost must be HOST or HOST:PORT, not {text:?}"));
        let (host, port) = match text.trim().rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, port.parse().map_err(|_| wrong())?),
            // more colons are an IPv6 address
            _ => (text.trim(), PORT),
        };
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A server that has greeted us.
pub(super) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    // for the change to TLS
    socket: TcpStream,
    extensions: Vec<String>,
}

/// The code of an answer and its text.
struct Answer {
    code: u16,
    lines: Vec<String>,
}

impl Answer {
    fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }
}

impl Connection {
    /// Connects and introduces this host.
    pub fn open(server: &Server) -> Result<Self> {
        let socket = connect(server).map_err(|error| {
            Error::generic(format!("mail server {}:{}: {error}", server.host, server.port)).caused_by(error)
        })?;
        let stream: Box<dyn Stream> = Box::new(socket.try_clone()?);
        let mut connection = Self { stream: BufReader::new(stream), socket, extensions: vec![] };
        let greeting = connection.answer()?;
        require("its greeting", greeting)?;
        connection.introduce()?;
        Ok(connection)
    }

    /// Whether the server said that it can do something.
    pub fn offers(&self, extension: &str) -> bool {
        self.extensions.iter().any(|line| line.split(' ').next() == Some(extension))
    }

    /// Goes on encrypted.
    pub fn encrypt(mut self, server: &Server, config: Arc<ClientConfig>) -> Result<Self> {
        self.order("STARTTLS")?;
        let wrong = |text: String| Error::auth(format!("mail server {}: {text}", server.host));
        let name = ServerName::try_from(server.host.clone()).map_err(|error| wrong(error.to_string()))?;
        let tls = ClientConnection::new(config, name).map_err(|error| wrong(error.to_string()))?;
        // what came in clear after the answer is dropped with its buffer
        let stream: Box<dyn Stream> = Box::new(StreamOwned::new(tls, self.socket.try_clone()?));
        let mut connection = Self { stream: BufReader::new(stream), extensions: vec![], ..self };
        connection.introduce().map_err(|error| wrong(error.message.clone()).caused_by(error))?;
        Ok(connection)
    }

    /// Logs in by name and password.
    pub fn log_in(&mut self, user: &str, password: &str) -> Result<()> {
        let methods =
            self.extensions.iter().find(|line| line.starts_with("AUTH ")).cloned().unwrap_or_default();
        let has = |method: &str| methods.split(' ').any(|known| known == method);
        if has("PLAIN") {
            let secret = STANDARD.encode(format!("\0{user}\0{password}"));
            return self.secret(&format!("AUTH PLAIN {secret}"));
        }
        if has("LOGIN") {
            self.order("AUTH LOGIN")?;
            self.secret(&STANDARD.encode(user))?;
            return self.secret(&STANDARD.encode(password));
        }
        Err(Error::auth(format!("the mail server takes no password that is sent as it is: {methods:?}")))
    }

    /// Hands a letter in; the recipients that were refused, with the server's words.
    pub fn deliver(&mut self, letter: &Letter) -> Result<Vec<(String, String)>> {
        let from = letter::address(&letter.from)
            .ok_or_else(|| Error::generic(format!("from_addr holds no address: {:?}", letter.from)))?;
        let eight_bit =
            if self.offers("8BITMIME") && !letter.body.is_ascii() { " BODY=8BITMIME" } else { "" };
        self.order(&format!("MAIL FROM:<{from}>{eight_bit}"))?;
        let mut refused = vec![];
        for recipient in &letter.to {
            let answer = match letter::address(recipient) {
                Some(address) => self.ask(&format!("RCPT TO:<{address}>"))?,
                None => Answer { code: 501, lines: vec!["not an address".into()] },
            };
            if !answer.is_good() {
                refused.push((recipient.clone(), answer.text()));
            }
        }
        if refused.len() == letter.to.len() {
            self.order("RSET")?;
            return Ok(refused);
        }
        self.order("DATA")?;
        let answer = self.ask(&doubled(&letter.text()))?;
        require("the letter", answer)?;
        Ok(refused)
    }

    /// Takes leave. The letter is delivered already, so it does not matter how that goes.
    pub fn quit(mut self) {
        drop(self.ask("QUIT"));
    }

    fn introduce(&mut self) -> Result<()> {
        let name = process::host_name();
        let answer = self.ask(&format!("EHLO {name}"))?;
        if answer.is_good() {
            self.extensions = answer.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
            return Ok(());
        }
        self.order(&format!("HELO {name}")).map(drop)
    }

    fn order(&mut self, command: &str) -> Result<Answer> {
        let answer = self.ask(command)?;
        require(command, answer)
    }

    /// The same for what no message may show.
    fn secret(&mut self, command: &str) -> Result<()> {
        let answer = self.ask(command)?;
        require("the login", answer).map(drop)
    }

    fn ask(&mut self, command: &str) -> Result<Answer> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{command}\r\n").as_bytes()).and_then(|()| stream.flush()).map_err(
            |error| Error::generic(format!("the mail server went away: {error}")).caused_by(error),
        )?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut lines = vec![];
        loop {
            let mut line = String::new();
            let read = (&mut self.stream).take(LINE_BYTES).read_line(&mut line);
            let length = read.map_err(|error| {
                Error::generic(format!("the mail server does not answer: {error}")).caused_by(error)
            })?;
            let (Some(code), true) = (line.get(..3).and_then(|code| code.parse().ok()), lines.len() < LINES)
            else {
                let what = if length == 0 { "it went away" } else { line.trim_end() };
                return Err(Error::generic(format!("the mail server does not speak SMTP: {what}")));
            };
            let more = line.get(3..4) == Some("-");
            lines.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
            if !more {
                return Ok(Answer { code, lines });
            }
        }
    }
}

fn connect(server: &Server) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in (server.host.as_str(), server.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(socket) => {
                socket.set_read_timeout(Some(PATIENCE))?;
                socket.set_write_timeout(Some(PATIENCE))?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn require(what: &str, answer: Answer) -> Result<Answer> {
    if answer.is_good() {
        return Ok(answer);
    }
    Err(Error::generic(format!("the mail server answers to {what}: {}", answer.text())))
}

/// A letter with its dots doubled where a line begins with one, and with its end; the last CR and LF are to come.
fn doubled(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive("\r\n") {
        if line.starts_with('.') {
            out.push('.');
        }
        out.push_str(line);
    }
    out.push('.');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_may_have_ports() {
        let server = |text| Server::parse(text).map(|server| (server.host, server.port)).ok();
        assert_eq!(server("mail.example.com"), Some(("mail.example.com".into(), 25)));
        assert_eq!(server("localhost:2525"), Some(("localhost".into(), 2525)));
        assert_eq!(server("::1"), Some(("::1".into(), 25)));
        assert_eq!((server("host:many"), server("")), (None, None));
    }

    #[test]
    fn a_dot_does_not_end_a_letter() {
        assert_eq!(doubled("a\r\n.\r\n..b\r\n"), "a\r\n..\r\n...b\r\n.");
    }
}
