//! From a method's name and arguments to its answer.

use super::answer::Answer;
use super::args::ArgKind;
use super::method::{Entry, Method, Mode, unknown};
use super::{multicall, registry};
use crate::context::Cx;
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// A call: the method and its arguments.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The method's name on the wire.
    pub method: String,
    /// Arguments by position.
    pub positional: Vec<Value>,
    /// Arguments by name.
    pub keywords: Map,
}

impl Call {
    /// A call with arguments by position, of which a marked last one holds those by name.
    pub fn new(method: impl Into<String>, params: Vec<Value>) -> Self {
        let (positional, keywords) = wire::decode_args(params);
        Self { method: method.into(), positional, keywords }
    }
}

impl<M: Method> From<M> for Call {
    fn from(method: M) -> Self {
        let (positional, keywords) = method.encode();
        Self { method: M::NAME.to_owned(), positional, keywords }
    }
}

impl Call {
    /// A call with arguments by name. Those that the method takes as further ones come as a list under its name
    /// for them; they stand behind the others, which then go by position.
    pub fn named(method: &str, mut members: Map) -> Result<Self> {
        let mut call = Self { method: method.to_owned(), ..Self::default() };
        if multicall::is_multicall(method) {
            call.keywords = members;
            return Ok(call);
        }
        let entry = registry::find(method).ok_or_else(|| unknown(method))?;
        let specs = (entry.specs)();
        if let Some(rest) = specs.iter().find(|spec| matches!(spec.kind, ArgKind::Rest)) {
            let mut take = |name: &str| {
                let at = members.iter().position(|(given, _)| given == name);
                at.map(|at| members.remove(at).1)
            };
            for spec in specs.iter().filter(|spec| matches!(spec.kind, ArgKind::Required)) {
                call.positional.extend(take(spec.name));
            }
            match take(rest.name) {
                None => {}
                Some(Value::Array(further)) => call.positional.extend(further),
                Some(_) => {
                    return Err(Error::parameter(format!("{method}: argument {:?} is a list", rest.name)));
                }
            }
        }
        call.keywords = members;
        Ok(call)
    }
}

/// Whether a call may change anything. A call of calls may if one of them may.
pub fn mode(call: &Call) -> Result<Mode> {
    if multicall::is_multicall(&call.method) {
        return Ok(multicall::mode(call));
    }
    Ok(match mode_of(&call.method, &call.positional)? {
        Mode::Read if call.keywords.iter().any(|(name, value)| name == "create" && value.is_true()) => {
            Mode::Write
        }
        mode => mode,
    })
}

/// The same for a method and the parameters as they were sent.
pub(super) fn mode_of(method: &str, params: &[Value]) -> Result<Mode> {
    if multicall::is_multicall(method) {
        return Ok(multicall::mode(&Call::new(method, params.to_vec())));
    }
    let entry = registry::find(method).ok_or_else(|| unknown(method))?;
    if let Some(Value::String(inner)) = params.first().filter(|_| registry::is_wrapper(entry.name)) {
        return Ok(registry::find(inner).map_or(Mode::Read, |entry| entry.mode));
    }
    Ok(if entry.mode == Mode::Read && creates(entry, params) { Mode::Write } else { entry.mode })
}

/// Whether a method that only reads otherwise is asked to make what it does not find: by its argument `create`.
fn creates(entry: &Entry, params: &[Value]) -> bool {
    let Some(place) = (entry.specs)().iter().position(|spec| spec.name == "create") else { return false };
    let (positional, keywords) = wire::decode_args(params.to_vec());
    let by_name = keywords.iter().find(|(name, _)| name == "create").map(|(_, value)| value);
    positional.get(place).or(by_name).is_some_and(Value::is_true)
}

/// Runs a call in the open transaction.
pub fn dispatch(cx: &mut Cx<'_>, call: Call) -> Result<Box<dyn Answer>> {
    if multicall::is_multicall(&call.method) {
        return Ok(Box::new(multicall::run(cx, &call)?));
    }
    let entry = registry::find(&call.method).ok_or_else(|| unknown(&call.method))?;
    entry.call(cx, call.positional, call.keywords)
}
