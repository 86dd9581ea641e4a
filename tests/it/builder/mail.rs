//! Mails about builds and tags.

use koji_core::client::Session;
use koji_core::wire::Value;
use koji_tests::{Database, SmtpSink, TestBuilder, TestHub, make_task};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// The one task of a method, which the hub has made by itself.
fn task_of(session: &mut Session, method: &str) -> Vec<i64> {
    let wanted = Value::Struct(vec![("method".into(), method.into())]);
    let tasks = call(session, "listTasks", &[wanted]);
    let id = |task: &Value| koji_core::client::field(task, "id").as_int().unwrap();
    tasks.as_array().unwrap().iter().map(id).collect()
}

#[test]
fn people_hear_of_builds_and_tags() {
    let sink = SmtpSink::new();
    let hub =
        TestHub::start_with(Database::Sqlite, "EmailDomain = example.com\nKojiWebURL = http://web/koji\n");
    let config = format!(
        "smtphost = {}\nsmtp_user = koji\nsmtp_pass = secret\nfrom_addr = Koji <koji@example.com>\n",
        sink.address()
    );
    let builder = TestBuilder::start(&hub, &config);
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", &["dest".into()]);
    call(&mut admin, "packageListAdd", &["dest".into(), "told".into(), "alice".into()]);
    call(&mut admin, "createEmptyBuild", &["told".into(), "1".into(), "1".into(), Value::Nil]);

    call(&mut admin, "tagBuildBypass", &["dest".into(), "told-1-1".into(), false.into(), true.into()]);
    let tasks = task_of(&mut admin, "tagNotification");
    let result = builder.result_of(&mut admin, tasks[0]).unwrap();
    let expected = format!(
        "sent notification of tag operation {} to: kojiadmin@example.com, alice@example.com",
        tasks[0]
    );
    assert_eq!(result.as_str(), Some(&*expected));
    let mails = sink.received();
    assert_eq!((mails.len(), mails[0].from.as_str()), (1, "koji@example.com"));
    assert_eq!(mails[0].to, ["kojiadmin@example.com", "alice@example.com"]);
    assert_eq!(mails[0].login, "AGtvamkAc2VjcmV0");
    for line in [
        "From: Koji <koji@example.com>\n",
        "Subject: told-1-1 successfully tagged into dest by kojiadmin\n",
        "X-Koji-Tag: dest\n",
        "\nPackage: told\nNVR: told-1-1\nUser: kojiadmin\nStatus: complete\nTag Operation: tagged\nInto Tag: dest\n",
    ] {
        assert!(mails[0].text.contains(line), "{line}\n--\n{}", mails[0].text);
    }

    // who blocks mails of a package gets none
    for user in ["alice", "kojiadmin"] {
        let mut session = hub.user(user);
        call(&mut session, "createNotificationBlock", &[user.into(), "told".into()]);
    }
    call(
        &mut admin,
        "untagBuildBypass",
        &["dest".into(), "told-1-1".into(), true.into(), false.into(), true.into()],
    );
    assert_eq!(task_of(&mut admin, "tagNotification").len(), 1);

    let build = call(&mut admin, "getBuild", &["told-1-1".into()]);
    let target = Value::Struct(vec![("dest_tag_name".into(), "dest".into())]);
    let request = |to: &[&str]| {
        let to = Value::Array(to.iter().map(|address| Value::from(*address)).collect());
        vec![to, build.clone(), target.clone(), "http://web/koji".into()]
    };
    builder
        .run(&mut admin, "buildNotification", request(&["nobody@example.com", "bob@example.com"]))
        .unwrap();
    let mails = sink.received();
    assert_eq!(mails[1].to, ["bob@example.com"]);
    let subject = "Subject: Package: told-1-1 Tag: dest Status: complete Built by: kojiadmin\n";
    assert!(mails[1].text.contains(subject), "{}", mails[1].text);
    assert!(mails[1].text.contains("Build Info: http://web/koji/buildinfo?buildID="), "{}", mails[1].text);
    let task = make_task(&mut admin, "buildNotification", request(&["nobody@example.com"]));
    let error = builder.result_of(&mut admin, task).unwrap_err();
    assert!(error.message.contains("refuses all recipients: nobody@example.com: 550"), "{error}");
    assert!(builder.run(&mut admin, "buildNotification", request(&[])).unwrap().is_nil());
    assert_eq!(sink.received().len(), 2);
}
