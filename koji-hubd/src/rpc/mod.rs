//! The hub's calls over HTTP: headers to a caller, a body to a call, an answer to a body.

mod answer;
mod body;
mod caller;
mod json;
mod proxied;
mod upload;

use std::net::SocketAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, Response, StatusCode, header};
use koji_core::api::Call;
use koji_core::hub::{Caller, Hub};
use koji_core::{Error, Result, wire};

/// Answers a request at /kojihub.
pub async fn handle(
    State(hub): State<Hub>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let started = Instant::now();
    if request.method() != Method::POST {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "This is a Koji hub: POST XML-RPC calls here.\n");
    }
    let (parts, body) = request.into_parts();
    let form = answer::Form::of(&parts.headers);
    let caller = match caller::of(&parts, peer, &hub.env.config) {
        Ok(caller) => caller,
        Err(error) => return answer::fault(&error, &form),
    };
    if upload::is_upload(&parts) {
        return upload::handle(hub, caller, parts, body, form).await;
    }
    let limit = body::limit(&hub.env.config);
    let bytes = match body::read(&parts.headers, body, limit).await {
        Ok(bytes) => bytes,
        Err(refused) => return plain(refused.status, &refused.message),
    };
    let broken = form.clone();
    let worked = tokio::task::spawn_blocking(move || work(&hub, &caller, &bytes, form, started)).await;
    worked.unwrap_or_else(|error| {
        tracing::error!(%error, "a call broke");
        answer::fault(&Error::unforeseen("the hub failed in this call; its log tells why"), &broken)
    })
}

/// Decodes, calls, and begins to write the answer. Runs on a thread that may block.
fn work(
    hub: &Hub,
    caller: &Caller,
    bytes: &[u8],
    mut form: answer::Form,
    started: Instant,
) -> Response<Body> {
    let call = match decode(bytes, &mut form) {
        Ok(call) => call,
        Err(error) => return plain(StatusCode::BAD_REQUEST, &format!("Invalid request: {error}\n")),
    };
    let method = call.method.clone();
    let answered = hub.call(caller, call);
    let fault = answered.as_ref().err().map(|error| error.fault.code());
    let session = caller.credentials.as_ref().map(|credentials| credentials.id);
    let callnum = caller.credentials.as_ref().and_then(|credentials| credentials.callnum);
    let micros = started.elapsed().as_micros() as u64;
    tracing::info!(method, session, callnum, fault, micros, client = caller.address, "call");
    match answered {
        Ok(answer) => answer::write(answer, &form),
        Err(error) => {
            tracing::debug!(method, %error, "fault");
            answer::fault(&error, &form)
        }
    }
}

fn decode(bytes: &[u8], form: &mut answer::Form) -> Result<Call> {
    if bytes.is_empty() {
        return Err(Error::generic("the request is empty"));
    }
    if form.json.is_some() {
        let (id, call) = json::parse(bytes)?;
        form.json = Some(id);
        return Ok(call);
    }
    let call = wire::parse_call(bytes)?;
    Ok(Call::new(call.method, call.params))
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
