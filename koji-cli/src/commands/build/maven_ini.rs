//! Files that describe Maven builds and wrapper rpms: a section for each package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use koji_core::config::ini::{Ini, Source};
use koji_core::wire::{Map, Value};

use crate::stop::Stop;
use crate::value::{View as _, put};

/// Options that are a text, and those that are words.
const TEXTS: [&str; 3] = ["scmurl", "patches", "specfile"];
const WORDS: [&str; 5] = ["goals", "profiles", "packages", "jvm_options", "maven_options"];
/// Options with a name and a value in each line.
const PAIRS: [&str; 2] = ["properties", "envs"];

/// A file of packages with the options of their builds.
pub struct Packages(Vec<(String, Value)>);

/// What the packages are for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// They are built one after the other
    pub chain: bool,
    /// Their builds leave only files
    pub scratch: bool,
}

impl Packages {
    /// Reads files, later ones above earlier ones.
    pub fn read(files: &[PathBuf], purpose: Purpose) -> Result<Self, Stop> {
        let sources: Vec<Source> = files.iter().map(Source::required).collect();
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        Self::from_ini(&Ini::read(&sources)?, &names.join(", "), purpose)
    }

    fn from_ini(ini: &Ini, files: &str, purpose: Purpose) -> Result<Self, Stop> {
        let packages = ini.sections().map(|name| {
            let section = Section { ini, name };
            let params = match section.get("type")?.as_deref().unwrap_or("maven") {
                "maven" => section.maven(purpose)?,
                "wrapper" => section.wrapper(purpose)?,
                other => return Err(Stop::usage(format!("Unsupported build type: {other}"))),
            };
            Ok((name.to_owned(), Value::Struct(params)))
        });
        let packages = packages.collect::<Result<Vec<_>, Stop>>()?;
        if packages.is_empty() {
            return Err(Stop::usage(format!("No sections found in: {files}")));
        }
        Ok(Self(packages))
    }

    /// The only package, or the one that is named; its options must be for a type of build.
    pub fn one(self, section: Option<&str>, files: &[PathBuf], wrapper: bool) -> Result<Value, Stop> {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let files = files.join(", ");
        let mut packages = self.0;
        if let Some(section) = section {
            packages.retain(|(name, _)| name == section);
            if packages.is_empty() {
                return Err(Stop::usage(format!("Section {section} does not exist in: {files}")));
            }
        }
        if packages.len() > 1 {
            return Err(Stop::usage(format!("Multiple sections in: {files}, you must specify the section")));
        }
        let (name, params) = packages.swap_remove(0);
        let (is_wrapper, kind) =
            (params.str("type") == "wrapper", if wrapper { "wrapper-rpm" } else { "maven-build" });
        if is_wrapper == wrapper {
            return Ok(params);
        }
        Err(Stop::usage(format!("Section {name} does not contain a {kind} config")))
    }

    /// All packages, which must be able to follow what they require.
    pub fn chain(self) -> Result<Map, Stop> {
        let requires = |params: &Value| -> BTreeSet<String> {
            params.list("buildrequires").iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut open: BTreeMap<&str, BTreeSet<String>> =
            self.0.iter().map(|(name, params)| (name.as_str(), requires(params))).collect();
        loop {
            let ready: Vec<&str> =
                open.iter().filter(|(_, needed)| needed.is_empty()).map(|(name, _)| *name).collect();
            if ready.is_empty() {
                break;
            }
            for name in ready {
                open.remove(name);
                open.values_mut().for_each(|needed| needed.retain(|one| one != name));
            }
        }
        if !open.is_empty() {
            return Err(Stop::usage("No possible build order, missing/circular dependencies"));
        }
        Ok(self.0)
    }
}

/// A package's section.
struct Section<'a> {
    ini: &'a Ini,
    name: &'a str,
}

impl Section<'_> {
    fn get(&self, option: &str) -> Result<Option<String>, Stop> {
        Ok(self.ini.interpolated(self.name, option)?)
    }

    fn words(&self, option: &str) -> Result<Vec<String>, Stop> {
        let text = self.get(option)?.unwrap_or_default();
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    fn maven(&self, purpose: Purpose) -> Result<Map, Stop> {
        let mut params = Map::new();
        for option in TEXTS {
            if let Some(text) = self.get(option)?.filter(|text| !text.is_empty()) {
                put(&mut params, option, text);
            }
        }
        if !params.iter().any(|(name, _)| name == "scmurl") {
            return Err(Stop::usage(format!("{} is missing the scmurl parameter", self.name)));
        }
        let requires: &[&str] = if purpose.chain { &["buildrequires"] } else { &[] };
        for option in WORDS.iter().chain(requires) {
            let words = self.words(option)?;
            if !words.is_empty() {
                put(&mut params, option, &words);
            }
        }
        for option in PAIRS {
            let pairs = self.pairs(option)?;
            if !pairs.is_empty() {
                put(&mut params, option, pairs);
            }
        }
        if purpose.scratch && !purpose.chain {
            put(&mut params, "scratch", true);
        }
        Ok(params)
    }

    /// A property may have no value, a variable must.
    fn pairs(&self, option: &str) -> Result<Map, Stop> {
        let text = self.get(option)?.unwrap_or_default();
        let mut pairs = Map::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) = match line.split_once('=') {
                Some((name, value)) => (name, Value::from(value)),
                None if option == "envs" => {
                    return Err(Stop::usage("Environment variables must be in NAME=VALUE format"));
                }
                None => (line, Value::Nil),
            };
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.to_owned(), value));
        }
        Ok(pairs)
    }

    fn wrapper(&self, purpose: Purpose) -> Result<Map, Stop> {
        let requires = self.words("buildrequires")?;
        if requires.len() != 1 {
            return Err(Stop::usage("A wrapper-rpm must depend on exactly one package"));
        }
        let mut params = Map::new();
        put(&mut params, "type", "wrapper");
        put(&mut params, "scmurl", self.get("scmurl")?);
        put(&mut params, "buildrequires", &requires);
        if !purpose.scratch {
            put(&mut params, "create_build", true);
        }
        Ok(params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[base]\nscmurl = git://h/base#1\ngoals = clean\n    install\nproperties = a=1\n    b\n\
                        [top]\nscmurl = git://h/top#1\nbuildrequires = base\n[top-rpm]\ntype = wrapper\n\
                        scmurl = git://h/rpm#1\nbuildrequires = top\n";

    fn read(text: &str, chain: bool) -> Result<Packages, Stop> {
        let purpose = Purpose { chain, scratch: false };
        Packages::from_ini(&Ini::from_text("x.ini", text).unwrap(), "x.ini", purpose)
    }

    #[test]
    fn a_chain_can_be_put_in_order() {
        let chain = Value::Struct(read(TEXT, true).unwrap().chain().unwrap());
        assert_eq!(chain.at("base").at("goals"), &Value::Array(vec!["clean".into(), "install".into()]));
        assert!(chain.at("base").at("properties").get("b").is_some_and(Value::is_nil));
        assert_eq!(chain.at("top").at("buildrequires"), &Value::Array(vec!["base".into()]));
        assert!(chain.at("top-rpm").has("create_build"));
        let circle = "[a]\nscmurl=g://h/a\nbuildrequires=b\n[b]\nscmurl=g://h/b\nbuildrequires=a\n";
        assert!(read(circle, true).unwrap().chain().is_err());
        for wrong in
            ["[a]\n", "", "[a]\ntype=x\n", "[a]\ntype=wrapper\nscmurl=g://h/a\n", "[a]\nscmurl=x\nenvs=A\n"]
        {
            assert!(read(wrong, true).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_section_is_meant() {
        let one = |section, wrapper| read(TEXT, false).unwrap().one(section, &["x.ini".into()], wrapper);
        assert_eq!(one(Some("base"), false).unwrap().str("scmurl"), "git://h/base#1");
        assert!(one(Some("top"), false).unwrap().get("buildrequires").is_none());
        assert_eq!(one(Some("top-rpm"), true).unwrap().str("scmurl"), "git://h/rpm#1");
        assert!(one(None, false).is_err() && one(Some("z"), false).is_err());
        assert!(one(Some("base"), true).is_err() && one(Some("top-rpm"), false).is_err());
    }
}
