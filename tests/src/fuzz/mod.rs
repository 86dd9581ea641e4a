//! Fuzzing of a running hub: a host that is an administrator, too, sends nonsense, a little of which is not.
//!
//! Each request must be answered in time, by a well-formed answer or a refusal, and never because the hub broke.

mod random;
mod request;
mod wire;

use std::collections::BTreeMap;

use koji_core::wire::{Value, parse_response};

use crate::TestHub;
pub use random::Random;
use wire::{Answer, Line};

/// Requests after which it is looked whether the session still lives: some of them end it.
const CHECKED: usize = 50;

/// How many answers there were of each kind: an HTTP status, or a fault code.
pub type Kinds = BTreeMap<String, usize>;

/// Something to find for the requests.
///
/// # Panics
/// When it cannot be made.
pub fn furnish(hub: &TestHub) {
    let mut admin = hub.user("kojiadmin");
    let calls: [(&str, Vec<Value>); 7] = [
        ("grantPermission", vec!["builder".into(), "admin".into()]),
        ("createTag", vec!["f-tag".into(), Value::Nil, "x86_64".into()]),
        ("createTag", vec!["f-build".into(), "f-tag".into(), "x86_64".into()]),
        ("createBuildTarget", vec!["f-target".into(), "f-build".into(), "f-tag".into()]),
        ("packageListAdd", vec!["f-tag".into(), "f-pkg".into(), "kojiadmin".into()]),
        ("createEmptyBuild", vec!["f-pkg".into(), "1".into(), "1".into(), Value::Nil]),
        ("build", vec!["git://example.com/f-pkg#1".into(), "f-target".into()]),
    ];
    for (method, args) in calls {
        admin.call_named(method, args, vec![]).unwrap();
    }
}

/// Sends so many requests of a seed over one connection; what came. It ends early when a request has locked the host
/// out of the hub, as disabling its user does: then fewer answers are counted.
///
/// # Errors
/// The first request that was not answered as it must be, with its body.
pub fn run(hub: &TestHub, seed: u64, requests: usize) -> Result<Kinds, String> {
    let mut random = Random::new(seed);
    let mut line = Line::new(&hub.address());
    let mut kinds = Kinds::new();
    let Some(mut head) = admitted(&mut line)? else { return Ok(kinds) };
    for number in 0..requests {
        if number % CHECKED == 0 && !is_alive(&mut line, &head)? {
            let Some(again) = admitted(&mut line)? else { return Ok(kinds) };
            head = again;
        }
        let body = request::body(&mut random);
        let judged = line.post(&head, &body).and_then(|answer| judge(&answer));
        let kind = judged.map_err(|wrong| {
            format!("seed {seed}, request {number}: {wrong}\n{}", String::from_utf8_lossy(&body))
        })?;
        *kinds.entry(kind).or_default() += 1;
    }
    Ok(kinds)
}

/// What kind of answer it is; Err for one that may not be.
fn judge((status, body): &Answer) -> Result<String, String> {
    match status {
        200 => {}
        400 | 413 => return Ok(format!("status {status}")),
        other => return Err(format!("status {other}")),
    }
    match parse_response(body) {
        Ok(_) => Ok("answer".to_owned()),
        Err(error) if error.message.contains("the hub failed in this call") => Err(error.message),
        Err(error) if body.windows(7).any(|bytes| bytes == b"<fault>") => {
            Ok(format!("fault {}", error.code()))
        }
        Err(error) => Err(format!("the answer is malformed: {error}")),
    }
}

fn call(line: &mut Line, head: &str, method: &str, args: &[Value]) -> Result<Value, String> {
    let text = koji_core::wire::request_text(method, args).map_err(|error| error.to_string())?;
    let (_, body) = line.post(head, text.as_bytes())?;
    parse_response(&body).map_err(|error| format!("{method}: {error}"))
}

/// A new session, unless the hub does not let the host in any more.
fn admitted(line: &mut Line) -> Result<Option<String>, String> {
    match login(line) {
        Err(fault) if fault.starts_with("login:") => Ok(None),
        session => session.map(Some),
    }
}

/// The lines of a head that name a new session of the host.
fn login(line: &mut Line) -> Result<String, String> {
    let session = call(line, "", "login", &["builder".into(), "pw-builder".into()])?;
    let of = |key: &str| session.get(key).cloned().unwrap_or_default();
    let head = match (of("session-id").as_int(), of("session-key").as_str()) {
        (Some(id), Some(key)) => format!("Koji-Session-Id: {id}\r\nKoji-Session-Key: {key}\r\n"),
        _ => return Err("the login gave no session".to_owned()),
    };
    // hosts must be exclusive, and an earlier session may be
    call(line, &head, "exclusiveSession", &[true.into()])?;
    Ok(head)
}

/// Only an exclusive session is a host's.
fn is_alive(line: &mut Line, head: &str) -> Result<bool, String> {
    match call(line, head, "host.getID", &[]) {
        Ok(_) => Ok(true),
        Err(error) if error.starts_with("host.getID") => Ok(false),
        Err(error) => Err(error),
    }
}
