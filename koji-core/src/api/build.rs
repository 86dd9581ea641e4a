//! Methods about builds.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::api::args::Arg as _;
use crate::api::build_list::{Moment, wanted};
use crate::api::cast::{IntLike, NameText, Seconds, Truthy};
use crate::api::column::ColumnText;
use crate::api::later::Later;
use crate::build::create::{self, NewBuild};
use crate::build::delete::{self, Wish};
use crate::build::list::{self, Listed};
use crate::build::logs::Log;
use crate::build::references::{self, Extent, References};
use crate::build::untagged::Untagged;
use crate::build::{
    BuildRef, BuildRow, btype, cancel, duration, edit, logs, lookup, next_release, row, untagged,
};
use crate::context::Cx;
use crate::db::{Lookup, QueryOpts, Rows, Time};
use crate::methods;
use crate::nvr::Nvr;
use crate::wire::{Map, Value};
use crate::{Error, Result, user};

methods! {
    /// A build by its id, its name-version-release or a struct with these three.
    read Anyone => GetBuild "getBuild" (buildInfo: BuildRef, strict: bool = false) -> Option<BuildRow>
        = |m, cx| row::find_or_fail(cx, &m.buildInfo, m.strict);

    /// The id of a build. An id is believed.
    read Anyone => FindBuildId "findBuildID" (X: BuildRef, strict: bool = false) -> Option<i64>
        = |m, cx| match lookup::find_id(cx, &m.X)? {
            None if m.strict => Err(m.X.missing()),
            found => Ok(found),
        };

    /// Builds that fulfil all that is asked for.
    read Anyone => ListBuilds "listBuilds"
        (packageID: Option<Lookup> = None, userID: Option<Lookup> = None, taskID: Option<i64> = None,
         prefix: Truthy<ColumnText> = Truthy(None), state: Option<i64> = None, volumeID: Option<i64> = None,
         source: Option<String> = None, createdBefore: Moment = Moment(None), createdAfter: Moment = Moment(None),
         completeBefore: Moment = Moment(None), completeAfter: Moment = Moment(None), r#type: Option<Lookup> = None,
         typeInfo: Value = Value::Nil, queryOpts: QueryOpts = QueryOpts::default(),
         pattern: Truthy<String> = Truthy(None), cgID: Truthy<Lookup> = Truthy(None), draft: Option<bool> = None, promotedBefore: Moment = Moment(None),
         promotedAfter: Moment = Moment(None), promoter: Option<Lookup> = None) -> Listed
        = |m, cx| { let opts = m.queryOpts.clone(); list::list(cx, &wanted(m)?, &opts) };

    /// The types of a build, each with what is known of it.
    read Anyone => GetBuildType "getBuildType" (buildInfo: BuildRef, strict: bool = false)
        -> Option<BTreeMap<String, Option<Json>>>
        = |m, cx| btype::of_build(cx, &m.buildInfo, m.strict);

    /// The log files of a complete build.
    read Anyone => GetBuildLogs "getBuildLogs" (build: BuildRef) -> Vec<Log>
        = |m, cx| logs::list(cx, &m.build);

    /// The average time in seconds that builds of a package took, over the last months if `age` is given.
    read Anyone => GetAverageBuildDuration "getAverageBuildDuration" (package: Lookup, age: Option<Later<IntLike>> = None) -> Option<f64>
        = |m, cx| duration::average(cx, &m.package, || {
            // Koji does not check it, but only counts with it
            let age = m.age.map(|age| age.read("age")).transpose();
            age.map(|age| age.map(|age| age.0)).map_err(|error| Error::unforeseen(error.message))
        });

    /// The release that the next build of a name and version may have.
    read Anyone => GetNextRelease "getNextRelease" (build_info: Map, incr: IntLike = IntLike(1)) -> String
        = |m, cx| {
            let (name, version) = (part(&m.build_info, "name")?, part(&m.build_info, "version")?);
            next_release::find(cx, &name, &version, m.incr.0)
        };

    /// What refers to a build, and keeps it from being deleted.
    read Anyone => BuildReferences "buildReferences" (build: BuildRef, limit: Option<i64> = None, lazy: bool = false)
        -> References
        = |m, cx| {
            let id = row::get(cx, &m.build)?.id;
            references::of(cx, id, Extent { limit: m.limit, lazy: m.lazy })
        };

    /// Complete builds that are in no tag.
    read Anyone => UntaggedBuilds "untaggedBuilds"
        (name: Option<String> = None, queryOpts: QueryOpts = QueryOpts::default(), draft: Option<bool> = None)
        -> Rows<Untagged>
        = |m, cx| untagged::list(cx, m.name.as_deref(), m.draft, &m.queryOpts);

    /// Makes a build without content.
    write Perm("admin") => CreateEmptyBuild "createEmptyBuild"
        (name: NameText, version: Option<String>, release: Option<String>, epoch: Value, owner: Option<Lookup> = None,
         draft: bool = false) -> i32
        = |m, cx| create_empty(cx, m);

    /// Calls off a build that is under way, with its task; whether it was.
    write User => CancelBuild "cancelBuild" (buildID: BuildRef, strict: bool = false) -> bool
        = |m, cx| cancel::request(cx, &m.buildID, m.strict);

    /// Deletes a build that nothing refers to. Its name and the rows of its rpms stay.
    write Perm("admin") => DeleteBuild "deleteBuild"
        (build: BuildRef, strict: bool = true, min_ref_age: Seconds = Seconds(604_800.0)) -> Option<bool>
        = |m, cx| delete::delete(cx, &m.build, Wish { strict: m.strict, min_ref_age_s: m.min_ref_age.0 });

    /// Takes everything of a build back but its entry, which can then be used again.
    write Perm("admin") => ResetBuild "resetBuild" (build: BuildRef) -> ()
        = |m, cx| delete::reset(cx, &m.build);

    /// Gives a build to another user; to the caller if none is named.
    write Perm("admin") => SetBuildOwner "setBuildOwner" (build: BuildRef, user: Option<Lookup>) -> ()
        = |m, cx| {
            let user = match m.user {
                Some(user) => user,
                None => Lookup::from(cx.user_id()?),
            };
            edit::set_owner(cx, &m.build, &user)
        };

    /// Sets when a build was completed, in seconds since the epoch.
    write Perm("admin") => SetBuildTimestamp "setBuildTimestamp" (build: BuildRef, ts: Value) -> ()
        = |m, cx| {
            let Some(seconds) = timestamp(&m.ts) else {
                return Err(Error::generic("Invalid type for timestamp (give seconds since the epoch)"));
            };
            edit::set_completion(cx, &m.build, seconds)
        };
}

fn create_empty(cx: &mut Cx<'_>, m: CreateEmptyBuild) -> Result<i32> {
    let needed = |what: &str, value: Option<String>| {
        value.ok_or_else(|| Error::unforeseen(format!("a build needs a {what}")))
    };
    let owner = match m.owner {
        // Koji looks up only who is named; the database knows nobody of these.
        Some(Lookup::Id(0)) => return Err(Error::unforeseen("nobody has the id 0")),
        Some(Lookup::Name(name)) if name.is_empty() => return Err(Error::unforeseen("nobody has no name")),
        owner => owner.map(|owner| user::lookup::get(cx, &owner)).transpose()?.map(|user| user.id),
    };
    create::check_name(cx, &m.name.0)?;
    let nvr = Nvr {
        name: m.name.0,
        version: needed("version", m.version)?,
        release: needed("release", m.release)?,
        epoch: String::new(),
    };
    let new = NewBuild { draft: m.draft, owner, ..NewBuild::of(nvr, epoch(&m.epoch)?) };
    create::create(cx, &new)
}

/// An epoch as clients give it: a number, also as text, or nothing.
pub(super) fn epoch(value: &Value) -> Result<Option<i64>> {
    let wrong = || Error::unforeseen(format!("not an epoch: {value:?}"));
    let epoch = match value {
        Value::Nil => return Ok(None),
        Value::Int(epoch) => *epoch,
        Value::Double(epoch) => epoch.round_ties_even() as i64,
        Value::String(text) => text.trim().parse().map_err(|error| wrong().caused_by(error))?,
        _ => return Err(wrong()),
    };
    i32::try_from(epoch).map(|epoch| Some(epoch.into())).map_err(|error| wrong().caused_by(error))
}

/// A text of a struct that must be there.
pub(super) fn part(map: &Map, key: &str) -> Result<String> {
    match map.iter().find(|(name, _)| name == key) {
        Some((_, value)) => String::take(value.clone()),
        None => Err(Error::unforeseen(format!("the struct lacks {key}"))),
    }
}

/// Seconds since the epoch, or XML-RPC's own form of a date.
fn timestamp(value: &Value) -> Option<Time> {
    match value {
        Value::Int(seconds) => Some(Time(*seconds as f64)),
        Value::Bool(flag) => Some(Time(f64::from(u8::from(*flag)))),
        Value::Double(seconds) => Some(Time(*seconds)),
        Value::DateTime(text) => {
            let (date, clock) = text.split_once('T')?;
            let date = format!("{}-{}-{} {clock}", date.get(..4)?, date.get(4..6)?, date.get(6..8)?);
            Time::parse(&date).ok()
        }
        _ => None,
    }
}
