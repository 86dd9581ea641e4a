//! [`Terms`]: whether sources may be built from, and on what terms: by `allowed_scms` of the builder and by
//! the hub's policy `build_from_scm`.

use koji_core::policy::matches_any;
use koji_core::{Error, Result};

use super::url::ScmUrl;

/// On what terms sources are built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Check out the directory `common` beside the sources.
    pub use_common: bool,
    /// The command that fetches what is not in version control; none if there is nothing to fetch.
    pub source_cmd: Option<Vec<String>>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { use_common: true, source_cmd: Some(vec!["make".into(), "sources".into()]) }
    }
}

impl Terms {
    /// Whether the builder itself fetches what is missing, from a lookaside cache: the command `lookaside`.
    pub fn by_lookaside(&self) -> bool {
        self.source_cmd.as_ref().is_some_and(|command| command == &["lookaside"])
    }

    /// Judges by a list of `host:repository[:use_common[:source_cmd]]` and `!host:repository`, of which the
    /// first that matches decides. Host and repository are shell patterns, the command has commas for spaces.
    ///
    /// # Errors
    /// When no entry allows the sources.
    pub fn by_config(self, allowed: &str, url: &ScmUrl) -> Result<Self> {
        let refused =
            || Error::build(format!("{}:{} is not in the list of allowed SCMs", url.host, url.repository));
        for entry in allowed.split_whitespace() {
            let fields: Vec<&str> = entry.split(':').collect();
            let [host, repository, options @ ..] = &fields[..] else {
                tracing::warn!(entry, "allowed_scms: this is not host:repository");
                continue;
            };
            let (refuses, host) = match host.strip_prefix('!') {
                Some(host) => (true, host),
                None => (false, *host),
            };
            if !matches_any(&url.host, &[host]) || !matches_any(&url.repository, &[repository]) {
                continue;
            }
            return if refuses { Err(refused()) } else { Ok(self.with_options(options)) };
        }
        Err(refused())
    }

    fn with_options(mut self, options: &[&str]) -> Self {
        if let Some(use_common) = options.first() {
            let no = ["no", "off", "false", "0"].contains(&use_common.to_lowercase().as_str());
            self.use_common &= !no;
        }
        if let Some(command) = options.get(1) {
            let words = || command.split(',').map(ToOwned::to_owned).collect();
            self.source_cmd = (!command.is_empty()).then(words);
        }
        self
    }

    /// Judges by what the hub's policy answered: `allow [use_common] [command]` or `deny [reason]`. A command
    /// that is not named stays as it was; `none` is for none.
    ///
    /// # Errors
    /// When the policy does not allow the sources.
    pub fn by_policy(self, action: &str, url: &ScmUrl) -> Result<Self> {
        let words: Vec<&str> = action.split_whitespace().collect();
        let (verdict, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
        if !["yes", "true", "allow", "allowed"].contains(&verdict.to_lowercase().as_str()) {
            let reason = if rest.is_empty() { "None".to_owned() } else { rest.join(" ") };
            let text = format!("SCM: {}:{} is not allowed, reason: {reason}", url.host, url.repository);
            return Err(Error::build(text));
        }
        let use_common = rest.first().is_some_and(|word| word.eq_ignore_ascii_case("use_common"));
        let command = &rest[usize::from(use_common)..];
        let source_cmd = match command {
            [] => self.source_cmd,
            _ => Some(command.iter().map(|word| (*word).to_owned()).collect()),
        };
        let is_none =
            |command: &Vec<String>| command.first().is_some_and(|word| word.eq_ignore_ascii_case("none"));
        Ok(Self { use_common, source_cmd: source_cmd.filter(|command| !is_none(command)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> ScmUrl {
        ScmUrl::parse(text, false).unwrap()
    }

    fn shown(terms: Result<Terms>) -> String {
        match terms {
            Ok(terms) => format!(
                "{} {}",
                terms.use_common,
                terms.source_cmd.map_or_else(|| "-".to_owned(), |command| command.join(" "))
            ),
            Err(error) => error.message,
        }
    }

    #[test]
    fn the_list_of_the_builder() {
        let refused = "h.example:/rpms/foo is not in the list of allowed SCMs";
        for (allowed, result) in [
            ("h.example:/rpms/*", "true make sources"),
            ("h.example:/rpms/*:off", "false make sources"),
            ("h.example:/rpms/*:FALSE:fedpkg,sources", "false fedpkg sources"),
            ("h.example:/rpms/*:0:", "false -"),
            ("h.example:/rpms/*:yes:get", "true get"),
            ("*.example:*", "true make sources"),
            ("broken h.example:/rpms/foo", "true make sources"),
            ("!h.example:/rpms/f* *:*", refused),
            ("!h.example:/rpms/g* *:*:no", "false make sources"),
            // the first that matches decides
            ("*:*:no !h.example:*", "false make sources"),
            ("h.example:/rpms", refused),
            ("H.example:*", refused),
            ("", refused),
        ] {
            let terms = Terms::default().by_config(allowed, &url("git://h.example/rpms/foo#x"));
            assert_eq!(shown(terms), result, "{allowed}");
        }
    }

    #[test]
    fn the_policy_of_the_hub() {
        let refused = |reason: &str| format!("SCM: h:/r is not allowed, reason: {reason}");
        for (action, result) in [
            ("allow", "false make sources".to_owned()),
            ("Yes use_common", "true make sources".to_owned()),
            ("allow USE_COMMON fedpkg sources", "true fedpkg sources".to_owned()),
            ("allow fedpkg sources", "false fedpkg sources".to_owned()),
            ("allow none", "false -".to_owned()),
            ("allow use_common None", "true -".to_owned()),
            ("deny", refused("None")),
            ("deny not from there", refused("not from there")),
            ("perhaps", refused("None")),
            ("", refused("None")),
        ] {
            assert_eq!(shown(Terms::default().by_policy(action, &url("git://h/r#x"))), result, "{action}");
        }
        let lookaside = Terms::default().by_policy("allow lookaside", &url("git://h/r#x")).unwrap();
        assert!(lookaside.by_lookaside() && !Terms::default().by_lookaside());
        let before = Terms { use_common: true, source_cmd: None };
        assert_eq!(shown(before.by_policy("allow", &url("git://h/r#x"))), "false -");
    }
}
