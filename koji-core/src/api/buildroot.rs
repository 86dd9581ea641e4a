//! Methods about buildroots.

use super::args::{Arg, OneOrMany, expected};
use super::cast::IntLike;
use super::later::Later;
use super::signature::external_rpm;
use crate::buildroot::content::{self, Component, Found};
use crate::buildroot::make;
use crate::buildroot::row::{self, BuildrootRow, Wanted};
use crate::buildroot::state::BuildrootState;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// A buildroot's id. Anything else is what the database refuses in Koji, which is a fault of its own kind.
fn stored_id(value: &Value) -> Result<i64> {
    value
        .as_int()
        .ok_or_else(|| Error::unforeseen(format!("a buildroot's id is an integer, not {}", value.kind())))
}

fn int(value: Option<IntLike>) -> Option<i64> {
    value.map(|value| value.0)
}

/// A state that a builder names or numbers; what is none of them is unforeseen in Koji.
fn state(value: Value) -> Result<BuildrootState> {
    let state = match value {
        Value::String(name) => BuildrootState::from_name(&name),
        Value::Int(number) => BuildrootState::from_number(number),
        other => return Err(expected("a state", &other)),
    };
    state.map_err(|error| Error::unforeseen(error.message))
}

methods! {
    /// Buildroots that fulfil all that is asked for.
    read Anyone => ListBuildroots "listBuildroots"
        (hostID: Option<i64> = None, tagID: Option<i64> = None, state: Option<OneOrMany<i64>> = None,
         rpmID: Option<i64> = None, archiveID: Option<i64> = None, taskID: Option<i64> = None,
         buildrootID: Option<OneOrMany<i64>> = None, repoID: Option<i64> = None,
         queryOpts: QueryOpts = QueryOpts::default()) -> Rows<BuildrootRow>
        = |m, cx| {
            let wanted = Wanted {
                ids: m.buildrootID.map(OneOrMany::into_vec),
                host: m.hostID,
                tag: m.tagID,
                states: m.state.map(OneOrMany::into_vec),
                rpm: m.rpmID,
                archive: m.archiveID,
                task: m.taskID,
                repo: m.repoID.filter(|repo| *repo != 0),
            };
            row::list(cx, &wanted, &m.queryOpts)
        };

    /// A buildroot.
    read Anyone => GetBuildroot "getBuildroot" (buildrootID: IntLike, strict: bool = false) -> Option<BuildrootRow>
        = |m, cx| match m.strict {
            true => row::get(cx, m.buildrootID.0).map(Some),
            false => row::find(cx, m.buildrootID.0),
        };

    /// The rpms in a buildroot.
    read Anyone => GetBuildrootListing "getBuildrootListing" (id: i64) -> Vec<Component>
        = |m, cx| content::rpms(cx, m.id);

    /// Makes a buildroot for a task of the calling host.
    write Host => HostNewBuildRoot "host.newBuildRoot" (repo: Later<i64>, arch: Later<Option<String>>, task_id: Option<IntLike> = None) -> i32
        = |m, cx| make::make(cx, || Ok((m.repo.read("repo")?, m.arch.read("arch")?)), int(m.task_id));

    /// Gives a buildroot another state, by number or name.
    write Host => HostSetBuildRootState "host.setBuildRootState"
        (brootid: Value, state: Value, task_id: Option<IntLike> = None) -> ()
        = |m, cx| {
            let buildroot = make::own(cx, stored_id(&m.brootid)?, int(m.task_id))?;
            make::set_state(cx, &buildroot, state(m.state)?)
        };

    /// Says which rpms a buildroot was set up with.
    write Host => HostSetBuildRootList "host.setBuildRootList"
        (brootid: i64, rpmlist: Vec<Map>, task_id: Option<IntLike> = None) -> ()
        = |m, cx| {
            let buildroot = make::own(cx, m.brootid, int(m.task_id))?;
            make::require_state(&buildroot, BuildrootState::Init)?;
            content::add_rpms(cx, buildroot.id, &found(&m.rpmlist)?, false)
        };

    /// Says which rpms came into a buildroot later.
    write Host => HostUpdateBuildRootList "host.updateBuildRootList"
        (brootid: i64, rpmlist: Vec<Map>, task_id: Option<IntLike> = None) -> ()
        = |m, cx| {
            let buildroot = make::own(cx, m.brootid, int(m.task_id))?;
            make::require_state(&buildroot, BuildrootState::Building)?;
            content::add_rpms(cx, buildroot.id, &found(&m.rpmlist)?, true)
        };

    /// Says which archives came into a buildroot.
    write Host => HostUpdateBuildrootArchives "host.updateBuildrootArchives"
        (brootid: i64, task_id: IntLike, archives: Vec<Map>, project: bool = false) -> ()
        = |m, cx| {
            let buildroot = make::own(cx, m.brootid, Some(m.task_id.0))?;
            let config = &cx.env.config;
            if !config.flag("EnableMaven") && !config.flag("EnableWin") {
                return Err(Error::generic("non-rpm support is not enabled"));
            }
            make::require_state(&buildroot, BuildrootState::Building)?;
            let ids = m.archives.into_iter().map(|archive| {
                let id = archive.into_iter().find(|(key, _)| key == "id").map(|(_, id)| id);
                i32::take(id.ok_or_else(|| Error::unforeseen("an archive needs its id"))?)
            });
            let ids = ids.collect::<Result<Vec<_>>>()?;
            content::add_archives(cx, buildroot.id, &ids, m.project)
        };
}

/// Rpms as builders list them: with `location`, an external repo, if they are not ours.
pub(super) fn found(rpms: &[Map]) -> Result<Vec<Found>> {
    rpms.iter().map(found_one).collect()
}

fn found_one(rpm: &Map) -> Result<Found> {
    let of = |key: &str| rpm.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    if let Some(repo) = of("location").filter(Value::is_true) {
        return Ok(Found::External(Lookup::from_value(&repo)?, external_rpm(rpm)?));
    }
    if let Some(id) = of("id") {
        return i64::take(id).map(Found::Known);
    }
    let part = |key: &str| {
        let value = of(key).ok_or_else(|| Error::unforeseen(format!("an rpm of a buildroot lacks {key}")))?;
        String::take(value)
    };
    Ok(Found::Own((part("name")?, part("version")?, part("release")?, part("arch")?)))
}
