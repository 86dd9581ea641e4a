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
        .with("mixed", Value::Array(vec![Value::Nil, Value::Double(1.0)]))
        .with("arches", list(&["x86_64", "noarch"]));
    let yes = "all|true|has empty|bool target|match operation move t*|operation tag|target f3?|is_child_task\
        |match_any arches x86*|match_all arches x86* no*|compare parent >= 3|compare parent != 2.5|compare target != 1\
        |! none|! has x|match_any mixed 1.0";
    for test in yes.split('|') {
        assert!(holds(test, &data, &mut World::default()), "{test}");
    }
    let no = "none|false|has x|bool empty|match empty *|match x *|method *|vm_name *|skip_tag|match_all arches x86*\
        |match_any target f39|match_all x *|compare parent < 3|compare x = 1|compare target = 1|match parent|! all|tag *|fromtag *|hastag *";
    for test in no.split('|') {
        assert!(!holds(test, &data, &mut World::default()), "{test}");
    }
}

#[test]
fn what_a_test_cannot_use_is_an_error() {
    let data = Data::default().with("n", Value::Int(3)).with("t", text("x")).with("build", Value::Int(9));
    let unforeseen = "match n 3|compare t < 1|volume *|is_draft|is_build_owner|source *";
    for (tests, fault) in
        [(unforeseen, Fault::Unforeseen), ("package *|version *|imported|hastag *", Fault::Generic)]
    {
        for test in tests.split('|') {
            let policies = policies(&[("p", &format!("{test} :: yes"))]);
            let error = policies.eval("p", &data, &mut World::default()).unwrap_err();
            assert_eq!(error.fault, fault, "{test}: {error}");
        }
    }
    for field in ["btypes", "cg_list", "buildroots"] {
        let data = Data::default().with(field, Value::Nil);
        let test = if field == "btypes" { "buildtype *" } else { "cg_match_any *" };
        let policies = policies(&[("p", &format!("{test} :: yes"))]);
        assert!(policies.eval("p", &data, &mut World::default()).is_err(), "{field}");
    }
    let nobody = Data::default().with("user_id", Value::Nil);
    let policies = policies(&[("p", "user x :: yes")]);
    assert!(policies.eval("p", &nobody, &mut World::default()).unwrap_err().message.contains("No user"));
    assert!(policies.eval("p", &nobody, &mut World { caller: Some(1), ..World::default() }).is_ok());
}

#[test]
fn superseded_drafts() {
    let data = Data::default().with("build", Value::Int(7));
    let mut world = World { superseded: true, ..World::default() };
    assert!(holds("draft_superseded", &data, &mut world));
    assert!(!holds("draft_superseded", &data, &mut World::default()));
    assert!(!holds("draft_superseded", &data.clone().with("build", Value::Int(9)), &mut world));
    assert!(!holds("draft_superseded", &Data::default(), &mut world));
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

/// What a policy says of `a` = x, or nothing.
#[test]
fn words_that_steer() {
    let nest = |inner: &str| {
        format!("all :: {{\n all :: {{\n  {inner}\n  all :: in2\n }}\n all :: in1\n}}\nall :: out")
    };
    let cases = [
        (nest("none :: x"), "in2"),
        (nest("all :: break"), "in1"),
        (nest("all :: break 1"), "in1"),
        (nest("all :: break 0"), "in1"),
        (nest("all :: break -4"), "in1"),
        (nest("all :: break 2"), "out"),
        (nest("all :: break 3"), ""),
        (nest("all :: break 9"), ""),
        (nest("all :: stop"), ""),
        (nest("none !! break +2"), "out"),
        ("match a x :: break\nall :: y".into(), ""),
        ("match a y :: stop\nall :: y".into(), "y"),
        ("all :: flag f more words\nflagged f :: yes".into(), "yes"),
        ("flagged f :: yes\nall :: flag f".into(), ""),
        ("all :: {\n all :: flag f\n}\n! flagged f :: no\nall :: yes".into(), "yes"),
        ("all :: flag f\npolicy flagged :: yes".into(), "yes"),
        // flags of another policy stay there
        ("policy flags :: no\nflagged f :: no\nall :: yes".into(), "yes"),
        ("flagged given :: yes".into(), "yes"),
        ("! match a x && none :: no\n! none && ! match a y :: yes".into(), "yes"),
        ("! match a x !! yes".into(), "yes"),
        // a policy may ask itself if a flag keeps it from doing so again
        ("flagged f :: yes\nall :: flag f\npolicy p :: again".into(), "again"),
    ];
    for (text, want) in cases {
        let policies = policies(&[("p", &text), ("flagged", "flagged f :: yes"), ("flags", "all :: flag f")]);
        let data = Data::default().with("a", self::text("x")).with("__policyflag__given", Value::Bool(true));
        let verdict = policies.eval("p", &data, &mut World::default()).unwrap();
        assert_eq!(verdict.action.unwrap_or_default(), want, "{text}");
    }
    let steering = policies(&[("p", "all :: break\nall :: flag f\nall :: stop\nall :: allow")]);
    assert_eq!(steering.find("p").unwrap().actions(), ["allow"]);
}

#[test]
fn the_deciding_rule_leaves_out_blocks_that_did_not() {
    let policies = policies(&[("p", "all :: {\n true :: {\n  none :: x\n }\n ! none :: y\n}")]);
    let verdict = policies.eval("p", &Data::default(), &mut World::default()).unwrap();
    assert_eq!(verdict.rule, "all :: ... ! none :: y");
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
    assert!(message("\nmoon full :: allow").starts_with("policy tag, line 2: missing test handler: moon"));
    for (text, want) in [
        ("allow", "bad policy line"),
        ("all ::", "action is missing"),
        ("all && :: allow", "a test is missing"),
        ("all :: {\nall :: x", "line 1: nesting error"),
        ("}", "line 1: nesting error"),
        ("all :: }", "by itself"),
        ("! :: x", "a test is missing"),
        ("!all :: x", "put a space behind the !"),
        ("! ! all :: x", "missing test handler: !"),
        ("hastga x :: y", "did you mean hastag?"),
        ("flagged :: x", "name of a flag"),
        ("all :: flag", "the flag has no name"),
        ("all :: stop now", "Invalid stop action"),
        ("all :: break two", "Invalid break action"),
        ("all :: break 1 2", "Invalid break action"),
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
    let run = |a: &str, rules: Rules<'_>, caller: i64| {
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
    for (default, want) in [("allow", (true, "not covered by policy")), ("Allow", (false, "error in policy"))]
    {
        let (allowed, reason, _) = run("q", Rules { default, ..rules }, 1);
        assert_eq!((allowed, reason.as_str()), want);
    }
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
