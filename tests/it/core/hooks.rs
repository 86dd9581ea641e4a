//! The points at which plugins are called fire with Koji's keywords: which call fires which, with which.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use koji_core::Fault;
use koji_core::context::Cx;
use koji_core::hub::Caller;
use koji_core::plugin::Hooks;
use koji_core::wire::{Map, Value};
use koji_tests::{LocalHub, SourcePackage, each_database};

/// The points of the hub that calls fire; those of builders, and those of later versions of Koji, are not among them.
const FIRED: [&str; 22] = [
    "prePackageListChange",
    "postPackageListChange",
    "preTaskStateChange",
    "postTaskStateChange",
    "preBuildStateChange",
    "postBuildStateChange",
    "preImport",
    "postImport",
    "preRPMSign",
    "postRPMSign",
    "preTag",
    "postTag",
    "preUntag",
    "postUntag",
    "preRepoInit",
    "postRepoInit",
    "preRepoDone",
    "postRepoDone",
    "preCommit",
    "postCommit",
    "preBuildPromote",
    "postBuildPromote",
];

type Heard = Arc<Mutex<Vec<(String, BTreeSet<String>)>>>;

struct Scene {
    local: LocalHub,
    admin: Caller,
    host: Caller,
    heard: Heard,
    all: BTreeSet<String>,
}

impl Scene {
    fn new(database: koji_tests::Database) -> Self {
        let heard = Heard::default();
        let mut hooks = Hooks::default();
        for point in koji_core::plugin::POINTS {
            let heard = heard.clone();
            let listener = move |_: &mut Cx<'_>, point: &str, keywords: &Map| {
                let mut names: BTreeSet<String> = keywords.iter().map(|(name, _)| name.clone()).collect();
                if let Some((_, Value::String(kind))) = keywords.iter().find(|(name, _)| name == "type") {
                    names.insert(format!("type={kind}"));
                }
                heard.lock().unwrap().push((point.to_owned(), names));
                Ok(())
            };
            hooks.register(point, Box::new(listener)).unwrap();
        }
        let local = LocalHub::new(database, hooks);
        let (admin, host) = (local.caller("kojiadmin"), local.caller("builder"));
        local.call(&host, "exclusiveSession", vec![], &[]).unwrap();
        Self { local, admin, host, heard, all: BTreeSet::new() }
    }

    /// Calls, and compares what was heard but for the commits: points in order, each with its keywords.
    fn fires(
        &mut self,
        by_host: bool,
        method: &str,
        args: Vec<Value>,
        keywords: &[(&str, Value)],
        want: &[(&str, &str)],
    ) -> Value {
        self.heard.lock().unwrap().clear();
        let caller = if by_host { &self.host } else { &self.admin };
        let answer = self.local.call(caller, method, args, keywords);
        let answer = answer.unwrap_or_else(|error| panic!("{method}: {error}"));
        let mut heard = std::mem::take(&mut *self.heard.lock().unwrap());
        self.all.extend(heard.iter().map(|(point, _)| point.clone()));
        let end: Vec<String> = heard
            .split_off(heard.len() - 2)
            .into_iter()
            .map(|(point, names)| {
                assert!(names.is_empty());
                point
            })
            .collect();
        assert_eq!(end, ["preCommit", "postCommit"], "{method}");
        let want: Vec<(String, BTreeSet<String>)> = want
            .iter()
            .map(|(point, names)| ((*point).to_owned(), names.split(' ').map(str::to_owned).collect()))
            .collect();
        assert_eq!(heard, want, "{method}");
        answer
    }
}

const STATE: &str = "attribute old new info";
const PACKAGE: &str = "action tag package owner block extra_arches force update user";
const PACKAGE_OUT: &str = "action tag package user";

#[test]
fn calls_fire_the_points_with_their_keywords() {
    each_database(|database| {
        let mut scene = Scene::new(database);
        let list = |items: &[Value]| Value::Array(items.to_vec());
        scene.fires(false, "createTag", vec!["f40".into()], &[("arches", "x86_64".into())], &[]);
        let pair = |point: &'static str, names: &'static str| match point {
            "PackageList" => [("prePackageListChange", names), ("postPackageListChange", names)],
            "TaskState" => [("preTaskStateChange", names), ("postTaskStateChange", names)],
            "BuildState" => [("preBuildStateChange", names), ("postBuildStateChange", names)],
            "Tag" => [("preTag", names), ("postTag", names)],
            "Untag" => [("preUntag", names), ("postUntag", names)],
            "RepoInit" => [("preRepoInit", names), ("postRepoInit", names)],
            _ => [("preRepoDone", names), ("postRepoDone", names)],
        };
        let entry = || vec!["f40".into(), "tool".into()];
        let add = vec!["f40".into(), "tool".into(), "alice".into()];
        scene.fires(false, "packageListAdd", add, &[], &pair("PackageList", PACKAGE));
        scene.fires(false, "packageListBlock", entry(), &[], &pair("PackageList", PACKAGE));
        scene.fires(false, "packageListUnblock", entry(), &[], &pair("PackageList", PACKAGE_OUT));
        let nvr = vec!["tool".into(), "1".into(), "1".into(), Value::Nil];
        scene.fires(false, "createEmptyBuild", nvr, &[], &pair("BuildState", STATE));
        let build = || vec!["f40".into(), "tool-1-1".into()];
        scene.fires(false, "tagBuildBypass", build(), &[], &pair("Tag", "tag build user force"));
        scene.fires(false, "untagBuildBypass", build(), &[], &pair("Untag", "tag build user force strict"));
        scene.fires(false, "packageListRemove", entry(), &[], &pair("PackageList", PACKAGE_OUT));
        let task = scene.fires(
            false,
            "makeTask",
            vec!["sleep".into(), list(&[1.into()])],
            &[],
            &pair("TaskState", STATE),
        );
        scene.fires(false, "cancelTask", vec![task], &[], &pair("TaskState", STATE));

        let package = SourcePackage { name: "tool", version: "2", build_arch: "noarch", requires: "" };
        let rpm = package.source_rpm(&scene.local.dir.path().join("rpms"));
        let name = rpm.file_name().unwrap().to_string_lossy().into_owned();
        let place = scene.local.dir.path().join("topdir/work/up");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::copy(&rpm, place.join(&name)).unwrap();
        let rpm = "type type=rpm rpm build filepath fileinfo";
        let (state, sign) = (pair("BuildState", STATE), "sigkey sighash build rpm");
        let want = [
            state[0],
            state[1],
            ("preImport", rpm),
            ("postImport", rpm),
            ("preRPMSign", sign),
            ("postRPMSign", sign),
        ];
        scene.fires(false, "importRPM", vec!["up".into(), name.into()], &[], &want);

        let made = vec!["tool".into(), "3".into(), "1".into(), Value::Nil];
        let id = scene.fires(false, "createEmptyBuild", made, &[("draft", true.into())], &state);
        let draft = format!("packages/tool/3/1,draft_{}", id.as_int().unwrap());
        std::fs::create_dir_all(scene.local.dir.path().join("topdir").join(draft)).unwrap();
        let promote = "draft_release target_release build user";
        let want = [("preBuildPromote", promote), ("postBuildPromote", promote)];
        scene.fires(false, "promoteBuild", vec![id], &[], &want);

        let keywords = "tag event repo_id task_id opts";
        let repo = scene.fires(true, "host.repoInit", vec!["f40".into()], &[], &pair("RepoInit", keywords));
        let repo = repo.as_array().unwrap()[0].clone();
        let done = vec![repo, Value::Struct(vec![])];
        scene.fires(true, "host.repoDone", done, &[], &pair("RepoDone", "repo data expire"));
        let wanted: BTreeSet<String> = FIRED.iter().map(|point| (*point).to_owned()).collect();
        assert_eq!(scene.all, wanted);
    });
}

#[test]
fn a_plugin_may_refuse_a_commit() {
    each_database(|database| {
        let armed = Arc::new(AtomicBool::new(false));
        let (mut hooks, listened) = (Hooks::default(), armed.clone());
        let refuse = move |_: &mut Cx<'_>, _: &str, _: &Map| {
            if listened.load(Ordering::Relaxed) { Err(koji_core::Error::generic("not now")) } else { Ok(()) }
        };
        hooks.register("preCommit", Box::new(refuse)).unwrap();
        let local = LocalHub::new(database, hooks);
        let admin = local.caller("kojiadmin");
        armed.store(true, Ordering::Relaxed);
        let refused = local.call(&admin, "createTag", vec!["lost".into()], &[]).unwrap_err();
        assert_eq!(refused.fault, Fault::Callback, "{refused}");
        assert_eq!(local.call(&admin, "getTag", vec!["lost".into()], &[]).unwrap(), Value::Nil);
        armed.store(false, Ordering::Relaxed);
        local.call(&admin, "createTag", vec!["kept".into()], &[]).unwrap();
    });
}
