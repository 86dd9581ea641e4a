//! Raw uploads: the body is the data, the URL's query tells where it goes.

use std::io::{self, Read};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, header};
use bytes::{Buf as _, Bytes};
use http_body_util::BodyExt as _;
use koji_core::Error;
use koji_core::api::Mode;
use koji_core::hub::{Caller, Hub};
use koji_core::upload;
use tokio::sync::mpsc::{Receiver, channel};

use super::{answer, caller::parameter};

/// Pieces of the body that wait for the disk at most.
const WAITING: usize = 16;

/// Whether a request is an upload: Koji's clients send them as octets.
pub(super) fn is_upload(parts: &Parts) -> bool {
    parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream")
}

/// Takes an upload.
pub(super) async fn handle(
    hub: Hub,
    caller: Caller,
    parts: Parts,
    mut body: Body,
    form: answer::Form,
) -> Response<Body> {
    let (sender, receiver) = channel::<io::Result<Bytes>>(WAITING);
    let reading = tokio::spawn(async move {
        while let Some(frame) = body.frame().await {
            let piece = match frame.map(|frame| frame.into_data()) {
                Ok(Ok(data)) => Ok(data),
                Ok(Err(_)) => continue,
                Err(error) => Err(io::Error::other(error)),
            };
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    });
    if super::wants_what_if(&parts.headers) {
        reading.abort();
        let error = Error::generic("an upload cannot be rehearsed: its bytes are what it is for");
        return answer::fault(&error, &form);
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let broken = form.clone();
    let worked = tokio::task::spawn_blocking(move || {
        let mut source = BodyReader { receiver, piece: Bytes::new() };
        // The database is needed only to tell who uploads where, not while the bytes come in.
        let stored = hub
            .transaction(&caller, "uploadFile", Mode::Write, |cx| {
                let request = upload::Request::from_parameters(|name| parameter(&query, name))?;
                upload::open(cx, request)
            })
            .and_then(|upload| upload.store(&mut source));
        match stored {
            Ok(done) => answer::write(Box::new(done), &form),
            Err(error) => answer::fault(&error, &form),
        }
    })
    .await;
    reading.abort();
    worked.unwrap_or_else(|error| {
        tracing::error!(%error, "an upload broke");
        answer::fault(&Error::unforeseen("the hub failed in this upload; its log tells why"), &broken)
    })
}

/// The body as it comes in, for code that blocks.
struct BodyReader {
    receiver: Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let taken = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..taken]);
        Ok(taken)
    }
}
