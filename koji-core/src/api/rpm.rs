//! Methods about rpms.

use serde::Serialize;

use crate::Result;
use crate::context::Cx;
use crate::methods;
use crate::rpm::import::{self, ImportedRpm};
use crate::rpm::{RpmRef, RpmRow, lookup};

methods! {
    /// An rpm by its id, its name-version-release.arch or a struct with these; with `multi` all that have the name.
    read Anyone => GetRpm "getRPM" (rpminfo: RpmRef, strict: bool = false, multi: bool = false) -> OneOrAll
        = |m, cx| get(cx, &m);

    /// Imports an uploaded rpm.
    write Perm("admin") => ImportRpm "importRPM" (path: String, basename: String) -> ImportedRpm
        = |m, cx| import::import_upload(cx, &m.path, &m.basename);
}

/// One rpm, or all that have a name.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum OneOrAll {
    /// One, if there is one
    One(Option<RpmRow>),
    /// All
    All(Vec<RpmRow>),
}

fn get(cx: &mut Cx<'_>, m: &GetRpm) -> Result<OneOrAll> {
    if m.multi {
        return lookup::all(cx, &m.rpminfo).map(OneOrAll::All);
    }
    lookup::find_or_fail(cx, &m.rpminfo, m.strict).map(OneOrAll::One)
}
