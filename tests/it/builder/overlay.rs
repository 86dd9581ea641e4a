//! Builds on the host itself, with what they require laid over its files.

use std::path::Path;

use koji_core::client::field;
use koji_core::client::watch::State;
use koji_core::wire::Value;
use koji_tests::TestBuilder;

use super::distribution::{Distribution, can_enclose};

/// A spec file: what its head says more, how it is built, and the directory of its one file.
fn spec(name: &str, head: &str, build: &str) -> String {
    format!(
        "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1\nSummary: A package for tests\nLicense: MIT\n\
         BuildArch: noarch\n{head}%description\nA package for tests.\n%build\n{build}\n%install\n\
         install -D word %{{buildroot}}/usr/share/{name}/word\n\
         printf '#!/bin/sh\\ncat /usr/share/{name}/word\\n' > say\ninstall -D -m 755 say %{{buildroot}}/usr/bin/{name}-say\n\
         %files\n/usr/share/{name}\n/usr/bin/{name}-say\n"
    )
}

/// Becomes a builder that is not the superuser, in directories of its own.
const AS_NOBODY: &str = "for arg; do case $arg in */kojid.conf) chown -R 65534:65534 \"${arg%/*}\";; esac; done\n\
                         exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" \"$@\"";

/// Builds a chain of packages that nothing but the tag's repository has, and others that can't be built.
fn build_upon_each_other(config: &str, by: &[&str], as_root: bool) {
    let mut dist = Distribution::new();
    for name in ["base-words", "words", "reader", "finder", "missing", "enemy"] {
        dist.add_package("dist", name);
    }
    let config = format!("buildroot = host\ntopurl = http://{}/kojifiles\n{config}", dist.hub.address());
    let builder = if by.is_empty() {
        TestBuilder::start(&dist.hub, &config)
    } else {
        TestBuilder::start_by(&dist.hub, &config, by)
    };
    dist.build("base-words", &spec("base-words", "Provides: deepest = 3\n", "echo deep > word"));
    let post = "Requires: deepest >= 2\n%post\necho ran > /usr/share/words/ran\n";
    dist.build("words", &spec("words", post, "echo word > word"));
    dist.renew_repo();

    let read =
        "test \"$(words-say; base-words-say)\" = \"$(printf 'word\\ndeep')\"\nrpm -q words base-words\n";
    // whoever is not the superuser owns the directories of the layer
    let more = "test -e /usr/share/words/ran\nif touch /usr/x 2>/dev/null; then exit 1; fi\n";
    let more = if as_root { more } else { "" };
    let body = format!("{read}{more}words-say > word");
    let task = dist.build("reader", &spec("reader", "BuildRequires: words >= 1, /bin/sh\n", &body));
    let built = dist.subtask(task, "buildArch").unwrap();
    let log = dist.output(built, "root.log");
    assert!(
        log.contains(
            "laid over the host, from the tag's repository: base-words-1-1.noarch, words-1-1.noarch"
        ),
        "{log}"
    );
    check_listing(&mut dist, built);
    if as_root {
        build_otherwise(&mut dist);
    }

    for file in ["/usr/share/words", "/usr/share/base-words", "/usr/bin/words-say"] {
        assert!(!Path::new(file).exists(), "{file} is left on the host");
    }
    assert_eq!(builder.left(), Vec::<String>::new());
}

/// A package that finds out itself what it requires, and others that can't be built.
fn build_otherwise(dist: &mut Distribution) {
    let text = spec("finder", "", "words-say > word");
    dist.build("finder", &text.replace("%build\n", "%generate_buildrequires\necho words\n%build\n"));
    for (name, head, told) in [
        ("missing", "BuildRequires: words > 7\n", "nor in the tag's repository: words > 7;"),
        (
            "enemy",
            "BuildRequires: words\nBuildConflicts: base-words\n",
            "the package conflicts with it: base-words;",
        ),
    ] {
        let task = dist.submit(name, &spec(name, head, "echo > word"));
        assert_eq!(dist.wait(task), State::Failed, "{}", dist.story(task));
        let story = dist.story(task);
        assert!(story.contains(told), "{story}");
    }
}

/// The hub knows what was laid over the host.
fn check_listing(dist: &mut Distribution, task: i64) {
    let roots = dist
        .admin
        .call_named("listBuildroots", vec![], vec![("taskID".to_owned(), Value::from(task))])
        .unwrap();
    let id = field(&roots.as_array().unwrap()[0], "id").clone();
    let rpms =
        dist.admin.call_named("listRPMs", vec![], vec![("componentBuildrootID".to_owned(), id)]).unwrap();
    let mut names: Vec<_> =
        rpms.as_array().unwrap().iter().filter_map(|rpm| field(rpm, "name").as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["base-words", "words"]);
}

#[test]
fn what_builds_require_is_laid_over_the_host() {
    if can_enclose() {
        build_upon_each_other("", &[], true);
    }
}

#[test]
fn what_builds_require_is_laid_over_the_host_by_any_user() {
    let allowed = std::process::Command::new("setpriv")
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "unshare", "-Urm", "true"])
        .status();
    if can_enclose() && allowed.is_ok_and(|status| status.success()) {
        build_upon_each_other("", &["sh", "-c", AS_NOBODY], false);
    }
}

#[test]
fn what_can_not_be_laid_over_the_host_is_refused() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["words", "reader"].iter().for_each(|name| dist.add_package("dist", name));
    let config = format!("buildroot = host\ntopurl = http://{}/kojifiles", dist.hub.address());
    // whoever is in a root directory of its own may not make namespaces of users
    let root = dist.hub.scratch().join("root");
    std::fs::create_dir(&root).unwrap();
    let root = root.display();
    let change = format!(
        "mount --rbind / {root}; exec chroot {root} sh -c '{}' \"$0\" \"$@\"",
        AS_NOBODY.replace('\'', "'\\''")
    );
    let by = ["unshare", "-m", "--propagation", "private", "sh", "-c", &change];
    let _builder = TestBuilder::start_by(&dist.hub, &config, &by);
    dist.build("words", &spec("words", "", "echo word > word"));
    dist.renew_repo();
    let task = dist.submit("reader", &spec("reader", "BuildRequires: words\n", "words-say > word"));
    assert_eq!(dist.wait(task), State::Failed);
    let story = dist.story(task);
    assert!(
        story.contains("words-1-1.noarch would be had from the tag's repository")
            && story.contains("run kojid as root"),
        "{story}"
    );
}
