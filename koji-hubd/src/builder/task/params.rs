//! [`Params`]: a task's request, its parameters by name.

use koji_core::api::Arg;
use koji_core::client::field;
use koji_core::wire::{self, Value};
use koji_core::{Error, Result};

/// The parameters of a method.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Their names, in order.
    pub names: &'static [&'static str],
    /// How many of them must be given.
    pub required: usize,
}

/// The values of a request. What was not given is nil.
#[derive(Clone, Debug)]
pub struct Params(Vec<(&'static str, Value)>);

impl Params {
    /// Gives names to the values of a request, positional ones and those in a last struct marked so.
    ///
    /// # Errors
    /// Too many, unknown, doubled or missing parameters.
    pub fn bind(signature: Signature, request: Vec<Value>) -> Result<Self> {
        let Signature { names, required } = signature;
        let (positional, named) = wire::decode_args(request);
        let given = positional.len();
        if given > names.len() {
            return Err(Error::parameter(format!(
                "the task takes at most {} parameters, {given} were given",
                names.len()
            )));
        }
        let mut bound: Vec<(&'static str, Value)> = names.iter().copied().zip(positional).collect();
        for (name, value) in named {
            let Some(known) = names.iter().find(|known| **known == name) else {
                return Err(Error::parameter(format!("the task has no parameter {name}")));
            };
            if bound.iter().any(|(taken, _)| taken == known) {
                return Err(Error::parameter(format!("the parameter {name} was given twice")));
            }
            bound.push((known, value));
        }
        let missing = names.iter().take(required).find(|name| !bound.iter().any(|(taken, _)| taken == *name));
        match missing {
            Some(name) => Err(Error::parameter(format!("the parameter {name} is missing"))),
            None => Ok(Self(bound)),
        }
    }

    /// A parameter; nil if it was not given.
    pub fn get(&self, name: &str) -> &Value {
        const NIL: &Value = &Value::Nil;
        self.0.iter().find(|(known, _)| *known == name).map_or(NIL, |(_, value)| value)
    }

    /// A parameter that must be a text.
    pub fn text(&self, name: &str) -> Result<&str> {
        self.get(name).as_str().ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A parameter that must be a whole number.
    pub fn int(&self, name: &str) -> Result<i64> {
        self.get(name).as_int().ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// A whole number, or another if it was not given.
    pub fn int_or(&self, name: &str, default: i64) -> Result<i64> {
        if self.get(name).is_nil() { Ok(default) } else { self.int(name) }
    }

    /// A parameter as an argument of a call takes it.
    pub fn read<T: Arg>(&self, name: &str) -> Result<T> {
        T::take(self.get(name).clone()).map_err(|error| {
            Error::parameter(format!("the parameter {name}: {}", error.message)).caused_by(error)
        })
    }

    /// A member of the parameter `opts`; nil if either was not given.
    pub fn opt(&self, name: &str) -> &Value {
        field(self.get("opts"), name)
    }

    fn wrong(&self, name: &str, wanted: &str) -> Error {
        Error::parameter(format!("the parameter {name} must be {wanted}, not {}", self.get(name).kind()))
    }
}

#[cfg(test)]
mod tests {
    use koji_core::db::Lookup;

    use super::*;

    const BUILD: Signature = Signature { names: &["src", "target", "opts"], required: 2 };

    fn named(name: &str) -> Value {
        Value::Struct(map! { name => "x", "__starstar" => true })
    }

    #[test]
    fn positions_and_names_mix() {
        let params = Params::bind(BUILD, args!["a.src.rpm", named("target")]).unwrap();
        assert_eq!(params.text("src").unwrap(), "a.src.rpm");
        assert_eq!(params.text("target").unwrap(), "x");
        assert!(params.get("opts").is_nil() && params.opt("scratch").is_nil());
        assert!(params.int("src").unwrap_err().message.contains("whole number"));
        assert_eq!(params.read::<Lookup>("target").unwrap(), "x".into());
        assert!(params.read::<Lookup>("opts").unwrap_err().message.contains("parameter opts"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let told = |request| Params::bind(BUILD, request).unwrap_err().message;
        assert!(told(args!["a"]).contains("target is missing"));
        assert!(told(args!["a", "b", "c", "d"]).contains("at most 3"));
        assert!(told(args!["a", named("joy")]).contains("joy"));
        assert!(told(args!["a", named("src")]).contains("twice"));
    }
}
