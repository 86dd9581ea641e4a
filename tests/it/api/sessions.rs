//! Sessions: keys, call numbers, logout, exclusiveness.

use koji_core::Fault;
use koji_core::client;
use koji_core::client::{Credentials, Secret};
use koji_core::db::Update;
use koji_core::hub::Caller;
use koji_core::plugin::Hooks;
use koji_core::session::Credentials as Claim;
use koji_core::wire::Value;
use koji_tests::{LocalHub, TestHub, each_database};

#[test]
fn a_wrong_password_and_a_wrong_key_are_refused() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut session = hub.anonymous();
        assert_eq!(session.login("alice", "pw-bob").unwrap_err().fault, Fault::Auth);
        assert_eq!(session.login("nobody", "pw-nobody").unwrap_err().fault, Fault::Auth);
        session.login("alice", "pw-alice").unwrap();
        let id = session.credentials().unwrap().id;
        let mut thief = hub.anonymous();
        thief.resume(Credentials { id, key: Secret::new("1-guessed") }, 0);
        assert_eq!(thief.call_named("echo", vec![], vec![]).unwrap_err().fault, Fault::Auth);
        session.logout().unwrap();
        assert!(!session.logged_in());
    });
}

#[test]
fn a_call_that_was_committed_is_not_done_twice() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut first = hub.user("kojiadmin");
        let credentials = first.credentials().unwrap().clone();
        let tag = |name: &str| vec![Value::String(name.to_owned())];
        let mut session = hub.anonymous();
        session.resume(credentials.clone(), 40);
        session.call_named("createTag", tag("once"), vec![]).unwrap();
        let mut again = hub.anonymous();
        again.resume(credentials.clone(), 40);
        assert_eq!(again.call_named("createTag", tag("twice"), vec![]).unwrap_err().fault, Fault::Retry);
        let mut older = hub.anonymous();
        older.resume(credentials, 39);
        assert_eq!(older.call_named("createTag", tag("older"), vec![]).unwrap_err().fault, Fault::Sequence);
        assert_eq!(hub.anonymous().call_named("getTag", tag("twice"), vec![]).unwrap(), Value::Nil);
        drop(first.logout());
    });
}

#[test]
fn an_exclusive_session_locks_the_others_out() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let (mut one, mut two) = (hub.user("builder"), hub.user("builder"));
        one.exclusive_session(false).unwrap();
        assert_eq!(two.call_named("echo", vec![], vec![]).unwrap_err().fault, Fault::AuthLock);
        assert_eq!(two.exclusive_session(false).unwrap_err().fault, Fault::AuthLock);
        two.exclusive_session(true).unwrap();
        assert_eq!(one.call_named("echo", vec![], vec![]).unwrap_err().fault, Fault::Auth);
    });
}

/// Lets a session expire, as time would.
fn expire(local: &LocalHub, caller: &Caller) {
    let id = caller.credentials.as_ref().unwrap().id;
    let expired = |cx: &mut koji_core::context::Cx<'_>| {
        Update::table("sessions").set("expired", true).filter("id = ?", id).execute(cx.db).map(drop)
    };
    local.hub.operate(expired).unwrap();
}

#[test]
fn only_an_expired_session_can_log_in_again() {
    each_database(|database| {
        let local = LocalHub::new(database, Hooks::default());
        let log_in = |caller: &Caller, name: &str, wishes: &[(&str, Value)]| {
            let proof = vec![name.into(), format!("pw-{name}").into()];
            let new = local.call(caller, "login", proof, wishes).map_err(|error| error.fault)?;
            let claim = Claim {
                id: client::field(&new, "session-id").as_int().unwrap() as i32,
                key: client::field(&new, "session-key").as_str().unwrap().to_owned(),
                callnum: None,
            };
            Ok(Caller { credentials: Some(claim), ..caller.clone() })
        };
        let id = |caller: &Caller| caller.credentials.as_ref().unwrap().id;
        let renew = [("renew", true.into())];
        let old = local.caller("alice");
        for wishes in [&renew[..], &[]] {
            assert_eq!(log_in(&old, "alice", wishes).err(), Some(Fault::Auth), "a session that is alive");
        }
        expire(&local, &old);
        assert_eq!(local.call(&old, "echo", vec![], &[]).unwrap_err().fault, Fault::AuthExpired);
        assert_eq!(log_in(&old, "bob", &renew).err(), Some(Fault::Auth), "the session of another");
        let other = log_in(&old, "alice", &[]).unwrap();
        assert_ne!(id(&other), id(&old), "who does not renew gets another session");
        let renewed = log_in(&old, "alice", &[renew[0].clone(), ("exclusive", true.into())]).unwrap();
        assert_eq!(id(&renewed), id(&old));
        assert_eq!(local.call(&other, "echo", vec![], &[]).unwrap_err().fault, Fault::AuthLock);
        local.call(&renewed, "echo", vec![], &[]).unwrap();
        assert_eq!(local.call(&old, "echo", vec![], &[]).unwrap_err().fault, Fault::Auth, "the old key");
    });
}

#[test]
fn what_follows_a_logout_in_one_call_is_asked_by_nobody() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let entry = |method: &str, params: Vec<Value>| {
            let name = ("methodName".to_owned(), method.into());
            Value::Struct(vec![name, ("params".to_owned(), Value::Array(params))])
        };
        let calls = vec![
            entry("createTag", vec!["before".into()]),
            entry("logout", vec![0.into()]),
            entry("getLoggedInUser", vec![]),
            entry("createTag", vec!["after".into()]),
        ];
        let answers = admin.call_named("multiCall", vec![Value::Array(calls)], vec![]).unwrap();
        let answers = answers.as_array().unwrap();
        assert_eq!(answers[2], Value::Array(vec![Value::Nil]));
        assert_eq!(answers[3].get("faultCode"), Some(&1004.into()));
        assert_eq!(admin.call_named("echo", vec![], vec![]).unwrap_err().fault, Fault::Auth);
    });
}
