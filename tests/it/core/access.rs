//! Every method refuses exactly those whom its declaration does not let in.
//!
//! Each is rehearsed (what-if) by each role: nobody, a user, a user with each permission, a host, an admin. A refusal is
//! a fault of access: the session (1002) or what the caller may not do (1004).

use koji_core::api::args::ArgKind;
use koji_core::api::method::{Access, Entry};
use koji_core::api::{Call, registry};
use koji_core::hub::Caller;
use koji_core::plugin::Hooks;
use koji_core::wire::{Map, Value};
use koji_core::{Fault, Result};
use koji_tests::{Database, LocalHub};

/// The permissions that a new hub has.
const PERMISSIONS: [&str; 15] = [
    "admin",
    "appliance",
    "dist-repo",
    "host",
    "image",
    "image-import",
    "livecd",
    "maven-import",
    "repo",
    "sign",
    "tag",
    "target",
    "win-admin",
    "win-import",
    "draft-promoter",
];

/// Who is let in by a method that decides itself.
enum Who {
    /// Whoever is logged in
    User,
    /// Holders of these permissions
    Perms(&'static [&'static str]),
    /// Admins and the user concerned, who is none of the roles; Koji refuses the others by a plain fault (1000)
    Owner,
    /// Anyone, with these arguments
    Anyone,
}

fn list(items: &[Value]) -> Value {
    Value::Array(items.to_vec())
}

fn members(members: &[(&str, Value)]) -> Value {
    Value::Struct(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// Methods that decide themselves: arguments that reach the decision, and who is let in.
fn inside(method: &str) -> (Vec<Value>, Map, Who) {
    let none = Map::new();
    let build = members(&[("name", "a".into()), ("version", "1".into()), ("release", "1".into())]);
    match method {
        "CGImport" => {
            let root = members(&[("content_generator", members(&[("name", "cg".into())]))]);
            let metadata = members(&[
                ("metadata_version", 0.into()),
                ("build", build),
                ("buildroots", list(&[root])),
                ("output", list(&[])),
            ]);
            (vec![metadata, "up".into()], none, Who::Perms(&[]))
        }
        "CGInitBuild" => (vec!["cg".into(), build], none, Who::Perms(&[])),
        "CGRefundBuild" => (vec!["cg".into(), 1.into(), "x".into()], none, Who::Perms(&[])),
        "assignTask" => (vec![1.into(), "builder".into()], none, Who::Perms(&["admin"])),
        "buildImage" => {
            let words = ["n", "1", "x86_64", "target", "ks", "appliance"].map(Value::from);
            (words.to_vec(), none, Who::Perms(&["admin", "appliance"]))
        }
        "cancelTask" | "cancelTaskChildren" => (vec![2.into()], none, Who::Perms(&["admin"])),
        "createNotification" => {
            let args = vec![1.into(), Value::Nil, Value::Nil, true.into()];
            (args, none, Who::Owner)
        }
        "createNotificationBlock" => (vec![1.into()], none, Who::Owner),
        "deleteNotification" | "deleteNotificationBlock" => (vec![1.into()], none, Who::Owner),
        "updateNotification" => (vec![1.into(), Value::Nil, Value::Nil, true.into()], none, Who::Owner),
        "disableUser" | "enableUser" => (vec!["alice".into()], none, Who::Perms(&["admin"])),
        "distRepo" => {
            let keywords = vec![("arch".to_owned(), list(&["x86_64".into()]))];
            // the policy lets everyone in who is logged in; nobody at all gets another fault
            (vec!["f40".into(), list(&[])], keywords, Who::Anyone)
        }
        "exclusiveSession" | "sharedSession" | "subsession" => (vec![], none, Who::User),
        "logout" => (vec![], none, Who::User),
        "logoutChild" => (vec![1.into()], none, Who::User),
        "getTagID" | "getPackage" => (vec!["new".into(), false.into(), true.into()], none, Who::User),
        "importArchive" => (
            vec!["x/y.zip".into(), build, "image".into(), members(&[])],
            none,
            Who::Perms(&["admin", "image-import"]),
        ),
        "newRepo" => (vec!["f40".into()], none, Who::Perms(&["admin", "repo"])),
        "packageListAdd" | "packageListSetOwner" => {
            (vec!["f40".into(), "pkg".into(), "alice".into()], none, Who::Perms(&["admin", "tag"]))
        }
        "packageListSetArches" => {
            (vec!["f40".into(), "pkg".into(), "x86_64".into()], none, Who::Perms(&["admin", "tag"]))
        }
        "packageListBlock" | "packageListUnblock" | "packageListRemove" => {
            (vec!["f40".into(), "pkg".into()], none, Who::Perms(&["admin", "tag"]))
        }
        "setInheritanceData" => (vec!["f40".into(), list(&[])], none, Who::Perms(&["admin", "tag"])),
        "count" | "filterResults" | "countAndFilterResults" => (vec!["listHosts".into()], none, Who::Anyone),
        other => panic!("{other} decides itself who may call: tell here with what arguments, and who"),
    }
}

/// Arguments of the types that a method declares.
fn plain(entry: &Entry) -> Vec<Value> {
    let of_type = |schema: serde_json::Value| -> Value {
        let kind = &schema["type"];
        let kind = kind.as_str().or_else(|| kind[0].as_str()).unwrap_or("integer");
        match kind {
            "string" => "x".into(),
            "boolean" => false.into(),
            "number" => 1.0.into(),
            "array" => Value::Array(vec![]),
            "object" => Value::Struct(vec![]),
            _ => 1.into(),
        }
    };
    let specs = (entry.specs)();
    let needed = specs.iter().filter(|spec| matches!(spec.kind, ArgKind::Required));
    needed.map(|spec| of_type((spec.schema)())).collect()
}

/// What may be built without the address of a template: anything else is told to be not allowed.
fn indirection() -> Vec<Value> {
    vec![members(&[("scratch", true.into())])]
}

struct Role {
    name: String,
    caller: Caller,
    permission: Option<&'static str>,
}

fn roles(local: &LocalHub) -> Vec<Role> {
    let nobody = Caller { address: "127.0.0.1".to_owned(), ..Caller::default() };
    let mut roles = vec![
        Role { name: "nobody".into(), caller: nobody, permission: None },
        Role { name: "user".into(), caller: local.caller("bob"), permission: None },
    ];
    for permission in PERMISSIONS {
        let name = format!("with-{permission}");
        local.add_user(&name, &[permission]);
        roles.push(Role { caller: local.caller(&name), name, permission: Some(permission) });
    }
    let host = local.caller("builder");
    local.call(&host, "exclusiveSession", vec![], &[]).unwrap();
    local.call(&host, "host.openTask", vec![1.into()], &[]).unwrap();
    roles.push(Role { name: "host".into(), caller: host, permission: None });
    roles
}

fn scene(local: &LocalHub) {
    let admin = local.caller("kojiadmin");
    let call = |method: &str, args: Vec<Value>| {
        local.call(&admin, method, args, &[]).unwrap_or_else(|error| panic!("{method}: {error}"))
    };
    call("createTag", vec!["f40".into()]);
    call("packageListAdd", vec!["f40".into(), "pkg".into(), "alice".into()]);
    // the first task is the host's, the second nobody's
    for _ in 0..2 {
        call("makeTask", vec!["sleep".into(), list(&[1.into()])]);
    }
    call("assignTask", vec![1.into(), "builder".into()]);
    call("grantCGAccess", vec!["kojiadmin".into(), "cg".into(), true.into()]);
    let notification = vec![1.into(), Value::Nil, 1.into(), true.into()];
    call("createNotification", notification);
    call("createNotificationBlock", vec![1.into(), Value::Nil, 1.into()]);
}

fn is_refusal(answer: &Result<impl Sized>) -> bool {
    matches!(answer, Err(error) if matches!(error.fault, Fault::Auth | Fault::NotAllowed))
}

fn is_let_in(access: Access, who: &Who, role: &Role) -> bool {
    let holds = |wanted: &[&str]| role.permission.is_some_and(|own| wanted.contains(&own));
    match access {
        Access::Anyone => true,
        Access::User => role.name != "nobody",
        Access::Perm(name) => holds(&["admin", name]),
        Access::Host => role.name == "host",
        Access::Inside(_) => match who {
            Who::Anyone => true,
            Who::User => role.name != "nobody",
            Who::Perms(wanted) => holds(wanted),
            Who::Owner => holds(&["admin"]),
        },
    }
}

#[test]
fn methods_refuse_whom_they_say() {
    let local = LocalHub::new(Database::Sqlite, Hooks::default());
    scene(&local);
    let roles = roles(&local);
    let mut wrong = Vec::new();
    for entry in registry::all().chain(registry::own()) {
        let (positional, keywords, who) = match (entry.access, entry.name) {
            (Access::Inside(_), name) => inside(name),
            // who proves nothing is refused, whoever he is
            (_, "login" | "sslLogin") => continue,
            (_, "buildImageIndirection") => (indirection(), Map::new(), Who::Anyone),
            _ => (plain(entry), Map::new(), Who::Anyone),
        };
        for role in &roles {
            let (positional, keywords) = (positional.clone(), keywords.clone());
            let call = Call { method: entry.name.to_owned(), positional, keywords };
            let answer = local.hub.what_if(&role.caller, call);
            let refused = match who {
                Who::Owner => answer.is_err(),
                _ => is_refusal(&answer),
            };
            if refused == is_let_in(entry.access, &who, role) {
                let told = answer.err().map(|error| format!("{:?} {}", error.fault, error.message));
                wrong.push(format!("{} {:?} by {}: {told:?}", entry.name, entry.access, role.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
