//! The options of `koji build`, as the builder honours them.

use koji_core::client::{field, item};
use koji_core::wire::Value;
use koji_tests::{SourcePackage, make_task, parts};

use super::sources::Scene;

struct Versions {
    scene: Scene,
}

impl Versions {
    /// The address of a version of the package foo.
    fn source(&self, version: &str) -> String {
        let package = SourcePackage { name: "foo", version, build_arch: "noarch", requires: "" };
        let commit = self.scene.git.commit("foo", &[("foo.spec", &package.spec())]);
        format!("{}#{commit}", self.scene.git.url("foo"))
    }

    /// Asks for a build.
    fn submit(&self, words: &[&str], target: &str, source: &str) -> i64 {
        let words = [&["build", "--nowait"], words, &[target, source]].concat();
        let text = self.scene.hub.admin(&words);
        let task = text.lines().find_map(|line| line.strip_prefix("Created task: "));
        task.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
    }

    /// Waits; the task must go well.
    fn done(&self, task: i64) {
        let result = self.scene.builder.result_of(&mut self.scene.session(), task);
        result.unwrap_or_else(|error| panic!("{error}\n{}", self.scene.builder.log()));
    }

    fn told(&self, task: i64) -> String {
        self.scene.builder.result_of(&mut self.scene.session(), task).unwrap_err().message
    }

    fn tagged(&self) -> Vec<String> {
        let rows = self.scene.ask("listTagged", vec!["f40".into()]);
        rows.as_array().unwrap().iter().map(|row| field(row, "nvr").as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_build_does_what_its_options_say() {
    let all = Versions { scene: Scene::set("allowed_scms = *:*:no:") };
    let scene = &all.scene;
    scene.hub.admin(&["regen-repo", "--wait", "f40-build"]);
    let repo = scene.ask("getRepo", vec!["f40-build".into()]);
    let repo_id = field(&repo, "id").as_int().unwrap().to_string();

    let metadata = ["--skip-tag", "--custom-user-metadata", r#"{"ci": {"run": 7}}"#];
    let untagged = all.submit(&metadata, "f40", &all.source("1"));
    let draft = all.submit(&["--draft"], "f40", &all.source("2"));
    let bare = all.submit(&["--repo-id", &repo_id], "none", &all.source("3"));
    let arch = all.submit(&["--scratch", "--arch-override", "x86_64"], "f40", &all.source("4"));
    for task in [untagged, draft, bare, arch] {
        all.done(task);
    }

    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    let ci = field(field(field(&build, "extra"), "custom_user_metadata"), "ci");
    assert_eq!(field(ci, "run").as_int(), Some(7));
    let draft = item(&scene.ask("listBuilds", vec![Value::Nil, Value::Nil, draft.into()]), 0).clone();
    assert!(field(&draft, "draft").is_true());
    assert_eq!(all.tagged(), [field(&draft, "nvr").as_str().unwrap()]);
    assert!(scene.ask("getBuild", vec!["foo-3-1".into()]).is_true());
    let arches: Vec<_> = scene.ask("getTaskChildren", vec![arch.into()]).as_array().unwrap().to_vec();
    let labels: Vec<_> = arches.iter().filter_map(|child| field(child, "label").as_str()).collect();
    assert!(labels.contains(&"x86_64") && !labels.contains(&"noarch"), "{labels:?}");

    // the repository must have the build that is waited for, and so a new one is made
    scene.hub.admin(&["tag-build", "--nowait", "f40", "foo-1-1"]);
    let waiting = all.submit(&["--wait-build", "foo-1-1"], "f40", &all.source("5"));
    all.done(waiting);
    let methods: Vec<_> =
        parts(&mut scene.session(), waiting).into_iter().map(|(_, method, _)| method).collect();
    assert!(methods.contains(&"waitrepo".to_owned()), "{methods:?}");
    assert!(all.tagged().contains(&"foo-5-1".to_owned()));

    // the repository is of before the tag's last change, and so a new one is made
    scene.hub.admin(&["untag-build", "f40", "foo-1-1"]);
    let changed = scene.ask("tagLastChangeEvent", vec!["f40-build".into()]).as_int().unwrap();
    let waiting = all.submit(&["--scratch", "--wait-repo"], "f40", &all.source("6"));
    all.done(waiting);
    let made = parts(&mut scene.session(), waiting);
    let (waitrepo, _, _) = made.iter().find(|(_, method, _)| method == "waitrepo").unwrap();
    let repo = scene.ask("getTaskResult", vec![(*waitrepo).into()]);
    assert!(field(&repo, "create_event").as_int() >= Some(changed), "{repo:?} is of before {changed}");
}

#[test]
fn a_build_says_what_it_cannot_do() {
    let all = Versions { scene: Scene::set("allowed_scms = *:*:no:") };
    let opts = |name: &str, value: Value| Value::Struct(vec![(name.to_owned(), value)]);
    let source = || Value::from("git://h/foo#x");
    let make = |request| make_task(&mut all.scene.session(), "build", request);
    for (request, told) in [
        (vec![source(), "nowhere".into()], "unknown build target: nowhere"),
        (vec![source(), Value::Nil], "unknown build target: None"),
        (vec![source(), "f40".into(), opts("repo_id", 999.into())], "No such repo: 999"),
        (
            vec![source(), "f40".into(), opts("arch_override", "x86_64".into())],
            "arch_override is only allowed for scratch builds",
        ),
        (
            vec![source(), "f40".into(), opts("custom_user_metadata", "text".into())],
            "custom_user_metadata must be serializable to a JSON object",
        ),
    ] {
        let text = all.told(make(request.clone()));
        assert!(text.contains(told), "{request:?}: {text}");
    }
}
