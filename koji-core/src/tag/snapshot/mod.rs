//! Snapshots: one tag made like another, now or as it was at an event.
//!
//! Configuration, package list, builds and groups are copied flat, with what the source inherits; inheritance and
//! external repositories are not. Of groups only the names of what they hold are copied, as Koji does.

mod builds;
mod create;
mod groups;
mod modify;
mod plan;

pub use create::create;
pub use modify::modify;

use crate::context::Cx;
use crate::db::Lookup;
use crate::tag::get::{self, Tag, When};
use crate::{Error, Result};

/// What to copy, and how.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The tag to copy
    pub src: Lookup,
    /// The tag to make or to change
    pub dst: Lookup,
    /// Copy the configuration
    pub config: bool,
    /// Copy the package list
    pub packages: bool,
    /// Copy the builds, which wants the package list
    pub builds: bool,
    /// Copy the groups
    pub groups: bool,
    /// Only the latest build of each package
    pub latest_only: bool,
    /// Builds that the source inherits, too
    pub inherit_builds: bool,
    /// The source as it was at an event
    pub event: Option<i32>,
    /// Copy locked tags, overwrite blocks
    pub force: bool,
    /// Take away what the source does not have
    pub remove: bool,
}

impl Wish {
    fn check(&self) -> Result<()> {
        if self.builds && !self.packages {
            return Err(Error::parameter("builds can't be copied without the package list (pkgs)"));
        }
        Ok(())
    }

    fn source(&self, cx: &mut Cx<'_>) -> Result<Tag> {
        get::get(cx, &self.src, When::from(self.event))
    }
}
