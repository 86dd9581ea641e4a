//! Maven, Windows and image archives of content generators, and what builders find of them in buildroots.

use std::fs;
use std::path::Path;

use koji_core::Fault;
use koji_core::client::{Session, Upload, field, item};
use koji_core::wire::Value;
use koji_tests::{TestHub, each_database};

use super::cg::{members, metadata_of, output_with, text};

const POM: &str =
    "<project><groupId>org.forge</groupId><artifactId>tool</artifactId><version>1</version></project>";

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn gav() -> Value {
    members([("group_id", text("org.forge")), ("artifact_id", text("tool")), ("version", text("1"))])
}

/// Imports forged-1-1, of three types, as alice; its id.
pub(crate) fn import(hub: &TestHub) -> Value {
    call(&mut hub.user("kojiadmin"), "grantCGAccess", &[text("alice"), text("forge"), true.into()]);
    let mut alice = hub.user("alice");
    let platforms = Value::Array(vec![text("w10")]);
    let win = [("relpath", text("/bin/")), ("platforms", platforms), ("flags", Value::Array(vec![]))];
    let files = [
        ("tool-1.pom", POM, members([("maven", gav())])),
        ("tool-1.jar", "a jar", members([("maven", gav())])),
        ("tool.exe", "a program", members([("win", members(win))])),
        ("disk.qcow2", "an image", members([("image", members([("arch", text("x86_64"))]))])),
    ];
    let outputs = files.map(|(name, content, extra)| {
        let file = hub.scratch().join(name);
        fs::write(&file, content).unwrap();
        alice.upload(&Upload::new(&file, "forge"), &mut |_| ()).unwrap();
        output_with("md5", &file, "file", extra)
    });
    let win = members([("platform", text("w10"))]);
    let types = members([("maven", gav()), ("win", win), ("image", members([]))]);
    let build =
        call(&mut alice, "CGImport", &[metadata_of(types, outputs.to_vec(), Value::Nil), text("forge")]);
    field(&build, "id").clone()
}

#[test]
fn archives_of_every_type_have_their_places() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let id = import(&hub);
        let dir = hub.topdir().join("packages/forged/1/1");
        let repo = dir.join("maven/org/forge/tool/1");
        for file in ["tool-1.pom", "tool-1.jar", "tool-1.jar.md5", "tool-1.jar.sha1"] {
            assert!(repo.join(file).is_file(), "{file}");
        }
        assert!(dir.join("win/bin/tool.exe").is_file());
        assert!(dir.join("images/disk.qcow2").is_file());
        let mut anyone = hub.anonymous();
        let types = call(&mut anyone, "getBuildType", &[id]);
        let names: Vec<&str> = types.as_struct().unwrap().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["image", "maven", "win"]);
        assert_eq!(field(field(&types, "maven"), "artifact_id"), &text("tool"));
    });
}

/// A buildroot in use, of a repo of a tag with forged-1-1, and the task that has it open.
pub(super) fn buildroot(hub: &TestHub, host: &mut Session) -> (Value, Value) {
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", &[text("jars"), Value::Nil, text("x86_64")]);
    call(&mut admin, "packageListAdd", &[text("jars"), text("forged"), text("kojiadmin")]);
    call(&mut admin, "tagBuildBypass", &[text("jars"), text("forged-1-1")]);
    let task = call(&mut admin, "makeTask", &[text("sleep"), Value::Array(vec![1.into()])]);
    host.exclusive_session(false).unwrap();
    call(host, "host.updateHost", &[0.0.into(), true.into()]);
    call(&mut admin, "scheduler.doRun", &[true.into()]);
    call(host, "host.openTask", std::slice::from_ref(&task));
    let repo = call(host, "host.repoInit", &[text("jars"), task.clone()]);
    let room = call(host, "host.newBuildRoot", &[item(&repo, 0).clone(), text("x86_64"), task.clone()]);
    call(host, "host.setBuildRootState", &[room.clone(), text("BUILDING"), task.clone()]);
    (room, task)
}

fn found(name: &str, size: i64) -> Value {
    let file = [("path", text("org/forge/tool/1")), ("filename", text(name)), ("size", size.into())];
    members([("maven_info", gav()), ("files", Value::Array(vec![members(file)]))])
}

#[test]
fn what_maven_took_into_a_buildroot_is_noted() {
    each_database(|database| {
        let hub = TestHub::start_with(database, "EnableMaven = True");
        import(&hub);
        let mut host = hub.user("builder");
        let (room, task) = buildroot(&hub, &mut host);
        let size = Path::new(&hub.scratch().join("tool-1.jar")).metadata().unwrap().len().cast_signed();
        let list = |files: &[Value]| Value::Array(files.to_vec());
        let own = found("own-1.jar", 3);
        let args = [room.clone(), task, list(&[found("tool-1.jar", size), own.clone()])];
        let error = host.call_named("host.updateMavenBuildRootList", args.to_vec(), vec![]).unwrap_err();
        assert_eq!(error.fault, Fault::Buildroot);
        assert!(error.message.contains("org/forge/tool/1/own-1.jar, size: 3"), "{error}");
        let args = [args.to_vec(), vec![list(&[own])]].concat();
        call(&mut host, "host.updateMavenBuildRootList", &args);
        let args = vec![Value::Nil, Value::Nil, room];
        let archives = hub.anonymous().call_named("listArchives", args, vec![]).unwrap();
        assert_eq!(archives.as_array().unwrap().len(), 1);
        assert_eq!(field(item(&archives, 0), "filename"), &text("tool-1.jar"));
        assert_eq!(field(item(&archives, 0), "project"), &Value::Bool(false));
    });
}
