//! Reservations: a content generator takes a build's name before it has the content.
//!
//! Who holds the token may bring the content or give the name back.

use serde::Serialize;

use super::speak;
use crate::build::create::{self, NewBuild};
use crate::build::row::{self, BuildRow};
use crate::build::state::{BuildEvent, BuildState};
use crate::build::{BuildRef, change};
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::{Delete, Insert, Lookup, Query};
use crate::digest::hex;
use crate::session::same_key;
use crate::{Error, Result};

/// A reserved build.
#[derive(Clone, Debug, Serialize)]
pub struct Reservation {
    /// The build
    pub build_id: i32,
    /// The secret that whoever completes or gives back the build must know
    pub token: String,
}

/// Reserves a build for a content generator that the caller may speak for.
pub fn reserve(
    cx: &mut Cx<'_>,
    generator: &Lookup,
    new: impl FnOnce() -> Result<NewBuild>,
) -> Result<Reservation> {
    let cg = speak::require(cx, generator)?;
    let new =
        NewBuild { state: BuildState::Building, cg_id: Some(cg.id), owner: Some(cx.user_id()?), ..new()? };
    let build = create::create(cx, &new)?;
    if find_token(cx, build)?.is_some() {
        return Err(Error::generic("Build is already reserved"));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::unforeseen(format!("no random numbers: {error}")))?;
    let token = hex(&bytes);
    Insert::into("build_reservations")
        .set("build_id", build)
        .set("token", &token)
        .set("created", cx.now())
        .execute(cx.db)?;
    Ok(Reservation { build_id: build, token })
}

/// How a reserved build is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refund {
    /// It has failed
    Failed,
    /// It is canceled
    Canceled,
}

impl Refund {
    /// The way into a state; there are only two.
    pub fn of(state: Option<BuildState>) -> Result<Self> {
        match state {
            Some(BuildState::Failed) => Ok(Self::Failed),
            Some(BuildState::Canceled) => Ok(Self::Canceled),
            _ => Err(Error::generic("Only FAILED/CANCELED build states are allowed")),
        }
    }
}

/// Gives a reserved build back to its content generator, for which the caller may speak: its name can be used again.
pub fn refund(cx: &mut Cx<'_>, cg: &Named, build: &BuildRef, token: &str, how: Refund) -> Result<()> {
    let by_id = matches!(build, BuildRef::Id(_));
    let build = row::get(cx, build)?;
    if build.build_state()? != BuildState::Building {
        return Err(Error::generic(format!("Build ID {} is not in BUILDING state", build.id)));
    }
    if !by_id {
        return Err(Error::unforeseen(format!("a reservation is found by the build's id ({})", build.id)));
    }
    check_token(cx, &build, token)?;
    if build.cg_id != Some(cg.id) {
        return Err(Error::generic(format!("Build ID {} is not reserved by this CG", build.id)));
    }
    let event = match how {
        Refund::Failed => BuildEvent::Fail,
        Refund::Canceled => BuildEvent::Cancel,
    };
    change::apply(cx, &build, event, |update| update)?;
    clear(cx, build.id)
}

/// The token must be that of the build's reservation.
pub fn check_token(cx: &mut Cx<'_>, build: &BuildRow, token: &str) -> Result<()> {
    match find_token(cx, build.id)? {
        Some(known) if !known.is_empty() && same_key(&known, token) => Ok(()),
        _ => Err(Error::generic(format!("Token doesn't match build ID {}", build.id))),
    }
}

/// Forgets a build's reservation.
pub fn clear(cx: &mut Cx<'_>, build: i32) -> Result<()> {
    Delete::from("build_reservations").filter("build_id = ?", build).execute(cx.db).map(drop)
}

/// The token of a build that is reserved; that of a reservation without one is empty.
fn find_token(cx: &mut Cx<'_>, build: i32) -> Result<Option<String>> {
    let token: Option<Option<String>> =
        Query::from("build_reservations").filter("build_id = ?", build).select_first(cx.db, "token")?;
    Ok(token.map(Option::unwrap_or_default))
}
