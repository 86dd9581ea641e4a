//! Of several mistakes in a call the one is told that a Koji hub tells, and what is no mistake there is none here:
//! each row was seen there.

use std::fs;

use koji_core::client::{Session, Upload};
use koji_core::wire::{Value, json};
use koji_tests::{TestHub, each_database};

/// A method, its keywords, and the fault's code or the answer, both as JSON.
type Case = (&'static str, &'static str, Result<&'static str, i32>);

/// Whatever is answered.
const FINE: Result<&str, i32> = Ok("");

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap()
}

fn check(session: &mut Session, cases: &[Case]) {
    for (method, keywords, want) in cases {
        let Value::Struct(keywords_read) = parse(keywords) else { panic!("{keywords}") };
        let got = session.call_named(method, vec![], keywords_read);
        let as_wanted = match (want, &got) {
            (Err(code), Err(error)) => error.code() == *code,
            (Ok(want), Ok(got)) => want.is_empty() || parse(want) == *got,
            _ => false,
        };
        assert!(as_wanted, "{method}({keywords}): {got:?}");
    }
}

#[test]
fn of_external_repositories() {
    const CASES: &[Case] = &[
        ("createTag", r#"{"name": "base"}"#, FINE),
        ("createExternalRepo", r#"{"name": "one", "url": "http://1/"}"#, FINE),
        ("createExternalRepo", r#"{"name": "two", "url": "http://2/"}"#, FINE),
        (
            "addExternalRepoToTag",
            r#"{"tag_info": "base", "repo_info": {}, "priority": 1, "merge_mode": "x"}"#,
            Err(1000),
        ),
        ("addExternalRepoToTag", r#"{"tag_info": "nosuch", "repo_info": {}, "priority": "x"}"#, Err(1000)),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": {}, "priority": "x"}"#, Err(1019)),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": null, "priority": 1}"#, Err(1000)),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": "no", "priority": "x"}"#, Err(1000)),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": "one", "priority": "x"}"#, Err(1019)),
        (
            "addExternalRepoToTag",
            r#"{"tag_info": "base", "repo_info": "one", "priority": "1", "merge_mode": null}"#,
            Ok("null"),
        ),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": "one", "priority": "x"}"#, Err(1019)),
        ("addExternalRepoToTag", r#"{"tag_info": "base", "repo_info": "two", "priority": 1}"#, Err(1000)),
        ("editTagExternalRepo", r#"{"tag_info": "base", "repo_info": "two", "priority": "x"}"#, Err(1000)),
        ("editTagExternalRepo", r#"{"tag_info": "base", "repo_info": "one", "priority": "x"}"#, Err(1019)),
        ("editTagExternalRepo", r#"{"tag_info": "base", "repo_info": "one", "merge_mode": "x"}"#, Err(1000)),
        ("editTagExternalRepo", r#"{"tag_info": "base", "repo_info": "one", "priority": "2"}"#, Ok("true")),
        ("removeExternalRepoFromTag", r#"{"tag_info": "nosuch", "repo_info": []}"#, Err(1000)),
        ("removeExternalRepoFromTag", r#"{"tag_info": "base", "repo_info": []}"#, Err(1019)),
        ("editExternalRepo", r#"{"info": "nosuch", "url": 5}"#, Err(1000)),
        ("editExternalRepo", r#"{"info": null, "name": "x"}"#, Err(1000)),
        ("deleteExternalRepo", r#"{"info": null}"#, Err(1000)),
        ("deleteExternalRepo", r#"{"info": "two"}"#, Ok("null")),
        // the only one that is left needs no name
        ("editExternalRepo", r#"{"info": null, "name": "first"}"#, Ok("null")),
        ("getExternalRepo", r#"{"info": 1}"#, Ok(r#"{"id": 1, "name": "first", "url": "http://1/"}"#)),
    ];
    each_database(|database| check(&mut TestHub::start(database).user("kojiadmin"), CASES));
}

#[test]
fn of_new_names() {
    const CASES: &[Case] = &[
        ("getTagID", r#"{"info": {"name": "new"}, "create": true}"#, Err(1000)),
        ("getTagID", r#"{"info": {"name": "new"}}"#, Ok("null")),
        ("getTagID", r#"{"info": 99, "create": true}"#, Err(1000)),
        ("getTagID", r#"{"info": "new", "create": true}"#, Ok("1")),
        ("getTagID", r#"{"info": {"name": "new"}, "create": true}"#, Ok("1")),
        ("getPackage", r#"{"info": {"name": "new"}, "create": true}"#, Err(1000)),
        ("getPackage", r#"{"info": "new", "create": true}"#, Ok(r#"{"id": 1, "name": "new"}"#)),
    ];
    each_database(|database| check(&mut TestHub::start(database).user("alice"), CASES));
}

#[test]
fn of_archives() {
    const CASES: &[Case] = &[
        ("createEmptyBuild", r#"{"name": "plain", "version": "1", "release": "1", "epoch": null}"#, FINE),
        (
            "createMavenBuild",
            r#"{"build_info": {"name": "mvn", "version": "1", "release": "1", "epoch": null},
                "maven_info": {"group_id": "g", "artifact_id": "mvn", "version": "1"}}"#,
            FINE,
        ),
        (
            "importArchive",
            r#"{"filepath": "up/no.jar", "buildinfo": "mvn-1-1", "type": "maven", "typeInfo": {}}"#,
            Err(1000),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "nosuch-1-1", "type": "maven", "typeInfo": []}"#,
            Err(1000),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "plain-1-1", "type": "maven", "typeInfo": {}}"#,
            Err(1020),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "mvn-1-1", "type": "win", "typeInfo": null}"#,
            Err(1020),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "mvn-1-1", "type": "maven", "typeInfo": {"group_id": "g"}}"#,
            Err(1),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/bad.pom", "buildinfo": "mvn-1-1", "type": "maven",
                "typeInfo": {"group_id": "g", "artifact_id": "a", "version": "1"}}"#,
            Err(1),
        ),
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "mvn-1-1", "type": "x", "typeInfo": {}}"#,
            Err(1000),
        ),
        // a version may look like a number
        (
            "importArchive",
            r#"{"filepath": "up/a.jar", "buildinfo": "mvn-1-1", "type": "maven",
                "typeInfo": {"group_id": "g", "artifact_id": "a", "version": 2}}"#,
            FINE,
        ),
        (
            "getMavenArchive",
            r#"{"archive_id": 1}"#,
            Ok(r#"{"archive_id": 1, "group_id": "g", "artifact_id": "a", "version": "2"}"#),
        ),
        (
            "search",
            r#"{"terms": "*", "type": "maven", "matchType": "glob", "queryOpts": {"order": "-filename"}}"#,
            Ok(r#"[{"id": 1, "name": "a.jar"}]"#),
        ),
        (
            "search",
            r#"{"terms": "*-1-1", "type": "build", "matchType": "glob", "queryOpts": {"order": "-build.id"}}"#,
            Ok(r#"[{"id": 2, "name": "mvn-1-1"}, {"id": 1, "name": "plain-1-1"}]"#),
        ),
        ("listBuilds", r#"{"packageID": "nosuch", "queryOpts": {"countOnly": true}}"#, Ok("[]")),
        ("listBuilds", r#"{"prefix": "no", "queryOpts": {"countOnly": true}}"#, Ok("0")),
        ("listBuilds", r#"{"prefix": 1}"#, Ok("[]")),
        (
            "listBuilds",
            r#"{"typeInfo": "x", "cgID": 0, "pattern": 0, "queryOpts": {"countOnly": true}}"#,
            Ok("2"),
        ),
        ("listBuilds", r#"{"type": 2, "queryOpts": {"countOnly": true}}"#, Ok("1")),
        ("listBuilds", r#"{"type": "maven", "typeInfo": {"group_id": null}}"#, Ok("[]")),
        ("listBuilds", r#"{"createdAfter": true, "queryOpts": {"countOnly": true}}"#, Ok("2")),
        ("listArchives", r#"{"type": "maven", "typeInfo": {"group_id": null}}"#, Ok("[]")),
        ("getArchiveFile", r#"{"archive_id": 99, "filename": null}"#, Err(1000)),
        ("importRPM", r#"{"path": "up", "basename": "bad.pom"}"#, Err(1)),
        ("getRPMHeaders", r#"{"rpmID": 99, "headers": "name"}"#, Ok("{}")),
        ("getRPMDeps", r#"{"rpmID": 99, "depType": "x"}"#, Ok("[]")),
        ("getChangelogEntries", r#"{"buildID": "plain-1-1", "author": 1}"#, Ok("[]")),
        ("listChannels", r#"{"hostID": {"id": 1}}"#, Err(1)),
        ("listChannels", r#"{"hostID": 1.5}"#, Ok("[]")),
    ];
    each_database(|database| {
        let hub = TestHub::start_with(database, "EnableMaven = True\nEnableWin = True");
        let mut admin = hub.user("kojiadmin");
        for (name, content) in [("a.jar", "jar"), ("bad.pom", "<project")] {
            let file = hub.scratch().join(name);
            fs::write(&file, content).unwrap();
            admin.upload(&Upload::new(&file, "up"), &mut |_| ()).unwrap();
        }
        check(&mut admin, CASES);
    });
}

#[test]
fn of_reserved_builds() {
    const CASES: &[Case] = &[
        ("grantCGAccess", r#"{"user": "kojiadmin", "cg": "osbs", "create": true}"#, FINE),
        ("createEmptyBuild", r#"{"name": "done", "version": "1", "release": "1", "epoch": null}"#, FINE),
        ("CGInitBuild", r#"{"cg": "osbs", "data": {"name": "p", "version": "1", "release": "1"}}"#, FINE),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": "x", "token": null}"#, Err(1000)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": null, "token": null}"#, Err(1000)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": "2", "token": "x"}"#, Err(1000)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": "done-1-1", "token": "x"}"#, Err(1000)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": "p-1-1", "token": "x"}"#, Err(1)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": 2, "token": 5}"#, Err(1000)),
        ("CGRefundBuild", r#"{"cg": "osbs", "build_id": 2, "token": "x", "state": "4"}"#, Err(1000)),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        check(&mut admin, CASES);
        let data = parse(r#"{"name": "p", "version": "2", "release": "1"}"#);
        let reserved = admin.call_named("CGInitBuild", vec!["osbs".into(), data], vec![]).unwrap();
        let token = reserved.get("token").cloned().unwrap();
        let mut refund = |build: Value, state: Value| {
            admin.call_named("CGRefundBuild", vec!["osbs".into(), build, token.clone(), state], vec![])
        };
        for (build, state, code) in [("3".into(), 4.into(), 1000), (3.into(), "4".into(), 1000)] {
            assert_eq!(refund(build, state).unwrap_err().code(), code);
        }
        refund(3.into(), 4.into()).unwrap();
    });
}

#[test]
fn of_moves_out_of_deleted_tags() {
    const CASES: &[Case] = &[
        ("createTag", r#"{"name": "gone"}"#, FINE),
        ("createTag", r#"{"name": "here"}"#, FINE),
        ("packageListAdd", r#"{"taginfo": "gone", "pkginfo": "p", "owner": "kojiadmin"}"#, FINE),
        ("deleteTag", r#"{"tagInfo": "gone"}"#, FINE),
        ("moveAllBuilds", r#"{"tag1": "gone", "tag2": "here", "package": "p"}"#, Err(1003)),
        ("moveAllBuilds", r#"{"tag1": "here", "tag2": "gone", "package": "p"}"#, Err(1003)),
        ("moveAllBuilds", r#"{"tag1": "here", "tag2": "nosuch", "package": "p"}"#, Err(1000)),
    ];
    each_database(|database| {
        let hub = TestHub::start(database);
        check(&mut hub.user("kojiadmin"), CASES);
    });
}
