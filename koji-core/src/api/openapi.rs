//! The methods as an OpenAPI 3.1 document: for programs that would rather be generated than written.
//!
//! Arguments tell their types by [`super::Arg::schema`], answers those of their rows (`api/schema.rs`). What is not
//! known is left open, never guessed.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::args::{ArgKind, ArgSpec};
use super::method::{Access, Entry, Mode};
use super::registry;
use crate::{Fault, wire};

/// Writes the document.
pub fn write(out: &mut dyn Write) -> io::Result<()> {
    Ok(serde_json::to_writer(out, &document())?)
}

/// The document.
pub fn document() -> Json {
    let mut paths = serde_json::Map::new();
    paths.insert("/kojihub".into(), json!({ "post": json_rpc() }));
    for entry in registry::all().chain(registry::own()) {
        let mut item = serde_json::Map::new();
        if entry.mode == Mode::Read {
            item.insert("get".into(), get(entry));
        }
        item.insert("post".into(), post(entry));
        paths.insert(format!("/kojihub/{}", entry.name), item.into());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Koji hub",
            "version": crate::KOJI_VERSION,
            "license": { "name": "LGPL-2.1-only", "identifier": "LGPL-2.1-only" },
            "description": DESCRIPTION,
        },
        "paths": paths,
        "components": {
            "schemas": { "Fault": fault(), "WhatIf": what_if() },
            "parameters": { "whatIf": what_if_header() },
            "responses": responses(),
            "securitySchemes": {
                "sessionId": { "type": "apiKey", "in": "header", "name": "Koji-Session-Id" },
                "sessionKey": { "type": "apiKey", "in": "header", "name": "Koji-Session-Key" },
            },
        },
    })
}

const DESCRIPTION: &str = "The methods of a Koji hub. Each is called by POST with its arguments as a JSON object \
(by name) or list (by position); those that only read also by GET, where each argument is a JSON value in the query. \
POST /kojihub takes JSON-RPC 2.0. `login` gives the session that the headers name. JSON has neither bytes nor dates: \
bytes are base64 and dates text.";

/// The longest answer that anyone may get from each of these is a fault.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "The arguments are wrong"),
    ("401", "The session is missing, wrong or expired"),
    ("403", "The caller may not do this"),
    ("409", "The call came twice, or something is locked"),
    ("422", "The hub refuses the request"),
    ("503", "The hub is closed for maintenance"),
];

fn responses() -> Json {
    let of = |(status, text): &(&str, &str)| {
        let body = json!({ "schema": { "$ref": "#/components/schemas/Fault" } });
        (format!("Fault{status}"), json!({ "description": text, "content": { "application/json": body } }))
    };
    REFUSALS.iter().map(of).collect::<serde_json::Map<_, _>>().into()
}

fn fault() -> Json {
    let names: Vec<String> = Fault::ALL.iter().map(|fault| format!("{}: {fault:?}", fault.code())).collect();
    json!({
        "type": "object",
        "required": ["fault", "message"],
        "properties": {
            "fault": { "type": "integer", "description": names.join(", ") },
            "message": { "type": "string" },
        },
    })
}

/// What a rehearsed call answers.
fn what_if() -> Json {
    let row = json!({
        "type": "object",
        "properties": {
            "entry": { "type": ["integer", "null"] },
            "table": { "type": "string" },
            "change": { "enum": ["insert", "update", "delete"] },
            "key": { "type": "object" },
            "before": { "type": "object" },
            "after": { "type": "object" },
        },
    });
    let file = json!({
        "type": "object",
        "properties": {
            "entry": { "type": ["integer", "null"] },
            "action": { "enum": ["write", "move", "link", "remove"] },
            "path": { "type": "string" },
            "from": { "type": ["string", "null"] },
        },
    });
    json!({
        "type": "object",
        "required": ["answer", "events", "rows", "files"],
        "properties": {
            "answer": { "description": "What the call would answer" },
            "events": { "type": "array", "items": { "type": "object" } },
            "rows": { "type": "array", "items": row },
            "files": { "type": "array", "items": file },
        },
    })
}

fn what_if_header() -> Json {
    json!({
        "name": "Koji-What-If",
        "in": "header",
        "description": "1: run the call, tell what it would change, and change nothing. The answer is a WhatIf.",
        "schema": { "enum": ["0", "1"] },
    })
}

fn json_rpc() -> Json {
    let request = json!({
        "type": "object",
        "required": ["method"],
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["string", "number", "null"] },
            "method": { "type": "string" },
            "params": { "type": ["array", "object", "null"] },
        },
    });
    let either = json!({ "anyOf": [request, { "type": "array", "minItems": 1, "items": request }] });
    json!({
        "operationId": "json-rpc",
        "summary": "Calls any method by JSON-RPC 2.0; a list of requests is one transaction",
        "requestBody": { "required": true, "content": { "application/json": { "schema": either } } },
        "responses": {
            "200": { "description": "A response or a list of them", "content": { "application/json": {} } },
            "204": { "description": "Only notifications came" },
        },
    })
}

fn get(entry: &Entry) -> Json {
    let parameters: Vec<Json> = (entry.specs)().iter().filter_map(parameter).collect();
    let mut operation = operation(entry, "get");
    operation["parameters"] = parameters.into();
    operation["responses"]["304"] =
        json!({ "description": "The client has the answer already (If-None-Match)" });
    operation
}

fn post(entry: &Entry) -> Json {
    let mut operation = operation(entry, "post");
    let specs = (entry.specs)();
    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
    for spec in specs.iter().filter(|spec| !matches!(spec.kind, ArgKind::Keywords)) {
        properties.insert(spec.name.into(), schema(spec));
        if matches!(spec.kind, ArgKind::Required) {
            required.push(spec.name);
        }
    }
    let further = specs.iter().any(|spec| matches!(spec.kind, ArgKind::Keywords));
    let by_name = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": further,
    });
    operation["requestBody"] = json!({
        "required": !required.is_empty(),
        "content": { "application/json": { "schema": by_name } },
    });
    if entry.mode == Mode::Write {
        operation["parameters"] = json!([{ "$ref": "#/components/parameters/whatIf" }]);
    }
    operation
}

fn operation(entry: &Entry, verb: &str) -> Json {
    let doc = entry.doc.trim();
    let summary = doc.split_once(['.', ';']).map_or(doc, |(first, _)| first).replace('\n', " ");
    let mut responses = serde_json::Map::new();
    let body = json!({ "schema": (entry.answer)() });
    let answer = json!({ "description": "The answer", "content": { "application/json": body } });
    responses.insert("200".into(), answer);
    for (status, _) in &REFUSALS {
        responses
            .insert((*status).into(), json!({ "$ref": format!("#/components/responses/Fault{status}") }));
    }
    let room = entry.name.split_once('.').map_or("hub", |(room, _)| room);
    let mut operation = json!({
        "operationId": format!("{verb}.{}", entry.name),
        "summary": summary.trim(),
        "description": doc,
        "tags": [room],
        "responses": responses,
        "x-koji-access": super::access::words(entry.access),
    });
    if entry.access != Access::Anyone {
        operation["security"] = json!([{ "sessionId": [], "sessionKey": [] }]);
    }
    operation
}

/// The type of an argument, with its default.
fn schema(spec: &ArgSpec) -> Json {
    let mut schema = match spec.kind {
        ArgKind::Rest => json!({ "type": "array" }),
        _ => (spec.schema)(),
    };
    if let ArgKind::Optional(default) = &spec.kind
        && let (Some(members), Ok(default)) =
            (schema.as_object_mut(), wire::from_value::<Json>(default.clone()))
    {
        members.insert("default".into(), default);
    }
    schema
}

/// An argument in a query: one JSON value. Further keywords have no names to be told.
fn parameter(spec: &ArgSpec) -> Option<Json> {
    if matches!(spec.kind, ArgKind::Keywords) {
        return None;
    }
    Some(json!({
        "name": spec.name,
        "in": "query",
        "required": matches!(spec.kind, ArgKind::Required),
        "content": { "application/json": { "schema": schema(spec) } },
    }))
}
