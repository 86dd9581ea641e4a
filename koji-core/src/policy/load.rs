//! The policies of a configuration.

use super::eval::Policies;
use super::parse::RuleSet;
use super::tests::Registry;
use crate::config::HubConfig;
use crate::{Error, Fault, Result};

/// Reads the policies of a configuration. An error names the file and the line.
pub fn load(config: &HubConfig, registry: &Registry) -> Result<Policies> {
    let mut sets = Vec::new();
    for (name, text) in config.policies() {
        let (rules, mistakes) = RuleSet::read(name, text, registry);
        if let Some(mistake) = mistakes.first() {
            let place = match config.place_of(name, mistake.line) {
                Some((file, line)) => format!("{}, line {line}: policy {name}", file.display()),
                None => format!("policy {name}, line {}", mistake.line),
            };
            let message = format!("{place}: {} ({})", mistake.message, mistake.remedy);
            return Err(Error::new(Fault::Configuration, message));
        }
        sets.push(rules);
    }
    Ok(sets.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Ini;

    #[test]
    fn a_mistake_is_found_in_its_file() {
        let ini =
            Ini::from_text("hub.conf", "[policy]\ntag =\n  # a\n  has_perm x :: allow\n  moon :: deny\n")
                .unwrap();
        let config = HubConfig::from_ini(&ini).unwrap();
        let Err(error) = load(&config, &Registry::builtin()) else { panic!("no mistake found") };
        assert!(
            error.message.starts_with("hub.conf, line 5: policy tag: missing test handler: moon"),
            "{error}"
        );
        assert!(load(&HubConfig::default(), &Registry::builtin()).is_ok());
    }
}
