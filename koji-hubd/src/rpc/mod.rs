//! The hub's calls over HTTP: headers to a caller, a body or an address to a call, an answer to a body.

mod answer;
mod body;
pub(crate) mod caller;
mod json;
mod named;
mod proxied;
mod status;
mod upload;
mod work;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use koji_core::Error;
use koji_core::hub::Hub;
use tokio::sync::Semaphore;

use answer::{Form, Shape};
use work::{Asked, Work};

/// A call with this header is only rehearsed.
const WHAT_IF: &str = "koji-what-if";

/// Calls that are worked on at once; each has a connection to the database. Further ones wait.
pub const AT_ONCE: usize = 16;

/// What the calls share.
#[derive(Clone)]
pub struct Calls {
    hub: Hub,
    places: Arc<Semaphore>,
}

impl Calls {
    /// Calls of a hub.
    pub fn new(hub: Hub) -> Self {
        Self { hub, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Works on the thread that it is on, which may block: what to answer need not be told from one thread to another.
    async fn work(&self, work: Work, asked: &Asked) -> Response<Body> {
        let form = work.form.clone();
        // the places are never closed
        let _place = self.places.acquire().await;
        tokio::task::block_in_place(|| catch_unwind(AssertUnwindSafe(|| work.run(asked)))).unwrap_or_else(
            |_| {
                tracing::error!("a call broke");
                answer::fault(&Error::unforeseen("the hub failed in this call; its log tells why"), &form)
            },
        )
    }
}

/// Answers a request at /kojihub and below.
pub async fn handle(
    State(calls): State<Calls>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut form = Form::of(&parts.headers, peer.ip());
    let method = named::method(parts.uri.path()).map(str::to_owned);
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    if method.is_some() {
        if !reads && !is_json(&parts.headers) {
            let text = "Arguments are JSON: Content-Type must be application/json.\n";
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text);
        }
        form.shape = Shape::Json;
    }
    if !(parts.method == Method::POST || reads && method.is_some()) {
        let text = "Method Not Allowed\nThis is an XML-RPC server. Only POST requests are accepted.\n";
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, text);
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
        return response;
    }
    let env = calls.hub.env();
    if let Some(error) = env.config.offline() {
        return answer::fault(&error, &form);
    }
    let caller = match caller::of(&parts, peer, &env.config) {
        Ok(caller) => caller,
        Err(error) => return answer::fault(&error, &form),
    };
    if method.is_none() && upload::is_upload(&parts) {
        return upload::handle(calls.hub, caller, parts, body, form).await;
    }
    let limit = body::limit(&env.config);
    let bytes = match body::read(&parts.headers, body, limit).await {
        Ok(bytes) => bytes,
        Err(refused) => return plain(refused.status, &refused.message),
    };
    let asked = match method {
        Some(method) if reads => Asked::Get(method, parts.uri.query().unwrap_or_default().to_owned()),
        Some(method) => Asked::Post(method, bytes),
        None => Asked::Rpc(bytes),
    };
    let what_if = wants_what_if(&parts.headers);
    let work = Work { hub: calls.hub.clone(), caller, form, headers: parts.headers, what_if };
    calls.work(work, &asked).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// Whether a call is only to be rehearsed. Any value but `0` asks for it: nobody must change by a misspelling what he
/// meant to try.
fn wants_what_if(headers: &HeaderMap) -> bool {
    headers.get(WHAT_IF).is_some_and(|value| value.as_bytes() != b"0")
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let value = header::HeaderValue::from_static;
    response.headers_mut().insert(header::CONTENT_TYPE, value("text/plain; charset=utf-8"));
    response.headers_mut().insert("koji-version", value(koji_core::KOJI_VERSION));
    response
}
