//! The release that the next build of a package and version may have.

use super::state::BuildState;
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// The release of the newest build of a version, counted up. Drafts, failed and canceled builds do not count.
pub fn find(cx: &mut Cx<'_>, name: &str, version: &str, step: i64) -> Result<String> {
    let states = [BuildState::Complete, BuildState::Deleted, BuildState::Building];
    let newest: Option<String> = Query::from("build")
        .join("package ON build.pkg_id = package.id")
        .filter("package.name = ? AND build.version = ?", (name, version))
        .filter("build.state IN ?", states.map(|state| i32::from(state.number())).to_vec())
        .filter("build.draft = FALSE", ())
        .order_desc("build.id")
        .limit(1)
        .select_first(cx.db, "build.release")?;
    match newest {
        None => Ok(step.to_string()),
        Some(release) => after(&release, step)
            .ok_or_else(|| Error::build(format!("Unable to increment release value: {release}"))),
    }
}

/// `N` and `N.DIST` count at the front, `DATE.WORD.N` at the end.
fn after(release: &str, step: i64) -> Option<String> {
    let count = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()?.checked_add(step))?
    };
    match release.split('.').collect::<Vec<_>>()[..] {
        [number] => Some(count(number)?.to_string()),
        [number, dist] => Some(format!("{}.{dist}", count(number)?)),
        [date, word, number] => Some(format!("{date}.{word}.{}", count(number)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn only_known_forms_are_counted_up() {
        for (release, next) in [("9", "10"), ("123.el8", "124.el8"), ("20240101.n.7", "20240101.n.8")] {
            assert_eq!(after(release, 1).unwrap(), next);
        }
        assert_eq!(after("1.fc40", 5).unwrap(), "6.fc40");
        assert_eq!(after("1", -3).unwrap(), "-2");
        for release in ["rc1", "rc1.fc40", "1.2.x", "1.2.3.4", "", "+1"] {
            assert!(after(release, 1).is_none(), "{release}");
        }
    }
}
