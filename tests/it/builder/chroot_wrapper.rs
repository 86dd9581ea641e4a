//! Rpms around what another build has made, in roots of our own.

use koji_core::client::field;
use koji_core::wire::Value;
use koji_tests::{Database, GitServer, TestBuilder, TestHub};

use super::distribution::{Distribution, call, can_enclose, text};
use super::wrapper::TEMPLATE;
use crate::api::maven::import;

#[test]
fn rpms_are_made_around_a_build() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::of_hub(TestHub::start_with(Database::Sqlite, "EnableMaven = True"));
    import(&dist.hub);
    call(&mut dist.admin, "addHostToChannel", &[text("builder"), text("maven")]);
    let git = GitServer::start(&dist.hub.scratch().join("git"));
    let _builder =
        TestBuilder::start(&dist.hub, "buildroot = chroot\nallowed_scms = *:/specs/*:no:\nscm_retries = 0");
    dist.renew_repo();
    let spec = TEMPLATE.replace("NAME", "wrapped").replace(
        "%install\n",
        &format!("%install\nid -un | grep -qx mockbuild\ntest ! -e {}\n", dist.hub.topdir().display()),
    );
    let commit =
        git.commit("specs/wrapped", &[("wrapped.spec.tmpl", &spec), ("notes", "Wrapped with care\n")]);
    let url = text(&format!("{}#{commit}", git.url("specs/wrapped")));
    let answer = call(&mut dist.admin, "wrapperRPM", &[text("forged-1-1"), url, text("dist")]);
    let task = answer.as_int().unwrap();
    assert_eq!(dist.wait(task).name(), "CLOSED", "{}", dist.story(task));
    let rpms = call(&mut dist.admin, "listBuildRPMs", &[text("forged-1-1")]);
    let root = |rpm: &Value| {
        assert!(field(rpm, "buildroot_id").as_int().is_some(), "{rpm:?}");
        field(rpm, "nvr").as_str().unwrap().to_owned()
    };
    let names: Vec<String> = rpms.as_array().unwrap().iter().map(root).collect();
    assert_eq!(names, ["wrapped-1-1", "wrapped-1-1"]);
    let rpm = dist.hub.topdir().join("packages/forged/1/1/noarch/wrapped-1-1.noarch.rpm");
    let listed = std::process::Command::new("rpm").arg("-qlp").arg(rpm).output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    for file in ["notes", "tool-1.jar", "tool-1.pom"] {
        assert!(listed.lines().any(|line| line == format!("/srv/wrapped/{file}")), "{listed}");
    }
    assert!(dist.output(task, "root.log").contains("group wrapper-rpm-build"), "{}", dist.story(task));
}
