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
            if let Some(line) = source.text.lines().position(|line| names(code(line), rule.word)) {
                complaints.push(format!("{}:{}: {} ({})", source.path, line + 1, rule.word, rule.why));
            }
        }
    }
    complaints
}

/// Whether a line has a word that is not the beginning of a longer one.
fn names(line: &str, word: &str) -> bool {
    let longer = |rest: &str| {
        word.ends_with(char::is_alphanumeric)
            && rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
    };
    line.match_indices(word).any(|(at, _)| !longer(&line[at + word.len()..]))
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> Vec<String> {
        check(&[Source { path: path.into(), text: text.into() }])
    }

    #[test]
    fn every_rule_can_complain() {
        for rule in RULES {
            let path = format!("{}room/noun.rs", rule.within);
            let text = format!("//! A noun.\nuse {};\n", rule.word);
            let complaint = format!("{path}:2: {} ({})", rule.word, rule.why);
            assert!(told(&path, &text).contains(&complaint), "{complaint}");
            for but in rule.but {
                let path = if but.ends_with(".rs") { (*but).to_owned() } else { format!("{but}noun.rs") };
                assert!(!told(&path, &text).iter().any(|told| told.contains(rule.why)), "{path}");
            }
        }
    }

    #[test]
    fn comments_and_other_crates_may_name_it() {
        assert!(told("koji-core/src/tag/get.rs", "// as diesel::select does\n").is_empty());
        assert!(told("koji-core/src/db/conn.rs", "use diesel::Connection;\n").is_empty());
        assert_eq!(told("koji-cli/src/app.rs", "fn a() { diesel::select(b) }\n").len(), 1);
        assert_eq!(told("koji-cli/src/app.rs", "use koji_core::db::Query;\n").len(), 1);
        assert!(told("koji-cli/src/app.rs", "use koji_core::db::QueryOpts;\n").is_empty());
    }
}
