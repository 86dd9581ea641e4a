//! The OpenAPI document describes every method, soundly.

use std::collections::BTreeSet;

use koji_core::api::openapi;
use koji_tests::{Database, TestHub};
use serde_json::Value as Json;

/// Every `$ref` of the document.
fn references(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::String(text) if name == "$ref" => drop(found.insert(text.clone())),
                    member => references(member, found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_is_sound() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.contains("#/components/responses/Fault403"));
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let (mut operations, mut names) = (0, BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path == "/kojihub" || path.starts_with("/kojihub/"), "{path}");
        for (verb, operation) in item.as_object().unwrap() {
            assert!(matches!(verb.as_str(), "get" | "post"), "{path}: {verb}");
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(id), "{path}: {verb} has the id of another operation");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
            assert!(operation["responses"]["200"]["description"].is_string(), "{path}");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in parameters.iter().filter(|parameter| parameter["$ref"].is_null()) {
                assert_eq!(parameter["in"], "query", "{path}");
                assert!(parameter["content"]["application/json"]["schema"].is_object(), "{path}");
            }
            operations += 1;
        }
    }
    assert!(operations > 400, "only {operations} operations");
}

#[test]
fn arguments_answers_and_access_are_told() {
    let document = openapi::document();
    let of = |method: &str, verb: &str| document["paths"][format!("/kojihub/{method}")][verb].clone();
    let body =
        |method: &str| of(method, "post")["requestBody"]["content"]["application/json"]["schema"].clone();
    let create = body("createTag");
    assert_eq!(create["required"], serde_json::json!(["name"]));
    assert_eq!(create["properties"]["locked"], serde_json::json!({ "type": "boolean", "default": false }));
    assert_eq!(create["additionalProperties"], false);
    assert_eq!(of("createTag", "post")["x-koji-access"], "tag, admin");
    assert!(of("createTag", "post")["security"].is_array());
    assert!(of("createTag", "get").is_null(), "a method that writes has no GET");
    assert_eq!(body("editTag2")["additionalProperties"], true);
    let answer =
        of("listPackagesSimple", "get")["responses"]["200"]["content"]["application/json"]["schema"].clone();
    let row = &answer["anyOf"][0]["items"];
    assert_eq!(row["properties"]["package_id"]["type"], "integer", "{answer}");
    assert_eq!(of("koji_rs.tagDiff", "get")["tags"][0], "koji_rs");
}

#[test]
fn the_hub_serves_it() {
    let hub = TestHub::start(Database::Sqlite);
    let reply = hub.http("GET /kojihub/openapi.json", &[], b"");
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    let served: Json = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(served, openapi::document());
    let known = [("If-None-Match", reply.header("etag").to_owned())];
    assert_eq!(hub.http("GET /kojihub/openapi.json", &known, b"").status, 304);
    let written =
        std::process::Command::new(koji_tests::binary("koji-hubd")).arg("openapi").output().unwrap();
    assert!(written.status.success());
    assert_eq!(serde_json::from_slice::<Json>(&written.stdout).unwrap(), served);
}
