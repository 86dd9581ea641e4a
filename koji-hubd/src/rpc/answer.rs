//! Writing answers: small ones at once, large ones in pieces while they are being written, compressed if the
//! client asks for it.

use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use koji_core::api::Answer;
use koji_core::{Error, wire};
use tokio::sync::mpsc::{Sender, channel};

use super::{json, status};

/// Bytes of a piece; an answer that fits in one is sent with its length.
const PIECE: usize = 128 << 10;

/// Pieces that wait for a slow client at most.
const WAITING: usize = 4;

/// Answers below this are not worth compressing, in bytes.
const WORTH_GZIP: usize = 4 << 10;

/// What stands around an answer.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// An XML-RPC response
    Xml,
    /// A JSON-RPC 2.0 response, with the id of the request as JSON
    JsonRpc(Arc<str>),
    /// Nothing: the answer itself as JSON; what went wrong is told by the status
    Json,
}

/// The form that a client wants.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What stands around the answer
    pub shape: Shape,
    /// Compressed
    pub gzip: bool,
}

/// Writes the body of a response; it may be asked twice.
pub(super) type Writer = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + Send>;

impl Form {
    /// Reads it from the headers. To a client on this machine nothing is compressed: that takes longer than sending it.
    pub(super) fn of(headers: &HeaderMap, peer: IpAddr) -> Self {
        let text =
            |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
        let is_json = text(header::CONTENT_TYPE).starts_with("application/json");
        Self {
            shape: if is_json { Shape::JsonRpc("null".into()) } else { Shape::Xml },
            gzip: !is_near(headers, peer)
                && text(header::ACCEPT_ENCODING).split(',').any(|coding| {
                    let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
                    name.trim() == "gzip" && !matches!(quality.trim(), "q=0" | "q=0.0")
                }),
        }
    }

    /// A response of this form with a body.
    pub(super) fn respond(&self, body: Body, gzip: bool) -> Response<Body> {
        let mut response = Response::new(body);
        let kind = if matches!(self.shape, Shape::Xml) { "text/xml" } else { "application/json" };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response.headers_mut().insert("koji-version", HeaderValue::from_static(koji_core::KOJI_VERSION));
        if gzip {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// Whether the client itself is on this machine, and no proxy.
fn is_near(headers: &HeaderMap, peer: IpAddr) -> bool {
    let passed_on = ["x-forwarded-for", "forwarded", "via"].iter().any(|name| headers.contains_key(*name));
    peer.to_canonical().is_loopback() && !passed_on
}

/// The response of a fault.
pub(super) fn fault(error: &Error, form: &Form) -> Response<Body> {
    let mut bytes = Vec::new();
    let written = match &form.shape {
        Shape::Xml => wire::write_fault(&mut bytes, error.fault.code(), &error.message),
        Shape::JsonRpc(id) => json::write_fault(&mut bytes, id, error),
        Shape::Json => status::write_fault(&mut bytes, error),
    };
    if let Err(error) = written {
        tracing::error!(%error, "could not write a fault");
    }
    let mut response = form.respond(Body::from(bytes), false);
    if matches!(form.shape, Shape::Json) {
        *response.status_mut() = status::of(error);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Writes an answer in a shape.
pub(super) fn writer(answer: Box<dyn Answer>, shape: &Shape) -> Writer {
    let shape = shape.clone();
    Box::new(move |out| match &shape {
        Shape::Xml => answer.xml(out),
        Shape::JsonRpc(id) => json::write_answer(out, id, &*answer),
        Shape::Json => answer.json(out).map_err(io::Error::other),
    })
}

/// The response of an answer.
pub(super) fn write(answer: Box<dyn Answer>, form: &Form) -> Response<Body> {
    send(writer(answer, &form.shape), form)
}

/// The response is there as soon as the first piece is full or the body is at its end.
pub(super) fn send(body: Writer, form: &Form) -> Response<Body> {
    let mut head = Head { bytes: Vec::with_capacity(4 << 10) };
    match body(&mut head) {
        Ok(()) => whole(head.bytes, form),
        // The head is full: the answer is written once more, into a stream.
        Err(_) if head.is_full() => streamed(body, form),
        Err(error) => fault(&Error::unforeseen(format!("cannot write the answer: {error}")), form),
    }
}

fn whole(bytes: Vec<u8>, form: &Form) -> Response<Body> {
    if form.gzip && bytes.len() > WORTH_GZIP {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        if let Ok(packed) = encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
            return form.respond(Body::from(packed), true);
        }
    }
    form.respond(Body::from(bytes), false)
}

fn streamed(body: Writer, form: &Form) -> Response<Body> {
    let (sender, receiver) = channel::<io::Result<Bytes>>(WAITING);
    let gzip = form.gzip;
    let writing = move || {
        let failing = sender.clone();
        let mut pieces = Pieces { sender, bytes: Vec::with_capacity(PIECE) };
        let done = if gzip {
            let mut encoder = GzEncoder::new(pieces, Compression::fast());
            body(&mut encoder).and_then(|()| encoder.finish()).and_then(Pieces::finish)
        } else {
            body(&mut pieces).and_then(|()| pieces.finish())
        };
        // A broken stream must not look like a whole answer; a client that went away does not mind.
        if let Err(error) = done {
            drop(failing.blocking_send(Err(error)));
        }
    };
    tokio::task::spawn_blocking(writing);
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    form.respond(Body::from_stream(stream), form.gzip)
}

/// The beginning of an answer, to see whether it is a small one.
struct Head {
    bytes: Vec<u8>,
}

impl Head {
    fn is_full(&self) -> bool {
        self.bytes.len() > PIECE
    }
}

impl Write for Head {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(data);
        if self.is_full() { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(data.len()) }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends what is written in pieces; waits while the client is slow.
struct Pieces {
    sender: Sender<io::Result<Bytes>>,
    bytes: Vec<u8>,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.bytes, Vec::with_capacity(PIECE));
        self.sender.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn finish(mut self) -> io::Result<()> {
        self.send()
    }
}

impl Write for Pieces {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(data);
        if self.bytes.len() >= PIECE {
            self.send()?;
        }
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
