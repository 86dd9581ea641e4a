//! Koji's keyword arguments: XML-RPC has none, so they travel in a last struct that says so.

use super::{Map, Value};

/// The member that marks a struct as keyword arguments.
pub const STARSTAR: &str = "__starstar";

/// Takes the keyword arguments off the positional ones: the members of a last struct whose `__starstar`
/// is true. That member is removed.
pub fn decode_args(mut params: Vec<Value>) -> (Vec<Value>, Map) {
    if !params.last().and_then(|last| last.get(STARSTAR)).is_some_and(Value::is_true) {
        return (params, Map::new());
    }
    let Some(Value::Struct(mut named)) = params.pop() else { return (params, Map::new()) };
    named.retain(|(name, _)| name != STARSTAR);
    (params, named)
}

/// The other way: positional and keyword arguments as they are sent.
pub fn encode_args(mut params: Vec<Value>, mut named: Map) -> Vec<Value> {
    if !named.is_empty() {
        named.push((STARSTAR.to_owned(), Value::Bool(true)));
        params.push(Value::Struct(named));
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_marked_last_struct_names_arguments() {
        let named: Map = vec![("strict".into(), true.into())];
        let sent = encode_args(vec![1.into()], named.clone());
        assert_eq!(sent.len(), 2);
        assert_eq!(decode_args(sent), (vec![1.into()], named.clone()));

        let plain = vec![Value::Struct(named)];
        assert_eq!(decode_args(plain.clone()), (plain, vec![]));
        let unmarked = vec![Value::Struct(vec![(STARSTAR.into(), 0.into())])];
        assert_eq!(decode_args(unmarked.clone()), (unmarked, vec![]));
        let marked_by_int = vec![Value::Struct(vec![(STARSTAR.into(), 1.into())])];
        assert_eq!(decode_args(marked_by_int), (vec![], vec![]));
        assert_eq!(encode_args(vec![], vec![]), vec![]);
    }
}
