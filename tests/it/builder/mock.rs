//! Builds by mock, which is a script here that takes its options and leaves its results and logs.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use koji_core::client::field;
use koji_core::client::watch::State;
use koji_core::wire::Value;
use koji_tests::TestBuilder;

use super::distribution::{Distribution, text};

const MOCK: &str = r#"#!/bin/sh
cfg=$2; shift 2
get() { sed -n "s/^config_opts\['$1'\] = '\(.*\)'$/\1/p" "$cfg"; }
base=$(get basedir); dir=$base/$(get root)
echo "$*" >> "$base/arguments"
mkdir -p "$dir/result" "$dir/root/var/lib/rpm"
echo "mock $*" >> "$dir/result/root.log"
for last; do :; done
shift
case "$1" in
--init) HOME=$dir rpm --dbpath "$dir/root/var/lib/rpm" --initdb ;;
--no-clean)
    HOME=$dir rpmbuild -ra --define "_topdir $dir/top" --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
        --define 'vendor V' --define 'packager P' --define 'distribution D' "$last" > "$dir/result/build.log" 2>&1 || exit 10
    cp "$dir"/top/RPMS/*.rpm "$dir"/top/SRPMS/*.rpm "$dir/result" ;;
esac
"#;

#[test]
fn mock_is_told_what_the_tag_says() {
    let mut dist = Distribution::new();
    ["good", "bad"].iter().for_each(|name| dist.add_package("dist", name));
    let extra = vec![
        ("rebuild_srpm".to_owned(), Value::Bool(false)),
        ("mock.new_chroot".to_owned(), 0.into()),
        ("mock.package_manager".to_owned(), text("dnf5")),
        ("rpm.macro.dist".to_owned(), text(".x1")),
    ];
    let named = vec![("extra".to_owned(), Value::Struct(extra))];
    dist.admin.call_named("editTag2", vec![text("dist-build")], named).unwrap();
    let (programs, mockdir) = (dist.hub.scratch().join("programs"), dist.hub.scratch().join("mock"));
    for dir in [&programs, &mockdir] {
        fs::create_dir(dir).unwrap();
    }
    // mock runs as another user, who must get at the packages
    fs::set_permissions(dist.hub.scratch(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&mockdir, fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(programs.join("mock"), MOCK).unwrap();
    fs::set_permissions(programs.join("mock"), fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("buildroot = mock\nmockuser = nobody\nmockdir = {}", mockdir.display());
    let _builder = TestBuilder::start_with_programs(&dist.hub, &config, &programs);
    let spec = |name: &str, build: &str| {
        format!(
            "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1\nSummary: A package for tests\n\
             License: MIT\nBuildArch: noarch\n%description\nFor tests.\n%build\n{build}\n%install\n\
             mkdir -p %{{buildroot}}/usr/share/{name}\n%files\n/usr/share/{name}\n"
        )
    };
    let task = dist.build("good", &spec("good", "true"));
    let built = dist.subtask(task, "buildArch").unwrap();
    let config = dist.output(built, "mock_config.log");
    for line in [
        "config_opts['chroot_setup_cmd'] = 'install @build'",
        "config_opts['package_manager'] = 'dnf5'",
        "config_opts['macros']['%dist'] = '.x1'",
    ] {
        assert!(config.lines().any(|known| known == line), "{line} is not in\n{config}");
    }
    assert!(dist.output(built, "root.log").contains("mock --old-chroot --init"));
    assert!(!dist.output(built, "build.log").is_empty());
    let arguments = fs::read_to_string(mockdir.join("arguments")).unwrap();
    assert!(arguments.contains("--no-clean --target noarch --rebuild "), "{arguments}");
    // what was made for the build is removed
    assert!(fs::read_dir(&mockdir).unwrap().flatten().all(|entry| entry.path().is_file()));
    let task = dist.submit("bad", &spec("bad", "exit 3"));
    assert_eq!(dist.wait(task), State::Failed);
    let story = dist.story(task);
    assert!(story.contains("mock exited with status 10; see build.log for more information"), "{story}");
}

/// A member of the group that may run mock, if this machine has mock and such a user.
fn mock_user() -> Result<String, &'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|dir| dir.join("mock").is_file()) {
        return Err("there is no mock on the PATH");
    }
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let members =
        groups.lines().find(|line| line.starts_with("mock:")).and_then(|line| line.rsplit(':').next());
    let member = members.and_then(|members| members.split(',').find(|name| !name.is_empty()));
    member.map(str::to_owned).ok_or("no user is a member of the group mock")
}

#[test]
fn a_real_mock_builds_from_the_tags_repository() {
    let user = match mock_user() {
        Ok(user) => user,
        Err(why) => {
            // written past the test harness, which keeps what a test prints that does not fail
            let told = format!("SKIPPED, no real mock was run: {why}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return;
        }
    };
    let mut dist = Distribution::new();
    ["first", "second", "bad", "greedy"].iter().for_each(|name| dist.add_package("dist", name));
    let extra = vec![
        ("mock.new_chroot".to_owned(), 0.into()),
        ("mock.package_manager".to_owned(), text("dnf")),
        ("mock.use_bootstrap".to_owned(), Value::Bool(false)),
        ("rpm.macro.dist".to_owned(), text(".m1")),
        ("rpm.env.FLAVOUR".to_owned(), text("vanilla")),
    ];
    let named = vec![("extra".to_owned(), Value::Struct(extra))];
    dist.admin.call_named("editTag2", vec![text("dist-build")], named).unwrap();
    let mockdir = dist.hub.scratch().join("mock");
    fs::create_dir(&mockdir).unwrap();
    fs::set_permissions(dist.hub.scratch(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&mockdir, fs::Permissions::from_mode(0o777)).unwrap();
    let config = format!("buildroot = mock\nmockuser = {user}\nmockdir = {}", mockdir.display());
    let builder = TestBuilder::start(&dist.hub, &config);
    let spec = |name: &str, head: &str, build: &str| {
        format!(
            "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1%{{?dist}}\nSummary: A package for tests\n\
             License: MIT\nBuildArch: noarch\n{head}%description\nFor tests.\n%build\n{build}\n%install\n\
             mkdir -p %{{buildroot}}/usr/share/{name}\necho $FLAVOUR > %{{buildroot}}/usr/share/{name}/word\n%files\n/usr/share/{name}\n"
        )
    };
    dist.build("first", &spec("first", "", "test \"$(id -un)\" = mockbuild"));
    dist.renew_repo();
    let body = "test \"$(cat /usr/share/first/word)\" = vanilla";
    let task = dist.build("second", &spec("second", "BuildRequires: first\n", body));
    let built = dist.subtask(task, "buildArch").unwrap();
    for (log, holds) in
        [("root.log", "first"), ("build.log", "second-1-1.m1.noarch.rpm"), ("state.log", "rpmbuild")]
    {
        let text = dist.output(built, log);
        assert!(text.contains(holds), "{log} lacks {holds}:\n{text}");
    }
    let named = vec![("taskID".to_owned(), Value::from(built))];
    let roots = dist.admin.call_named("listBuildroots", vec![], named).unwrap();
    let root = field(&roots.as_array().unwrap()[0], "id").clone();
    let named = vec![("componentBuildrootID".to_owned(), root)];
    let rpms = dist.admin.call_named("listRPMs", vec![], named).unwrap();
    let names: Vec<_> =
        rpms.as_array().unwrap().iter().filter_map(|rpm| field(rpm, "name").as_str()).collect();
    assert!(names.contains(&"first"), "{names:?}\n{}", builder.log());
    // by which status mock tells of what has changed over the years
    for (name, head, body, told) in [
        ("bad", "", "exit 3", "; see build.log "),
        ("greedy", "BuildRequires: nothing-has-this\n", "true", "root.log for more information"),
    ] {
        let task = dist.submit(name, &spec(name, head, body));
        assert_eq!(dist.wait(task), State::Failed);
        let story = dist.story(task);
        assert!(story.contains(told), "{story}\n{}", builder.log());
    }
}
