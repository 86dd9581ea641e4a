//! Builds from git in roots of our own: the source command runs inside, and a second package sees the first.

use koji_core::client::field;
use koji_tests::{GitServer, TestBuilder};

use super::distribution::{Distribution, call, can_enclose, text};

/// A spec file whose source a command makes, and which reads it and what is said of it.
fn spec(name: &str, head: &str, build: &str) -> String {
    format!(
        "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1\nSummary: A package for tests\nLicense: MIT\n\
         Source0: who\nBuildArch: noarch\n{head}%description\nA package for tests.\n%build\n{build}\
         %install\nmkdir -p %{{buildroot}}/usr/share/{name}\ncp %{{SOURCE0}} %{{buildroot}}/usr/share/{name}/who\n\
         %files\n/usr/share/{name}\n"
    )
}

/// Has the source command tell who runs it, and where this machine's files are.
const FETCH: &str = "id -un > who\ntest ! -e TOPDIR\necho fetched as $(cat who)\n";

#[test]
fn packages_are_built_from_git() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    let git = GitServer::start(&dist.hub.scratch().join("git"));
    let builder = TestBuilder::start(
        &dist.hub,
        "buildroot = chroot\nallowed_scms = *:/rpms/*:no:sh,fetch\nscm_retries = 0",
    );
    let fetch = FETCH.replace("TOPDIR", &dist.hub.topdir().to_string_lossy());
    let first = spec("first", "", "grep mockbuild %{SOURCE0}\n");
    let second = spec("second", "BuildRequires: first\n", "grep mockbuild /usr/share/first/who\n");
    for (name, spec) in [("first", first), ("second", second)] {
        dist.add_package("dist", name);
        let repository = format!("rpms/{name}");
        let files = [(&*format!("{name}.spec"), &*spec), ("fetch", &*fetch)];
        let commit = git.commit(&repository, &files);
        let url = git.url(&repository);
        let task = call(&mut dist.admin, "build", &[text(&format!("{url}#main")), text("dist")]);
        let task = task.as_int().unwrap();
        let state = dist.wait(task);
        assert_eq!(state.name(), "CLOSED", "{}\n{}", dist.story(task), builder.log());
        let made = dist.subtask(task, "buildSRPMFromSCM").unwrap();
        assert!(dist.output(made, "sources.log").contains("fetched as mockbuild"));
        let build = call(&mut dist.admin, "getBuild", &[text(&format!("{name}-1-1"))]);
        assert_eq!(field(&build, "source").as_str(), Some(&*format!("{url}#{commit}")));
        dist.renew_repo();
    }
}
