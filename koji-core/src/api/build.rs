//! Methods about builds.

use crate::api::args::expected;
use crate::build::create::{self, NewBuild};
use crate::build::{BuildRef, BuildRow, lookup, row};
use crate::context::Cx;
use crate::db::Lookup;
use crate::methods;
use crate::nvr::Nvr;
use crate::wire::Value;
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

    /// Makes a build without content.
    write Perm("admin") => CreateEmptyBuild "createEmptyBuild"
        (name: String, version: Option<String>, release: Option<String>, epoch: Value, owner: Option<Lookup> = None,
         draft: bool = false) -> i32
        = |m, cx| create_empty(cx, m);
}

fn create_empty(cx: &mut Cx<'_>, m: CreateEmptyBuild) -> Result<i32> {
    let needed = |what: &str, value: Option<String>| {
        value.ok_or_else(|| Error::unforeseen(format!("a build needs a {what}")))
    };
    let owner = m.owner.map(|owner| user::lookup::get(cx, &owner)).transpose()?.map(|user| user.id);
    let nvr = Nvr {
        name: m.name,
        version: needed("version", m.version)?,
        release: needed("release", m.release)?,
        epoch: String::new(),
    };
    let new = NewBuild { draft: m.draft, owner, ..NewBuild::of(nvr, epoch(&m.epoch)?) };
    create::create(cx, new)
}

/// An epoch as clients give it: a number, also as text, or nothing.
fn epoch(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Nil => Ok(None),
        Value::Int(epoch) => Ok(Some(*epoch)),
        Value::String(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|error| Error::unforeseen(format!("not an epoch: {text:?}")).caused_by(error)),
        other => Err(expected("an epoch", other)),
    }
}
