//! [`BuildRoot`]: the hub's record of what a build was made in, and the settings that a tag gives it.

use std::path::PathBuf;

use koji_core::api::buildroot::{HostNewBuildRoot, HostSetBuildRootState};
use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Fault, Result, arch, paths::Paths};

use super::task::Run;

/// The states of a buildroot that a builder sets.
#[derive(Clone, Copy, Debug)]
pub enum State {
    /// Something is built in it.
    Building = 2,
    /// It is over.
    Expired = 3,
}

/// The states of a repository in which a buildroot may use it: READY and EXPIRED.
const USABLE: [i64; 2] = [1, 2];

/// What a task wants of its buildroot.
#[derive(Clone, Debug)]
pub struct RootOptions {
    /// The group of the tag that is installed in it.
    pub group: &'static str,
    /// Whether what runs in it may reach the network, whatever the tag says.
    pub network: bool,
    /// Directories of this machine that are to be seen in it: the path here, and the path there.
    pub binds: Vec<(PathBuf, PathBuf)>,
}

impl Default for RootOptions {
    fn default() -> Self {
        Self { group: "build", network: false, binds: vec![] }
    }
}

impl RootOptions {
    /// For making a source rpm.
    pub fn source() -> Self {
        Self { group: "srpm-build", ..Self::default() }
    }
}

/// A buildroot.
#[derive(Clone, Debug)]
pub struct BuildRoot {
    /// Its id.
    pub id: i64,
    /// Its name, which no other one on this host has: the tag, this id, the repository's id.
    pub name: String,
    /// The repository it is made from.
    pub repo_id: i64,
    /// The tag of the repository.
    pub tag_id: i64,
    /// The tag's name.
    pub tag_name: String,
    /// The event that the repository shows the tag at.
    pub event: Option<i64>,
    /// What the task wants of it.
    pub options: RootOptions,
    /// The tag's extra data.
    pub extra: Map,
    /// Its canonical arch.
    pub arch: String,
    /// The arch that things are built for.
    pub target_arch: String,
    /// Macros of the tag (`rpm.macro.*`), without the percent sign.
    pub macros: Vec<(String, String)>,
    /// Environment variables of the tag (`rpm.env.*`).
    pub env: Vec<(String, String)>,
    /// The repository's directory below the top directory.
    pub repo_dir: String,
}

impl BuildRoot {
    /// Makes a buildroot for a task, from a repository of its tag.
    ///
    /// # Errors
    /// A repository that can't be used, or of another tag.
    pub fn new(run: &mut Run, config: &Value, arch: &str, repo: &Value) -> Result<Self> {
        Self::with_options(run, (config, arch, repo), RootOptions::default())
    }

    /// The same, with what the task wants of it.
    ///
    /// # Errors
    /// As for [`BuildRoot::new`].
    pub fn with_options(
        run: &mut Run,
        (config, arch, repo): (&Value, &str, &Value),
        options: RootOptions,
    ) -> Result<Self> {
        let wrong = |text: String| Err(Error::new(Fault::Buildroot, text));
        let (repo_id, tag) = (field(repo, "id").as_int(), field(repo, "tag_name").as_str());
        let (Some(repo_id), Some(tag)) = (repo_id, tag) else {
            return wrong("the hub described a repository without id and tag".into());
        };
        if field(config, "id") != field(repo, "tag_id") {
            return wrong(format!("tag/repo mismatch: {:?} vs {tag}", field(config, "name")));
        }
        let state = field(repo, "state").as_int().unwrap_or(-1);
        if !USABLE.contains(&state) {
            return wrong(format!("Requested repo ({repo_id}) is in state {state}, it can't be used"));
        }
        let canonical = arch::canonical(arch).to_owned();
        let task_id = Some(run.id.into());
        let id = run.call(HostNewBuildRoot { task_id, ..HostNewBuildRoot::new(repo_id, &*canonical) })?;
        let id = i64::from(id);
        let extra = field(config, "extra").as_struct().unwrap_or_default();
        Ok(Self {
            id,
            name: format!("{tag}-{id}-{repo_id}"),
            repo_id,
            tag_id: field(config, "id").as_int().unwrap_or_default(),
            tag_name: tag.to_owned(),
            event: field(repo, "create_event").as_int(),
            options,
            // autoconf does not know the name armhfp
            target_arch: if arch == "armhfp" { "armv7hl" } else { arch }.to_owned(),
            macros: with_prefix(extra, "rpm.macro."),
            env: with_prefix(extra, "rpm.env."),
            extra: extra.to_vec(),
            repo_dir: Paths::new("").repo(repo_id, tag).join(&canonical).to_string_lossy().into_owned(),
            arch: canonical,
        })
    }

    /// A member of the tag's extra data.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether what runs in it may reach the network: the task or the tag must say so.
    pub fn has_network(&self) -> bool {
        self.options.network || self.extra("mock.rpmbuild_networking").is_some_and(Value::is_true)
    }

    /// Tells the hub a new state.
    pub fn set_state(&self, run: &mut Run, state: State) -> Result<()> {
        run.call(HostSetBuildRootState::new(self.id, state as i64))
    }
}

/// The members whose names begin so, without that beginning; values as Python would print them.
fn with_prefix(extra: &[(String, Value)], prefix: &str) -> Vec<(String, String)> {
    let strip = |(name, value): &(String, Value)| Some((name.strip_prefix(prefix)?.to_owned(), text(value)));
    extra.iter().filter_map(strip).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Nil => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::String(text) | Value::DateTime(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_come_from_the_tag() {
        let extra = map! { "rpm.macro.dist" => ".el9", "rpm.macro.bootstrap" => 1, "mock.x" => true };
        let want = [("dist".to_owned(), ".el9".to_owned()), ("bootstrap".to_owned(), "1".to_owned())];
        assert_eq!(with_prefix(&extra, "rpm.macro."), want);
        assert!(with_prefix(&extra, "rpm.env.").is_empty());
    }
}
