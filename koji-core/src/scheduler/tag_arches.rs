//! Tasks that fit any arch, but need a buildroot of a tag's arches: hosts that have none of these are taken out
//! from the start.

use std::collections::HashSet;

use super::refusal::{self, Refusal};
use crate::context::Cx;
use crate::db::Lookup;
use crate::host::list::{HostFilter, list};
use crate::tag::config::build_config;
use crate::target;
use crate::task::NewTask;
use crate::task::kinds;
use crate::wire::Value;
use crate::{Result, arch};

/// The parameter that names the tag, by method.
const TAGS: [(&str, &str); 5] = [
    ("buildArch", "root"),
    ("buildMaven", "build_tag"),
    ("buildSRPMFromSCM", "build_tag"),
    ("rebuildSRPM", "build_tag"),
    ("wrapperRPM", "build_target"),
];

/// Has hosts of the channel refuse a new `noarch` task that they could not do. Parameters that name no tag are no
/// error here: the task itself will tell.
pub(crate) fn refuse(cx: &mut Cx<'_>, task: i32, channel: i32, new: &NewTask) -> Result<()> {
    let Some((_, parameter)) = TAGS.iter().find(|(method, _)| *method == new.method) else { return Ok(()) };
    let Some(Ok(params)) = kinds::params(&new.method, &new.params) else { return Ok(()) };
    let Some((_, value)) = params.into_iter().find(|(name, _)| name == parameter) else { return Ok(()) };
    let Some(tag) = tag(cx, &new.method, &value)? else { return Ok(()) };
    let Ok(config) = build_config(cx, &tag, None) else {
        tracing::warn!(task, %tag, "a task names a tag that is not there");
        return Ok(());
    };
    let list_of = config.tag.row.arches.unwrap_or_default();
    let arches: HashSet<&str> = list_of.split_whitespace().map(arch::canonical).collect();
    if arches.is_empty() {
        return Ok(());
    }
    let filter = HostFilter { channel: Some(channel.into()), enabled: Some(true), ..HostFilter::default() };
    let refusals: Vec<Refusal> = list(cx, &filter)?
        .into_iter()
        .filter(|host| {
            !host.arches.iter().flat_map(|list| list.split_whitespace()).any(|arch| arches.contains(arch))
        })
        .map(|host| Refusal {
            task_id: task.into(),
            host_id: host.id.into(),
            soft: false,
            by_host: false,
            msg: "automatic arch refusal".into(),
        })
        .collect();
    refusal::add(cx, &refusals)
}

/// The tag that a parameter names, by itself or by a target.
fn tag(cx: &mut Cx<'_>, method: &str, value: &Value) -> Result<Option<Lookup>> {
    let Ok(wanted) = Lookup::from_value(value) else { return Ok(None) };
    if method != "wrapperRPM" {
        return Ok(Some(wanted));
    }
    Ok(target::get::find_named(cx, &wanted, None)?.map(|target| target.build_tag.into()))
}
