//! Sessions: keys, call numbers, logout, exclusiveness.

use koji_core::Fault;
use koji_core::client::{Credentials, Secret};
use koji_core::wire::Value;
use koji_tests::{TestHub, each_database};

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
