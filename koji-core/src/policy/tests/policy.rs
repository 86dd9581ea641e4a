//! `policy NAME`: another policy says yes, true or allow.

use super::Test;
use crate::policy::eval::Eval;
use crate::{Error, Result};

struct Policy(String);

pub(super) fn make(args: Vec<String>) -> Result<Box<dyn Test>> {
    let name = args.into_iter().next().ok_or_else(|| Error::generic("the name of a policy is missing"))?;
    Ok(Box::new(Policy(name)))
}

impl Test for Policy {
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool> {
        // each place in the rules counts for itself: what it is known by is where it lies
        let place = std::ptr::from_ref(self).addr();
        let action = eval.nested(place, &self.0)?.action.unwrap_or_default().to_lowercase();
        Ok(["yes", "true", "allow"].contains(&action.as_str()))
    }

    fn names(&self) -> Option<&str> {
        Some(&self.0)
    }
}
