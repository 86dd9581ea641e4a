//! [`SmtpSink`]: a mail server that keeps what it gets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as it was handed in.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// `user:password` of the sender, if any
    pub login: String,
    /// The sender's address
    pub from: String,
    /// The recipients that were taken
    pub to: Vec<String>,
    /// Headers and text
    pub text: String,
}

/// A server on a port of its own. It refuses recipients whose addresses begin with `nobody`.
pub struct SmtpSink {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl SmtpSink {
    /// Starts one, for as long as the test runs.
    #[expect(clippy::new_without_default, reason = "it starts a thread")]
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let received = Arc::new(Mutex::new(vec![]));
        let kept = received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || drop(serve(&stream, &kept)));
            }
        });
        Self { address, received }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The mails so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    write!(out, "220 sink\r\n")?;
    let mut mail = Received::default();
    while let Some(line) = lines.next().transpose()? {
        let inner = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => "250-sink\r\n250-8BITMIME\r\n250 AUTH LOGIN PLAIN",
            "AUTH" => {
                mail.login = line.rsplit(' ').next().unwrap_or_default().to_owned();
                "235 welcome"
            }
            "MAIL" => {
                mail.from = inner(&line);
                "250 good"
            }
            "RCPT" if inner(&line).starts_with("nobody") => "550 no such user",
            "RCPT" => {
                mail.to.push(inner(&line));
                "250 good"
            }
            "DATA" => {
                write!(out, "354 go on\r\n")?;
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    mail.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.text.push('\n');
                }
                kept.lock().unwrap().push(std::mem::take(&mut mail));
                "250 taken"
            }
            "QUIT" => {
                write!(out, "221 bye\r\n")?;
                return Ok(());
            }
            _ => "250 as you like",
        };
        write!(out, "{answer}\r\n")?;
    }
    Ok(())
}
