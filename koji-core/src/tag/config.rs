//! What a tag's builds are made with: its configuration, with arches and extra settings of what it inherits from.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::extra::{self, BlockedExtras, Extras};
use super::get::{self, Tag, TagRow, When};
use super::links;
use crate::Result;
use crate::context::Cx;
use crate::db::Lookup;
use crate::db::lookup::Named;

/// A tag as its builds see it.
#[derive(Clone, Debug, Serialize)]
pub struct BuildConfig {
    /// The tag, with what it inherits
    #[serde(flatten)]
    pub tag: Tag<Extras>,
    /// Which tags the inherited parts come from
    pub config_inheritance: Origins,
}

/// Which tags the inherited parts of a configuration come from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Origins {
    /// The arches; null if they are the tag's own
    pub arches: Option<Named>,
    /// The settings that are not the tag's own
    pub extra: BTreeMap<String, Named>,
}

/// The configuration for a tag's builds, now or at an event.
pub fn build_config(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>) -> Result<BuildConfig> {
    let mut tag = get::find_blocked(cx, tag, When::from(event))?.ok_or_else(|| get::missing(tag))?;
    let links = links::ancestors(cx, tag.row.id.into(), event)?.links;
    let order: Vec<i64> =
        links.iter().filter(|link| !link.edge.noconfig).map(|link| link.edge.parent_id).collect();
    let rows: HashMap<i64, TagRow> = get::rows(event)
        .filter("tag.id IN ?", order.as_slice())
        .load::<TagRow>(cx.db)?
        .into_iter()
        .map(|row| (i64::from(row.id), row))
        .collect();
    let ids: Vec<i32> = rows.values().map(|row| row.id).collect();
    let extras = extra::load(cx, &ids, event)?;
    let mut origins = Origins::default();
    for id in order {
        let row = rows.get(&id).ok_or_else(|| get::missing(&Lookup::Id(id)))?;
        let named = Named { id: row.id, name: row.name.clone() };
        inherit(&mut tag, &mut origins, row.arches.as_ref(), extras.get(&row.id), &named);
    }
    let Tag { row, revoke_event, extra, query_event } = tag;
    let tag = Tag { row, revoke_event, extra: extra.unblocked(), query_event };
    Ok(BuildConfig { tag, config_inheritance: origins })
}

/// Takes from an ancestor what nearer tags leave open.
fn inherit(
    tag: &mut Tag<BlockedExtras>,
    origins: &mut Origins,
    arches: Option<&String>,
    extras: Option<&BlockedExtras>,
    ancestor: &Named,
) {
    if tag.row.arches.is_none() && arches.is_some() {
        tag.row.arches = arches.cloned();
        origins.arches = Some(ancestor.clone());
    }
    for (key, value) in extras.iter().flat_map(|extras| extras.0.iter()) {
        if !tag.extra.0.contains_key(key) {
            tag.extra.0.insert(key.clone(), value.clone());
            origins.extra.insert(key.clone(), ancestor.clone());
        }
    }
}
