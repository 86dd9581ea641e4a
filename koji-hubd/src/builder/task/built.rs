//! [`Built`]: what the subtasks of a build made, put together for the hub.

use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

/// What the subtasks gave.
pub(super) struct Built {
    /// The source rpm that was kept.
    pub srpm: String,
    /// The other rpms.
    pub rpms: Vec<String>,
    /// Which buildroot each file comes from.
    pub buildroots: Map,
    /// The logs by arch.
    pub logs: Map,
}

/// Puts the results of the arches together.
pub(super) fn gather<'a>(results: impl Iterator<Item = (&'a str, Option<&'a Value>)>) -> Result<Built> {
    let mut built = Built { srpm: String::new(), rpms: vec![], buildroots: vec![], logs: vec![] };
    let path = |file: &Value| file.as_str().unwrap_or_default().to_owned();
    for (arch, result) in results {
        let result = result.ok_or_else(|| Error::generic(format!("the task for {arch} gave no result")))?;
        let list = |name| field(result, name).as_array().unwrap_or_default();
        let root = field(result, "brootid");
        for file in list("rpms") {
            built.buildroots.push((path(file), root.clone()));
            built.rpms.push(path(file));
        }
        if !list("logs").is_empty() {
            built.logs.push((arch.to_owned(), field(result, "logs").clone()));
        }
        if let Some(srpm) = list("srpms").first() {
            if !built.srpm.is_empty() {
                return Err(Error::build("multiple builds returned a srpm"));
            }
            built.buildroots.push((path(srpm), root.clone()));
            built.srpm = path(srpm);
        }
    }
    if built.srpm.is_empty() {
        return Err(Error::build("could not find a built srpm"));
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(root: i64, rpms: Vec<Value>, srpms: Vec<Value>) -> Value {
        let logs = args!["tasks/1/1/build.log"];
        Value::Struct(map! { "rpms" => rpms, "srpms" => srpms, "logs" => logs, "brootid" => root })
    }

    #[test]
    fn results_of_arches_come_together() {
        let first = result(7, args!["t/a.x86_64.rpm"], args!["t/a.src.rpm"]);
        let second = result(8, args!["t/a.i686.rpm"], vec![]);
        let built = gather([("x86_64", Some(&first)), ("i686", Some(&second))].into_iter()).unwrap();
        assert_eq!(built.srpm, "t/a.src.rpm");
        assert_eq!(built.rpms, ["t/a.x86_64.rpm", "t/a.i686.rpm"]);
        let roots = map! { "t/a.x86_64.rpm" => 7, "t/a.src.rpm" => 7, "t/a.i686.rpm" => 8 };
        assert_eq!(built.buildroots, roots);
        assert_eq!(built.logs.len(), 2);
        assert!(gather([("x86_64", Some(&second))].into_iter()).is_err());
        assert!(gather([("x86_64", Some(&first)), ("i686", Some(&first))].into_iter()).is_err());
        assert!(gather([("x86_64", None)].into_iter()).is_err());
    }
}
