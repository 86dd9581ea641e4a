//! [`Provided`]: what the packages that are installed somewhere provide, as rpm tells.

use std::collections::HashMap;
use std::process::Command;

use koji_core::compose::offer::Capability;

/// What rpm is to tell of each thing that an installed package provides.
pub(super) const FORMAT: &str = "[%{PROVIDENAME} %{PROVIDEFLAGS:depflags} %{PROVIDEVERSION}\\n]";

/// What is provided.
#[derive(Debug, Default)]
pub(super) struct Provided(HashMap<String, Vec<Capability>>);

impl Provided {
    /// Has rpm, which is told where, list all. Where rpm can't tell, nothing is installed.
    pub(super) fn ask(rpm: &mut Command) -> Self {
        let output = rpm.args(["-qa", "--qf", FORMAT]).current_dir("/").output();
        output.map_or_else(|_| Self::default(), |told| Self::parse(&String::from_utf8_lossy(&told.stdout)))
    }

    /// Reads what rpm told.
    pub(super) fn parse(text: &str) -> Self {
        let mut provided: HashMap<String, Vec<Capability>> = HashMap::new();
        for one in text.lines().map(Capability::parse) {
            provided.entry(one.name.clone()).or_default().push(one);
        }
        Self(provided)
    }

    /// Whether one of them is what is asked for.
    pub(super) fn has(&self, need: &Capability) -> bool {
        self.0.get(&need.name).is_some_and(|known| known.iter().any(|one| one.meets(need)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count() {
        let provided = Provided::parse("make  =  1:4-1\nmake(x86-64)  \n");
        let has = |need| provided.has(&Capability::parse(need));
        assert!(has("make >= 3") && has("make(x86-64)"));
        assert!(!has("make < 1:4") && !has("cmake"));
    }
}
