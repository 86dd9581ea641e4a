//! `flagged NAME`: a rule has set the flag.

use super::Test;
use crate::policy::eval::Eval;
use crate::{Error, Result};

struct Flagged(String);

pub(super) fn make(args: Vec<String>) -> Result<Box<dyn Test>> {
    let name = args.into_iter().next().ok_or_else(|| Error::generic("the name of a flag is missing"))?;
    Ok(Box::new(Flagged(name)))
}

impl Test for Flagged {
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool> {
        Ok(eval.is_flagged(&self.0))
    }
}
