//! What plugins learn of builds.

use serde::Serialize;

use crate::Result;
use crate::context::Cx;
use crate::plugin;
use crate::wire::{self, Value};

/// A change of a build: which attribute, from what to what.
pub struct Change<'a> {
    /// `state`, `volume_id`, ..
    pub attribute: &'a str,
    /// What it was
    pub old: Value,
    /// What it is to be
    pub new: Value,
}

/// Runs the callbacks of `preBuildStateChange` or `postBuildStateChange`.
pub fn state_change(cx: &mut Cx<'_>, point: &str, change: &Change<'_>, info: &impl Serialize) -> Result<()> {
    plugin::run(cx, point, |_| {
        Ok(vec![
            ("attribute".into(), change.attribute.into()),
            ("old".into(), change.old.clone()),
            ("new".into(), change.new.clone()),
            ("info".into(), wire::to_value(info)?),
        ])
    })
}
