//! Methods about the hub itself and its methods.

use super::listing::{self, Listed};
use super::registry;
use crate::wire::{self, Value};
use crate::{Error, methods};

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

    /// Fails with the fault of a bad request: for clients to try what they do then.
    read Anyone => Fail "error" () -> () = |_m, _cx| Err(Error::generic("test error"));

    /// Fails with an unforeseen fault: for clients to try what they do then.
    read Anyone => FailUnforeseen "fault" () -> () = |_m, _cx| Err(Error::unforeseen("test exception"));

    /// The version of Koji whose interface this is.
    read Anyone => GetKojiVersion "getKojiVersion" () -> String
        = |_m, _cx| Ok(crate::KOJI_VERSION.to_owned());

    /// Whether Maven builds are known.
    read Anyone => MavenEnabled "mavenEnabled" () -> bool = |_m, cx| Ok(cx.env.config.flag("EnableMaven"));

    /// Whether Windows builds are known.
    read Anyone => WinEnabled "winEnabled" () -> bool = |_m, cx| Ok(cx.env.config.flag("EnableWin"));

    /// The hub's options, as text or as a struct. Passwords are not told.
    read Perm("admin") => ShowOpts "showOpts" (as_string: bool = true) -> Value = |m, cx| {
        let options = wire::to_value(&cx.env.config.shown())?;
        Ok(if m.as_string { Value::String(listing::python(&options)) } else { options })
    };

    /// The version of the interface.
    read Anyone => GetApiVersion "getAPIVersion" () -> i32 = |_m, _cx| Ok(1);
}
