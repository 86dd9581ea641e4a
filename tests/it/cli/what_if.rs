//! `koji --what-if` and `koji diff-tag`.

use std::process::{Command, Output};

use koji_tests::{Database, TestHub, binary};

fn koji(hub: &TestHub, words: &[&str]) -> Output {
    let url = hub.url();
    let login =
        ["--server", &url, "--authtype", "password", "--user", "kojiadmin", "--password", "pw-kojiadmin"];
    Command::new(binary("koji")).env("HOME", hub.scratch()).args(login).args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_command_is_rehearsed() {
    let hub = TestHub::start_quiet(Database::Sqlite);
    said(&koji(&hub, &["add-tag", "--arches", "x86_64", "f40"]));
    let before = hub.dump();
    let text = said(&koji(&hub, &["--what-if", "add-tag", "f41"]));
    assert!(text.contains("createTag would:") && text.contains("insert tag id=2 name=f41"), "{text}");
    let text = said(&koji(&hub, &["edit-tag", "--what-if", "--lock", "f40"]));
    assert!(text.contains("insert tag_config tag_id=1 arches=x86_64 locked=True"), "{text}");
    assert!(text.contains("active True -> None"), "{text}");
    let json = said(&koji(&hub, &["--what-if", "--json", "add-pkg", "--owner", "alice", "f40", "bash"]));
    assert!(json.contains("\"tag_packages\""), "{json}");
    let after = hub.dump();
    let kept = |dump: &koji_tests::Dump| {
        let mut rows = dump.rows.clone();
        rows.remove("sessions");
        rows
    };
    assert_eq!(kept(&after), kept(&before));
}

#[test]
fn changes_of_a_tag_are_told() {
    let hub = TestHub::start_quiet(Database::Sqlite);
    said(&koji(&hub, &["add-tag", "--arches", "x86_64", "f40"]));
    let event = hub.anonymous().call_named("getLastEvent", vec![], vec![]).unwrap();
    let event = koji_core::client::field(&event, "id").as_int().unwrap().to_string();
    said(&koji(&hub, &["add-pkg", "--owner", "alice", "f40", "bash"]));
    said(&koji(&hub, &["edit-tag", "--arches", "aarch64", "f40"]));
    let text = said(&koji(&hub, &["diff-tag", "f40", "--from", &event]));
    assert!(text.contains("Settings:\n  * arches: value x86_64 -> aarch64\n"), "{text}");
    assert!(text.contains("Packages:\n  + bash\n"), "{text}");
    let text = said(&koji(&hub, &["--json", "diff-tag", "f40", "--from", &event, "--to", &event]));
    let diff: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(diff["packages"]["added"], serde_json::json!([]));
    let text = said(&koji(&hub, &["diff-tag", "f40", "--from", "2999-01-01"]));
    assert!(text.ends_with("No changes\n"), "{text}");
}
