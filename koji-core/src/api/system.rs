//! Methods about the hub itself and its methods.

use super::listing::{self, Listed};
use super::registry;
use crate::methods;
use crate::wire::Value;

methods! {
    /// Lists all methods with their arguments.
    read Anyone => ListApi "_listapi" () -> Vec<Listed> = |_m, _cx| Ok(listing::list());

    /// The names of all methods.
    read Anyone => ListMethods "system.listMethods" () -> Vec<&'static str>
        = |_m, _cx| Ok(registry::all().map(|entry| entry.name).collect());

    /// Signatures have no meaning here; the answer says so.
    read Anyone => MethodSignature "system.methodSignature" (method: String) -> &'static str
        = |m, _cx| { drop(m); Ok("signatures not supported") };

    /// The arguments of a method and what it does.
    read Anyone => MethodHelp "system.methodHelp" (method: String) -> String = |m, _cx| {
        Ok(registry::find(&m.method).map_or_else(String::new, |entry| {
            format!("{}{}\ndescription: {}", entry.name, listing::signature(&(entry.specs)()), entry.doc)
        }))
    };

    /// Answers with the arguments.
    read Anyone => Echo "echo" (; args args) -> Vec<Value> = |m, _cx| Ok(m.args);

    /// Says hello; any arguments are taken.
    read Anyone => Hello "hello" (; args args) -> &'static str = |m, _cx| { drop(m); Ok("Hello World") };

    /// The version of the interface.
    read Anyone => GetApiVersion "getAPIVersion" () -> i32 = |_m, _cx| Ok(1);
}
