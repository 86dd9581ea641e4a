//! Maven and Windows builds: what a program of the operator's makes is imported, wrapped in rpms, and tagged.

use koji_core::client::{field, item};
use koji_core::wire::Value;
use koji_tests::parts;

use super::wrapper::Scene;

/// Stands in for Maven: makes what is named by the last part of the URL, version 1-rc1, and fails for `broken`.
const TOOL: &str = r##"
import json, os, sys
order = json.load(sys.stdin)
url = order["params"]["url"]
name = url.split("#")[0].rsplit("/", 1)[1]
print("building", name, order["params"]["opts"].get("deps"))
if name == "broken":
    sys.exit("can't")
os.chdir(order["results"])
dir = f"org/x/{name}/1-rc1"
os.makedirs(dir)
pom = f"<project><groupId>org.x</groupId><artifactId>{name}</artifactId><version>1-rc1</version></project>"
for end, text in (("pom", pom), ("jar", "a jar")):
    with open(f"{dir}/{name}-1-rc1.{end}", "w") as file:
        file.write(text)
with open("result.json", "w") as file:
    json.dump({"maven_info": {"group_id": "org.x", "artifact_id": name, "version": "1-rc1"}}, file)
"##;

/// Stands in for a Windows machine.
const MACHINE: &str = r#"
import json, os, sys
order = json.load(sys.stdin)
name = order["params"]["name"]
os.chdir(order["results"])
with open("tool.exe", "w") as file:
    file.write(name)
result = {"name": "tool", "version": "2", "release": "1", "epoch": None, "platform": "w10"}
result["output"] = {"tool.exe": {"platforms": ["w10"], "flags": []}}
with open("result.json", "w") as file:
    json.dump(result, file)
"#;

fn scene(packages: &[&str]) -> Scene {
    let config = "maven_command = $maven.py\nwin_command = $win.py\n";
    Scene::set(packages, config, &[("maven.py", TOOL), ("win.py", MACHINE)])
}

fn opts(pairs: &[(&str, Value)]) -> Value {
    Value::Struct(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

#[test]
fn maven_builds_are_imported_with_their_rpms() {
    let scene = scene(&["org.x-tool"]);
    let template = scene.template("tool-rpm");
    let run = |params: Vec<Value>| scene.builder.run(&mut scene.session(), "maven", params);
    let wrapped = opts(&[("specfile", template.as_str().into())]);
    let result = run(vec!["git://h/specs/tool#1".into(), "f40".into(), wrapped]);
    assert_eq!(result.unwrap_or_else(|error| panic!("{error}\n{}", scene.builder.log())), Value::Nil);
    let build = scene.ask("getBuild", vec!["org.x-tool-1_rc1-1".into()]);
    assert_eq!(field(&build, "state").as_int(), Some(1));
    assert_eq!(scene.rpms("org.x-tool-1_rc1-1"), ["tool-rpm-1_rc1-1.noarch", "tool-rpm-1_rc1-1.src"]);
    let archives = scene.ask("listArchives", vec![field(&build, "id").clone()]);
    let mut names: Vec<_> = archives
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|archive| field(archive, "filename").as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["tool-1-rc1.jar", "tool-1-rc1.pom"]);
    let tagged = scene.ask("listTagged", vec!["f40".into()]);
    assert_eq!(field(item(&tagged, 0), "id"), field(&build, "id"));

    let scratch = opts(&[("specfile", template.into()), ("scratch", true.into())]);
    run(vec!["git://h/specs/tool#1".into(), "f40".into(), scratch]).unwrap();
    let kept = scene.hub.topdir().join("scratch/kojiadmin");
    let left: Vec<String> = koji_tests::tree(&kept);
    for name in ["tool-1-rc1.jar", "tool-rpm-1_rc1-0.scratch.noarch.rpm"] {
        assert!(left.iter().any(|path| path.ends_with(name)), "{name} is not in {left:?}");
    }

    let error = run(vec!["git://h/specs/other#1".into(), "f40".into()]).unwrap_err();
    assert_eq!(error.message, "package org.x-other not in list for tag f40");
    let error = run(vec!["git://h/specs/tool#1".into(), "f41".into()]).unwrap_err();
    assert_eq!(error.message, "unknown build target: f41");
    // what goes wrong later fails the build
    let broken = opts(&[("specfile", "git://127.0.0.1:1/specs/none#1".into())]);
    run(vec!["git://h/specs/tool#1".into(), "f40".into(), broken]).unwrap_err();
    let build = scene.ask("getBuild", vec!["org.x-tool-1_rc1-2".into()]);
    assert_eq!(field(&build, "state").as_int(), Some(3));
}

#[test]
fn maven_chains_follow_what_they_require() {
    let scene = scene(&["org.x-base", "org.x-top", "wrap"]);
    let template = scene.template("wrap");
    let package = |url: &str, more: &[(&str, Value)]| opts(&[&[("scmurl", Value::from(url))], more].concat());
    let requires = |name: &str| ("buildrequires", Value::Array(vec![name.into()]));
    let chain = opts(&[
        ("org.x-base", package("git://h/specs/base#1", &[])),
        ("org.x-top", package("git://h/specs/top#1", &[requires("org.x-base")])),
        (
            "wrap",
            package(
                &template,
                &[requires("org.x-top"), ("type", "wrapper".into()), ("create_build", true.into())],
            ),
        ),
    ]);
    let mut session = scene.session();
    let task = koji_tests::make_task(&mut session, "chainmaven", vec![chain.clone(), "f40".into()]);
    let told = scene.builder.result_of(&mut session, task);
    let told = told.unwrap_or_else(|error| panic!("{error}\n{}", scene.builder.log()));
    let nvrs = ["org.x-base-1_rc1-1", "org.x-top-1_rc1-1"];
    for (at, url) in ["git://h/specs/base#1", "git://h/specs/top#1"].iter().enumerate() {
        assert_eq!(item(&told, at).as_str(), Some(&*format!("{} built from {url}", nvrs[at])));
    }
    let children = parts(&mut session, task);
    let build = scene.ask("getTaskChildren", vec![children[1].0.into()]);
    let request = scene.ask("getTaskRequest", vec![field(item(&build, 0), "id").clone()]);
    assert_eq!(field(item(&request, 2), "deps"), &Value::Array(vec![nvrs[0].into()]));

    // the same again is not built again
    let told = scene.builder.run(&mut session, "chainmaven", vec![chain, "f40".into()]).unwrap();
    assert_eq!(
        item(&told, 0).as_str(),
        Some(&*format!("{} previously built from git://h/specs/base#1", nvrs[0]))
    );
    let circle = opts(&[
        ("org.x-base", package("git://h/x#1", &[requires("org.x-top")])),
        ("org.x-top", package("git://h/x#1", &[requires("org.x-base")])),
    ]);
    let error = scene.builder.run(&mut session, "chainmaven", vec![circle, "f40".into()]).unwrap_err();
    assert_eq!(error.message, "unable to run chain build, circular dependencies");
}

#[test]
fn windows_builds_are_imported_with_their_rpms() {
    let scene = scene(&["tool"]);
    let template = scene.template("tool-rpm");
    let wrapped = opts(&[("specfile", template.as_str().into())]);
    let source = scene.git.url("specs/tool-rpm") + "#main";
    let params = vec!["w10-vm".into(), source.as_str().into(), "f40".into(), wrapped];
    let done = scene.builder.run(&mut scene.session(), "winbuild", params);
    done.unwrap_or_else(|error| panic!("{error}\n{}", scene.builder.log()));
    assert_eq!(scene.rpms("tool-2-1"), ["tool-rpm-2-1.noarch", "tool-rpm-2-1.src"]);
    let win = scene.ask("getWinBuild", vec!["tool-2-1".into()]);
    assert_eq!(field(&win, "platform").as_str(), Some("w10"));
    let elsewhere = vec!["w10-vm".into(), "git://h/elsewhere/x#1".into(), "f40".into()];
    let error = scene.builder.run(&mut scene.session(), "winbuild", elsewhere).unwrap_err();
    assert!(error.message.contains("is not in the list of allowed SCMs"), "{error}");
}
