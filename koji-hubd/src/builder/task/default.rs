//! `default`: fails, whatever it is given; Koji's builders have it for methods that nobody knows.

use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Fails.
pub(super) struct Default;

impl TaskHandler for Default {
    fn method(&self) -> &'static str {
        "default"
    }

    fn signature(&self) -> Signature {
        Signature { names: &[], required: 0 }
    }

    fn bind(&self, _request: Vec<Value>) -> Result<Params> {
        Params::bind(self.signature(), vec![])
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, _run: &mut Run, _params: &Params) -> Result<Value, Failure> {
        Err(Error::generic(format!("Invalid method: {}", self.method())).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_request_fits() {
        assert!(Default.bind(args![1, "two", Value::Nil]).is_ok());
    }
}
