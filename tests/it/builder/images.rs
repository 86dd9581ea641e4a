//! Images: their parts are made by a program of the operator's, imported as one build, and tagged.

use std::fs;

use koji_core::client::{field, item};
use koji_core::wire::Value;
use koji_tests::TestHub;

use super::wrapper::Scene;

/// Stands in for the tools that make images; fails for aarch64.
const TOOL: &str = r#"
import json, os, sys
order = json.load(sys.stdin)
params = order["params"]
print("making", order["method"], params.get("inst_tree") or params.get("ksfile") or "another image")
arch = params.get("arch") or params["opts"]["arch"]
if arch == "aarch64":
    sys.exit("no tree")
os.chdir(order["results"])
for name in (f"disk-{arch}.qcow2", "base.ks"):
    with open(name, "w") as file:
        file.write(name)
"#;

fn scene() -> Scene {
    let kinds = ["image", "livecd", "livemedia", "appliance", "indirection"];
    let config: String = kinds.map(|kind| format!("{kind}_command = $image.py\n")).concat();
    let scene = Scene::set(&["base"], &config, &[("image.py", TOOL)]);
    for words in ["edit-tag f40-build --arches", "edit-host builder --arches"] {
        let words: Vec<&str> = words.split(' ').chain(["x86_64 i386 aarch64"]).collect();
        scene.hub.admin(&words);
    }
    scene
}

fn opts(pairs: &[(&str, Value)]) -> Value {
    Value::Struct(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn texts(list: &[&str]) -> Value {
    Value::Array(list.iter().map(|text| Value::from(*text)).collect())
}

fn names(scene: &Scene, build: &str) -> Vec<String> {
    let build = scene.ask("getBuild", vec![build.into()]);
    assert_eq!(field(&build, "state").as_int(), Some(1));
    let archives = scene.ask("listArchives", vec![field(&build, "id").clone()]);
    let name = |archive: &Value| field(archive, "filename").as_str().unwrap().to_owned();
    let mut names: Vec<String> = archives.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

fn exists(hub: &TestHub, path: &str) -> bool {
    hub.topdir().join(path).is_file()
}

#[test]
fn images_of_all_arches_are_one_build() {
    let scene = scene();
    let run = |method: &str, params: Vec<Value>| scene.builder.run(&mut scene.session(), method, params);
    let image = |arches: &[&str], more: &[(&str, Value)]| {
        let tree = "http://h/$arch/os".into();
        run("image", vec!["base".into(), "1".into(), texts(arches), "f40".into(), tree, opts(more)])
    };
    let all = ["x86_64", "i386", "aarch64"];
    let may_fail = [("optional_arches", texts(&["aarch64"])), ("kickstart", "up/base.ks".into())];
    let told = image(&all, &may_fail).unwrap_or_else(|error| panic!("{error}\n{}", scene.builder.log()));
    let dir = scene.hub.topdir().join("packages/base/1/1/images");
    assert_eq!(told.as_str(), Some(&*format!("image build results in: {}", dir.display())));
    assert_eq!(names(&scene, "base-1-1"), ["base.ks", "disk-i386.qcow2", "disk-x86_64.qcow2"]);
    let log = scene.hub.topdir().join("packages/base/1/1/data/logs/image/createImage.log");
    assert_eq!(fs::read_to_string(log).unwrap(), "making createImage http://h/x86_64/os\n");
    let tagged = scene.ask("listTagged", vec!["f40".into()]);
    assert_eq!(field(item(&tagged, 0), "nvr").as_str(), Some("base-1-1"));

    // an arch that must not fail fails the build
    let error = image(&all, &[]).unwrap_err();
    assert!(error.message.contains("image_command exited with status 1"), "{error}");
    let failed = scene.ask("getBuild", vec!["base-1-2".into()]);
    assert_eq!(field(&failed, "state").as_int(), Some(3));
    assert_eq!(image(&["aarch64"], &may_fail).unwrap_err().message, "all subtasks failed");
    assert_eq!(image(&["s390x"], &[]).unwrap_err().message, "Invalid arch for build tag: s390x");
    let hyphen = vec!["base".into(), "1-0".into(), texts(&["i386"]), "f40".into(), "http://h".into()];
    assert_eq!(run("image", hyphen).unwrap_err().message, "The Version may not have a hyphen");
}

#[test]
fn every_kind_of_image_has_its_tasks() {
    let scene = scene();
    let run = |method: &str, params: Vec<Value>| {
        let told = scene.builder.run(&mut scene.session(), method, params);
        told.unwrap_or_else(|error| panic!("{method}: {error}\n{}", scene.builder.log()))
            .as_str()
            .unwrap()
            .to_owned()
    };
    let of = |version: &str, arch: Value, more: &[(&str, Value)]| {
        vec!["base".into(), version.into(), arch, "f40".into(), "up/base.ks".into(), opts(more)]
    };
    for (method, version, arch) in [
        ("livecd", "2", "i386".into()),
        ("appliance", "3", "i386".into()),
        ("livemedia", "4", texts(&["i386", "i386"])),
    ] {
        let told = run(method, of(version, arch, &[]));
        assert!(told.starts_with(&format!("{method} build results in: ")), "{told}");
        assert_eq!(names(&scene, &format!("base-{version}-1")), ["base.ks", "disk-i386.qcow2"]);
    }
    // rpms around an image of a scratch build: its name is in the result of the task
    let template = scene.template("image-rpm");
    let more = [("scratch", true.into()), ("specfile", template.as_str().into()), ("release", "7".into())];
    let told = run("livecd", of("5", "x86_64".into(), &more));
    assert!(told.starts_with("Scratch livecd build results in: "), "{told}");
    let kept = koji_tests::tree(&scene.hub.topdir().join("scratch/kojiadmin"));
    for name in ["disk-x86_64.qcow2", "image-rpm-5-7.noarch.rpm"] {
        assert!(kept.iter().any(|path| path.ends_with(name)), "{name} is not in {kept:?}");
    }

    let about = [
        ("name", "base".into()),
        ("version", "6".into()),
        ("release", "9".into()),
        ("target", "f40".into()),
        ("arch", "x86_64".into()),
        ("scratch", false.into()),
    ];
    run("indirectionimage", vec![opts(&about)]);
    assert_eq!(names(&scene, "base-6-9"), ["base.ks", "disk-x86_64.qcow2"]);
    assert!(exists(&scene.hub, "packages/base/6/9/images/disk-x86_64.qcow2"));
}
