//! Many calls sent as one, each with a result of its own.

use super::member::field;
use super::session::Session;
use crate::api::Call;
use crate::wire::{self, Value};
use crate::{Error, Result};

impl Session {
    /// Sends many calls as one; each has its own result. They are of one method, or [`Call`]s of several.
    ///
    /// # Errors
    /// Only if the whole did not come through.
    pub fn multicall(
        &mut self,
        calls: impl IntoIterator<Item = impl Into<Call>>,
    ) -> Result<Vec<Result<Value>>> {
        let calls: Vec<Value> = calls.into_iter().map(|call| entry(call.into())).collect();
        if calls.is_empty() {
            return Ok(vec![]);
        }
        let count = calls.len();
        let answers = self.call_named("multiCall", vec![Value::Array(calls)], vec![])?;
        answers_of(answers, count)
    }

    /// What many calls sent as one would answer and change: the result of each, and the whole as
    /// [`Session::what_if`] answers it.
    pub fn what_if_many(
        &mut self,
        calls: impl IntoIterator<Item = Call>,
    ) -> Result<(Vec<Result<Value>>, Value)> {
        let calls: Vec<Value> = calls.into_iter().map(entry).collect();
        let count = calls.len();
        let outcome = self.what_if("multiCall", vec![Value::Array(calls)], vec![])?;
        let answers = answers_of(field(&outcome, "answer").clone(), count)?;
        Ok((answers, outcome))
    }
}

fn answers_of(answers: Value, count: usize) -> Result<Vec<Result<Value>>> {
    let Value::Array(answers) = answers else {
        return Err(Error::generic("the answer to a multicall is not a list"));
    };
    if answers.len() != count {
        return Err(Error::generic(format!("{} answers to {count} calls", answers.len())));
    }
    Ok(answers.into_iter().map(answer_of).collect())
}

/// A call as a multicall's list has it.
fn entry(call: Call) -> Value {
    Value::Struct(vec![
        ("methodName".into(), Value::String(call.method)),
        ("params".into(), Value::Array(wire::encode_args(call.positional, call.keywords))),
    ])
}

/// The result of one call of a multicall: a list of one, or a fault.
fn answer_of(answer: Value) -> Result<Value> {
    match answer {
        Value::Array(mut values) if values.len() == 1 => Ok(values.remove(0)),
        Value::Array(_) => Err(Error::generic("an answer within a multicall has not one value")),
        fault => {
            let code = field(&fault, "faultCode").as_int().and_then(|code| i32::try_from(code).ok());
            let text = field(&fault, "faultString").as_str().unwrap_or("a fault without a text");
            Err(Error::of_code(code.unwrap_or(1000), text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    #[test]
    fn results_and_faults_are_told_apart() {
        assert_eq!(answer_of(Value::Array(vec![Value::Int(1)])).unwrap(), Value::Int(1));
        let fault = Value::Struct(vec![
            ("faultCode".into(), Value::Int(1004)),
            ("faultString".into(), Value::String("no".into())),
        ]);
        let error = answer_of(fault).unwrap_err();
        assert_eq!((error.fault, error.message.as_str()), (Fault::NotAllowed, "no"));
        assert!(answer_of(Value::Array(vec![])).is_err());
    }
}
