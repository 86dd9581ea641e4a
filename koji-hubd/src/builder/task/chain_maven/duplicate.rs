//! Whether a package was built before from the same sources in the same way.

use koji_core::Result;
use koji_core::api::tagged::GetLatestBuilds;
use koji_core::api::task::GetTaskInfo;
use koji_core::client::{field, item};
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};

use super::plan::{Package, Plan};
use crate::builder::task::run::{Run, need_text};

/// Options of Maven that change only what it tells.
const TALK: [&str; 8] = ["-e", "--errors", "-q", "--quiet", "-V", "--show-version", "-X", "--debug"];

/// The latest build of a package in the destination tag, if it is what would be built now.
pub(super) fn find(run: &mut Run, tag: &str, package: &Package, plan: &Plan) -> Result<Option<String>> {
    let wanted = GetLatestBuilds::new(Lookup::from(tag));
    let builds = run.ask(GetLatestBuilds { package: Some(package.name.as_str().into()), ..wanted })?;
    let build = item(&builds, 0);
    let Some(task) = field(build, "task_id").as_int() else { return Ok(None) };
    let task = run.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(task) })?;
    let request = field(&task, "request");
    if item(request, 0).as_str() != Some(&package.url) {
        return Ok(None);
    }
    let same = if package.wraps {
        // sources and what is wrapped are all that matters
        field(item(request, 2), "nvr") == &plan.wrapped_by(package)?
    } else {
        matters(item(request, 2).as_struct().unwrap_or_default()) == matters(&plan.opts_of(package))
    };
    Ok(if same { Some(need_text(build, "nvr")?.to_owned()) } else { None })
}

/// The options that change what is built, in an order of their own.
fn matters(opts: &[(String, Value)]) -> Map {
    let mut kept = Map::new();
    for (name, value) in opts {
        let value = match (name.as_str(), value) {
            ("skip_tag" | "scratch" | "jvm_options", _) => continue,
            ("maven_options", Value::Array(list)) => {
                let list: Vec<Value> = list.iter().filter(|one| !talks(one)).cloned().collect();
                if list.is_empty() {
                    continue;
                }
                ordered(Value::Array(list))
            }
            (_, value) => ordered(value.clone()),
        };
        kept.push((name.clone(), value));
    }
    kept.sort_by(|one, other| one.0.cmp(&other.0));
    kept
}

fn talks(option: &Value) -> bool {
    option.as_str().is_some_and(|option| TALK.contains(&option))
}

/// The same with lists and structs sorted.
fn ordered(value: Value) -> Value {
    match value {
        Value::Array(mut list) => {
            list.sort_by_key(|item| format!("{item:?}"));
            Value::Array(list)
        }
        Value::Struct(members) => {
            let mut members: Map = members.into_iter().map(|(name, value)| (name, ordered(value))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Struct(members)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_maven_tells_does_not_matter() {
        let same = |one: Map, other: Map| matters(&one) == matters(&other);
        let one = map! { "goals" => args!["a", "b"], "maven_options" => args!["-X"], "scratch" => true };
        assert!(same(one.clone(), map! { "jvm_options" => args!["-Xmx1g"], "goals" => args!["b", "a"] }));
        assert!(!same(one, map! { "goals" => args!["a"] }));
        assert!(!same(map! { "maven_options" => args!["-o"] }, vec![]));
    }
}
