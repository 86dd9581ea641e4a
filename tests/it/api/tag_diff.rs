//! `koji_rs.tagDiff` tells what changed in a tag between two events.

use koji_core::client::{Session, field};
use koji_core::wire::{Map, Value};
use koji_tests::{Database, TestHub, each_database};

fn list(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|item| (*item).into()).collect())
}

fn call(session: &mut Session, method: &str, args: Vec<Value>, keywords: &[(&str, Value)]) -> Value {
    let keywords: Map = keywords.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    session.call_named(method, args, keywords).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn event(session: &mut Session) -> Value {
    field(&call(session, "getLastEvent", vec![], &[]), "id").clone()
}

/// `+name`, `-name`, `*name` of each change of a part.
fn changes(diff: &Value, part: &str, name: &str) -> Vec<String> {
    let of = |kind: &str| field(field(diff, part), kind).as_array().unwrap().to_vec();
    let named = |sign: char, thing: &Value| format!("{sign}{}", field(thing, name).as_str().unwrap());
    let mut told: Vec<String> = of("added").iter().map(|new| named('+', new)).collect();
    told.extend(of("removed").iter().map(|old| named('-', old)));
    told.extend(of("changed").iter().map(|change| named('*', field(change, "new"))));
    told.sort();
    told
}

/// A tag `f40` that inherits from `base`, each with a package and a build of it; then everything changes.
fn scene(admin: &mut Session) -> (Value, Value) {
    for (tag, package) in [("base", "bash"), ("f40", "zsh")] {
        call(admin, "createTag", vec![tag.into()], &[("arches", "x86_64".into())]);
        call(admin, "packageListAdd", vec![tag.into(), package.into(), "alice".into()], &[]);
        for version in ["1", "2"] {
            let nvr = [package.into(), version.into(), "1".into(), Value::Nil];
            call(admin, "createEmptyBuild", nvr.to_vec(), &[]);
        }
        call(admin, "tagBuildBypass", vec![tag.into(), format!("{package}-1-1").into()], &[]);
        call(admin, "groupListAdd", vec![tag.into(), format!("{package}s").into()], &[]);
        let member = vec![tag.into(), format!("{package}s").into(), package.into()];
        call(admin, "groupPackageListAdd", member, &[]);
    }
    call(admin, "createExternalRepo", vec!["ext".into(), "http://example.com/".into()], &[]);
    call(admin, "addExternalRepoToTag", vec!["f40".into(), "ext".into(), 5.into()], &[]);
    let old = event(admin);

    let link = Value::Struct(
        [("parent_id", 1.into()), ("priority", 0.into()), ("maxdepth", Value::Nil)]
            .into_iter()
            .chain([("intransitive", false.into()), ("noconfig", false.into()), ("pkg_filter", "".into())])
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    );
    call(admin, "setInheritanceData", vec!["f40".into(), Value::Array(vec![link])], &[]);
    let extra = Value::Struct(vec![("mock.new_chroot".into(), true.into())]);
    call(admin, "editTag2", vec!["f40".into()], &[("arches", "aarch64".into()), ("extra", extra)]);
    call(admin, "packageListSetOwner", vec!["f40".into(), "zsh".into(), "bob".into()], &[]);
    call(admin, "tagBuildBypass", vec!["f40".into(), "zsh-2-1".into()], &[]);
    call(admin, "untagBuildBypass", vec!["f40".into(), "zsh-1-1".into()], &[]);
    call(admin, "groupPackageListAdd", vec!["f40".into(), "zshs".into(), "extra".into()], &[]);
    call(admin, "editTagExternalRepo", vec!["f40".into(), "ext".into()], &[("priority", 7.into())]);
    (old, event(admin))
}

#[test]
fn the_changes_of_all_parts_are_told() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let (old, new) = scene(&mut admin);
        // later changes are not those of the time in between
        call(&mut admin, "tagBuildBypass", vec!["f40".into(), "bash-2-1".into()], &[]);
        let mut anonymous = hub.anonymous();
        let mut diff = |inherit: bool, old: &Value, new: &Value| {
            let options = [("inherit", inherit.into()), ("new", new.clone())];
            call(&mut anonymous, "koji_rs.tagDiff", vec!["f40".into(), old.clone()], &options)
        };
        let own = diff(false, &old, &new);
        let told = |diff: &Value| {
            [
                ("config", "name"),
                ("extra", "key"),
                ("inheritance", "name"),
                ("external_repos", "external_repo_name"),
                ("packages", "package_name"),
                ("builds", "nvr"),
                ("groups", "name"),
                ("group_packages", "package"),
                ("group_requires", "name"),
            ]
            .map(|(part, name)| changes(diff, part, name).join(" "))
        };
        assert_eq!(
            told(&own),
            ["*arches", "+mock.new_chroot", "+base", "*ext", "*zsh", "+zsh-2-1 -zsh-1-1", "", "+extra", ""]
        );
        let change = &field(field(&own, "packages"), "changed").as_array().unwrap()[0];
        assert_eq!(field(field(change, "old"), "owner_name"), &Value::from("alice"));
        let whole = diff(true, &old, &new);
        assert_eq!(changes(&whole, "packages", "package_name"), ["*zsh", "+bash"]);
        assert_eq!(changes(&whole, "builds", "nvr"), ["+bash-1-1", "+zsh-2-1", "-zsh-1-1"]);
        assert_eq!(changes(&whole, "group_packages", "package"), ["+bash", "+extra"]);
        assert_eq!(told(&diff(true, &new, &new)).concat(), "");
        // backwards, what was added is gone
        assert_eq!(changes(&diff(false, &new, &old), "builds", "nvr"), ["+zsh-1-1", "-zsh-2-1"]);
        // before the tag was made it was empty
        let first = diff(false, &1.into(), &old);
        assert_eq!(changes(&first, "builds", "nvr"), ["+zsh-1-1"]);
        let now = call(&mut anonymous, "koji_rs.tagDiff", vec!["f40".into(), new], &[]);
        assert_eq!(changes(&now, "builds", "nvr"), ["+bash-2-1"]);
    });
}

#[test]
fn unknown_tags_and_events_are_named() {
    let hub = TestHub::start(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", vec!["f40".into()], &[]);
    let mut fault = |args: Vec<Value>| admin.call_named("koji_rs.tagDiff", args, vec![]).unwrap_err().message;
    assert!(fault(vec!["f41".into(), 1.into()]).contains("f41"));
    assert!(fault(vec!["f40".into(), 999.into()]).contains("999"));
}

#[test]
fn our_own_methods_are_listed_apart() {
    let hub = TestHub::start(Database::Sqlite);
    let names = |list: Value| -> Vec<String> {
        let Value::Array(methods) = list else { panic!("{list:?}") };
        methods.iter().map(|method| field(method, "name").as_str().unwrap().to_owned()).collect()
    };
    let mut anonymous = hub.anonymous();
    let own = names(call(&mut anonymous, "koji_rs.listMethods", vec![], &[]));
    assert!(
        own.contains(&"koji_rs.tagDiff".to_owned()) && own.iter().all(|name| name.starts_with("koji_rs."))
    );
    let all = names(call(&mut anonymous, "_listapi", vec![], &[]));
    assert!(!all.iter().any(|name| name.starts_with("koji_rs.")));
    let multi = Value::Struct(vec![
        ("methodName".into(), "koji_rs.listMethods".into()),
        ("params".into(), list(&[])),
    ]);
    let answers = call(&mut anonymous, "multiCall", vec![Value::Array(vec![multi])], &[]);
    assert_eq!(answers.as_array().unwrap()[0].as_array().unwrap().len(), 1);
}
