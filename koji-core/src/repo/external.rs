//! What is known of external repositories: how new their content is. A newer one changes the tags that have it.

use crate::context::Cx;
use crate::db::{Bind, Insert, Lookup, Query, lookup, versioned};
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// The data about an external repository, if there is any.
pub fn data(cx: &mut Cx<'_>, repo: &Lookup) -> Result<Option<serde_json::Value>> {
    let repo = lookup::get(cx, "external_repo", "external_repo", repo)?;
    let data = Query::from("external_repo_data")
        .filter("external_repo_id = ? AND active = TRUE", repo.id)
        .select_first::<Option<serde_json::Value>>(cx.db, "data")?;
    Ok(data.flatten())
}

/// Replaces the data about an external repository.
pub fn set_data(cx: &mut Cx<'_>, repo: &Lookup, data: Map) -> Result<()> {
    let repo = lookup::get(cx, "external_repo", "external_repo", repo)?;
    let data: serde_json::Value = wire::from_value(Value::Struct(data))?;
    versioned::revoke(cx, "external_repo_data", "external_repo_id = ?", repo.id)?;
    let insert = Insert::into("external_repo_data")
        .set("external_repo_id", repo.id)
        .set("data", Bind::Json(data.to_string()));
    versioned::create(cx, insert)
}

/// The time of the newest file that a `repomd.xml` lists, in seconds since the epoch.
pub fn newest_timestamp(repomd: &str) -> Result<i64> {
    use quick_xml::events::Event;
    let wrong = || Error::generic("the repomd.xml of an external repo has no timestamps");
    let mut reader = quick_xml::Reader::from_str(repomd);
    let (mut inside, mut newest) = (false, None);
    loop {
        match reader.read_event().map_err(|error| wrong().caused_by(error))? {
            Event::Start(tag) => inside = tag.local_name().as_ref() == "timestamp",
            Event::End(_) => inside = false,
            Event::Text(text) if inside => {
                let seconds: f64 =
                    text.xml10_content().trim().parse().map_err(|error| wrong().caused_by(error))?;
                newest = newest.max(Some(seconds.round() as i64));
            }
            Event::Eof => return newest.ok_or_else(wrong),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_file_counts() {
        let text = "<repomd><data><timestamp>15</timestamp><size>99</size></data>\
                    <data><timestamp>16.6</timestamp></data></repomd>";
        assert_eq!(newest_timestamp(text).unwrap(), 17);
        assert!(newest_timestamp("<repomd/>").is_err());
        assert!(newest_timestamp("<repomd><timestamp>x</timestamp>").is_err());
    }
}
