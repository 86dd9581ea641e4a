//! The options of a repository: what a tag asks for, what a request changes of it, and whether a repository
//! that there is will do.

use serde::{Deserialize, Serialize};

use crate::config::HubConfig;
use crate::wire::Value;
use crate::{Error, Result, policy};

/// How a repository is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RepoOpts {
    /// With the rpms of debug information
    pub debuginfo: bool,
    /// With a repository of the Maven artifacts beside it
    pub maven: bool,
    /// With the source rpms as an arch of their own
    pub separate_src: bool,
    /// With the source rpms in every arch
    pub src: bool,
}

/// Options that somebody named; those he left out are the tag's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedOpts {
    /// With the rpms of debug information
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debuginfo: Option<bool>,
    /// With a repository of the Maven artifacts beside it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maven: Option<bool>,
    /// With the source rpms as an arch of their own
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separate_src: Option<bool>,
    /// With the source rpms in every arch
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<bool>,
}

/// What to do about options that no repository has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An error
    Refuse,
    /// They have no effect
    Ignore,
}

impl NamedOpts {
    /// Reads options as clients and tags write them: whatever Python takes for true is true, null is not named.
    pub fn read(opts: &Value, unknown: Unknown) -> Result<Self> {
        let mut named = Self::default();
        let members = match (opts, unknown) {
            (Value::Nil, _) => return Ok(named),
            (Value::Struct(members), _) => members,
            (_, Unknown::Refuse) => return Err(Error::parameter("Repo opts must be a dictionary")),
            (_, Unknown::Ignore) => return Ok(named),
        };
        for (key, value) in members {
            let slot = match (key.as_str(), unknown) {
                ("debuginfo", _) => &mut named.debuginfo,
                ("maven", _) => &mut named.maven,
                ("separate_src", _) => &mut named.separate_src,
                ("src", _) => &mut named.src,
                (_, Unknown::Ignore) => continue,
                (_, Unknown::Refuse) => {
                    return Err(Error::parameter(format!(
                        "Invalid repo option: {key} (there are debuginfo, maven, separate_src and src)"
                    )));
                }
            };
            if !value.is_nil() {
                *slot = Some(value.is_true());
            }
        }
        Ok(named)
    }

    /// Whether a repository will do: it has all that is named, and nothing unusual that is not.
    pub fn fit(&self, opts: &RepoOpts, custom: &Self) -> bool {
        let asked = self.all();
        let has = [opts.debuginfo, opts.maven, opts.separate_src, opts.src];
        let all_asked = asked.iter().zip(has).all(|(asked, has)| asked.is_none_or(|asked| asked == has));
        all_asked
            && asked.iter().zip(custom.all()).all(|(asked, custom)| custom.is_none() || *asked == custom)
    }

    fn all(&self) -> [Option<bool>; 4] {
        [self.debuginfo, self.maven, self.separate_src, self.src]
    }

    fn changes(&self, opts: RepoOpts) -> Self {
        let differs = |named: Option<bool>, has: bool| named.filter(|named| *named != has);
        Self {
            debuginfo: differs(self.debuginfo, opts.debuginfo),
            maven: differs(self.maven, opts.maven),
            separate_src: differs(self.separate_src, opts.separate_src),
            src: differs(self.src, opts.src),
        }
    }
}

impl RepoOpts {
    /// These options with the named ones in their place.
    #[must_use]
    pub fn with(self, named: &NamedOpts) -> Self {
        Self {
            debuginfo: named.debuginfo.unwrap_or(self.debuginfo),
            maven: named.maven.unwrap_or(self.maven),
            separate_src: named.separate_src.unwrap_or(self.separate_src),
            src: named.src.unwrap_or(self.src),
        }
    }
}

/// What of a tag decides on the options of its repositories.
#[derive(Clone, Debug, Default)]
pub struct TagSays<'a> {
    /// The tag's name, for the patterns of the hub's configuration
    pub name: &'a str,
    /// Whether the tag has Maven support
    pub maven: bool,
    /// The extra value `repo.opts`
    pub repo_opts: Option<&'a Value>,
    /// The older extra value `with_debuginfo`, which counts if there is no `repo.opts`
    pub with_debuginfo: Option<&'a Value>,
}

/// The options of a tag's repository when somebody named some, and those of them that differ from the tag's.
pub fn effective(config: &HubConfig, tag: &TagSays<'_>, named: &NamedOpts) -> Result<(RepoOpts, NamedOpts)> {
    let matches = |option| {
        let patterns: Vec<&str> = config.text(option).split_whitespace().collect();
        policy::matches_any(tag.name, &patterns)
    };
    let base = RepoOpts {
        debuginfo: matches("DebuginfoTags"),
        maven: false,
        separate_src: matches("SeparateSourceTags"),
        src: matches("SourceTags"),
    };
    let says = match (tag.repo_opts, tag.with_debuginfo) {
        (Some(opts), _) => NamedOpts::read(opts, Unknown::Ignore)?,
        (None, Some(with)) => NamedOpts { debuginfo: Some(with.is_true()), ..NamedOpts::default() },
        (None, None) => NamedOpts::default(),
    };
    let mut opts = base.with(&says);
    if !config.flag("EnableMaven") {
        opts.maven = false;
    } else if tag.maven {
        opts.maven = true;
    }
    let custom = named.changes(opts);
    Ok((opts.with(&custom), custom))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opts(members: &[(&str, Value)]) -> Value {
        Value::Struct(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    #[test]
    fn named_options() {
        let given = opts(&[("src", 1.into()), ("maven", Value::Nil), ("bogus", true.into())]);
        assert_eq!(
            NamedOpts::read(&given, Unknown::Ignore).unwrap(),
            NamedOpts { src: Some(true), ..NamedOpts::default() }
        );
        assert!(NamedOpts::read(&given, Unknown::Refuse).unwrap_err().message.contains("bogus"));
        assert!(NamedOpts::read(&"src".into(), Unknown::Refuse).is_err());
        assert_eq!(
            serde_json::to_string(&NamedOpts { src: Some(true), ..Default::default() }).unwrap(),
            r#"{"src":true}"#
        );
    }

    #[test]
    fn a_tag_and_a_request_decide() {
        let mut config = HubConfig::default();
        config.set("SourceTags", "f*-build other").unwrap();
        let says = opts(&[("debuginfo", true.into())]);
        let tag = TagSays { name: "f40-build", maven: true, repo_opts: Some(&says), with_debuginfo: None };
        let named = NamedOpts { debuginfo: Some(false), src: Some(true), ..NamedOpts::default() };
        let (all, custom) = effective(&config, &tag, &named).unwrap();
        assert_eq!(all, RepoOpts { src: true, ..RepoOpts::default() });
        assert_eq!(custom, NamedOpts { debuginfo: Some(false), ..NamedOpts::default() });
        config.set("EnableMaven", "yes").unwrap();
        assert!(effective(&config, &tag, &NamedOpts::default()).unwrap().0.maven);
    }

    #[test]
    fn a_repository_will_do_or_not() {
        let src = NamedOpts { src: Some(true), ..NamedOpts::default() };
        let with_src = RepoOpts { src: true, ..RepoOpts::default() };
        let plain = NamedOpts::default();
        assert!(plain.fit(&RepoOpts::default(), &plain));
        assert!(plain.fit(&with_src, &plain), "the tag itself asks for sources");
        assert!(!plain.fit(&with_src, &src), "somebody else asked for sources");
        assert!(src.fit(&with_src, &src) && src.fit(&with_src, &plain));
        assert!(!src.fit(&RepoOpts::default(), &plain));
    }
}
