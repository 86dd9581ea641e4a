//! Builds from git, on the host backend: what comes out, what the build remembers, what is refused.

use koji_core::client::{Session, field, item};
use koji_core::digest::Digest;
use koji_core::wire::Value;
use koji_tests::{Database, GitServer, SourcePackage, TestBuilder, TestHub, serve_files};

const FOO: SourcePackage<'static> =
    SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };

/// A spec file that needs a file which its source command makes, and the makefile that does.
fn files() -> [(&'static str, String); 2] {
    let spec = FOO.spec().replace("%description\n", "Source0: data\n%description\n");
    let makefile = "sources:\n\t@id -un > data\n\t@echo fetched the sources\n".to_owned();
    [("foo.spec", spec), ("Makefile", makefile)]
}

/// A hub with a target `f40`, a builder, and a server of git repositories.
pub(super) struct Scene {
    pub hub: TestHub,
    pub git: GitServer,
    pub builder: TestBuilder,
}

impl Scene {
    pub fn set(config: &str) -> Self {
        let hub = TestHub::start_with_lookaside(Database::Sqlite);
        let git = GitServer::start(&hub.scratch().join("git"));
        for words in [
            "add-tag f40 --arches x86_64",
            "add-tag f40-build --parent f40 --arches x86_64",
            "add-target f40 f40-build f40",
            "add-pkg f40 foo --owner alice",
            "add-group f40-build build",
            "add-group f40-build srpm-build",
        ] {
            hub.admin(&words.split(' ').collect::<Vec<_>>());
        }
        let files = format!("http://{}/kojifiles", hub.address());
        let config =
            config.replace("FILES", &files).replace("CACHE", &files.replace("kojifiles", "lookaside"));
        let config = format!("scm_retries = 0\n{config}");
        let builder = TestBuilder::start(&hub, &config);
        Self { hub, git, builder }
    }

    fn commit(&self, name: &str) -> String {
        let files = files();
        self.git.commit(name, &files.each_ref().map(|(name, text)| (*name, text.as_str())))
    }

    /// Builds; the task, whether it went well, and what was written.
    pub fn build(&self, words: &[&str]) -> (i64, bool, String) {
        let output = self.hub.koji("kojiadmin", &[&["build", "--wait"], words].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("Created task: "));
        let task = line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        (task.parse().unwrap(), output.status.success(), text)
    }

    pub fn ask(&self, method: &str, args: Vec<Value>) -> Value {
        self.session().call_named(method, args, vec![]).unwrap()
    }

    pub fn session(&self) -> Session {
        self.hub.user("kojiadmin")
    }

    /// The subtask of a task that makes the source rpm.
    fn child(&self, task: i64) -> i64 {
        let children = self.ask("getTaskChildren", vec![task.into()]);
        let is = |row: &&Value| field(row, "method").as_str() == Some("buildSRPMFromSCM");
        field(children.as_array().unwrap().iter().find(is).unwrap(), "id").as_int().unwrap()
    }

    fn log(&self, task: i64, name: &str) -> String {
        let path = koji_core::paths::task_relative(task);
        let file = self.hub.topdir().join("work").join(path).join(name);
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Why source rpms cannot be made of some sources, all at once.
    pub fn failures(&self, sources: &[String]) -> Vec<String> {
        self.hub.admin(&["regen-repo", "--wait", "f40-build"]);
        let repo = self.ask("getRepo", vec!["f40-build".into()]);
        let opts = vec![("repo_id".to_owned(), field(&repo, "id").clone())];
        let make = |source: &String| {
            let request = vec![Value::from(&**source), "f40-build".into(), Value::Struct(opts.clone())];
            self.ask("makeTask", vec!["buildSRPMFromSCM".into(), request.into()]).as_int().unwrap()
        };
        let tasks: Vec<i64> = sources.iter().map(make).collect();
        tasks.into_iter().map(|task| self.failure(task)).collect()
    }

    fn failure(&self, task: i64) -> String {
        self.builder.result_of(&mut self.session(), task).unwrap_err().message
    }
}

#[test]
fn builds_from_git_remember_their_commit() {
    // files come by http, and from where they are if one server has gone
    let scene = Scene::set("allowed_scms = !*:/secret/* *:/rpms/*:no\ntopurl = http://127.0.0.1:1/ FILES");
    let commit = scene.commit("rpms/foo");
    let url = scene.git.url("rpms/foo");

    let (task, ok, text) = scene.build(&["--scratch", "f40", &format!("{url}#main")]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let made = scene.ask("listTaskOutput", vec![scene.child(task).into()]);
    let names: Vec<_> = made.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(names, ["build.log", "checkout.log", "foo-1-1.src.rpm", "root.log", "sources.log"]);
    let child = scene.child(task);
    assert!(scene.log(child, "sources.log").contains("fetched the sources"));
    assert!(scene.log(child, "checkout.log").contains(&format!("$ git clone -n {url} ")));
    let scratch = scene.hub.topdir().join("scratch/kojiadmin").join(format!("task_{task}"));
    assert!(scratch.join("foo-1-1.noarch.rpm").exists(), "{}", scratch.display());
    assert!(scene.ask("listBuilds", vec![]).as_array().unwrap().is_empty());

    // an abbreviated commit is no name that a server knows
    let (task, ok, text) = scene.build(&["f40", &format!("{url}#{}", &commit[..10])]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    assert_eq!(field(&build, "source").as_str(), Some(&*format!("{url}#{commit}")));
    let origin = field(field(field(&build, "extra"), "source"), "original_url").as_str();
    assert_eq!(origin, Some(&*format!("{url}#{}", &commit[..10])));
    assert_eq!(field(&build, "task_id").as_int(), Some(task));
    let tagged = scene.ask("listTagged", vec!["f40".into()]);
    assert_eq!(field(item(&tagged, 0), "nvr").as_str(), Some("foo-1-1"));
}

#[test]
fn sources_that_may_not_be_built_are_refused() {
    let scene = Scene::set("allowed_scms = !*:/secret/* *:/rpms/*:no *:/plain/*:no:");
    scene.commit("secret/foo");
    scene.commit("plain/foo");
    scene.git.commit("rpms/two", &[("a.spec", "x"), ("b.spec", "x")]);
    scene.git.commit("rpms/out", &[("x", "")]);
    std::os::unix::fs::symlink("/etc", scene.hub.scratch().join("git/rpms/out/dir")).unwrap();
    scene.git.commit("rpms/out", &[]);
    let of = |name: &str| scene.git.url(name);
    let host = of("").trim_start_matches("git://").trim_end_matches('/').to_owned();
    let expected = [
        (
            format!("{}#main", of("secret/foo")),
            format!("{host}:/secret/foo is not in the list of allowed SCMs"),
        ),
        (of("rpms/foo"), "Could not find the fragment element".to_owned()),
        (format!("{}#main", of("rpms/two")), "Multiple spec files found but none is matching".to_owned()),
        (format!("{}#main", of("rpms/none")), "Error running GIT command \"git clone -n".to_owned()),
        (format!("{}?dir#main", of("rpms/out")), "is no directory of the sources".to_owned()),
        (format!("{}?nodir#main", of("rpms/out")), "no directory \"nodir\" in the sources".to_owned()),
        (format!("{}#nothing", of("rpms/two")), "git reset --hard nothing".to_owned()),
        // without its source command the sources are not complete
        (format!("{}#main", of("plain/foo")), "error building srpm".to_owned()),
    ];
    let sources = expected.each_ref().map(|(source, _)| source.clone());
    for ((source, told), text) in expected.iter().zip(scene.failures(&sources)) {
        assert!(text.contains(told), "{source}: {text}\n{}", scene.builder.log());
    }
}

#[test]
fn the_hubs_policy_may_decide() {
    let scene = Scene::set(
        "allowed_scms_use_config = no\nallowed_scms_use_policy = yes\nallow_password_in_scm_url = yes",
    );
    scene.commit("rpms/foo");
    let url = scene.git.url("rpms/foo");
    let policy = "[policy]\nbuild_from_scm =\n  match scm_repository /rpms/* && bool scratch :: allow make sources\n  \
                  all :: deny only scratch builds";
    scene.hub.reconfigure(policy);
    scene.git.git("rpms/foo", &["update-server-info"]);
    let port = serve_files(&scene.hub.scratch().join("git"), "YWxpY2U6aHVudGVyQDI=");
    let secret = format!("git+http://alice:hunter%402@127.0.0.1:{port}/rpms/foo/.git#main");
    let (task, ok, text) = scene.build(&["--scratch", "f40", &secret]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    assert!(!scene.log(scene.child(task), "checkout.log").contains("hunter"));
    assert!(!scene.builder.log().contains("hunter"), "{}", scene.builder.log());
    let result = scene.ask("getTaskResult", vec![scene.child(task).into()]);
    assert!(!format!("{result:?}").contains("hunter"));
    let told = scene.failures(&[format!("{url}#main")]);
    assert!(told[0].contains(":/rpms/foo is not allowed, reason: only scratch builds"), "{told:?}");
}

#[test]
fn the_builder_fetches_what_sources_names() {
    let scene = Scene::set("allowed_scms = *:/rpms/*:no:lookaside\nlookaside_url = http://127.0.0.1:1 CACHE");
    let keep = |text: &str| {
        let mut digest = Digest::of_kind("sha512").unwrap();
        digest.update(text.as_bytes());
        let hash = digest.hex();
        let dir = scene.hub.topdir().join(format!("lookaside/foo/data/sha512/{hash}"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("data"), text).unwrap();
        hash
    };
    let hash = keep("large");
    let [(name, spec), _] = files();
    let url = scene.git.url("rpms/foo");
    let commit = |line: &str| {
        let commit = scene.git.commit("rpms/foo", &[(name, &spec), ("sources", line)]);
        format!("{url}#{commit}")
    };
    let good = commit(&format!("SHA512 (data) = {hash}\n"));
    let (task, ok, text) = scene.build(&["--scratch", "f40", &good]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    assert!(scene.log(scene.child(task), "sources.log").contains(&format!("data: sha512 {hash} from ")));
    // the file was kept under the name of another one's checksum
    let dir = scene.hub.topdir().join("lookaside/foo/data/md5/9f54dad7ea7c6e42052a752981755b9f");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("data"), "other").unwrap();
    let sources = [
        commit("9f54dad7ea7c6e42052a752981755b9f  data\n"),
        commit("0f54dad7ea7c6e42052a752981755b9f  data\n"),
        commit("nonsense\n"),
    ];
    let told = scene.failures(&sources);
    assert!(told[0].contains("its md5 is 795f3202b17cb6bc3d4b771d8c6c9eaf instead of 9f54"), "{told:?}");
    assert!(told[1].contains("Connection refused") && told[1].contains("there is no such file"), "{told:?}");
    assert!(told[2].contains("this line has no checksum and name"), "{told:?}");
}
