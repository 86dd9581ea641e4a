//! Builds that content generators bring.

use std::fs;
use std::path::{Path, PathBuf};

use koji_core::client::{Session, Upload, field, item};
use koji_core::upload::Digest;
use koji_core::wire::Value;
use koji_core::{Fault, Result};
use koji_tests::{SourcePackage, TestHub, each_database};

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(super) fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Struct(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

pub(super) fn sum(kind: &str, file: &Path) -> String {
    let mut digest = Digest::named(kind).unwrap().unwrap();
    digest.update(&fs::read(file).unwrap());
    digest.hex()
}

/// A hub with a content generator that alice may speak for, a build type `module`, and a build to be imported.
struct Site {
    hub: TestHub,
    alice: Session,
    rpm: PathBuf,
    archive: PathBuf,
}

impl Site {
    fn new(hub: TestHub) -> Self {
        let mut admin = hub.user("kojiadmin");
        let grant = vec![text("alice"), text("forge"), Value::Bool(true)];
        admin.call_named("grantCGAccess", grant, vec![]).unwrap();
        admin.call_named("addBType", vec![text("module")], vec![]).unwrap();
        let package = SourcePackage { name: "forged", version: "1", build_arch: "noarch", requires: "" };
        let rpm = package.source_rpm(&hub.scratch().join("rpms"));
        let archive = hub.scratch().join("data.zip");
        fs::write(&archive, "an archive").unwrap();
        let alice = hub.user("alice");
        Self { hub, alice, rpm, archive }
    }

    fn upload(&mut self, dir: &str) {
        for file in [&self.rpm, &self.archive] {
            self.alice.upload(&Upload { overwrite: true, ..Upload::new(file, dir) }, &mut |_| ()).unwrap();
        }
    }

    fn outputs(&self) -> Vec<Value> {
        let typeinfo = members([("typeinfo", members([("module", members([]))]))]);
        vec![output(&self.rpm, "rpm", Value::Nil), output(&self.archive, "zip", typeinfo)]
    }

    fn dir(&self) -> PathBuf {
        self.hub.topdir().join("packages/forged/1/1")
    }

    fn build(&self) -> Value {
        self.hub.anonymous().call_named("getBuild", vec![text("forged-1-1")], vec![]).unwrap()
    }

    fn import(&mut self, metadata: Value, dir: &str, token: Value) -> Result<Value> {
        self.alice.call_named("CGImport", vec![metadata, text(dir), token], vec![])
    }
}

/// What metadata says of a file, with its sum of a kind.
pub(super) fn output_with(sum_kind: &str, file: &Path, kind: &str, extra: Value) -> Value {
    members([
        ("buildroot_id", Value::Int(1)),
        ("type", text(kind)),
        ("filename", text(&file.file_name().unwrap().to_string_lossy())),
        ("filesize", Value::Int(file.metadata().unwrap().len().cast_signed())),
        ("checksum_type", text(sum_kind)),
        ("checksum", text(&sum(sum_kind, file))),
        ("extra", extra),
    ])
}

fn output(file: &Path, kind: &str, extra: Value) -> Value {
    output_with("sha256", file, kind, extra)
}

fn metadata(outputs: Vec<Value>, build_id: Value) -> Value {
    let types = members([("module", members([("stream", text("1"))]))]);
    metadata_of(types, outputs, build_id)
}

/// Metadata of the build forged-1-1 of these types.
pub(super) fn metadata_of(types: Value, outputs: Vec<Value>, build_id: Value) -> Value {
    let build = members([
        ("build_id", build_id),
        ("name", text("forged")),
        ("version", text("1")),
        ("release", text("1")),
        ("source", text("git://forge/forged#1")),
        ("start_time", Value::Int(1_700_000_000)),
        ("end_time", Value::Double(1_700_000_060.5)),
        ("extra", members([("typeinfo", types)])),
    ]);
    let unknown = members([
        ("type", text("rpm")),
        ("name", text("elsewhere")),
        ("version", text("1")),
        ("release", text("1")),
        ("arch", text("noarch")),
        ("sigmd5", text("00")),
    ]);
    let room = members([
        ("id", Value::Int(1)),
        ("content_generator", members([("name", text("forge")), ("version", text("2.0"))])),
        ("container", members([("type", text("docker")), ("arch", text("x86_64"))])),
        ("host", members([("os", text("linux")), ("arch", text("x86_64"))])),
        ("components", Value::Array(vec![unknown])),
        ("tools", Value::Array(vec![members([("name", text("forge-cc")), ("version", text("9"))])])),
    ]);
    members([
        ("metadata_version", Value::Int(0)),
        ("build", build),
        ("buildroots", Value::Array(vec![room])),
        ("output", Value::Array(outputs)),
    ])
}

#[test]
fn an_import_brings_rpms_and_archives() {
    each_database(|database| {
        let mut site = Site::new(TestHub::start(database));
        site.upload("forge-1");
        let metadata = metadata(site.outputs(), Value::Nil);
        let answer = site.import(metadata, "forge-1", Value::Nil).unwrap();
        let build = site.build();
        assert_eq!(answer, build);
        assert_eq!(field(&build, "state"), &Value::Int(1));
        assert_eq!(field(&build, "cg_name"), &text("forge"));
        assert_eq!(field(&build, "owner_name"), &text("alice"));
        assert_eq!(field(&build, "completion_ts"), &Value::Double(1_700_000_060.5));
        let dir = site.dir();
        assert!(dir.join("src/forged-1-1.src.rpm").is_file());
        assert_eq!(fs::read(dir.join("files/module/data.zip")).unwrap(), b"an archive");
        assert!(fs::read_to_string(dir.join("metadata.json")).unwrap().contains("forge-cc"));
        assert!(fs::read_to_string(dir.join("data/logs/cg_import.log")).unwrap().contains("elsewhere"));
        assert!(site.hub.topdir().join("work/forge-1/data.zip").is_symlink());

        let mut anyone = site.hub.anonymous();
        let id = field(&build, "id").clone();
        let rpms = anyone.call_named("listBuildRPMs", vec![id.clone()], vec![]).unwrap();
        assert_eq!(field(item(&rpms, 0), "name"), &text("forged"));
        let archives = anyone.call_named("listArchives", vec![id.clone()], vec![]).unwrap();
        let archive = item(&archives, 0);
        assert_eq!(field(archive, "checksum"), &text(&sum("sha256", &site.archive)));
        assert_eq!(field(archive, "btype"), &text("module"));
        let room =
            anyone.call_named("getBuildroot", vec![field(archive, "buildroot_id").clone()], vec![]).unwrap();
        assert_eq!(field(&room, "cg_name"), &text("forge"));
        assert_eq!(field(&room, "host_os"), &text("linux"));
        let types = anyone.call_named("getBuildType", vec![id], vec![]).unwrap();
        assert_eq!(field(field(&types, "module"), "stream"), &text("1"));
        assert!(types.get("rpm").is_some());
    });
}

#[test]
fn what_is_refused_leaves_nothing() {
    each_database(|database| {
        let mut site = Site::new(TestHub::start(database));
        site.upload("forge-1");
        let wrong = |mut output: Value| {
            let Value::Struct(fields) = &mut output else { panic!("an output is a struct") };
            fields.iter_mut().filter(|(key, _)| key == "checksum").for_each(|(_, sum)| *sum = text("00"));
            output
        };
        let mut outputs = site.outputs();
        outputs[1] = wrong(outputs[1].clone());
        let error = site.import(metadata(outputs, Value::Nil), "forge-1", Value::Nil).unwrap_err();
        assert_eq!(error.fault, Fault::Generic);
        assert!(error.message.contains("checksum mismatch for data.zip"), "{error}");
        assert_eq!(site.build(), Value::Nil);
        assert!(!site.dir().exists());

        // The second of two equal archives fails when the first has its place already.
        let mut outputs = site.outputs();
        outputs.push(outputs[1].clone());
        let error = site.import(metadata(outputs, Value::Nil), "forge-1", Value::Nil).unwrap_err();
        assert!(error.message.contains("already exists"), "{error}");
        assert_eq!(site.build(), Value::Nil);
        assert!(!site.dir().exists());
        let rooms = site.hub.anonymous().call_named("listBuildroots", vec![], vec![]).unwrap();
        assert_eq!(rooms, Value::Array(vec![]));

        // The uploads are as they were, and somebody else may not speak for the content generator.
        let whole = metadata(site.outputs(), Value::Nil);
        let call = vec![whole.clone(), text("forge-1")];
        let error = site.hub.user("bob").call_named("CGImport", call, vec![]).unwrap_err();
        assert_eq!(error.fault, Fault::Auth);
        site.import(whole.clone(), "forge-1", Value::Nil).unwrap();
        let error = site.import(whole, "forge-1", Value::Nil).unwrap_err();
        assert!(error.message.contains("already exists"), "{error}");
    });
}

#[test]
fn a_reserved_build_is_completed_or_given_back() {
    each_database(|database| {
        let mut site = Site::new(TestHub::start(database));
        let data = members([
            ("name", text("forged")),
            ("version", text("1")),
            ("release", text("1")),
            ("epoch", Value::Nil),
        ]);
        let reserve = |site: &mut Site| {
            let answer =
                site.alice.call_named("CGInitBuild", vec![text("forge"), data.clone()], vec![]).unwrap();
            (field(&answer, "build_id").clone(), field(&answer, "token").clone())
        };
        let (id, token) = reserve(&mut site);
        let refund = vec![text("forge"), id.clone(), token];
        site.alice.call_named("CGRefundBuild", refund, vec![]).unwrap();
        assert_eq!(field(&site.build(), "state"), &Value::Int(3));

        let (again, token) = reserve(&mut site);
        assert_eq!(again, id);
        site.upload("forge-2");
        let whole = metadata(site.outputs(), id.clone());
        let error = site.import(whole.clone(), "forge-2", text("guess")).unwrap_err();
        assert!(error.message.contains("Token doesn't match"), "{error}");
        assert!(!site.dir().exists());
        let build = site.import(whole.clone(), "forge-2", token.clone()).unwrap();
        assert_eq!((field(&build, "id"), field(&build, "state")), (&id, &Value::Int(1)));
        assert!(site.dir().join("src/forged-1-1.src.rpm").is_file());
        assert!(site.import(whole, "forge-2", token).is_err());
    });
}

#[test]
fn metadata_may_be_an_uploaded_file() {
    each_database(|database| {
        let mut site = Site::new(TestHub::start(database));
        site.upload("forge-3");
        let value = metadata(site.outputs(), Value::Nil);
        let path = site.hub.scratch().join("metadata.json");
        fs::write(&path, koji_core::wire::python_json::dumps(&value).unwrap()).unwrap();
        site.alice.upload(&Upload::new(&path, "forge-3"), &mut |_| ()).unwrap();
        site.import(Value::Nil, "forge-3", Value::Nil).unwrap();
        assert_eq!(field(&site.build(), "state"), &Value::Int(1));
        assert_eq!(fs::read(site.dir().join("metadata.json")).unwrap(), fs::read(&path).unwrap());
    });
}

#[test]
fn a_reserved_draft_may_have_rpms_only() {
    each_database(|database| {
        let mut site = Site::new(TestHub::start(database));
        let data =
            [("name", "forged"), ("version", "1"), ("release", "1")].map(|(key, part)| (key, text(part)));
        let Value::Struct(mut data) = members(data) else { panic!("members make a struct") };
        data.push(("draft".to_owned(), Value::Bool(true)));
        let reserved = vec![text("forge"), Value::Struct(data)];
        let reserved = site.alice.call_named("CGInitBuild", reserved, vec![]).unwrap();
        let (id, token) = (field(&reserved, "build_id").clone(), field(&reserved, "token").clone());
        site.upload("forge-4");
        let draft = |outputs: &[Value]| {
            let mut whole = metadata_of(members([("module", members([]))]), outputs.to_vec(), id.clone());
            let Value::Struct(parts) = &mut whole else { panic!("metadata is a struct") };
            for (_, part) in parts.iter_mut().filter(|(key, _)| key == "build") {
                let Value::Struct(build) = part else { panic!("a build is a struct") };
                build.push(("draft".to_owned(), Value::Bool(true)));
            }
            whole
        };
        let outputs = site.outputs();
        let error = site.import(draft(&outputs), "forge-4", token.clone()).unwrap_err();
        assert!(error.message.contains("draft"), "{error}");
        let build = site.import(draft(&outputs[..1]), "forge-4", token).unwrap();
        let release = format!("1,draft_{}", id.as_int().unwrap());
        assert_eq!(field(&build, "release"), &text(&release));
        let dir = site.dir().with_file_name(release);
        assert!(dir.join("src/forged-1-1.src.rpm").is_file());
    });
}
