//! What may be named where: the directions between the rooms.

use super::Source;

/// Files under `within` (except under `but`) must not name `word`.
struct Rule {
    within: &'static str,
    but: &'static [&'static str],
    word: &'static str,
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        within: "koji-core/src/",
        but: &["koji-core/src/db/"],
        word: "diesel::",
        why: "Diesel stays in db/",
    },
    Rule { within: "koji-hubd/", but: &[], word: "diesel::", why: "an adapter has no SQL" },
    Rule { within: "koji-cli/", but: &[], word: "diesel::", why: "an adapter has no SQL" },
    Rule { within: "koji-py/", but: &[], word: "diesel::", why: "an adapter has no SQL" },
    Rule { within: "koji-hubd/", but: &[], word: "db::Query", why: "an adapter has no SQL" },
    Rule { within: "koji-cli/", but: &[], word: "db::Query", why: "an adapter has no SQL" },
    Rule { within: "koji-core/src/api/", but: &[], word: "Query::from", why: "api declares; rooms query" },
    Rule { within: "koji-core/src/", but: &[], word: "async fn", why: "core has no async" },
    Rule { within: "koji-core/src/", but: &[], word: "thread_local!", why: "core has no globals" },
    Rule { within: "koji-core/src/", but: &[], word: "static mut", why: "core has no globals" },
    Rule {
        within: "koji-core/src/",
        but: &[
            "koji-core/src/wire/",
            "koji-core/src/compose/",
            "koji-core/src/archive/pom.rs",
            "koji-core/src/repo/external.rs",
        ],
        word: "quick_xml",
        why: "XML is the wire's, and that of files which are XML",
    },
];

/// Complains about words in places where they must not be.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in RULES {
        let places = sources
            .iter()
            .filter(|source| source.path.starts_with(rule.within))
            .filter(|source| !rule.but.iter().any(|but| source.path.starts_with(but)));
        for source in places {
            if let Some(line) = source.text.lines().position(|line| code(line).contains(rule.word)) {
                complaints.push(format!("{}:{}: {} ({})", source.path, line + 1, rule.word, rule.why));
            }
        }
    }
    complaints
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}
