//! Every built-in test in a rule, and the language around them.

use std::collections::BTreeMap;

use super::Registry;
use super::world::World;
use crate::Fault;
use crate::policy::{Data, Policies, RuleSet, Rules, check};
use crate::wire::Value;

fn policies(texts: &[(&str, &str)]) -> Policies {
    let texts: BTreeMap<_, _> = texts.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    Policies::parse(&texts, &Registry::builtin()).unwrap()
}

fn holds(test: &str, data: &Data, world: &mut World) -> bool {
    let policies = policies(&[("p", &format!("{test} :: yes"))]);
    policies.eval("p", data, world).unwrap().action.is_some()
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

fn list(values: &[&str]) -> Value {
    Value::Array(values.iter().map(|value| text(value)).collect())
}

#[test]
fn fields() {
    let data = Data::default()
        .with("operation", text("tag"))
        .with("target", text("f39"))
        .with("parent", Value::Int(3))
        .with("empty", Value::Nil)
        .with("arches", list(&["x86_64", "noarch"]));
    let yes = "all|true|has empty|bool target|match operation move t*|operation tag|target f3?|is_child_task\
        |match_any arches x86*|match_all arches x86* no*|compare parent >= 3|compare parent != 2.5|match parent 3";
    for test in yes.split('|') {
        assert!(holds(test, &data, &mut World::default()), "{test}");
    }
    let no = "none|false|has x|bool empty|match empty *|match x *|method *|vm_name *|skip_tag|match_all arches x86*\
        |match_any target f39|match_all x *|compare parent < 3|compare x = 1|tag *|fromtag *|hastag *";
    for test in no.split('|') {
        assert!(!holds(test, &data, &mut World::default()), "{test}");
    }
}

#[test]
fn builds() {
    let data = Data::default().with("build", Value::Int(7));
    let yes = "package f*|version 1|release 2|volume DEFAULT|hastag f39-up*|buildtag f39-build|imported|is_draft\
        |buildtag_inherits_from *-parent|buildtype image|source git+https://*";
    for test in yes.split('|') {
        assert!(holds(test, &data, &mut World::default()), "{test}");
    }
    for test in
        "package bar|version 2|is_new_package|buildtype maven|cg_match_any *|cg_match_all *".split('|')
    {
        assert!(!holds(test, &data, &mut World::default()), "{test}");
    }
    let mut world = World { generator: Some("osbs".into()), ..World::default() };
    assert!(holds("cg_match_any os*", &data, &mut world));
    // a part without a buildroot comes from no content generator
    assert!(!holds("cg_match_all os*", &data, &mut world));
    assert!(holds("cg_match_all os* x", &Data::default().with("cg_list", list(&["osbs", "x"])), &mut world));
}

#[test]
fn requests_come_before_builds() {
    let data = Data::default()
        .with("build", Value::Int(7))
        .with("package", text("new"))
        .with("version", text("9"))
        .with("volume", text("v2"))
        .with("tag", text("f39-updates"))
        .with("source", text("x.src.rpm"))
        .with("draft", Value::Bool(false))
        .with("target", text("f39"));
    for test in
        "package new|is_new_package|version 9|volume v2|tag f39*|source *.rpm|buildtag f39-target*".split('|')
    {
        assert!(holds(test, &data, &mut World::default()), "{test}");
    }
    assert!(!holds("is_draft", &data, &mut World::default()));
    let data = data.with("build_tag", text("named"));
    assert!(holds("buildtag named", &data, &mut World::default()));
}

#[test]
fn users() {
    let mut world = World { caller: Some(1), owner_id: 5, ..World::default() };
    let build = Data::default().with("build", Value::Int(7));
    for test in "user al*|user_in_group q*|has_perm tag|is_build_owner".split('|') {
        assert!(holds(test, &build, &mut world), "{test}");
        assert!(!holds(test, &build, &mut World { owner_id: 5, ..World::default() }), "{test}");
    }
    assert!(holds("has_perm admin", &Data::default().with("user_id", Value::Int(2)), &mut world));
    world.owner_id = 2;
    assert!(!holds("is_build_owner", &build, &mut world));
}

#[test]
fn blocks_negation_and_the_deciding_rule() {
    let text = "# first\nmatch a x :: {\n  match b y :: inner\n}\nmatch a x && match b z !! not both # why\nall :: last it is\n";
    let policies = policies(&[("p", text)]);
    let eval = |a: &str, b: &str| {
        let data = Data::default().with("a", self::text(a)).with("b", self::text(b));
        policies.eval("p", &data, &mut World::default()).unwrap()
    };
    assert_eq!(eval("x", "y").action.unwrap(), "inner");
    assert_eq!(eval("x", "y").rule, "match a x :: ... match b y :: inner");
    assert_eq!(eval("x", "q").rule, "match a x && match b z !! not both");
    assert_eq!(eval("x", "z").action.unwrap(), "last it is");
    assert_eq!(policies.find("p").unwrap().actions(), ["inner", "not", "last"]);
    let silent =
        self::policies(&[("p", "none :: x")]).eval("p", &Data::default(), &mut World::default()).unwrap();
    assert_eq!((silent.action, silent.rule.as_str()), (None, "(no match)"));
}

#[test]
fn questions_are_asked_only_when_needed() {
    let mut world = World { caller: Some(1), ..World::default() };
    let policies = policies(&[("p", "none && has_perm admin :: a\nall :: b\nhas_perm x :: c")]);
    policies.eval("p", &Data::default(), &mut world).unwrap();
    assert_eq!(world.questions, 0);
}

#[test]
fn other_policies_and_loops() {
    let policies = policies(&[
        ("ok", "policy inner :: deny\nall :: allow"),
        ("inner", "all :: Yes"),
        ("loop", "policy loop2 :: x"),
        ("loop2", "policy loop :: x"),
        ("gone", "policy nothing :: x"),
    ]);
    let eval = |name| policies.eval(name, &Data::default(), &mut World::default());
    assert_eq!(eval("ok").unwrap().action.unwrap(), "deny");
    assert!(eval("loop").unwrap_err().message.contains("policy loop"));
    assert_eq!(eval("gone").unwrap_err().message, "no such policy: nothing");
}

#[test]
fn mistakes_name_policy_and_line() {
    let message = |text: &str| match RuleSet::parse("tag", text, &Registry::builtin()) {
        Err(error) => error.message,
        Ok(_) => "accepted".into(),
    };
    assert_eq!(message("\nmoon full :: allow"), "policy tag, line 2: missing test handler: moon");
    for (text, want) in [
        ("allow", "bad policy line"),
        ("all ::", "action is missing"),
        ("all && :: allow", "a test is missing"),
        ("all :: {\nall :: x", "line 1: nesting error"),
        ("}", "line 1: nesting error"),
        ("all :: }", "by itself"),
        ("match :: x", "missing field"),
        ("policy :: x", "name of a policy"),
        ("compare a ~ 1 :: x", "Invalid comparison"),
        ("compare a > many :: x", "not a number"),
    ] {
        assert!(message(text).contains(want), "{text}: {}", message(text));
    }
}

#[test]
fn checks_allow_or_deny() {
    let policies =
        policies(&[("p", "match a x :: ALLOW  fine\nmatch a y :: deny not you\nmatch a z :: perhaps")]);
    let run = |a: &str, rules: Rules, caller: i64| {
        let data = Data::default().with("a", text(a));
        let mut world = World { caller: Some(caller), ..World::default() };
        let access = check(&policies, "p", &data, &mut world, rules).unwrap();
        (access.allowed, access.reason.clone(), access)
    };
    let rules = Rules::default();
    assert_eq!(run("x", rules, 1).1, "fine");
    assert!(run("x", rules, 1).0 && !run("y", rules, 1).0);
    assert_eq!((run("z", rules, 1).0, run("z", rules, 1).1.as_str()), (false, "error in policy"));
    assert_eq!(run("q", rules, 1).1, "not covered by policy");
    let force = Rules { force: true, ..rules };
    assert!(run("y", force, 2).0 && !run("y", force, 1).0);
    let error = run("y", rules, 1).2.require(true).unwrap_err();
    assert_eq!(error.fault, Fault::NotAllowed);
    assert_eq!(error.message, "policy violation (p): not you [rule: match a y :: deny not you]");
    let missing = |missing_allows| Rules { missing_allows, ..rules };
    let ask =
        |rules| check(&policies, "tag", &Data::default(), &mut World::default(), rules).unwrap().allowed;
    assert!(ask(missing(true)) && !ask(missing(false)));
}

#[test]
fn the_default_policies_parse() {
    let config = crate::config::HubConfig::default();
    let policies = Policies::parse(config.policies(), &Registry::builtin()).unwrap();
    assert_eq!(policies.find("channel").unwrap().actions(), ["req", "parent", "use"]);
}
