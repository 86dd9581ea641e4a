//! Methods about content generators.

use std::collections::BTreeMap;

use super::args::Arg;
use super::build::{epoch, part};
use super::host_build::with_details;
use super::later::Later;
use crate::build::create::NewBuild;
use crate::build::state::BuildState;
use crate::build::{BuildRef, BuildRow};
use crate::cg::access::{self, Generator};
use crate::cg::import;
use crate::cg::metadata::Given;
use crate::cg::reserve::{self, Refund, Reservation};
use crate::cg::speak;
use crate::db::Lookup;
use crate::methods;
use crate::nvr::Nvr;
use crate::user::info::UserRef;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// The content generators and who may act as each.
    read Anyone => ListCgs "listCGs" () -> BTreeMap<String, Generator> = |_m, cx| access::list(cx);

    /// Reserves a build for a content generator; the answer holds the token that completes it or gives it back.
    write Inside("access to the content generator") => CgInitBuild "CGInitBuild" (cg: Lookup, data: Map)
        -> Reservation
        = |m, cx| reserve::reserve(cx, &m.cg, || reserved(&m.data));

    /// Gives a reserved build back, as failed or canceled.
    write Inside("access to the content generator") => CgRefundBuild "CGRefundBuild"
        (cg: Later<Lookup>, build_id: Later<BuildRef>, token: Later<String>, state: Value = BuildState::Failed.number_value())
        -> ()
        = |m, cx| {
            let state = m.state.as_int().and_then(|state| BuildState::from_number(state).ok());
            let ending = Refund::of(state)?;
            let cg = speak::require(cx, &m.cg.read("cg")?)?;
            let build = m.build_id.read("build_id")?;
            // no reservation has a token that is no text
            reserve::refund(cx, &cg, &build, &m.token.sought().unwrap_or_default(), ending)
        };

    /// Imports a build that a content generator made: `metadata` is a struct, JSON text, or the name of a file in the
    /// upload directory (`metadata.json` if null); `token` is that of a reserved build.
    write Inside("access to the content generator") => CgImport "CGImport"
        (metadata: Given, directory: String, token: Option<String> = None) -> BuildRow
        = |m, cx| import::import(cx, &m.metadata, &m.directory, m.token.as_deref());

    /// Lets a user act as a content generator. With `create` there need be none of that name yet.
    write Perm("admin") => GrantCgAccess "grantCGAccess" (user: UserRef, cg: Lookup, create: bool = false) -> ()
        = |m, cx| access::grant(cx, &m.user, &m.cg, m.create);

    /// Lets a user no longer act as a content generator.
    write Perm("admin") => RevokeCgAccess "revokeCGAccess" (user: UserRef, cg: Lookup) -> ()
        = |m, cx| access::revoke(cx, &m.user, &m.cg);
}

/// A build that a content generator reserves. It need not know of epochs.
fn reserved(data: &Map) -> Result<NewBuild> {
    let given = Value::Struct(data.clone());
    let (version, release) = (part(data, "version")?, part(data, "release")?);
    if !given.get("name").is_some_and(Value::is_true) {
        return Err(Error::generic("No name or package id provided for build"));
    }
    let nvr = Nvr { name: part(data, "name")?, version, release, epoch: String::new() };
    nvr.check()?;
    let epoch = epoch(given.get("epoch").unwrap_or(&Value::Nil))?;
    let task_id = given.get("task_id").cloned().map(<Option<i32> as Arg>::take).transpose()?.flatten();
    with_details(NewBuild { task_id, ..NewBuild::of(nvr, epoch) }, data)
}
