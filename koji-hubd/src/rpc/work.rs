//! One request: decode, call, begin to write the answer. Runs on a thread that may block.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use koji_core::api::{Answer, Call, openapi, registry};
use koji_core::hub::{Caller, Hub};
use koji_core::{Error, Result, wire};

use super::answer::{self, Form, Shape};
use super::json::{self, Request};
use super::{WHAT_IF, named, plain};

/// What is asked for.
pub(super) enum Asked {
    /// The call or the calls of a body
    Rpc(Bytes),
    /// A method and the query
    Get(String, String),
    /// A method and its arguments
    Post(String, Bytes),
}

/// What a request works with.
pub(super) struct Work {
    pub hub: Hub,
    pub caller: Caller,
    pub form: Form,
    pub headers: HeaderMap,
    /// Only a rehearsal
    pub what_if: bool,
}

impl Work {
    /// Answers.
    pub(super) fn run(mut self, asked: &Asked) -> Response<Body> {
        let mut response = match asked {
            Asked::Rpc(bytes) if bytes.is_empty() => {
                plain(StatusCode::BAD_REQUEST, "Invalid request: the request is empty\n")
            }
            Asked::Rpc(bytes) if matches!(self.form.shape, Shape::Xml) => match wire::parse_call(bytes) {
                Ok(call) => self.one(Call::new(call.method, call.params)),
                Err(error) => plain(StatusCode::BAD_REQUEST, &format!("Invalid request: {error}\n")),
            },
            Asked::Rpc(bytes) => self.json_rpc(bytes),
            Asked::Get(method, query) => self.get(method, query),
            Asked::Post(method, bytes) => match named::of_body(method, bytes) {
                _ if !registry::knows(method) => named::unknown(method, &self.form),
                Ok(call) => self.one(call),
                Err(error) => answer::fault(&error, &self.form),
            },
        };
        if self.what_if {
            response.headers_mut().insert(WHAT_IF, HeaderValue::from_static("1"));
        }
        response
    }

    fn get(&self, method: &str, query: &str) -> Response<Body> {
        if method == named::OPENAPI {
            return named::send(Box::new(openapi::write), &self.headers, &self.form);
        }
        if !registry::knows(method) {
            return named::unknown(method, &self.form);
        }
        let called = named::of_query(method, query).and_then(|call| {
            if let Some(refused) = named::refuse_write(&call, &self.form)? {
                return Ok(refused);
            }
            let answer = answer::writer(self.call(call)?, &self.form.shape);
            Ok(named::send(answer, &self.headers, &self.form))
        });
        called.unwrap_or_else(|error| answer::fault(&error, &self.form))
    }

    fn json_rpc(&mut self, bytes: &[u8]) -> Response<Body> {
        match json::parse(bytes) {
            Ok(json::Body::One(Request { id, call })) => {
                self.form.shape = Shape::JsonRpc(id.clone().unwrap_or_else(|| "null".into()));
                let response = match call {
                    Ok(call) => self.one(call),
                    Err(error) => answer::fault(&error, &self.form),
                };
                if id.is_some() { response } else { nothing() }
            }
            Ok(json::Body::Batch(requests)) => self.batch(requests),
            Err(error) => answer::fault(&error, &self.form),
        }
    }

    fn batch(&self, requests: Vec<Request>) -> Response<Body> {
        let (ids, calls): (Vec<Option<Arc<str>>>, Vec<Result<Call>>) =
            requests.into_iter().map(|request| (request.id, request.call)).unzip();
        let started = Instant::now();
        let count = calls.len();
        let answers = if self.what_if {
            let boxed = |outcome| Box::new(outcome) as Box<dyn Answer>;
            let rehearsed = self.hub.what_if_many(&self.caller, calls);
            rehearsed.map(|outcomes| outcomes.into_iter().map(|outcome| outcome.map(boxed)).collect())
        } else {
            self.hub.call_many(&self.caller, calls)
        };
        self.log("batch", answers.as_ref().err(), started);
        tracing::debug!(count, "batch");
        let answers: Vec<Result<Box<dyn Answer>>> = match answers {
            Ok(answers) => answers,
            // such as a session that has expired: nothing was called
            Err(error) => return answer::fault(&error, &self.form),
        };
        let told: json::Answers =
            ids.into_iter().zip(answers).filter_map(|(id, answer)| Some((id?, answer))).collect();
        if told.is_empty() {
            return nothing();
        }
        answer::send(Box::new(move |out| json::write_batch(out, &told)), &self.form)
    }

    fn one(&self, call: Call) -> Response<Body> {
        match self.call(call) {
            Ok(answer) => answer::write(answer, &self.form),
            Err(error) => answer::fault(&error, &self.form),
        }
    }

    fn call(&self, call: Call) -> Result<Box<dyn Answer>> {
        let (method, started) = (call.method.clone(), Instant::now());
        let answered = if self.what_if {
            self.hub.what_if(&self.caller, call).map(|outcome| Box::new(outcome) as Box<dyn Answer>)
        } else {
            self.hub.call(&self.caller, call)
        };
        self.log(&method, answered.as_ref().err(), started);
        answered
    }

    fn log(&self, method: &str, error: Option<&Error>, started: Instant) {
        let fault = error.map(|error| error.fault.code());
        let session = self.caller.credentials.as_ref().map(|credentials| credentials.id);
        let callnum = self.caller.credentials.as_ref().and_then(|credentials| credentials.callnum);
        let micros = started.elapsed().as_micros() as u64;
        let (what_if, client) = (self.what_if.then_some(true), &self.caller.address);
        tracing::info!(method, session, callnum, fault, micros, what_if, client, "call");
        if let Some(error) = error {
            tracing::debug!(method, %error, "fault");
        }
    }
}

/// The answer to a notification.
fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
