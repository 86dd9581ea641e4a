//! Complete builds that are in no tag.

use super::state::BuildState;
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows};
use crate::row;

row! {
    /// A build.
    pub struct Untagged {
        /// Its id
        pub id: i32 = "build.id",
        /// The package's name
        pub name: String = "package.name",
        /// Its version
        pub version: String = "build.version",
        /// Its release
        pub release: String = "build.release",
    }
}

/// Complete builds that are in no tag: of one package, and drafts only or none, if asked for.
pub fn list(
    cx: &mut Cx<'_>,
    package: Option<&str>,
    draft: Option<bool>,
    opts: &QueryOpts,
) -> Result<Rows<Untagged>> {
    Query::from("build")
        .join("package ON package.id = build.pkg_id")
        .filter("build.state = ?", BuildState::Complete.number())
        .filter(
            "NOT EXISTS (SELECT 1 FROM tag_listing WHERE tag_listing.build_id = build.id \
             AND tag_listing.active = TRUE)",
            (),
        )
        .filter_some("package.name = ?", package)
        .filter_some("build.draft = ?", draft)
        .rows(cx.db, opts)
}
