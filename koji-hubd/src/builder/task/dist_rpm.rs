//! [`select`]: which copy of each rpm goes into a repository for distribution: pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use koji_core::Result;
use koji_core::client::field;
use koji_core::paths::{self, RpmFile};
use koji_core::wire::Value;

use super::run::{need_int, need_text};

/// An rpm with the best of the wanted signatures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub id: i64,
    /// What the hub tells of it.
    pub rpm: Value,
    /// The key, as the hub has it; none if no wanted key signed it.
    pub key: Option<String>,
    /// All keys that there are signatures of.
    pub available: Vec<String>,
}

/// Chooses from a listing with a row for each signature. The keys are in the order of preference.
///
/// # Errors
/// Rows without id.
pub(super) fn select(rows: &[Value], keys: &[String]) -> Result<Vec<Choice>> {
    let mut by_id: BTreeMap<i64, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        by_id.entry(need_int(row, "id")?).or_default().push(row);
    }
    let choice = |(id, rows): (i64, Vec<&Value>)| {
        let available: Vec<String> =
            rows.iter().map(|row| field(row, "sigkey").as_str().unwrap_or_default().to_owned()).collect();
        let rank = |key: &String| keys.iter().position(|wanted| wanted.eq_ignore_ascii_case(key));
        let best = available.iter().filter_map(|key| Some((rank(key)?, key))).min();
        let key = best.map(|(_, key)| key.clone());
        Choice { id, rpm: rows.first().copied().cloned().unwrap_or_default(), key, available }
    };
    Ok(by_id.into_iter().map(choice).collect())
}

impl Choice {
    /// The name without suffix.
    pub fn nvra(&self) -> Result<String> {
        let part = |name| need_text(&self.rpm, name);
        Ok(format!("{}-{}-{}.{}", part("name")?, part("version")?, part("release")?, part("arch")?))
    }

    /// The file below the directory of the build. What no wanted key signed is the first copy.
    pub fn relative(&self) -> Result<String> {
        let part = |name| need_text(&self.rpm, name);
        let file = RpmFile {
            name: part("name")?,
            version: part("version")?,
            release: part("release")?,
            arch: part("arch")?,
        };
        Ok(match self.key.as_deref() {
            None | Some("") => paths::rpm(file),
            Some(key) => paths::signed(file, key),
        })
    }

    /// What is told of it in `kojipkgs`, with the file it is now.
    pub fn describe(&self, file: &std::path::Path, subrepo: Option<&str>) -> Value {
        let mut all = self.rpm.as_struct().unwrap_or_default().to_vec();
        all.retain(|(name, _)| name != "sigkey");
        all.extend(map! { "sigkey" => self.key.clone(), "_pkgpath" => file.to_string_lossy().into_owned() });
        if let Some(key) = &self.key {
            all.extend(map! { "best_key" => key.clone() });
        }
        if let Some(subrepo) = subrepo {
            all.extend(map! { "_subrepo" => subrepo });
        }
        Value::Struct(all)
    }
}

/// An rpm that goes into the repository.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    /// The name of its file.
    pub name: String,
    /// Where it is now.
    pub file: PathBuf,
    /// The directory below the repository's that has metadata of its own for it.
    pub subrepo: Option<&'static str>,
    /// What `kojipkgs` tells of it.
    pub told: Value,
}

impl Chosen {
    /// Where it will be, from the root of the repository.
    pub fn place(&self) -> String {
        place_of(&self.name)
    }

    /// The same, from where its metadata is.
    pub fn href(&self) -> String {
        if self.subrepo.is_some() { format!("../{}", self.place()) } else { self.place() }
    }
}

/// Where the rpm with a file name is, from the root of its repository.
pub(super) fn place_of(name: &str) -> String {
    let letter: String = name.chars().take(1).flat_map(char::to_lowercase).collect();
    format!("Packages/{letter}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, key: &str) -> Value {
        Value::Struct(map! {
            "id" => id, "name" => "foo", "version" => "1", "release" => "2", "arch" => "noarch", "sigkey" => key
        })
    }

    #[test]
    fn the_first_of_the_wanted_keys_is_taken() {
        let rows = [row(1, ""), row(1, "bbb"), row(1, "AAA"), row(2, ""), row(3, "ccc")];
        let keys = ["aaa".to_owned(), "bbb".to_owned()];
        let choices = select(&rows, &keys).unwrap();
        let found: Vec<_> = choices.iter().map(|choice| choice.key.as_deref()).collect();
        assert_eq!(found, [Some("AAA"), None, None]);
        assert_eq!(choices[0].relative().unwrap(), "data/signed/AAA/noarch/foo-1-2.noarch.rpm");
        assert_eq!(choices[1].relative().unwrap(), "noarch/foo-1-2.noarch.rpm");
        assert_eq!(choices[0].nvra().unwrap(), "foo-1-2.noarch");
        assert_eq!(choices[2].available, ["ccc"]);
        // an empty key asks for unsigned ones
        assert_eq!(select(&rows[3..4], &[String::new()]).unwrap()[0].key.as_deref(), Some(""));
        assert!(select(&[Value::Nil], &keys).is_err());
    }

    #[test]
    fn places_go_by_the_first_letter() {
        let chosen =
            |subrepo| Chosen { name: "Foo.rpm".into(), file: "/x".into(), subrepo, told: Value::Nil };
        assert_eq!(chosen(None).href(), "Packages/f/Foo.rpm");
        assert_eq!(chosen(Some("debug")).href(), "../Packages/f/Foo.rpm");
    }
}
