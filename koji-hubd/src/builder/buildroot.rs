//! [`BuildRoot`]: the hub's record of what a build was made in, and the settings that a tag gives it.

use koji_core::api::buildroot::{HostNewBuildRoot, HostSetBuildRootState};
use koji_core::client::field;
use koji_core::wire::Value;
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

/// A buildroot.
#[derive(Clone, Debug)]
pub struct BuildRoot {
    /// Its id.
    pub id: i64,
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
        let extra = field(config, "extra").as_struct().unwrap_or_default();
        Ok(Self {
            id: id.into(),
            // autoconf does not know the name armhfp
            target_arch: if arch == "armhfp" { "armv7hl" } else { arch }.to_owned(),
            macros: with_prefix(extra, "rpm.macro."),
            env: with_prefix(extra, "rpm.env."),
            repo_dir: Paths::new("").repo(repo_id, tag).join(&canonical).to_string_lossy().into_owned(),
            arch: canonical,
        })
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
