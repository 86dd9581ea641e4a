//! [`Provided`]: what the packages that are installed somewhere provide, as rpm tells.

use std::collections::HashMap;
use std::process::Command;

use koji_core::rpm::capability::Capability;
use koji_core::{Error, Fault, Result};

/// A line for each thing that an installed package provides.
const FORMAT: &str = "[%{=NAME}-%{=VERSION}-%{=RELEASE}.%{=ARCH}\\t%{PROVIDENAME} %{PROVIDEFLAGS:depflags} %{PROVIDEVERSION}\\n]";

/// What is provided, by its names, each with the package that does.
#[derive(Debug, Default)]
pub(super) struct Provided(HashMap<String, Vec<(String, Capability)>>);

impl Provided {
    /// Has rpm, which is told where, list all.
    ///
    /// # Errors
    /// When rpm does not run, or can't tell.
    pub(super) fn ask(rpm: &mut Command) -> Result<Self> {
        let wrong =
            |why: String| Error::new(Fault::Buildroot, format!("cannot tell what is provided: {why}"));
        let output = rpm.args(["-qa", "--qf", FORMAT]).current_dir("/").output();
        let output = output.map_err(|error| wrong(format!("rpm does not run: {error}")))?;
        if !output.status.success() {
            return Err(wrong(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Reads what rpm told.
    pub(super) fn parse(text: &str) -> Self {
        let mut provided: HashMap<String, Vec<(String, Capability)>> = HashMap::new();
        for (package, one) in text.lines().filter_map(|line| line.split_once('\t')) {
            let one = Capability::parse(one);
            provided.entry(one.name.clone()).or_default().push((package.to_owned(), one));
        }
        Self(provided)
    }

    /// The package that provides what is asked for.
    pub(super) fn by(&self, need: &Capability) -> Option<&str> {
        let known = self.0.get(&need.name)?;
        known.iter().find(|(_, one)| one.meets(need)).map(|(package, _)| package.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count() {
        let provided =
            Provided::parse("make-4-1.x86_64\tmake  =  1:4-1\nmake-4-1.x86_64\tmake(x86-64)  \nbroken\n");
        let by = |need| provided.by(&Capability::parse(need));
        assert_eq!((by("make >= 3"), by("make(x86-64)")), (Some("make-4-1.x86_64"), Some("make-4-1.x86_64")));
        assert_eq!((by("make < 1:4"), by("cmake"), by("broken")), (None, None, None));
    }
}
