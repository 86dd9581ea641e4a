//! Mails that a builder sends by SMTP, as `smtphost`, `smtp_user`, `smtp_pass` and `from_addr` say.

mod letter;
mod smtp;
mod tls;

use koji_core::{Error, Result};

use super::config::Settings;

pub use letter::Letter;
use smtp::{Connection, Server};

/// Sends a letter to all who are to get it.
///
/// # Errors
/// When no server takes it, or nobody gets it. Some who are refused are told to the log.
pub fn send(settings: &Settings, letter: &Letter) -> Result<()> {
    let config = settings.config();
    let server = Server::parse(settings.text("smtphost"))?;
    let mut connection = Connection::open(&server)?;
    if let (Some(user), Some(password)) = (config.find_text("smtp_user"), config.find_text("smtp_pass")) {
        if connection.offers("STARTTLS") {
            connection = connection.encrypt(&server, tls::trusted(config.find_text("serverca"))?)?;
        } else {
            tracing::warn!(host = server.host, "the mail server has no STARTTLS: the password goes in clear");
        }
        connection.log_in(user, password)?;
    }
    let refused = connection.deliver(letter)?;
    for (address, answer) in &refused {
        tracing::warn!(address, answer, "the mail server refuses a recipient");
    }
    connection.quit();
    if !letter.to.is_empty() && refused.len() == letter.to.len() {
        let answers: Vec<_> =
            refused.iter().map(|(address, answer)| format!("{address}: {answer}")).collect();
        return Err(Error::generic(format!(
            "the mail server refuses all recipients: {}",
            answers.join("; ")
        )));
    }
    Ok(())
}
