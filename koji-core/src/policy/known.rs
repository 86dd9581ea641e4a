//! The policies that Koji's hub and builders ask, and what the actions of each may be.

/// What the actions of a policy are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actions {
    /// `allow` or `deny`, with words behind it
    Access,
    /// `use CHANNEL`, `req`, `parent` or `default`
    Channel,
    /// `stay`, `set NUMBER` or `adjust NUMBER`
    Priority,
    /// The name of a volume
    Volume,
}

/// Each policy by name.
pub static KNOWN: &[(&str, Actions)] = &[
    ("tag", Actions::Access),
    ("package_list", Actions::Access),
    ("build_rpm", Actions::Access),
    ("build_from_srpm", Actions::Access),
    ("build_from_scm", Actions::Access),
    ("build_from_repo_id", Actions::Access),
    ("cg_import", Actions::Access),
    ("dist_repo", Actions::Access),
    ("draft_promotion", Actions::Access),
    ("sidetag", Actions::Access),
    ("vm", Actions::Access),
    ("channel", Actions::Channel),
    ("priority", Actions::Priority),
    ("volume", Actions::Volume),
];

/// What the actions of a policy are; none for a site's own policy, whose actions may be anything.
pub fn actions_of(policy: &str) -> Option<Actions> {
    KNOWN.iter().find(|(name, _)| *name == policy).map(|(_, actions)| *actions)
}

impl Actions {
    /// What is wrong with an action, if anything is.
    pub fn objection(self, action: &str) -> Option<String> {
        let mut words = action.split_whitespace();
        let (verb, object) = (words.next().unwrap_or_default(), words.next());
        let number = || object.is_some_and(|word| word.parse::<i64>().is_ok());
        let fits = match self {
            Self::Access => ["allow", "deny"].contains(&verb.to_lowercase().as_str()),
            Self::Channel => {
                ["req", "parent", "default"].contains(&verb) || (verb == "use" && object.is_some())
            }
            Self::Priority => verb == "stay" || (["set", "adjust"].contains(&verb) && number()),
            Self::Volume => object.is_none(),
        };
        let wants = match self {
            Self::Access => "allow or deny, with a reason behind it",
            Self::Channel => "use CHANNEL, req, parent or default",
            Self::Priority => "stay, set NUMBER or adjust NUMBER",
            Self::Volume => "the name of a volume",
        };
        (!fits).then(|| format!("the action must be {wants}"))
    }
}
