//! Calls over HTTP: headers, compression, kept connections. It follows no redirect, since that would
//! hand the session's key to another host.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

use crate::error::{Error, Result};
use crate::wire::{self, Value};

use super::options::Options;
use super::session::Credentials;
use super::tls;
use super::transport::{Failure, Outgoing, Transport, Unreached, UploadChunk};

const USER_AGENT: &str = concat!("koji-rs/", env!("CARGO_PKG_VERSION"));

/// Asks for a rehearsal, and in a response tells that it was one.
const WHAT_IF: &str = "Koji-What-If";

/// A hub that is reached by http or https.
pub(super) struct HttpTransport {
    url: String,
    options: Options,
    cert: Option<PathBuf>,
    agent: Option<Agent>,
    hub_version: Option<String>,
}

impl HttpTransport {
    /// Takes note of the address; the connection opens with the first call.
    pub fn new(url: &str, options: &Options) -> Result<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Error::generic(format!(
                "{url:?} is not the URL of a hub; it should look like https://host/kojihub"
            )));
        }
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            options: options.clone(),
            cert: None,
            agent: None,
            hub_version: None,
        })
    }

    fn agent(&mut self) -> Result<Agent, Failure> {
        if let Some(agent) = &self.agent {
            return Ok(agent.clone());
        }
        let agent = agent(&self.url, &self.options, self.cert.as_deref()).map_err(Failure::Hopeless)?;
        self.agent = Some(agent.clone());
        Ok(agent)
    }

    fn post(&mut self, request: &Post<'_>) -> Result<Value, Failure> {
        let answer = self.exchange(request);
        if matches!(answer, Err(Failure::Dropped(_) | Failure::Lost(_))) {
            // a broken connection is not worth keeping
            self.agent = None;
        }
        answer
    }

    fn exchange(&mut self, request: &Post<'_>) -> Result<Value, Failure> {
        let timeout = Some(request.timeout);
        let mut post = self
            .agent()?
            .post(request.url)
            .config()
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            .timeout_connect(Some(self.options.auth_timeout.min(request.timeout)))
            .build()
            .header("Content-Type", request.content_type);
        if let Some((credentials, callnum)) = request.credentials {
            post = post
                .header("Koji-Session-Id", credentials.id.to_string())
                .header("Koji-Session-Key", credentials.key.expose())
                .header("Koji-Session-Callnum", callnum.to_string());
        }
        if request.what_if {
            post = post.header(WHAT_IF, "1");
        }
        let response = post.send(request.body).map_err(|error| self.failure(&error))?;
        if let Some(version) = response.headers().get("Koji-Version").and_then(|value| value.to_str().ok()) {
            self.hub_version = Some(version.to_owned());
        }
        if request.what_if && response.status().is_success() && !response.headers().contains_key(WHAT_IF) {
            let text = format!("{} took no notice of {WHAT_IF}: it may have done the call", self.url);
            return Err(Failure::Hopeless(unreached(text)));
        }
        self.read(response)
    }

    fn read(&self, response: Response<ureq::Body>) -> Result<Value, Failure> {
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get("Location").and_then(|value| value.to_str().ok()).unwrap_or("");
            let text = format!("{} sends callers to {to:?}; use that as the hub's URL", self.url);
            return Err(Failure::Hopeless(unreached(text)));
        }
        let mut body = Vec::new();
        let mut reader = response.into_body().into_reader();
        reader
            .read_to_end(&mut body)
            .map_err(|error| Failure::Dropped(unreached(format!("{}: {error}", self.url))))?;
        if !status.is_success() {
            return Err(Failure::Lost(unreached(format!("{} answered {status}", self.url))));
        }
        wire::parse_response(&body).map_err(|error| {
            if memchr::memmem::find(&body, b"<fault>").is_some() {
                Failure::Fault(error)
            } else {
                let text = format!("{} did not answer as a hub does: {error}", self.url);
                Failure::Lost(unreached(text))
            }
        })
    }

    fn failure(&self, error: &ureq::Error) -> Failure {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        let told = unreached(format!("{}: {error}", self.url));
        match error {
            ureq::Error::Io(io) if is_certificate_error(io) => Failure::Hopeless(told),
            ureq::Error::Io(io)
                if matches!(io.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) =>
            {
                Failure::Dropped(told)
            }
            ureq::Error::Protocol(_) => Failure::Dropped(told),
            ureq::Error::BadUri(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Http(_) => {
                Failure::Hopeless(told)
            }
            _ => Failure::Lost(told),
        }
    }
}

impl Transport for HttpTransport {
    fn call(&mut self, call: &Outgoing<'_>) -> Result<Value, Failure> {
        let mut body = Vec::new();
        wire::write_call(&mut body, call.method, call.params)
            .map_err(|error| Failure::Hopeless(error.into()))?;
        let url = match call.method {
            "sslLogin" => format!("{}/ssllogin", self.url),
            _ => self.url.clone(),
        };
        self.post(&Post {
            url: &url,
            content_type: "text/xml",
            body: &body,
            timeout: if call.login { self.options.auth_timeout } else { self.options.timeout },
            credentials: call.credentials,
            what_if: call.what_if,
        })
    }

    fn upload(&mut self, chunk: &UploadChunk<'_>) -> Result<Value, Failure> {
        let url = format!("{}?{}", self.url, upload_query(chunk));
        self.post(&Post {
            url: &url,
            content_type: "application/octet-stream",
            body: chunk.data,
            timeout: self.options.timeout,
            credentials: Some(chunk.credentials),
            what_if: false,
        })
    }

    fn another(&self) -> Box<dyn Transport> {
        Box::new(Self {
            url: self.url.clone(),
            options: self.options.clone(),
            cert: self.cert.clone(),
            agent: None,
            hub_version: self.hub_version.clone(),
        })
    }

    fn use_client_certificate(&mut self, cert: &Path) -> Result<()> {
        if let Some(rest) = self.url.strip_prefix("http://") {
            self.url = format!("https://{rest}");
        }
        self.cert = Some(cert.to_owned());
        self.agent = None;
        Ok(())
    }

    fn set_options(&mut self, options: &Options) {
        self.options = options.clone();
        self.agent = None;
    }

    fn hub_version(&self) -> Option<&str> {
        self.hub_version.as_deref()
    }
}

struct Post<'a> {
    url: &'a str,
    content_type: &'static str,
    body: &'a [u8],
    timeout: Duration,
    credentials: Option<(&'a Credentials, i64)>,
    what_if: bool,
}

/// An HTTP client with the session's trust; TLS files are read for https only.
pub(super) fn agent(url: &str, options: &Options, cert: Option<&Path>) -> Result<Agent> {
    let mut config = Agent::config_builder()
        .user_agent(USER_AGENT)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_age(Duration::from_secs(55));
    if url.starts_with("https://") {
        config = config.tls_config(tls::tls_config(options, cert)?);
    }
    Ok(config.build().new_agent())
}

fn unreached(text: String) -> Error {
    Error::generic(text).caused_by(Unreached)
}

fn is_certificate_error(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|inner| matches!(inner, rustls::Error::InvalidCertificate(_)))
}

fn upload_query(chunk: &UploadChunk<'_>) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.push_str(&percent_encode(value));
    };
    add("filename", chunk.name);
    add("filepath", chunk.dir);
    add("fileverify", "adler32");
    add("offset", &chunk.offset.to_string());
    if chunk.overwrite {
        add("overwrite", "1");
    }
    if let Some(volume) = chunk.volume {
        add("volume", volume);
    }
    query
}

/// Encodes all but the characters that no part of a URL gives a meaning to.
fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Secret;

    #[test]
    fn an_upload_names_its_place() {
        let credentials = Credentials { id: 1, key: Secret::new("k") };
        let chunk = UploadChunk {
            data: b"",
            offset: 5,
            dir: "cli-build/1.x",
            name: "a+b.rpm",
            overwrite: true,
            volume: None,
            credentials: (&credentials, 0),
        };
        assert_eq!(
            upload_query(&chunk),
            "filename=a%2Bb.rpm&filepath=cli-build%2F1.x&fileverify=adler32&offset=5&overwrite=1"
        );
    }

    #[test]
    fn other_addresses_are_refused() {
        assert!(HttpTransport::new("ftp://host", &Options::default()).is_err());
    }

    #[test]
    fn a_certificate_login_goes_by_https() {
        let mut transport = HttpTransport::new("http://host/kojihub/", &Options::default()).unwrap();
        transport.use_client_certificate(Path::new("/c.pem")).unwrap();
        assert_eq!(transport.url, "https://host/kojihub");
    }
}
