//! What the hub makes of arguments of the wrong type or range: the faults of Koji, each as its hub answered.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use koji_core::wire::{Value, json};
use koji_tests::{TestHub, each_database};

/// A call of an administrator in JSON, by position and by name, and the code of its fault; 0 for an answer.
type Case = (&'static str, &'static str, &'static str, i32);

#[rustfmt::skip]
const CASES: &[Case] = &[
    // a thing by its name or id
    ("getTag", "[true]", "{}", 1),
    ("getTag", "[1.5]", "{}", 1019),
    ("getTag", r#"[["t"]]"#, "{}", 1019),
    ("getTag", r#"["t"]"#, r#"{"event": "x"}"#, 1000),
    ("getHost", r#"["builder"]"#, r#"{"event": "x"}"#, 1000),
    // what Koji checks, and what its database or Python refuses
    ("build", r#"[5, "t"]"#, "{}", 1019),
    ("build", r#"[null, "t"]"#, "{}", 1019),
    ("build", r#"["s", true]"#, "{}", 1),
    ("build", r#"["s", 1.5]"#, "{}", 1019),
    ("build", r#"["s", {"id": 1}]"#, "{}", 0),
    ("build", r#"["s", "t", 5]"#, "{}", 1),
    ("build", r#"["s", "t", []]"#, "{}", 0),
    ("build", r#"["s", "t"]"#, r#"{"priority": "x"}"#, 1),
    ("build", r#"["s", "t"]"#, r#"{"priority": ""}"#, 0),
    ("build", r#"["s", "t"]"#, r#"{"priority": 2147483648}"#, 1),
    ("build", r#"["s", "t"]"#, r#"{"channel": false}"#, 0),
    ("chainBuild", r#"["a", "t"]"#, "{}", 1019),
    ("chainMaven", r#"[[], "t"]"#, "{}", 1019),
    ("buildImage", r#"["n", "1", "x86_64", "t", "k", 5]"#, "{}", 1000),
    ("buildImage", r#"["n", "1", ["x86_64"], "t", "k", "livemedia"]"#, "{}", 0),
    ("buildImageIndirection", "[]", "{}", 1),
    ("assignTask", r#"[1, "builder", null]"#, "{}", 1019),
    ("setTaskPriority", "[1, 1099511627776]", "{}", 1),
    ("freeTask", "[1]", "{}", 1000),
    ("getLastEvent", "[null, null]", "{}", 1019),
    ("addHost", r#"[5, ["x86_64"]]"#, "{}", 1000),
    ("addHost", r#"["h.example.com", ["x86_64"]]"#, r#"{"krb_principal": 5}"#, 1019),
    ("addBType", "[[]]", "{}", 1000),
    ("editPermission", r#"["admin", 5]"#, "{}", 1019),
    ("repo.setExternalRepoData", "[1, 5]", "{}", 1019),
    ("newRepo", r#"["t"]"#, r#"{"event": "x"}"#, 1000),
    ("distRepo", r#"["t", null]"#, r#"{"arch": ["x86_64"]}"#, 1019),
    ("distRepo", r#"["t", []]"#, r#"{"arch": []}"#, 1),
    ("distRepo", r#"["t", []]"#, r#"{"arch": ["x86_64"], "event": 10000000}"#, 1),
    ("createTag", r#"["long"]"#, r#"{"arches": 5}"#, 1),
    ("checkUpload", r#"["a", "b"]"#, r#"{"verify": 5}"#, 0),
    ("checkUpload", r#"["a", 5]"#, "{}", 1),
    // options of a task
    ("makeTask", "[5, [1]]", "{}", 1019),
    ("makeTask", r#"["sleep"]"#, "{}", 1),
    ("makeTask", r#"["sleep", [1], 3]"#, "{}", 1),
    ("makeTask", r#"["sleep", "ab"]"#, "{}", 0),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"bogus": 1}"#, 0),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"method": "x"}"#, 1),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"arch": null}"#, 0),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"label": null}"#, 1019),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"priority": null}"#, 1019),
    ("makeTask", r#"["sleep", [1]]"#, r#"{"assign": 0}"#, 0),
    // options of listings
    ("getBuildTargets", "[]", r#"{"queryOpts": "x"}"#, 1),
    ("getBuildTargets", "[]", r#"{"queryOpts": []}"#, 0),
    ("listTasks", r#"[{"state": []}]"#, "{}", 1),
    ("listTasks", r#"[{"state": [null]}]"#, "{}", 0),
    ("listTasks", r#"[{"method": null}]"#, "{}", 0),
    ("listTasks", r#"[{}, {"limit": -1}]"#, "{}", 1),
    ("listTasks", r#"[{}, {"offset": -1}]"#, "{}", 1),
    ("listTasks", r#"[{}, {"countOnly": true, "order": "nothing"}]"#, "{}", 0),
    ("scheduler.getTaskRuns", "[5]", "{}", 1),
    ("scheduler.getTaskRuns", r#"["x"]"#, "{}", 1019),
    ("scheduler.getTaskRuns", r#"[[["nothing", 1]]]"#, "{}", 1019),
    ("scheduler.getTaskRuns", r#"[[["task_id", "IN", []]]]"#, "{}", 1),
    ("scheduler.getTaskRuns", r#"[[["task_id", 5, 1]]]"#, "{}", 1),
    ("scheduler.getTaskRuns", "[[], {}]", "{}", 0),
    ("repo.query", r#"[[["id", "x"]]]"#, "{}", 1),
    ("repo.query", r#"[[["id", "1"]]]"#, "{}", 0),
    ("repo.query", r#"[[["dist", 1]]]"#, "{}", 1),
    ("repo.query", r#"[[["tag_name", 5]]]"#, "{}", 1),
    ("repo.query", r#"[[["creation_time", ">", "x"]]]"#, "{}", 1),
    ("repo.references", "[null]", "{}", 0),
    ("uploadFile", r#"["d", "f", null, null, 0, "YQ=="]"#, "{}", 1),
    ("uploadFile", r#"["d", "f", 1, null, null, "YQ=="]"#, "{}", 1),
    ("uploadFile", r#"["d", "f", 1.0, null, 0, "YQ=="]"#, "{}", 0),
    // what comes first of several mistakes
    ("createBuildTarget", r#"["t", null, null]"#, "{}", 1000),
    ("createBuildTarget", r#"["a b", null, null]"#, "{}", 1000),
    ("createBuildTarget", r#"["n", "nosuch", null]"#, "{}", 1000),
    ("createBuildTarget", r#"["n", "t", null]"#, "{}", 1019),
    ("editBuildTarget", r#"[null, null, "t", "t"]"#, "{}", 1000),
    ("editBuildTarget", r#"[null, "a b", "t", "t"]"#, "{}", 1000),
    ("editBuildTarget", r#"[null, "n", "t", "t"]"#, "{}", 1019),
    ("editBuildTarget", r#"["nosuch", "t", null, null]"#, "{}", 1000),
    ("editBuildTarget", r#"["t", "t", "nosuch", null]"#, "{}", 1000),
    ("editBuildTarget", r#"["t", "t", "t", null]"#, "{}", 1019),
    ("grantPermission", r#"["nosuch", null]"#, "{}", 1000),
    ("grantPermission", r#"["builder", null]"#, "{}", 1019),
    ("grantPermission", r#"["builder", null]"#, r#"{"create": true}"#, 1000),
    ("revokePermission", r#"["nosuch", null]"#, "{}", 1000),
    ("revokePermission", r#"["builder", null]"#, "{}", 1019),
    ("addHostToChannel", r#"["nosuch", null]"#, "{}", 1000),
    ("addHostToChannel", r#"["builder", null]"#, "{}", 1019),
    ("addHostToChannel", r#"["builder", null]"#, r#"{"create": true}"#, 1000),
    ("removeHostFromChannel", r#"["nosuch", null]"#, "{}", 1000),
    ("removeHostFromChannel", r#"["builder", null]"#, "{}", 1019),
    ("massTag", r#"["nosuch", "x"]"#, "{}", 1000),
    ("massTag", r#"["t", "x"]"#, "{}", 1000),
    ("massTag", r#"["t", ""]"#, "{}", 0),
    ("massTag", r#"["t", null]"#, "{}", 1),
    ("createEmptyBuild", r#"["", "1", null, null]"#, "{}", 1000),
    ("createEmptyBuild", r#"["a b", "1", null, null]"#, "{}", 1000),
    ("createEmptyBuild", r#"["p", "1", null, null]"#, "{}", 1),
    ("createEmptyBuild", r#"["p", "1", "1", null]"#, "{}", 0),
    ("getAverageBuildDuration", r#"["nosuch", "x"]"#, "{}", 0),
    ("getAverageBuildDuration", r#"["p", "x"]"#, "{}", 1),
    ("getAverageBuildDuration", r#"["p", 1000000000]"#, "{}", 1),
    ("getAverageBuildDuration", r#"["p", "1"]"#, "{}", 0),
    ("getRepo", r#"["nosuch", null, "x"]"#, "{}", 1000),
    ("getRepo", r#"["nosuch"]"#, r#"{"dist": null}"#, 1000),
    ("getRepo", r#"["t"]"#, r#"{"dist": null}"#, 1019),
    ("getRepo", r#"["t", null, "x"]"#, "{}", 1019),
    ("getRepo", r#"["t", 1, "1"]"#, r#"{"min_event": null}"#, 0),
    ("CGRefundBuild", r#"["nosuch", "x", 5, 99]"#, "{}", 1000),
    ("CGRefundBuild", r#"[null, "x", 5, 99]"#, "{}", 1000),
    ("CGRefundBuild", r#"["nosuch", "x", 5]"#, "{}", 1000),
    ("CGRefundBuild", r#"[null, 1, "x"]"#, "{}", 1019),
    // methods that call others
    ("filterResults", r#"["getTag", "nosuch"]"#, r#"{"filterOpts": {"order": 5}}"#, 0),
    ("filterResults", r#"["getTag", "t"]"#, r#"{"filterOpts": {"order": 5}}"#, 1000),
    ("filterResults", r#"["listTags"]"#, r#"{"filterOpts": {"order": 5}}"#, 1),
    ("count", "[5]", "{}", 1000),
    ("count", "[[]]", "{}", 1),
    ("count", r#"["getTag", "t"]"#, r#"{"bogus": 1}"#, 1),
    ("makeTask", r#"["build", [1, 2, 3]]"#, r#"{"channel": "nosuch"}"#, 1000),
    ("makeTask", r#"["build", [1, 2, 3]]"#, "{}", 1019),
    ("multiCall", "[5]", "{}", 1),
    ("login", "[]", "{}", 1),
    ("login", r#"["a", "b", {}, false, false, 1]"#, "{}", 1),
    ("exclusiveSession", "[false, 1]", "{}", 1),
    ("multiCall", "[]", "{}", 1019),
    ("multiCall", "[[], 1]", "{}", 1019),
];

#[test]
fn arguments_are_judged_as_koji_does() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let read = |text: &str| json::parse(text.as_bytes()).unwrap();
        let mut call = |method: &str, positional: &str, keywords: &str| {
            let (Value::Array(args), Value::Struct(named)) = (read(positional), read(keywords)) else {
                panic!("{method}: {positional} {keywords}");
            };
            admin.call_named(method, args, named)
        };
        call("createTag", r#"["t", null, "x86_64"]"#, "{}").unwrap();
        call("createBuildTarget", r#"["t", "t", "t"]"#, "{}").unwrap();
        call("makeTask", r#"["sleep", [1]]"#, "{}").unwrap();
        let wrong: Vec<String> = CASES
            .iter()
            .filter_map(|(method, positional, keywords, code)| {
                let got = call(method, positional, keywords);
                let fault = got.as_ref().err().map_or(0, |error| error.code());
                (fault != *code).then(|| format!("{method}{positional}{keywords}: want {code}, got {got:?}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let all = call("listTasks", r#"[{}, {"countOnly": true}]"#, "{}").unwrap();
        let listed = call("listTasks", r#"[{}, {"limit": 0}]"#, "{}").unwrap();
        assert_eq!(listed.as_array().map(|tasks| tasks.len() as i64), all.as_int(), "a limit of 0 is none");
        let entries = r#"[[{"methodName": 5, "params": []}, {"methodName": [], "params": []}]]"#;
        let answers = call("multiCall", entries, "{}").unwrap();
        let codes: Vec<_> =
            answers.as_array().unwrap().iter().map(|answer| answer.get("faultCode").cloned()).collect();
        assert_eq!(codes, [Some(1000.into()), Some(1.into())]);
    });
}

/// What nobody in particular calls: what is named is looked for before it is asked who wants it, or after.
#[rustfmt::skip]
const OF_NOBODY: &[Case] = &[
    ("assignTask", r#"[1, "nosuch"]"#, "{}", 1000),
    ("assignTask", r#"["x", "builder"]"#, "{}", 1019),
    ("assignTask", r#"[1, "builder"]"#, "{}", 1004),
    ("distRepo", r#"["nosuch", []]"#, "{}", 1000),
    ("distRepo", r#"["t", []]"#, "{}", 1),
    ("distRepo", r#"["t", []]"#, r#"{"arch": ["x86_64"]}"#, 1000),
    ("login", r#"["alice", null]"#, "{}", 1002),
    ("updateNotification", "[null, null, null, true]", "{}", 1000),
];

#[test]
fn what_nobody_asks_for_is_looked_at_in_the_order_of_koji() {
    each_database(|database| {
        let hub = TestHub::start(database);
        hub.user("kojiadmin").call_named("createTag", vec!["t".into()], vec![]).unwrap();
        let read = |text: &str| json::parse(text.as_bytes()).unwrap();
        for (method, positional, keywords, code) in OF_NOBODY {
            let (Value::Array(args), Value::Struct(named)) = (read(positional), read(keywords)) else {
                panic!("{method}: {positional} {keywords}");
            };
            let got = hub.anonymous().call_named(method, args, named);
            let fault = got.as_ref().err().map_or(0, |error| error.code());
            assert_eq!(fault, *code, "{method}{positional}{keywords}: {got:?}");
        }
    });
}

/// What the host `builder` calls about its task 1, and the code of the fault; 0 for an answer.
#[rustfmt::skip]
const OF_A_HOST: &[Case] = &[
    ("host.updateHost", "[0.5, null]", "{}", 1),
    ("host.updateHost", "[0.5, false]", r#"{"data": "x"}"#, 1019),
    ("host.setHostData", r#"["x"]"#, "{}", 1),
    ("host.freeTasks", r#"["x"]"#, "{}", 1019),
    ("host.freeTasks", "[{}]", "{}", 0),
    ("host.refuseTask", "[1, null]", "{}", 1019),
    ("host.subtask", r#"["sleep", "ab", 1]"#, "{}", 0),
    ("host.subtask", "[null, [1], 1]", "{}", 1019),
    ("host.subtask", r#"["sleep", [1], 1]"#, r#"{"kwargs": null}"#, 1),
    ("host.subtask2", r#"[1, {"method": "x"}, "sleep"]"#, "{}", 1),
    ("host.taskSetWait", r#"[1, "x"]"#, "{}", 1019),
    ("host.taskSetWait", "[99, null]", "{}", 0),
    ("host.taskWait", "[99]", "{}", 0),
    ("host.taskWaitResults", "[99, null]", "{}", 0),
    ("host.taskSetWait", "[null, null]", "{}", 0),
    ("host.taskSetWait", r#"["x", null]"#, "{}", 1),
    ("host.taskWait", "[null]", "{}", 0),
    ("host.taskWait", r#"["x"]"#, "{}", 1),
    ("host.taskWaitResults", "[null, null]", "{}", 0),
    ("host.taskWaitResults", r#"["x", null]"#, "{}", 1),
    ("host.taskWaitResults", r#"[1, "x"]"#, "{}", 1019),
    ("host.taskWaitResults", "[1, 5]", "{}", 1),
    ("host.taskWaitResults", "[1, {}]", "{}", 0),
    ("host.moveBuildToScratch", "[99, null, null]", "{}", 1000),
    ("host.moveBuildToScratch", "[2, null, null]", "{}", 1004),
    ("host.moveBuildToScratch", r#"["x", null, null]"#, "{}", 1019),
    ("host.moveBuildToScratch", "[1, null, []]", "{}", 1000),
    ("host.moveBuildToScratch", r#"[1, "x", null]"#, "{}", 1),
    ("host.newBuildRoot", "[1, null, 99]", "{}", 1000),
    ("host.newBuildRoot", "[null, null, 99]", "{}", 1000),
    ("host.newBuildRoot", "[1, null, 2]", "{}", 1004),
    ("host.newBuildRoot", r#"[1, null, "x"]"#, "{}", 1019),
    ("host.repoInit", r#"["t"]"#, "{}", 0),
    ("host.newBuildRoot", "[1, null, 1]", "{}", 0),
    ("host.newBuildRoot", r#"[1, "", 1]"#, "{}", 0),
    ("host.newBuildRoot", "[1, 5, 1]", "{}", 1),
    ("host.initBuild", r#"[{"name": "b", "version": "1", "release": "1", "epoch": null, "task_id": "x"}]"#, "{}", 1019),
    ("host.failBuild", r#"["x", 1]"#, "{}", 1019),
    ("host.checkPolicy", r#"["build_rpm", null]"#, "{}", 0),
    ("host.checkPolicy", r#"["build_rpm", {}, "nonsense", true]"#, "{}", 0),
];

#[test]
fn hosts_are_answered_as_koji_does() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let assign = vec![("assign".to_owned(), "builder".into())];
        admin.call_named("makeTask", vec!["sleep".into(), Value::Array(vec![1.into()])], assign).unwrap();
        admin.call_named("createTag", vec!["t".into()], vec![]).unwrap();
        let mut builder = hub.user("builder");
        builder.call_named("exclusiveSession", vec![], vec![]).unwrap();
        builder.call_named("host.openTask", vec![1.into()], vec![]).unwrap();
        let read = |text: &str| json::parse(text.as_bytes()).unwrap();
        for (method, positional, keywords, code) in OF_A_HOST {
            let (Value::Array(args), Value::Struct(named)) = (read(positional), read(keywords)) else {
                panic!("{method}: {positional} {keywords}");
            };
            let got = builder.call_named(method, args, named);
            let fault = got.as_ref().err().map_or(0, |error| error.code());
            assert_eq!(fault, *code, "{method}{positional}{keywords}: {got:?}");
        }
        // a build that begins is told as a struct
        let build = read(r#"{"name": "i", "version": "1", "release": "1", "epoch": null}"#);
        let begun = builder.call_named("host.initImageBuild", vec![1.into(), build], vec![]).unwrap();
        assert_eq!(begun.get("task_id"), Some(&Value::Int(1)), "{begun:?}");
    });
}

#[test]
fn the_head_of_a_request_is_judged_as_koji_does() {
    let hub = TestHub::start(koji_tests::Database::Sqlite);
    let body = "<methodCall><methodName>getAPIVersion</methodName></methodCall>";
    let send = |line: &str, head: &str| {
        let mut stream = TcpStream::connect(hub.address()).unwrap();
        let length = body.len();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let fault = |code: i32| format!("<int>{code}</int>");
    for (query, head, code) in [
        ("", "Koji-Session-Id: x\r\nKoji-Session-Key: k\r\n", 1),
        ("", "Koji-Session-Id: 1\r\n", 1),
        ("", "Koji-Session-Id: 99999999999999\r\nKoji-Session-Key: k\r\n", 1002),
        ("?session-id=x&session-key=k", "", 1),
        ("?session-id=1&session-key=k", "", 1002),
        ("?session-id=1", "", 1002),
        ("?other=1", "", 1002),
    ] {
        let answer = send(&format!("POST /kojihub{query}"), head);
        assert!(answer.contains(&fault(code)), "{query} {head}: {answer}");
    }
    let answer = send("GET /kojihub", "").to_lowercase();
    assert!(answer.starts_with("http/1.1 405") && answer.contains("\r\nallow: post\r\n"), "{answer}");
    assert!(answer.contains("\r\nkoji-version: "), "{answer}");
}
