//! Hooks: points of the hub's work at which plugins are called.
//!
//! The points and the keywords of each are Koji's (`koji.plugin.callbacks`).

use std::collections::BTreeMap;

use crate::context::Cx;
use crate::wire::Map;
use crate::{Error, Fault, Result};

/// Every point, by Koji's name.
pub const POINTS: [&str; 28] = [
    "prePackageListChange",
    "postPackageListChange",
    "preTaskStateChange",
    "postTaskStateChange",
    "preBuildStateChange",
    "postBuildStateChange",
    "preImport",
    "postImport",
    "preRPMSign",
    "postRPMSign",
    "preTag",
    "postTag",
    "preUntag",
    "postUntag",
    "preRepoInit",
    "postRepoInit",
    "preRepoDone",
    "postRepoDone",
    "preCommit",
    "postCommit",
    "preSCMCheckout",
    "postSCMCheckout",
    "postCreateDistRepo",
    "postCreateRepo",
    "preBuildPromote",
    "postBuildPromote",
    "preTargetChange",
    "postTargetChange",
];

/// A callback: it gets the point and the keywords, and may refuse the work before it is done.
pub type Callback = Box<dyn Fn(&mut Cx<'_>, &str, &Map) -> Result<()> + Send + Sync>;

/// The callbacks of all plugins.
#[derive(Default)]
pub struct Hooks {
    callbacks: BTreeMap<&'static str, Vec<Callback>>,
}

impl Hooks {
    /// Whether somebody listens at a point.
    pub fn has(&self, point: &str) -> bool {
        self.callbacks.get(point).is_some_and(|list| !list.is_empty())
    }

    /// Adds a callback to a point.
    pub fn register(&mut self, point: &str, callback: Callback) -> Result<()> {
        let known = POINTS.iter().find(|known| **known == point).ok_or_else(|| {
            Error::new(
                Fault::Plugin,
                format!("no such callback point: {point}; points: {}", POINTS.join(", ")),
            )
        })?;
        self.callbacks.entry(known).or_default().push(callback);
        Ok(())
    }
}

/// Runs the callbacks of a point. The keywords are only made when somebody listens.
pub fn run(cx: &mut Cx<'_>, point: &str, keywords: impl FnOnce(&mut Cx<'_>) -> Result<Map>) -> Result<()> {
    let env = cx.env.clone();
    let Some(callbacks) = env.hooks.callbacks.get(point).filter(|list| !list.is_empty()) else {
        return Ok(());
    };
    let keywords = keywords(cx)?;
    let is_after = point.starts_with("post");
    for callback in callbacks {
        match callback(cx, point, &keywords) {
            // What is done is done: only a point before it can refuse.
            Err(error) if is_after => tracing::warn!(point, %error, "a plugin failed"),
            Err(error) => {
                let message = format!("Error running {point} callback: {error}");
                return Err(Error::new(Fault::Callback, message).caused_by(error));
            }
            Ok(()) => {}
        }
    }
    Ok(())
}
