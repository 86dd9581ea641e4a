//! Finding the one inheritance link that a command line means.

use koji_core::api::Arg as _;
use koji_core::api::tag::{GetInheritanceData, SetInheritanceData};
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::line;
use crate::stop::Stop;
use crate::value::{View as _, into_items};

/// The links of a tag and which of them is meant.
pub struct Link {
    /// The tag's id.
    pub tag_id: i64,
    /// The tag's name.
    pub tag_name: String,
    /// All links, as the hub has them.
    pub all: Vec<Value>,
    /// The place of the one that is meant.
    pub place: usize,
}

impl Link {
    /// Gives the tag these links.
    pub fn save(self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        save(ctx, self.tag_id, self.all)
    }
}

/// Gives a tag links.
pub fn save(ctx: &mut Ctx<'_>, tag_id: i64, links: Vec<Value>) -> Result<(), Stop> {
    let links = Vec::<Map>::take(Value::Array(links))?;
    ctx.call(SetInheritanceData::new(tag_id, links))
}

/// Finds the link to a parent, or the only link, or the one with a priority.
pub fn find(ctx: &mut Ctx<'_>, tag: &str, parent: Option<&str>, priority: Option<i64>) -> Result<Link, Stop> {
    let tag = ctx.tag(tag)?;
    let parent = parent.map(|parent| ctx.tag(parent)).transpose()?;
    let all = into_items(ctx.ask(GetInheritanceData::new(tag.int("id")))?);
    let places: Vec<usize> = (0..all.len())
        .filter(|place| parent.as_ref().is_none_or(|parent| all[*place].int("parent_id") == parent.int("id")))
        .filter(|place| priority.is_none_or(|priority| all[*place].int("priority") == priority))
        .collect();
    match places[..] {
        [place] => Ok(Link { tag_id: tag.int("id"), tag_name: tag.str("name").to_owned(), all, place }),
        [] => Err(Stop::told("No inheritance link found to remove.  Please check your arguments")),
        _ => {
            line!(ctx, "Multiple matches for tag.");
            Err(Stop::told(match (&parent, priority) {
                (None, _) => "Please specify a parent on the command line.",
                (_, None) => "Please specify a priority on the command line.",
                _ => "Error: Key constraints may be broken.  Exiting.",
            }))
        }
    }
}

/// The refusal of a second link with a priority.
pub fn same_priority(tag: &str) -> Stop {
    Stop::told(format!(
        "Error: There is already an active inheritance with that priority on {tag}, please specify a \
         different priority with --priority."
    ))
}
