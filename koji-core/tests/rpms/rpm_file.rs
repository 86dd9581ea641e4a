//! Rpm files against what rpm says of them, and against the recorded answers of a hub.

use std::path::Path;

use koji_core::rpm::fingerprint::{fingerprint, hashed};
use koji_core::rpm::{RpmFile, TagValue, sig};
use serde_json::{Value, json};

use crate::fixtures;

fn field(rpm: &RpmFile, name: &str) -> Value {
    serde_json::to_value(rpm.header_field(name).unwrap()).unwrap()
}

fn libfoo(dir: &Path) -> RpmFile {
    RpmFile::open(&dir.join("libfoo-2.1-3.fc40.x86_64.rpm")).unwrap()
}

/// The recorded answers to a method about libfoo-2.1-3, which has the id 5 there.
fn answers(dir: &Path, method: &str, args: &Value) -> Vec<(Value, Value)> {
    let path = dir.join("../scenarios/golden/07_rpm_builds.json");
    let calls: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let wanted = calls.into_iter().filter(|call| call["method"] == method && call["args"] == *args);
    let answered = wanted.filter(|call| call.get("fault").is_none() && call["result"] != json!({}));
    answered.map(|call| (call["kwargs"].clone(), call["result"].clone())).collect()
}

#[test]
fn tells_what_a_hub_told() {
    let Some(dir) = fixtures::recorded("tells_what_a_hub_told") else { return };
    let rpm = libfoo(&dir);
    let deps = answers(&dir, "getRPMDeps", &json!([5]));
    assert_eq!(deps[0].1, serde_json::to_value(rpm.all_deps()).unwrap());
    let files = answers(&dir, "listRPMFiles", &json!([5]));
    assert_eq!(files[0].1, serde_json::to_value(rpm.files()).unwrap());
    let headers = answers(&dir, "getRPMHeaders", &json!([5]));
    let expected = headers[0].1.as_object().unwrap();
    assert_eq!(expected.len(), 5);
    for (name, value) in expected {
        assert_eq!(&field(&rpm, name), value, "{name}");
    }
    let changelog = answers(&dir, "getChangelogEntries", &json!(["hello-1.1-1.fc40"]));
    let srpm = RpmFile::open(&dir.join("hello-1.1-1.fc40.src.rpm")).unwrap();
    assert_eq!(changelog[0].1, serde_json::to_value(srpm.changelog()).unwrap());
    assert_eq!(srpm.arch, "src");
    assert_eq!(srpm.sourcerpm, None);
    assert_eq!(rpm.sourcerpm.as_deref(), Some("libfoo-2.1-3.fc40.src.rpm"));
    let error = rpm.header_field("no_such_header").unwrap_err();
    assert_eq!(error.message, "No such rpm header field: NO_SUCH_HEADER");
}

#[test]
fn splices_signatures_byte_for_byte() {
    let Some(dir) = fixtures::recorded("splices_signatures_byte_for_byte") else { return };
    let place = tempfile::tempdir().unwrap();
    let signed = fixtures::rpms_in(&dir.join("signed"));
    assert!(!signed.is_empty());
    for path in signed {
        let rpm = RpmFile::open(&path).unwrap();
        let unsigned = dir.join(path.file_name().unwrap());
        assert_eq!(RpmFile::open(&unsigned).unwrap().sigkey().unwrap(), None);
        assert_eq!(RpmFile::open(&unsigned).unwrap().payloadhash, rpm.payloadhash);
        assert_eq!(rpm.sigkey().unwrap().map(|key| key.len()), Some(8));
        let dest = place.path().join("new/dir/signed.rpm");
        sig::splice(&unsigned, rpm.sighdr(), &dest).unwrap();
        assert!(std::fs::read(&dest).unwrap() == std::fs::read(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn keys_and_sums_as_recorded() {
    let Some(dir) = fixtures::recorded("keys_and_sums_as_recorded") else { return };
    let rpm = RpmFile::open(&dir.join("signed/libfoo-2.1-3.fc40.x86_64.rpm")).unwrap();
    let path = dir.join("../scenarios/golden/11_signatures.json");
    let recorded = std::fs::read_to_string(path).unwrap();
    assert!(recorded.contains(&format!("\"{}\"", rpm.sigkey().unwrap().unwrap())));
    assert!(recorded.contains(&format!("\"{}\"", rpm.sighash())));
}

/// Every field that rpm can tell as plain text is compared.
#[test]
fn fields_as_rpm_tells_them() {
    let test = "fields_as_rpm_tells_them";
    let dir = tempfile::tempdir().unwrap();
    let Some(rpms) = fixtures::build_peculiar(test, dir.path()) else { return };
    let names = "NAME VERSION RELEASE EPOCH SUMMARY DESCRIPTION LICENSE URL ARCH OS BUILDTIME SIZE ARCHIVESIZE \
         LONGSIZE LONGARCHIVESIZE LONGFILESIZES SOURCERPM SIGMD5 SHA1HEADER SHA256HEADER PREIN POSTIN \
         POSTUNPROG FILENAMES FILEMODES FILEFLAGS FILEDIGESTS FILEMD5S FILEUSERNAME FILEMTIMES BASENAMES \
         DIRNAMES DIRINDEXES FILECLASS NVR NVRA NEVR NEVRA EVR EPOCHNUM ARCHSUFFIX REQUIRENAME REQUIREFLAGS \
         REQUIREVERSION REQUIRENEVRS PROVIDENEVRS CONFLICTNEVRS OBSOLETENEVRS RECOMMENDNEVRS \
         SUGGESTNEVRS SUPPLEMENTNEVRS ENHANCENEVRS CHANGELOGTIME CHANGELOGNAME CHANGELOGTEXT ENCODING \
         RPMVERSION PLATFORM GROUP COOKIE";
    for path in &rpms {
        let rpm = RpmFile::open(path).unwrap();
        for name in names.split_whitespace() {
            let query = format!("[%{{{name}}}\u{1}]");
            let output = fixtures::run(test, "rpm", &["-qp", "--qf", &query, path.to_str().unwrap()]);
            let Some(output) = output else { return };
            let theirs = String::from_utf8(output.stdout).unwrap();
            let theirs: Vec<&str> =
                theirs.split_terminator('\u{1}').filter(|text| *text != "(none)").collect();
            let ours = texts(rpm.header_field(name).unwrap());
            assert_eq!(ours, theirs, "{name} of {}", path.display());
        }
        assert!(rpm.header_names().contains(&"SIGMD5"));
        for name in rpm.header_names() {
            rpm.header_field(name).unwrap();
        }
    }
}

fn texts(value: TagValue) -> Vec<String> {
    match value {
        TagValue::Nil => Vec::new(),
        TagValue::Number(number) => vec![number.to_string()],
        TagValue::Numbers(list) => list.iter().map(ToString::to_string).collect(),
        TagValue::Text(text) => vec![text],
        TagValue::Texts(list) => list,
        TagValue::Bytes(bytes) => vec![bytes.iter().map(|byte| format!("{byte:02x}")).collect()],
    }
}

#[test]
fn what_is_alike_has_kojis_hash() {
    let Some(dir) = fixtures::recorded("what_is_alike_has_kojis_hash") else { return };
    // what koji.rpmdiff of Koji 1.36 makes of them
    for (file, hash) in [
        ("hello-1.0-1.fc40.noarch.rpm", "4020c5d65ccab2e25f70e8c236f559cc888cb37d79705d1dd7a04549e8c825c0"),
        ("libfoo-2.2-1.fc40.src.rpm", "e3f07b29303a2be8310f11322e2f9037bf302a649b0add6a9d8d0587f07bbf2a"),
        ("libfoo-2.1-3.fc40.x86_64.rpm", "a3784dd03e25dc44f17aecec08a284199f7dac790d47a7aebd7fc9f25289f288"),
    ] {
        let rpm = RpmFile::open(&dir.join(file)).unwrap();
        assert_eq!(fingerprint(&rpm).unwrap(), hash, "{}", hashed(&rpm).unwrap());
    }
}

#[test]
fn the_hash_of_what_is_alike_tells_files_and_dependencies() {
    let place = tempfile::tempdir().unwrap();
    let Some(rpms) = fixtures::build_peculiar("the_hash_of_what_is_alike", place.path()) else { return };
    let main = rpms.iter().find(|path| {
        path.to_string_lossy().contains("peculiar-1.0") && path.to_string_lossy().contains("noarch")
    });
    let rpm = RpmFile::open(main.unwrap()).unwrap();
    let told: Value = serde_json::from_str(&hashed(&rpm).unwrap()).unwrap();
    assert_eq!(told["tags"]["1023"], "echo pre");
    assert_eq!(told["tags"]["1026"], Value::Null);
    assert_eq!(told["CONFLICTS"][0], json!(["(x and y)", 0, ""]));
    let link = &told["files"]["/usr/lib/sendmail"];
    // size, digest, time and number of links do not count
    assert_eq!(
        (&link[0], &link[2], &link[6], &link[11]),
        (&Value::Null, &Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&link[1], &link[8], &link[9]), (&json!(0o120_777), &json!(-1), &json!("root")));
}
