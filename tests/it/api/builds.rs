//! Builds by hand and by builders: what is refused with which fault, and what is taken.
#![expect(clippy::needless_pass_by_value, reason = "arguments are written where they are given")]

use koji_core::Fault;
use koji_core::client::{Session, Upload, field, item};
use koji_core::wire::{Value, to_value};
use koji_tests::{TestHub, each_database};
use serde_json::{Value as Json, json};

use super::maven::buildroot;

fn call(session: &mut Session, method: &str, args: Json) -> koji_core::Result<Value> {
    let Value::Array(args) = to_value(&args).unwrap() else { panic!("arguments are a list") };
    session.call_named(method, args, vec![])
}

fn done(session: &mut Session, method: &str, args: Json) -> Value {
    call(session, method, args.clone()).unwrap_or_else(|error| panic!("{method}{args}: {error}"))
}

/// Calls that must fail, each with its fault.
fn refused(session: &mut Session, calls: Json, fault: Fault) {
    let Json::Array(calls) = calls else { panic!("calls are a list") };
    for one in calls {
        let answer = call(session, one[0].as_str().unwrap(), one[1].clone());
        assert_eq!(answer.as_ref().map_err(|error| error.fault), Err(fault), "{one}: {answer:?}");
    }
}

#[test]
fn bad_arguments_have_the_fault_of_the_original() {
    each_database(|database| {
        let hub = TestHub::start_with(database, "EnableMaven = True\nEnableWin = True");
        let mut admin = hub.user("kojiadmin");
        done(&mut admin, "createEmptyBuild", json!(["forged", "1", "1", null]));
        let draft = done(&mut admin, "createEmptyBuild", json!(["drafted", "1", "1", null, null, true]));
        let gav = json!({"group_id": "g", "artifact_id": "a", "version": "1"});
        done(&mut admin, "createMavenBuild", json!(["forged-1-1", gav]));
        let wide = 1_i64 << 40;
        let unforeseen = json!([
            ["createEmptyBuild", ["forged", "2", "1", wide]],
            ["createEmptyBuild", ["forged", "2", "1", null, 0]],
            ["createMavenBuild", ["forged-1-1", {"group_id": "g"}]],
            ["createWinBuild", ["forged-1-1", {"platform": null}]],
            ["promoteBuild", [draft.as_int()]],
            ["setBuildTimestamp", ["forged-1-1", wide]],
            ["listRPMs", [null, null, null, null, null, []]],
            ["listBuildroots", [null, null, []]],
            ["moveAllBuilds", ["from", "to", 1, true]],
            ["buildImageIndirection", []],
            ["getBuild", [true]],
        ]);
        done(&mut admin, "createTag", json!(["from"]));
        done(&mut admin, "createTag", json!(["to"]));
        refused(&mut admin, unforeseen, Fault::Unforeseen);
        let generic = json!([
            ["createMavenBuild", ["drafted-1-1", gav]],
            ["createWinBuild", ["forged-1-1", {}]],
            ["addVolume", [5]],
            ["getRPMHeaders", [null, 1, "/etc/passwd"]],
            ["setBuildTimestamp", ["forged-2-1", wide]],
        ]);
        refused(&mut admin, generic, Fault::Generic);
        let mismatch = json!([["createMavenBuild", ["forged-1-1", {"group_id": "other"}]]]);
        refused(&mut admin, mismatch, Fault::Build);
    });
}

#[test]
fn what_the_original_takes_is_taken() {
    each_database(|database| {
        let hub = TestHub::start_with(database, "EnableMaven = True\nEnableWin = True");
        let mut admin = hub.user("kojiadmin");
        done(&mut admin, "createEmptyBuild", json!(["forged", "1", "1", null, "alice"]));
        done(&mut admin, "setBuildOwner", json!(["forged-1-1", null]));
        let build = done(&mut admin, "getBuild", json!(["forged-1-1"]));
        assert_eq!(field(&build, "owner_name"), &Value::from("kojiadmin"));
        done(&mut admin, "createWinBuild", json!(["forged-1-1", {"platform": 7}]));
        let win = done(&mut admin, "getWinBuild", json!(["forged-1-1"]));
        assert_eq!(field(&win, "platform"), &Value::from("7"));
        let next = done(&mut admin, "getNextRelease", json!([{"name": "forged", "version": "1"}, -3]));
        assert_eq!(next, Value::from("-2"));
        assert_eq!(done(&mut admin, "getMavenBuild", json!([0, true])), Value::Nil);
        assert_eq!(done(&mut admin, "getLatestBuilds", json!([1_i64 << 31])), Value::Array(vec![]));
        // Only an extension that is a type's only one is found again.
        done(&mut admin, "addArchiveType", json!(["again", "of a longer list", "war"]));
        refused(&mut admin, json!([["addArchiveType", ["once", "of one", "zip"]]]), Fault::Generic);
        refused(&mut admin, json!([["getArchiveType", ["a.war"]]]), Fault::Generic);
        done(&mut admin, "createTag", json!(["to"]));
        done(&mut admin, "packageListAdd", json!(["to", "forged", "alice"]));
        assert!(done(&mut admin, "moveBuild", json!([null, "to", "forged-1-1"])).as_int().is_some());
        let params = json!([{"jars": {}}, "target", null]);
        let task = done(&mut admin, "chainMaven", params.clone());
        assert_eq!(done(&mut admin, "getTaskRequest", json!([task.as_int()])), to_value(&params).unwrap());
    });
}

#[test]
fn builders_begin_and_end_typed_builds() {
    each_database(|database| {
        let hub = TestHub::start_with(database, "EnableMaven = True\nEnableWin = True");
        let mut admin = hub.user("kojiadmin");
        done(&mut admin, "createEmptyBuild", json!(["forged", "1", "1", null]));
        let mut host = hub.user("builder");
        let (room, task) = buildroot(&hub, &mut host);
        let (room, task) = (room.as_int().unwrap(), task.as_int().unwrap());
        let named = json!({"name": "jars", "version": "1", "epoch": null});
        let gav = json!({"group_id": "g", "artifact_id": "a", "version": "1"});
        let maven = done(&mut host, "host.initMavenBuild", json!([task, named, gav]));
        assert_eq!(field(&maven, "release"), &Value::from("1"));
        let nameless = json!([["host.initWinBuild", [task, {}, {"platform": "w"}]]]);
        refused(&mut host, nameless, Fault::Generic);
        let strange = json!([
            ["host.setBuildRootState", [room, "no such state", task]],
            ["host.createMavenBuild", [{"name": "jars", "version": "1", "release": "1"}, gav]],
            ["host.importArchive", ["x/a.jar", "jars-1-1", "maven", gav]],
        ]);
        refused(&mut host, strange, Fault::Unforeseen);

        let dir = format!("tasks/{}/{task}", task % 10_000);
        let mut upload = |name: &str| {
            let file = hub.scratch().join(name);
            std::fs::write(&file, name).unwrap();
            host.upload(&Upload::new(&file, &dir), &mut |_| ()).unwrap();
        };
        ["a-1.jar", "disk.qcow2", "image.log"].into_iter().for_each(&mut upload);
        let results = json!({"task_id": task, "buildroot_id": room, "files": {"": ["a-1.jar"]}, "logs": []});
        let id = field(&maven, "id").as_int();
        done(&mut host, "host.completeMavenBuild", json!([task, id, results, null]));
        let archives = done(&mut admin, "listArchives", json!([id]));
        assert_eq!(field(item(&archives, 0), "buildroot_id"), &Value::Nil);

        let named = json!({"name": "disk", "version": "1", "release": "1", "epoch": null});
        let id = done(&mut host, "host.initImageBuild", json!([task, named]));
        let image = json!({"task_id": task, "arch": "x86_64", "files": ["disk.qcow2"], "rpmlist": []});
        let results = json!({task.to_string(): image});
        done(&mut host, "host.completeImageBuild", json!([task, field(&id, "id").as_int(), results]));
        // A task of another method than image and its like may serve several arches.
        let logs = hub.topdir().join("packages/disk/1/1/data/logs/image/x86_64");
        assert!(logs.join("image.log").is_file());
    });
}

#[test]
fn installed_rpms_of_an_external_repo_are_noted() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        done(&mut admin, "createEmptyBuild", json!(["forged", "1", "1", null]));
        let repo = done(&mut admin, "createExternalRepo", json!(["base", "http://localhost/base"]));
        let repo = field(&repo, "id").as_int().unwrap();
        let mut host = hub.user("builder");
        let (room, task) = buildroot(&hub, &mut host);
        let (room, task) = (room.as_int().unwrap(), task.as_int().unwrap());
        // upstream's builder gives the id
        let bash = |location: Json| {
            json!({"name": "bash", "version": "5", "release": "1", "epoch": null, "arch": "x86_64",
                   "payloadhash": "0123456789abcdef0123456789abcdef", "size": 7, "buildtime": 9, "location": location})
        };
        for unknown in [json!(repo + 1), json!("no such repo")] {
            let wrong = json!([["host.updateBuildRootList", [room, [bash(unknown)], task]]]);
            refused(&mut host, wrong, Fault::Generic);
        }
        done(&mut host, "host.updateBuildRootList", json!([room, [bash(json!(repo))], task]));
        done(&mut host, "host.updateBuildRootList", json!([room, [bash(json!("base"))], task]));
        let listed = done(&mut host, "listRPMs", json!([null, null, null, room]));
        let [rpm] = listed.as_array().unwrap() else { panic!("{listed:?}") };
        assert_eq!(field(rpm, "external_repo_name"), &Value::from("base"));
    });
}
