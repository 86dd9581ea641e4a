//! Rpms around what other builds have made, on the host backend.

use koji_core::client::{Session, field, item};
use koji_core::wire::Value;
use koji_tests::{Database, GitServer, TestBuilder, TestHub};

use crate::api::maven::import;

/// A template that puts all files into a package; `NAME` is the package's name.
pub(super) const TEMPLATE: &str = "\
#set $number = len($all_artifacts)
Name: NAME
Version: $version
Release: $release
Summary: Wraps $number files of $name
License: MIT
BuildArch: noarch
Source0: notes
#for $index, $file in enumerate($all_artifacts)
Source#echo $index + 1#: $file
#end for
%description
#include 'notes'
#if $varExists('maven_info')
of $maven_info['group_id']
#end if
$all_artifacts_with_path[0]
%install
install -D -m 644 -t %{buildroot}/srv/wrapped %{sources}
%files
/srv/wrapped
";

/// A hub with a target `f40` that has a repository, a server of git repositories and a builder.
pub(super) struct Scene {
    pub hub: TestHub,
    pub git: GitServer,
    pub builder: TestBuilder,
}

impl Scene {
    /// With packages in the list of the target; `config` may name programs, which are Python, by `$` and their names.
    pub fn set(packages: &[&str], config: &str, programs: &[(&str, &str)]) -> Self {
        let hub = TestHub::start_with(Database::Sqlite, "EnableMaven = True\nEnableWin = True");
        let git = GitServer::start(&hub.scratch().join("git"));
        let admin = |words: &str| hub.admin(&words.split(' ').collect::<Vec<_>>());
        for words in [
            "add-tag f40 --arches x86_64",
            "add-tag f40-build --parent f40 --arches x86_64",
            "add-target f40 f40-build f40",
            "add-group f40-build wrapper-rpm-build",
            "add-host-to-channel builder maven",
        ] {
            admin(words);
        }
        for package in packages {
            admin(&format!("add-pkg f40 {package} --owner alice"));
        }
        let mut config = config.to_owned();
        for (name, text) in programs {
            let file = hub.scratch().join(name);
            std::fs::write(&file, text).unwrap();
            config = config.replace(&format!("${name}"), &format!("/usr/bin/python3 {}", file.display()));
        }
        let builder =
            TestBuilder::start(&hub, &format!("scm_retries = 0\nallowed_scms = *:/specs/*:no:\n{config}"));
        admin("regen-repo --wait f40-build");
        Self { hub, git, builder }
    }

    /// Commits a template that makes a package of a name; its URL.
    pub fn template(&self, name: &str) -> String {
        let (repository, text) = (format!("specs/{name}"), TEMPLATE.replace("NAME", name));
        let file = format!("{name}.spec.tmpl");
        let commit = self.git.commit(&repository, &[(&file, &text), ("notes", "Wrapped with care\n")]);
        format!("{}#{commit}", self.git.url(&repository))
    }

    pub fn session(&self) -> Session {
        self.hub.user("kojiadmin")
    }

    pub fn ask(&self, method: &str, args: Vec<Value>) -> Value {
        self.session().call_named(method, args, vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Runs the command; what it wrote.
    fn wrap(&self, words: &[&str]) -> (bool, String) {
        let output = self.hub.koji("kojiadmin", &[&["wrapper-rpm", "--wait"], words].concat());
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), text)
    }

    /// The names of a build's rpms.
    pub fn rpms(&self, build: &str) -> Vec<String> {
        let rpms = self.ask("listBuildRPMs", vec![build.into()]);
        let name = |rpm: &Value| {
            let part = |name| field(rpm, name).as_str().unwrap().to_owned();
            format!("{}.{}", part("nvr"), part("arch"))
        };
        let mut names: Vec<String> = rpms.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }
}

#[test]
fn rpms_are_made_around_a_build() {
    let scene = Scene::set(&["own"], "", &[]);
    import(&scene.hub);
    let (template, own) = (scene.template("wrapped"), scene.template("own"));

    let (ok, text) = scene.wrap(&["--scratch", "f40", "forged-1-1", &template]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    assert!(scene.rpms("forged-1-1").is_empty());
    let tasks = scene.ask("listTasks", vec![]);
    let task = field(item(&tasks, tasks.as_array().unwrap().len() - 1), "id").as_int().unwrap();
    let scratch = scene.hub.topdir().join(format!("scratch/kojiadmin/task_{task}"));
    assert!(scratch.join("wrapped-1-1.noarch.rpm").exists());
    assert!(scratch.join("logs/noarch/wrapped.spec").exists());

    let (ok, text) = scene.wrap(&["f40", "forged-1-1", &template]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    assert_eq!(scene.rpms("forged-1-1"), ["wrapped-1-1.noarch", "wrapped-1-1.src"]);
    let spec =
        std::fs::read_to_string(scene.hub.topdir().join("packages/forged/1/1/data/logs/noarch/wrapped.spec"));
    let spec = spec.unwrap();
    for line in
        ["Summary: Wraps 2 files of forged", "Wrapped with care", "of org.forge", "org/forge/tool/1/tool-1."]
    {
        assert!(spec.contains(line), "{line} is missing in {spec}");
    }
    let rpm = scene.hub.topdir().join("packages/forged/1/1/noarch/wrapped-1-1.noarch.rpm");
    let listed = std::process::Command::new("rpm").arg("-qlp").arg(rpm).output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    for file in ["notes", "tool-1.jar", "tool-1.pom"] {
        assert!(listed.lines().any(|line| line == format!("/srv/wrapped/{file}")), "{listed}");
    }
    let (ok, text) = scene.wrap(&["f40", "forged-1-1", &template]);
    assert!(!ok && text.contains("already"), "{text}");

    let (ok, text) = scene.wrap(&["--create-build", "f40", "forged-1-1", &own]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    assert_eq!(scene.rpms("own-1-1"), ["own-1-1.noarch", "own-1-1.src"]);
    assert_eq!(field(&scene.ask("getBuild", vec!["own-1-1".into()]), "source").as_str(), Some(&*own));
    let tagged = scene.ask("listTagged", vec!["f40".into()]);
    assert_eq!(field(item(&tagged, 0), "nvr").as_str(), Some("own-1-1"));

    let (ok, text) = scene.wrap(&["--create-build", "f40", "forged-1-1", &template]);
    assert!(!ok && text.contains("package wrapped not in list for tag f40"), "{text}");
}

#[test]
fn templates_that_do_not_give_a_spec_file_are_refused() {
    let scene = Scene::set(&[], "", &[]);
    import(&scene.hub);
    let broken = |name: &str, text: &str| {
        let commit = scene.git.commit(name, &[("a.spec.tmpl", text)]);
        format!("{}#{commit}", scene.git.url(name))
    };
    scene.git.commit("specs/none", &[("a.spec", "")]);
    let target = scene.ask("getBuildTarget", vec!["f40".into()]);
    let build = scene.ask("getBuild", vec!["forged-1-1".into()]);
    let failure = |url: String| {
        let params = vec![url.into(), target.clone(), build.clone(), Value::Nil];
        scene.builder.run(&mut scene.session(), "wrapperRPM", params).unwrap_err().message
    };
    let cases = [
        (format!("{}#main", scene.git.url("specs/none")), "no spec file template found at URL: git://"),
        (broken("specs/unknown", "$nothing_known"), "error rendering the spec file"),
        (broken("specs/marked", "Vendor: me\n"), "Vendor is not allowed to be set in spec file"),
        // a template is a program, which may not do what the builder may
        (
            broken("specs/bold", "#silent open('/etc/koji-rs-was-here', 'w')\n"),
            "error rendering the spec file",
        ),
        (broken("elsewhere/a", "x"), "is not in the list of allowed SCMs"),
    ];
    for (url, told) in cases {
        let message = failure(url.clone());
        assert!(message.contains(told), "{url}: {message}");
    }
    let nothing = vec!["git://h/specs/x#1".into(), target, Value::Nil, Value::Nil];
    let error = scene.builder.run(&mut scene.session(), "wrapperRPM", nothing).unwrap_err();
    assert_eq!(error.message, "build and/or task must be specified");
}
