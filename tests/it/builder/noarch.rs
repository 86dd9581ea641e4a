//! Noarch packages that are built on several arches: they must be alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use koji_core::Result;
use koji_core::client::{Session, Upload, field};
use koji_core::wire::Value;
use koji_tests::{Database, TestBuilder, TestHub, rpm_of};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// A source rpm with a noarch part that has a file of this name.
fn source(dir: &Path, version: &str, file: &str) -> PathBuf {
    let spec = format!(
        "%global debug_package %{{nil}}\nName: twins\nVersion: {version}\nRelease: 1\nSummary: A package for tests\n\
         License: MIT\n%description\nA package for tests.\n%package common\nSummary: A part\nBuildArch: noarch\n\
         %description common\nA part.\n%prep\n%build\n%install\nmkdir -p %{{buildroot}}/usr/share/twins %{{buildroot}}/usr/twins\n\
         echo > %{{buildroot}}/usr/share/twins/{file}\necho > %{{buildroot}}/usr/twins/x\n\
         %files\n/usr/twins\n%files common\n/usr/share/twins\n"
    );
    let dir = dir.join(version);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("twins.spec"), spec).unwrap();
    let top = format!("_topdir {}", dir.display());
    let mut rpmbuild = Command::new("rpmbuild");
    let built = rpmbuild.args(["--quiet", "-bs", "--define", &top]).arg(dir.join("twins.spec")).status();
    assert!(built.unwrap().success());
    rpm_of(&dir.join("SRPMS"), "twins")
}

fn build(builder: &TestBuilder, admin: &mut Session, source: &Path) -> Result<Value> {
    admin.upload(&Upload { overwrite: true, ..Upload::new(source, "cli-build/x") }, &mut |_| ()).unwrap();
    let name = format!("cli-build/x/{}", source.file_name().unwrap().to_str().unwrap());
    let task = call(admin, "build", &[name.into(), "twins".into()]).as_int().unwrap();
    builder.result_of(admin, task)
}

#[test]
fn a_noarch_package_is_the_same_on_all_arches() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "buildroot = host\n");
    let mut admin = hub.user("kojiadmin");
    let edit = vec![("arches".to_owned(), "x86_64 i386".into()), ("capacity".to_owned(), 9.0.into())];
    admin.call_named("editHost", vec!["builder".into()], edit).unwrap();
    let arches = vec![("arches".to_owned(), Value::from("x86_64 i686"))];
    for (tag, more) in [("twins", vec![]), ("twins-build", arches)] {
        admin.call_named("createTag", vec![tag.into()], more).unwrap();
    }
    for group in ["build", "srpm-build"] {
        call(&mut admin, "groupListAdd", &["twins-build".into(), group.into()]);
    }
    call(&mut admin, "createBuildTarget", &["twins".into(), "twins-build".into(), "twins".into()]);
    call(&mut admin, "packageListAdd", &["twins".into(), "twins".into(), "kojiadmin".into()]);

    let differing = source(&hub.scratch().join("src"), "1", "for-%{_target_cpu}");
    let error = build(&builder, &mut admin, &differing).unwrap_err();
    for part in ["built differently", "twins-common-1-1.noarch.rpm", "for-i686", "for-x86_64"] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
    let failed = call(&mut admin, "getBuild", &["twins-1-1".into()]);
    assert_eq!(field(&failed, "state").as_int(), Some(3));

    let alike = source(&hub.scratch().join("src"), "2", "for-all");
    build(&builder, &mut admin, &alike).unwrap();
    let rpms = call(&mut admin, "listBuildRPMs", &["twins-2-1".into()]);
    let mut names: Vec<_> = rpms
        .as_array()
        .unwrap()
        .iter()
        .map(|rpm| {
            field(rpm, "nvr").as_str().unwrap().to_owned() + "." + field(rpm, "arch").as_str().unwrap()
        })
        .collect();
    names.sort_unstable();
    let hash = |arch: &str| {
        let path = hub.topdir().join("packages/twins/2/1/data/logs").join(arch).join("noarch_rpmdiff.json");
        let told: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let of_task = told.as_object().unwrap().values().next().unwrap();
        of_task["twins-common-2-1.noarch.rpm"].as_str().unwrap().to_owned()
    };
    assert_eq!((hash("x86_64").len(), hash("x86_64")), (64, hash("i686")));
    assert_eq!(names, ["twins-2-1.i686", "twins-2-1.src", "twins-2-1.x86_64", "twins-common-2-1.noarch"]);
}
