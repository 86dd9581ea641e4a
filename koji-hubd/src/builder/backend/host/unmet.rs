//! [`Unmet`]: what rpmbuild says is not right with what is installed, and what to tell of it.

/// What rpmbuild says is not right with what is installed here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unmet {
    /// What must be there
    pub missing: Vec<String>,
    /// What must not be there
    pub conflicts: Vec<String>,
}

impl Unmet {
    /// Reads the list at the end of a log. Other programs of the build may have written similar lines before.
    pub(super) fn read(log: &str) -> Self {
        let Some((_, list)) = log.rsplit_once("error: Failed build dependencies:\n") else {
            return Self::default();
        };
        let of = |what: &str| -> Vec<String> {
            let lines = list.lines().take_while(|line| line.starts_with('\t'));
            lines.filter_map(|line| line.split_once(what)).map(|(name, _)| name.trim().to_owned()).collect()
        };
        Self { missing: of(" is needed by "), conflicts: of(" conflicts with ") }
    }

    /// What to say of a build that failed, perhaps for these reasons.
    pub(super) fn failure(&self, what: &str, ended: &str) -> String {
        let mut text = format!("error {what}, {ended}");
        let Self { missing, conflicts } = self;
        if !missing.is_empty() {
            text.push_str(&format!(
                "; neither installed on this host nor in the tag's repository: {}; build it for the tag, or install it \
                 by hand",
                missing.join(", ")
            ));
        }
        if !conflicts.is_empty() {
            text.push_str(&format!(
                "; installed on this host, but the package conflicts with it: {}; the kind \"host\" of buildroot removes \
                 nothing: do so by hand, or set buildroot = chroot or mock",
                conflicts.join(", ")
            ));
        }
        text + "; see build.log for more information"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rpmbuild_wants_otherwise_is_named() {
        let log = "bread is needed by the log itself\nerror: Failed build dependencies:\n\tcmake >= 3.20 is needed by foo-1-1.x86_64\n\
                   \tpkgconfig(x) is needed by foo-1-1.x86_64\n\told < 2 conflicts with foo-1-1.x86_64\nother\n";
        let unmet = Unmet::read(log);
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            unmet,
            Unmet { missing: list(&["cmake >= 3.20", "pkgconfig(x)"]), conflicts: list(&["old < 2"]) }
        );
        let text = unmet.failure("building package (arch x86_64)", "rpmbuild exited with status 11");
        assert!(text.contains("in the tag's repository: cmake >= 3.20, pkgconfig(x);"), "{text}");
        assert!(
            text.contains("conflicts with it: old < 2;") && text.contains("buildroot = chroot"),
            "{text}"
        );
        let text = Unmet::read("error: other\n").failure("building srpm", "rpmbuild exited with status 1");
        assert_eq!(
            text,
            "error building srpm, rpmbuild exited with status 1; see build.log for more information"
        );
    }
}
