//! Commands in buildroots, and buildroots of failed tasks.

use std::fs;
use std::io::Read as _;
use std::time::{Duration, Instant};

use koji_core::Fault;
use koji_core::client::{OutputPlace, Session, field};
use koji_core::wire::Value;
use koji_tests::{Database, TestBuilder, TestHub, make_task};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// A tag that buildroots can be made from, and the channel of `runroot` for the builder.
fn prepare(admin: &mut Session) {
    let arches = vec![("arches".to_owned(), Value::from("x86_64"))];
    admin.call_named("createTag", vec!["roots".into()], arches).unwrap();
    call(admin, "groupListAdd", &["roots".into(), "build".into()]);
    let create = vec![("create".to_owned(), Value::from(true))];
    admin.call_named("addHostToChannel", vec!["builder".into(), "runroot".into()], create).unwrap();
}

fn output(session: &mut Session, task: i64, name: &str) -> Vec<u8> {
    session.task_output(OutputPlace { task_id: task, name, volume: "DEFAULT" }, 0, -1).unwrap()
}

#[test]
fn commands_run_in_buildroots() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "buildroot = host\n");
    let mut admin = hub.user("kojiadmin");
    prepare(&mut admin);
    let runroot = |session: &mut Session, command: Value, more: Vec<(String, Value)>| {
        session.call_named("runroot", vec!["roots".into(), "x86_64".into(), command], more)
    };
    let line = "FOO=bar; echo $FOO-$((40 + 2)); exit 0";
    let task = runroot(&mut admin, line.into(), vec![]).unwrap().as_int().unwrap();
    assert_eq!(builder.result_of(&mut admin, task).unwrap().as_str(), Some("echo completed successfully"));
    let log = String::from_utf8(output(&mut admin, task, "runroot.log")).unwrap();
    assert!(log.contains("bar-42\n"), "{log}");

    let list = Value::Array(vec!["/bin/sh".into(), "-c".into(), "exit 3".into()]);
    let task = runroot(&mut admin, list, vec![]).unwrap().as_int().unwrap();
    let error = builder.result_of(&mut admin, task).unwrap_err();
    assert!(error.message.contains("sh exited with status 3"), "{error}");

    let logs = vec![("upload_logs".to_owned(), Value::Array(vec!["/etc/shadow".into()]))];
    let task = runroot(&mut admin, "true".into(), logs).unwrap().as_int().unwrap();
    let error = builder.result_of(&mut admin, task).unwrap_err();
    assert!(error.message.contains("upload_logs needs a root of its own"), "{error}");
    let repo = vec![("repo_id".to_owned(), Value::from(4711))];
    let task = runroot(&mut admin, "true".into(), repo).unwrap().as_int().unwrap();
    assert!(builder.result_of(&mut admin, task).is_err());
    let mounts = vec![("mounts".to_owned(), Value::Array(vec!["/etc".into()]))];
    let task = runroot(&mut admin, "true".into(), mounts).unwrap().as_int().unwrap();
    let error = builder.result_of(&mut admin, task).unwrap_err();
    assert!(error.message.contains("read-write mount point is not safe: /etc"), "{error}");

    assert_eq!(runroot(&mut hub.user("alice"), "true".into(), vec![]).unwrap_err().fault, Fault::NotAllowed);
    assert!(runroot(&mut admin, 7.into(), vec![]).unwrap_err().message.contains("Invalid type"));
}

#[test]
fn a_failed_buildroot_can_be_looked_at() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "buildroot = host\n");
    let mut admin = hub.user("kojiadmin");
    prepare(&mut admin);
    let task = make_task(&mut admin, "newRepo", vec!["roots".into()]);
    let repo = builder.result_of(&mut admin, task).unwrap().as_array().unwrap()[0].as_int().unwrap();
    // its build fails, after the buildroot was made
    let broken = hub.topdir().join("work/broken.src.rpm");
    fs::create_dir_all(broken.parent().unwrap()).unwrap();
    let package = koji_tests::SourcePackage { name: "broken", version: "1", build_arch: "", requires: "" };
    let spec = package.spec().replace("%build\n", "%build\nexit 1\n");
    let dir = hub.scratch().join("src");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("broken.spec"), spec).unwrap();
    let top = format!("_topdir {}", dir.display());
    let mut rpmbuild = std::process::Command::new("rpmbuild");
    assert!(
        rpmbuild
            .args(["--quiet", "-bs", "-D", &top])
            .arg(dir.join("broken.spec"))
            .status()
            .unwrap()
            .success()
    );
    fs::copy(koji_tests::rpm_of(&dir.join("SRPMS"), "broken"), &broken).unwrap();
    let opts = Value::Struct(vec![("repo_id".into(), repo.into())]);
    let params = vec!["broken.src.rpm".into(), "roots".into(), "x86_64".into(), true.into(), opts];
    let failed = make_task(&mut admin, "buildArch", params);
    builder.result_of(&mut admin, failed).unwrap_err();

    let wanted = vec![("taskID".to_owned(), Value::from(failed))];
    let roots = admin.call_named("listBuildroots", vec![], wanted).unwrap();
    let id = field(&roots.as_array().unwrap()[0], "id").as_int().unwrap();
    let save =
        |session: &mut Session, root: i64| session.call_named("saveFailedTree", vec![root.into()], vec![]);
    let task = save(&mut admin, id).unwrap().as_int().unwrap();
    let error = builder.result_of(&mut admin, task).unwrap_err();
    assert!(error.message.contains("Buildroot directory is missing"), "{error}");

    let kept = builder.workdir().join(format!("buildroots/roots-{id}-{repo}"));
    fs::create_dir_all(kept.join("builddir/etc")).unwrap();
    fs::write(kept.join("builddir/left"), "left behind\n").unwrap();
    fs::write(kept.join("builddir/etc/a.keytab"), "secret\n").unwrap();
    let task = save(&mut admin, id).unwrap().as_int().unwrap();
    builder.result_of(&mut admin, task).unwrap();
    let packed = output(&mut admin, task, &format!("broot-{id}.tar.gz"));
    let file = hub.scratch().join("tree.tar.gz");
    fs::write(&file, packed).unwrap();
    let mut tar = std::process::Command::new("tar");
    let listed = tar.arg("-tzf").arg(&file).output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    assert!(listed.contains("builddir/left\n") && !listed.contains("keytab"), "{listed}");

    assert_eq!(save(&mut hub.user("alice"), id).unwrap_err().fault, Fault::NotAllowed);
    assert!(save(&mut admin, 4711).is_err());
}

#[test]
fn what_needs_a_program_waits_for_one() {
    let hub = TestHub::start(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    let script = hub.scratch().join("image.sh");
    fs::write(&script, "cat > results/order.json\necho making an image\necho '{\"arch\": \"x86_64\"}' > results/result.json\n")
        .unwrap();
    let builder = TestBuilder::start(&hub, &format!("image_command = /bin/sh {}\n", script.display()));
    let params: Vec<Value> = ["base", "1", "1", "x86_64"].map(Value::from).into();
    let empty = || Value::Struct(vec![]);
    let all = [params, vec![empty(), empty(), empty(), "http://tree".into()]].concat();
    let task = make_task(&mut admin, "createImage", all);
    let result = builder.result_of(&mut admin, task).unwrap();
    assert_eq!(field(&result, "arch").as_str(), Some("x86_64"));
    assert_eq!(field(&result, "files"), &Value::Array(vec!["order.json".into()]));
    let order: serde_json::Value = serde_json::from_slice(&output(&mut admin, task, "order.json")).unwrap();
    assert_eq!(
        (order["method"].as_str(), order["params"]["version"].as_str()),
        (Some("createImage"), Some("1"))
    );
    let mut log = String::new();
    output(&mut admin, task, "createImage.log").as_slice().read_to_string(&mut log).unwrap();
    assert_eq!(log, "making an image\n");

    make_task(&mut admin, "buildMaven", vec!["git://h/r#1".into(), "tag".into()]);
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let why = call(&mut admin, "scheduler.getTaskRefusals", &[]);
        if format!("{why:?}").contains("maven_command is not set") {
            return;
        }
        assert!(Instant::now() < deadline, "{why:?}\n{}", builder.log());
        std::thread::sleep(Duration::from_millis(300));
    }
}
