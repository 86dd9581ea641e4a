//! What takes an event answers as of it: the same before and after later changes.

use std::collections::BTreeMap;

use koji_core::api::args::ArgKind;
use koji_core::api::{Mode, registry};
use koji_core::hub::Caller;
use koji_core::plugin::Hooks;
use koji_core::wire::Value;
use koji_tests::{LocalHub, each_database};

fn members(members: &[(&str, Value)]) -> Value {
    Value::Struct(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// The reading methods that take an event, with the arguments to ask; the event goes by its name.
fn questions() -> BTreeMap<&'static str, Vec<(&'static str, Value)>> {
    let tag = ("tag", Value::from("f40"));
    BTreeMap::from([
        ("getBuildConfig", vec![tag.clone()]),
        ("getBuildTarget", vec![("info", "t".into())]),
        ("getBuildTargets", vec![]),
        ("getExternalRepo", vec![("info", "ext".into())]),
        ("getExternalRepoList", vec![("tag_info", "f40".into())]),
        ("getFullInheritance", vec![tag.clone()]),
        ("getHost", vec![("hostInfo", "builder".into())]),
        ("getInheritanceData", vec![tag.clone()]),
        ("getLatestBuilds", vec![tag.clone()]),
        ("getLatestMavenArchives", vec![tag.clone()]),
        ("getLatestRPMS", vec![tag.clone()]),
        ("getPackageConfig", vec![tag.clone(), ("pkg", "zsh".into())]),
        ("getTag", vec![("tagInfo", "f40".into()), ("blocked", true.into())]),
        ("getTagExternalRepos", vec![("tag_info", "f40".into())]),
        ("getTagGroups", vec![tag.clone(), ("incl_blocked", true.into())]),
        ("listChannels", vec![("hostID", "builder".into())]),
        ("listExternalRepos", vec![]),
        ("listPackages", vec![("tagID", "f40".into()), ("inherited", true.into())]),
        ("listTagged", vec![tag.clone(), ("inherit", true.into())]),
        ("listTaggedArchives", vec![tag.clone(), ("inherit", true.into())]),
        ("listTaggedRPMS", vec![tag, ("inherit", true.into())]),
    ])
}

/// Methods whose `event` is something else than a view of the past: a point to compare with, or of a repository.
const OTHERWISE: [&str; 2] = ["getRepo", "tagChangedSinceEvent"];

struct Scene {
    local: LocalHub,
    admin: Caller,
}

impl Scene {
    fn call(&self, method: &str, args: Vec<Value>, keywords: &[(&str, Value)]) -> Value {
        let answer = self.local.call(&self.admin, method, args, keywords);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn link(&self, priority: i64) {
        let link = members(&[
            ("parent_id", 1.into()),
            ("priority", priority.into()),
            ("maxdepth", Value::Nil),
            ("intransitive", false.into()),
            ("noconfig", false.into()),
            ("pkg_filter", "".into()),
        ]);
        self.call(
            "setInheritanceData",
            vec!["f40".into(), Value::Array(vec![link])],
            &[("clear", true.into())],
        );
    }

    fn before(&self) {
        for (tag, package) in [("base", "bash"), ("f40", "zsh")] {
            self.call("createTag", vec![tag.into()], &[("arches", "x86_64".into())]);
            self.call("packageListAdd", vec![tag.into(), package.into(), "alice".into()], &[]);
            for version in ["1", "2"] {
                let nvr = [package.into(), version.into(), "1".into(), Value::Nil];
                self.call("createEmptyBuild", nvr.to_vec(), &[]);
            }
            self.call("tagBuildBypass", vec![tag.into(), format!("{package}-1-1").into()], &[]);
            self.call("groupListAdd", vec![tag.into(), package.into()], &[]);
            self.call("groupPackageListAdd", vec![tag.into(), package.into(), package.into()], &[]);
        }
        self.link(1);
        self.call("createBuildTarget", vec!["t".into(), "f40".into(), "base".into()], &[]);
        self.call("createExternalRepo", vec!["ext".into(), "http://example.com/".into()], &[]);
        self.call("addExternalRepoToTag", vec!["f40".into(), "ext".into(), 5.into()], &[]);
    }

    fn after(&self) {
        let extra = members(&[("mock.new_chroot", true.into())]);
        self.call("editTag2", vec!["f40".into()], &[("arches", "aarch64".into()), ("extra", extra)]);
        self.link(2);
        for (tag, package) in [("base", "bash"), ("f40", "zsh")] {
            self.call("tagBuildBypass", vec![tag.into(), format!("{package}-2-1").into()], &[]);
            self.call("untagBuildBypass", vec![tag.into(), format!("{package}-1-1").into()], &[]);
            self.call("packageListSetOwner", vec![tag.into(), package.into(), "bob".into()], &[]);
            self.call("groupPackageListAdd", vec![tag.into(), package.into(), "more".into()], &[]);
        }
        self.call("packageListAdd", vec!["f40".into(), "fish".into(), "bob".into()], &[]);
        self.call("editBuildTarget", vec!["t".into(), "t".into(), "base".into(), "f40".into()], &[]);
        self.call("editExternalRepo", vec!["ext".into()], &[("url", "http://example.org/".into())]);
        self.call("editTagExternalRepo", vec!["f40".into(), "ext".into()], &[("priority", 7.into())]);
        self.call("editHost", vec!["builder".into()], &[("arches", "i386".into())]);
        self.call("removeHostFromChannel", vec!["builder".into(), "createrepo".into()], &[]);
    }
}

#[test]
fn the_past_stays_as_it_was() {
    each_database(|database| {
        let local = LocalHub::new(database, Hooks::default());
        let admin = local.caller("kojiadmin");
        let scene = Scene { local, admin };
        scene.before();
        let event = scene.call("getLastEvent", vec![], &[]);
        let event = koji_core::client::field(&event, "id").clone();
        let ask = |event: Option<&Value>| -> BTreeMap<&str, Value> {
            let answer = |(method, mut keywords): (&'static str, Vec<(&'static str, Value)>)| {
                keywords.extend(event.map(|event| ("event", event.clone())));
                (method, scene.call(method, vec![], &keywords))
            };
            questions().into_iter().map(answer).collect()
        };
        let (now, then) = (ask(None), ask(Some(&event)));
        scene.after();
        let (later, still) = (ask(None), ask(Some(&event)));
        for (method, answer) in &then {
            assert_eq!(&still[method], answer, "{method} does not answer as of the event");
            // there are neither rpms nor archives here: these lists have nothing but the builds
            if !matches!(*method, "getLatestMavenArchives") {
                assert_ne!(later[method], now[method], "{method}: nothing of it was changed");
            }
        }
    });
}

#[test]
fn every_method_with_an_event_is_asked() {
    let questions = questions();
    for entry in registry::all().filter(|entry| entry.mode == Mode::Read) {
        let takes = (entry.specs)()
            .iter()
            .any(|spec| spec.name == "event" && !matches!(spec.kind, ArgKind::Rest | ArgKind::Keywords));
        let known = questions.contains_key(entry.name) || OTHERWISE.contains(&entry.name);
        assert!(!takes || known, "{} takes an event: ask it here", entry.name);
    }
}
