//! Search: things of every kind by what their name matches.

use crate::context::Cx;
use crate::db::dialect::glob_to_like;
use crate::db::{Query, QueryOpts, Rows};
use crate::{Error, Result};

crate::row! {
    /// What was found.
    pub struct Found {
        /// Its id
        pub id: i32 = "found.id",
        /// Its name, as it is shown
        pub name: String = "found.name",
    }
}

/// How a name is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// With `*` and `?`, whatever the case
    Glob,
    /// By a regular expression, whatever the case
    Regexp,
    /// As it stands
    Exact,
}

impl Match {
    /// From the word that clients send; any unknown one means exact.
    pub fn from_word(word: &str) -> Self {
        match word {
            "glob" => Self::Glob,
            "regexp" => Self::Regexp,
            _ => Self::Exact,
        }
    }
}

/// A kind of things: what they are called, and the select that gives their `id`, their `name`, and in `also`
/// what else may match.
struct Kind {
    name: &'static str,
    select: &'static str,
    /// Whether `also` is there.
    also: bool,
    /// Other words for the keys of the answer, by which it may be sorted.
    keys: &'static [(&'static str, &'static str)],
}

impl Kind {
    /// An order that a client gave, by the keys of the answer.
    fn known_order(&self, order: &str) -> String {
        let known = |key: &str| {
            let (down, word) = key.strip_prefix('-').map_or(("", key), |word| ("-", word));
            let same = self.keys.iter().find(|(other, _)| *other == word);
            format!("{down}{}", same.map_or(word, |(_, key)| key))
        };
        order.split(',').map(known).collect::<Vec<_>>().join(",")
    }
}

const fn kind(name: &'static str, select: &'static str) -> Kind {
    Kind { name, select, also: false, keys: &[] }
}

static KINDS: &[Kind] = &[
    kind("package", "SELECT id, name FROM package"),
    Kind {
        keys: &[("build.id", "id")],
        ..kind(
            "build",
            "SELECT build.id AS id, package.name || '-' || build.version || '-' || build.release AS name, \
             package.name AS stem \
             FROM build JOIN package ON package.id = build.pkg_id",
        )
    },
    kind(
        "tag",
        "SELECT tag.id AS id, tag.name AS name FROM tag JOIN tag_config ON tag_config.tag_id = tag.id \
         WHERE tag_config.active = TRUE",
    ),
    kind(
        "target",
        "SELECT build_target.id AS id, build_target.name AS name FROM build_target \
         JOIN build_target_config ON build_target_config.build_target_id = build_target.id \
         WHERE build_target_config.active = TRUE",
    ),
    kind("user", "SELECT id, name FROM users"),
    kind("host", "SELECT id, name FROM host"),
    kind(
        "rpm",
        "SELECT id, name || '-' || version || '-' || release || '.' || arch || '.rpm' AS name, name AS stem \
         FROM rpminfo",
    ),
    Kind {
        name: "maven",
        select: "SELECT archiveinfo.id AS id, archiveinfo.filename AS name, \
             maven_archives.group_id || '-' || maven_archives.artifact_id || '-' || maven_archives.version AS also \
             FROM archiveinfo JOIN maven_archives ON maven_archives.archive_id = archiveinfo.id",
        also: true,
        keys: &[("filename", "name")],
    },
    // A file is shown with its path, and may be looked for by its bare name too.
    Kind {
        name: "win",
        select: "SELECT archiveinfo.id AS id, \
             ltrim(win_archives.relpath || '/' || archiveinfo.filename, '/') AS name, archiveinfo.filename AS also \
             FROM archiveinfo JOIN win_archives ON win_archives.archive_id = archiveinfo.id",
        also: true,
        keys: &[],
    },
];

/// Things of a kind whose names match. Nothing is found in `file`, which Koji once could search.
pub fn search(cx: &mut Cx<'_>, terms: &str, kind: &str, by: Match, opts: &QueryOpts) -> Result<Rows<Found>> {
    if terms.is_empty() {
        return Err(Error::generic("empty search terms"));
    }
    if kind == "file" {
        return Ok(opts.page(Vec::new()));
    }
    let Some(kind) = KINDS.iter().find(|known| known.name == kind) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        return Err(Error::generic(format!("No such search type: {kind} (there are {})", known.join(", "))));
    };
    let mut query = Query::from(&format!("({}) AS found", kind.select));
    if by == Match::Exact {
        query = query.filter_some("found.stem = ?", stem(kind.name, terms));
    }
    let (condition, terms) = condition(cx, terms, by)?;
    let query = match kind.also {
        true => {
            let either = format!("{} OR {}", condition("found.name"), condition("found.also"));
            query.filter(&either, (&terms, &terms))
        }
        false => query.filter(&condition("found.name"), &terms),
    };
    let order = opts.order.as_ref().map(|order| kind.known_order(order));
    query.order("found.id").rows(cx.db, &QueryOpts { order, ..opts.clone() })
}

/// What a composed name begins with: an index finds it, where it would not find the whole.
fn stem(kind: &str, name: &str) -> Option<String> {
    match kind {
        "build" | "rpm" => name.rsplitn(3, '-').nth(2).map(str::to_owned),
        _ => None,
    }
}

/// Makes the condition on a column, with the value to compare with.
type OnColumn = Box<dyn Fn(&str) -> String>;

fn condition(cx: &mut Cx<'_>, terms: &str, by: Match) -> Result<(OnColumn, String)> {
    let dialect = cx.db.dialect();
    Ok(match by {
        Match::Glob => {
            (Box::new(|column| format!("lower({column}) LIKE lower(?) ESCAPE '\\'")), glob_to_like(terms))
        }
        Match::Regexp => {
            cx.db.check_regexp(terms)?;
            (Box::new(move |column| dialect.regexp(column, true)), terms.to_owned())
        }
        Match::Exact => (Box::new(|column| format!("{column} = ?")), terms.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_names_have_a_stem() {
        assert_eq!(stem("build", "gcc-c++-1.0-2.fc40").as_deref(), Some("gcc-c++"));
        assert_eq!(stem("rpm", "foo-1-2.noarch.rpm").as_deref(), Some("foo"));
        assert_eq!((stem("rpm", "foo"), stem("tag", "a-b-c")), (None, None));
    }

    #[test]
    fn keys_have_other_names() {
        let order = |name: &str, order: &str| {
            KINDS.iter().find(|kind| kind.name == name).map(|kind| kind.known_order(order))
        };
        assert_eq!(order("maven", "-filename,id").as_deref(), Some("-name,id"));
        assert_eq!(order("build", "build.id").as_deref(), Some("id"));
        assert_eq!(order("win", "filename").as_deref(), Some("filename"));
    }

    #[test]
    fn unknown_words_mean_exact() {
        assert_eq!(Match::from_word("glob"), Match::Glob);
        assert_eq!(Match::from_word("Glob"), Match::Exact);
    }
}
