//! Signatures of rpms, and the keys that they are kept under.

use std::fs;

use koji_core::Fault;
use koji_core::client::{Session, Upload, field};
use koji_core::wire::Value;
use koji_tests::{SourcePackage, TestHub, each_database};

use super::cg::text;

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn keys(session: &mut Session, rpm: &str) -> Vec<String> {
    let kept = call(session, "queryRPMSigs", &[text(rpm)]);
    kept.as_array().unwrap().iter().map(|row| field(row, "sigkey").as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_signature_gets_another_key() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let package = SourcePackage { name: "signed", version: "1", build_arch: "noarch", requires: "" };
        let file = package.source_rpm(&hub.scratch().join("rpms"));
        admin.upload(&Upload::new(&file, "in"), &mut |_| ()).unwrap();
        call(&mut admin, "importRPM", &[text("in"), text("signed-1-1.src.rpm")]);
        let rpm = "signed-1-1.src";
        assert_eq!(keys(&mut admin, rpm), [""]);
        let rename = |session: &mut Session, old: &str, new: &str| {
            session.call_named("renameRPMSig", vec![text(rpm), text(old), text(new)], vec![])
        };
        rename(&mut admin, "", "first").unwrap();
        call(&mut admin, "writeSignedRPM", &[text(rpm), text("first")]);
        rename(&mut admin, "first", "second").unwrap();
        assert_eq!(keys(&mut admin, rpm), ["second"]);
        let data = hub.topdir().join("packages/signed/1/1/data");
        let header = data.join("sigcache/second/src/signed-1-1.src.rpm.sig");
        let copy = data.join("signed/second/src/signed-1-1.src.rpm");
        assert!(header.is_file() && copy.is_file());
        assert!(!data.join("sigcache/first/src/signed-1-1.src.rpm.sig").exists());
        assert!(!data.join("signed/first/src/signed-1-1.src.rpm").exists());
        let id = field(&call(&mut admin, "getRPM", &[text(rpm)]), "id").clone();
        let sums = call(&mut admin, "getRPMChecksums", &[id, Value::Nil, true.into()]);
        assert!(field(&sums, "second").get("sha256").is_some(), "{sums:?}");

        let stray = data.join("sigcache/third/src/signed-1-1.src.rpm.sig");
        fs::create_dir_all(stray.parent().unwrap()).unwrap();
        fs::write(&stray, "stray").unwrap();
        for (old, new, fault) in [
            ("gone", "other", Fault::Generic),
            ("second", "second", Fault::Generic),
            ("second", "Upper", Fault::Generic),
            ("second", "../up", Fault::Generic),
            ("second", ".hidden", Fault::Generic),
            ("second", "with space", Fault::Generic),
            ("second", "third", Fault::Generic),
        ] {
            let error = rename(&mut admin, old, new).unwrap_err();
            assert_eq!(error.fault, fault, "{old} {new}: {error}");
        }
        assert!(header.is_file() && copy.is_file() && stray.is_file());
        assert_eq!(keys(&mut admin, rpm), ["second"]);
        assert_eq!(rename(&mut hub.user("alice"), "second", "mine").unwrap_err().fault, Fault::NotAllowed);
        fs::remove_file(&header).unwrap();
        assert!(
            rename(&mut admin, "second", "fourth").unwrap_err().message.contains("Missing signature header")
        );
        assert_eq!(keys(&mut admin, rpm), ["second"]);
    });
}

#[test]
fn a_draft_is_superseded_by_the_build_in_its_place() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let empty =
            |draft: bool| vec![text("foo"), text("1"), text("1"), Value::Nil, Value::Nil, draft.into()];
        let draft = call(&mut admin, "createEmptyBuild", &empty(true));
        let promoted = |session: &mut Session, build: &Value, safe: bool| {
            session.call_named("getPromotedBuild", vec![build.clone(), safe.into()], vec![])
        };
        assert!(promoted(&mut admin, &draft, false).unwrap().is_nil());
        let regular = call(&mut admin, "createEmptyBuild", &empty(false));
        let found = promoted(&mut hub.anonymous(), &draft, false).unwrap();
        assert_eq!(found, call(&mut admin, "getBuild", std::slice::from_ref(&regular)));
        assert!(promoted(&mut admin, &regular, false).unwrap().is_nil());
        assert!(promoted(&mut admin, &Value::Int(999), true).unwrap().is_nil());
        assert_eq!(promoted(&mut admin, &Value::Int(999), false).unwrap_err().fault, Fault::Generic);
    });
}
