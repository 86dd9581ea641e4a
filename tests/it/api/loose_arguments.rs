//! Arguments of tags, users, hosts, groups and history are read as loosely, and refused with the same faults, as by a
//! Koji hub: each row of the tables was seen there.

use koji_core::client::Session;
use koji_core::wire::{Value, json};
use koji_tests::{TestHub, each_database};

/// A call: the method, its keywords as JSON, and the fault's code or the answer as JSON.
type Case = (&'static str, &'static str, Want);

enum Want {
    Fault(i32),
    Answer(&'static str),
    /// Any answer
    Fine,
}
use Want::{Answer, Fault, Fine};

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap()
}

fn check(session: &mut Session, cases: &[Case]) {
    for (method, keywords, want) in cases {
        let Value::Struct(keywords_read) = parse(keywords) else { panic!("{keywords}") };
        let got = session.call_named(method, vec![], keywords_read);
        let as_wanted = match (want, &got) {
            (Fault(code), Err(error)) => error.code() == *code,
            (Answer(want), Ok(got)) => parse(want) == *got,
            (Fine, Ok(_)) => true,
            _ => false,
        };
        assert!(as_wanted, "{method}({keywords}): {got:?}");
    }
}

fn prepare(hub: &TestHub) -> Session {
    let mut admin = hub.user("kojiadmin");
    check(
        &mut admin,
        &[
            ("createTag", r#"{"name": "base", "arches": "x86_64"}"#, Answer("1")),
            ("createTag", r#"{"name": "a_b", "locked": "yes"}"#, Answer("2")),
            ("createTag", r#"{"name": "axb", "parent": []}"#, Answer("3")),
            ("packageListAdd", r#"{"taginfo": 1, "pkginfo": "p_q", "owner": "bob"}"#, Fine),
            ("packageListAdd", r#"{"taginfo": 1, "pkginfo": "pxq", "owner": "bob"}"#, Fine),
            ("addUserKrbPrincipal", r#"{"user": "alice", "krb_principal": "alice@R"}"#, Fine),
            (
                "createNotification",
                r#"{"user_id": "alice", "package_id": null, "tag_id": 1, "success_only": true}"#,
                Fine,
            ),
        ],
    );
    admin
}

#[test]
fn names_ids_and_structs() {
    const CASES: &[Case] = &[
        ("getTagID", r#"{"info": {"id": "1"}}"#, Answer("1")),
        ("getTagID", r#"{"info": {"id": 1.0, "name": "axb"}}"#, Answer("1")),
        ("getTagID", r#"{"info": {"name": 3}}"#, Answer("3")),
        ("getTagID", r#"{"info": {"id": null, "name": "base"}}"#, Fault(1019)),
        ("getTagID", r#"{"info": {}}"#, Fault(1019)),
        ("getFullInheritance", r#"{"tag": 99}"#, Answer("[]")),
        ("getFullInheritance", r#"{"tag": {"id": 99}}"#, Fault(1000)),
        ("getLatestBuilds", r#"{"tag": {"id": 99}}"#, Fault(1000)),
        ("getTagID", r#"{"info": ["base"]}"#, Fault(1019)),
        ("getTagID", r#"{"info": true}"#, Fault(1)),
        ("getTagID", r#"{"info": 1099511627776}"#, Answer("null")),
        ("getUser", r#"{"userInfo": true}"#, Fault(1)),
        ("getUser", r#"{"userInfo": [1]}"#, Fault(1000)),
        ("listPackages", r#"{"userID": {"krb_principal": "nobody@R"}}"#, Fault(1000)),
        ("listPackages", r#"{"userID": "alice@R"}"#, Answer("[]")),
        ("listHosts", r#"{"userID": "alice@R"}"#, Answer("[]")),
        ("checkTagAccess", r#"{"tag_id": "base", "user_id": 4294967296}"#, Answer(r#"[true, false, ""]"#)),
        ("checkTagAccess", r#"{"tag_id": "base", "user_id": "x"}"#, Fault(1019)),
        ("getBuildNotification", r#"{"id": "1", "strict": true}"#, Fine),
        ("getBuildNotification", r#"{"id": null}"#, Answer("null")),
        ("getBuildNotification", r#"{"id": "x"}"#, Fault(1)),
        ("hasPerm", r#"{"perm": true}"#, Answer("false")),
        ("hasPerm", r#"{"perm": ["admin"]}"#, Answer("false")),
        ("getPackageID", r#"{"name": null}"#, Answer("null")),
        ("getPackageID", r#"{"name": null, "strict": true}"#, Fault(1000)),
        ("getHost", r#"{"hostInfo": 1, "event": "x"}"#, Fault(1000)),
        ("getHost", r#"{"hostInfo": 1, "event": 1099511627776}"#, Fine),
        ("tagChangedSinceEvent", r#"{"event": "0", "taglist": ["1"]}"#, Answer("true")),
        ("tagChangedSinceEvent", r#"{"event": 0, "taglist": []}"#, Fault(1)),
        ("tagChangedSinceEvent", r#"{"event": true, "taglist": [1]}"#, Fault(1)),
        ("getLastEvent", r#"{"before": 1e300}"#, Fine),
        ("getLastEvent", r#"{"before": "x"}"#, Fault(1000)),
        ("count", r#"{"methodName": "listTags", "bogus": 1}"#, Fault(1)),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        check(&mut prepare(&hub), CASES);
    });
}

#[test]
fn nobody_makes_names_without_logging_in() {
    const CASES: &[Case] = &[
        ("getTagID", r#"{"info": "made", "create": true}"#, Fault(1004)),
        ("getPackage", r#"{"info": "made", "create": true}"#, Fault(1004)),
        ("getPackage", r#"{"info": "made"}"#, Answer("null")),
    ];
    each_database(|database| check(&mut TestHub::start(database).anonymous(), CASES));
}

#[test]
fn what_is_false_is_not_given() {
    const CASES: &[Case] = &[
        ("listTags", r#"{"queryOpts": "", "perms": false, "pattern": "base"}"#, Fine),
        (
            "count",
            r#"{"methodName": "listTags", "queryOpts": {"limit": 0, "offset": null, "order": []}}"#,
            Answer("3"),
        ),
        ("listTags", r#"{"queryOpts": {"countOnly": 1, "order": "nosuch"}}"#, Answer("3")),
        ("listTags", r#"{"queryOpts": {"countOnly": true, "limit": 2.9}}"#, Answer("2")),
        (
            "count",
            r#"{"methodName": "listPackages", "tagID": "base", "queryOpts": {"limit": -1}}"#,
            Answer("1"),
        ),
        (
            "search",
            r#"{"terms": "a_b", "type": "tag", "matchType": "x", "queryOpts": {"asList": true}}"#,
            Answer(r#"[[2, "a_b"]]"#),
        ),
        (
            "listUsers",
            r#"{"prefix": "b", "queryOpts": {"asList": true}}"#,
            Answer(r#"[[3, [], "bob", 0, 0]]"#),
        ),
        ("queryHistory", r#"{"tables": ["tag_config"], "build": "nosuch"}"#, Answer("{}")),
        ("queryHistory", r#"{"tables": ["tag_config"], "host": "nosuch", "user": "nosuch"}"#, Answer("{}")),
        ("queryHistory", r#"{"tables": ["tag_config"], "tag": "nosuch"}"#, Fault(1000)),
        ("listTags", r#"{"queryOpts": {"order": "nosuch"}}"#, Fault(1)),
        ("listTags", r#"{"queryOpts": {"order": "name,"}}"#, Fault(1)),
        ("listTags", r#"{"queryOpts": {"limit": -1}}"#, Fault(1)),
        ("listTags", r#"{"queryOpts": {"offset": "1"}}"#, Fault(1)),
        ("listTags", r#"{"queryOpts": "x"}"#, Fault(1)),
        ("listPackages", r#"{"tagID": "axb", "queryOpts": {"order": "nosuch"}}"#, Answer("[]")),
        ("count", r#"{"methodName": "listPackages", "tagID": "base", "prefix": 0}"#, Answer("2")),
        ("count", r#"{"methodName": "listChannels", "hostID": "", "event": 0}"#, Fine),
        ("listChannels", r#"{"event": 1}"#, Fault(1000)),
        ("count", r#"{"methodName": "listUsers", "perm": "", "prefix": false}"#, Answer("3")),
        ("listUsers", r#"{"perm": "", "inherited_perm": true}"#, Fault(1000)),
        ("listUsers", r#"{"userType": "0"}"#, Fault(1019)),
        ("listUsers", r#"{"userType": []}"#, Fault(1)),
        ("listHosts", r#"{"arches": ""}"#, Fault(1000)),
        ("listHosts", r#"{"arches": []}"#, Fault(1000)),
        ("count", r#"{"methodName": "listHosts", "arches": "x86.64"}"#, Answer("1")),
        ("count", r#"{"methodName": "listHosts", "arches": ["x86"]}"#, Answer("0")),
        ("search", r#"{"terms": null, "type": "tag", "matchType": "glob"}"#, Fault(1000)),
        ("search", r#"{"terms": "x", "type": null, "matchType": "glob"}"#, Fault(1000)),
        (
            "search",
            r#"{"terms": "base", "type": "tag", "matchType": null}"#,
            Answer(r#"[{"id": 1, "name": "base"}]"#),
        ),
        ("search", r#"{"terms": "[", "type": "rpm", "matchType": "regexp"}"#, Fault(1)),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        check(&mut prepare(&hub), CASES);
    });
}

#[test]
fn signs_of_like() {
    const CASES: &[Case] = &[
        ("count", r#"{"methodName": "listTags", "pattern": "a_b"}"#, Answer("1")),
        ("count", r#"{"methodName": "listTags", "pattern": "a?b"}"#, Answer("2")),
        ("count", r#"{"methodName": "listTags", "pattern": "a%b"}"#, Answer("2")),
        ("count", r#"{"methodName": "listPackagesSimple", "prefix": "p_"}"#, Answer("2")),
        ("count", r#"{"methodName": "listUsers", "prefix": "%i"}"#, Answer("2")),
        ("count", r#"{"methodName": "listUsers", "prefix": "b_b"}"#, Answer("1")),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        check(&mut prepare(&hub), CASES);
    });
}

#[test]
fn writes_refuse_what_the_database_would() {
    const CASES: &[Case] = &[
        ("createTag", r#"{"name": "c", "locked": 1}"#, Fault(1)),
        ("createTag", r#"{"name": "c", "locked": null}"#, Fault(1)),
        ("createTag", r#"{"name": 1}"#, Fault(1000)),
        ("editTag2", r#"{"tagInfo": "base", "name": 1}"#, Fault(1000)),
        ("editTag2", r#"{"tagInfo": "base", "extra": null}"#, Fault(1)),
        ("editTag2", r#"{"tagInfo": "base", "locked": 1}"#, Fault(1)),
        ("editTag2", r#"{"tagInfo": "base", "locked": 0}"#, Fine),
        ("getTagID", r#"{"info": "made", "create": true, "strict": true}"#, Fault(1000)),
        ("getTagID", r#"{"info": "made", "create": true}"#, Answer("4")),
        ("getTag", r#"{"tagInfo": "made"}"#, Answer("null")),
        ("getPackage", r#"{"info": "made", "create": true}"#, Answer(r#"{"id": 3, "name": "made"}"#)),
        ("editTag2", r#"{"tagInfo": "base", "remove_extra": "a"}"#, Fault(1019)),
        ("createUser", r#"{"username": 1}"#, Fault(1000)),
        ("createUser", r#"{"username": "u", "status": "x"}"#, Fault(1000)),
        ("editUser", r#"{"userInfo": "bob", "name": 1}"#, Fault(1000)),
        (
            "editUser",
            r#"{"userInfo": "bob", "krb_principal_mappings": [{"old": null, "new": "alice@R"}]}"#,
            Fault(1),
        ),
        ("addHost", r#"{"hostname": 1, "arches": ["i386"]}"#, Fault(1000)),
        (
            "addHost",
            r#"{"hostname": "h", "arches": ["i386"], "krb_principal": "alice@R", "force": true}"#,
            Fault(1),
        ),
        ("editPermission", r#"{"permission": "tag", "description": 1}"#, Fault(1019)),
        ("groupListAdd", r#"{"taginfo": "base", "grpinfo": "g", "display_name": 5, "exported": "no"}"#, Fine),
        ("groupListAdd", r#"{"taginfo": "base", "grpinfo": "g", "exported": 1}"#, Fault(1)),
        ("createTag", r#"{"name": "c", "parent": {"id": 99}}"#, Fault(1000)),
        (
            "packageListSetArches",
            r#"{"taginfo": "base", "pkginfo": "p_q", "arches": ["i386", "s390"]}"#,
            Fine,
        ),
        ("packageListSetOwner", r#"{"taginfo": "base", "pkginfo": "p_q", "owner": 1.5}"#, Fault(1000)),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        check(&mut prepare(&hub), CASES);
    });
}

#[test]
fn a_snapshot_has_an_event_for_each_thing() {
    const SETUP: &[Case] = &[
        ("groupListAdd", r#"{"taginfo": "base", "grpinfo": "build"}"#, Fine),
        ("groupPackageListAdd", r#"{"taginfo": "base", "grpinfo": "build", "pkg_name": "bash"}"#, Fine),
        ("groupPackageListAdd", r#"{"taginfo": "base", "grpinfo": "build", "pkg_name": "make"}"#, Fine),
        ("snapshotTag", r#"{"src": "base", "dst": "copy"}"#, Fine),
        ("snapshotTagModify", r#"{"src": "axb", "dst": "copy", "remove": true, "config": false}"#, Fine),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = prepare(&hub);
        check(&mut admin, SETUP);
        let history =
            admin.call_named("queryHistory", vec![], vec![("tag".to_owned(), "copy".into())]).unwrap();
        let events = |table: &str, key: &str| -> Vec<i64> {
            let Some(Value::Array(rows)) = history.get(table) else { panic!("{table}: {history:?}") };
            let ended = rows.iter().filter_map(|row| row.get(key).and_then(Value::as_int));
            let mut events: Vec<i64> = ended.collect();
            events.sort_unstable();
            events
        };
        // the configuration, two packages, a group, and two packages in it
        let first = events("tag_config", "create_event")[0];
        assert_eq!(events("tag_packages", "create_event")[..2], [first + 1, first + 2]);
        assert_eq!(events("group_config", "create_event"), [first + 3]);
        assert_eq!(events("group_package_listing", "create_event"), [first + 4, first + 5]);
        // blocking the two packages, and taking the group away
        let gone = events("tag_packages", "revoke_event");
        assert_eq!(events("tag_packages", "create_event")[2..], gone[..]);
        assert_eq!((gone[1], events("group_config", "revoke_event")), (gone[0] + 1, vec![gone[1] + 1]));
    });
}
