//! What a method is, and how it is declared.

use super::answer::Answer;
use super::args::{ArgSpec, Args};
use crate::context::Cx;
use crate::wire::{Map, Value};
use crate::{Error, Result};
use serde::Serialize;
use std::fmt::Debug;

/// Whether a method may change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It runs in a read transaction.
    Read,
    /// It runs in a write transaction.
    Write,
}

/// Who may call a method; checked before its arguments are looked at, as Koji does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Anyone, logged in or not.
    Anyone,
    /// Whoever is logged in.
    User,
    /// Holders of a permission, and admins.
    Perm(&'static str),
    /// A host, in its exclusive session.
    Host,
    /// The noun's room decides, for it must look something up first: the text says what it asks for.
    Inside(&'static str),
}

impl Access {
    /// Refuses callers who may not.
    pub fn check(self, cx: &mut Cx<'_>) -> Result<()> {
        match self {
            Self::Anyone | Self::Inside(_) => Ok(()),
            Self::User => cx.require_login(),
            Self::Perm(name) => cx.require_perm(name),
            Self::Host => cx.require_host().map(drop),
        }
    }
}

/// A method: a struct of its arguments, which hub, client and command line share.
pub trait Method: Debug + Sized + Send {
    /// Its name on the wire.
    const NAME: &'static str;
    /// What it does, for `_listapi` and `system.methodHelp`.
    const DOC: &'static str;
    /// Read or write.
    const MODE: Mode;
    /// Who may call.
    const ACCESS: Access;
    /// The answer.
    type Output: Serialize + Send + 'static;

    /// Its arguments, in order, with their defaults.
    fn specs() -> Vec<ArgSpec>;
    /// The type of the answer, as JSON Schema; open where it is not known.
    fn answer_schema() -> serde_json::Value;
    /// Reads the arguments.
    fn decode(args: &mut Args) -> Result<Self>;
    /// The arguments as a client sends them: positional, then by keyword.
    fn encode(&self) -> (Vec<Value>, Map);
    /// Does it.
    fn run(self, cx: &mut Cx<'_>) -> Result<Self::Output>;
}

/// A method without its type: what the registry holds.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Read or write.
    pub mode: Mode,
    /// Who may call.
    pub access: Access,
    /// The arguments.
    pub specs: fn() -> Vec<ArgSpec>,
    /// The type of the answer, as JSON Schema
    pub answer: fn() -> serde_json::Value,
    /// Decodes and runs.
    pub run: fn(&mut Cx<'_>, &mut Args) -> Result<Box<dyn Answer>>,
    /// Decodes, tells what was read, and encodes again.
    #[cfg(test)]
    pub echo: fn(&mut Args) -> Result<super::round_trip::Echo>,
}

impl Entry {
    /// The entry of a method.
    pub const fn of<M: Method>() -> Self {
        Self {
            name: M::NAME,
            doc: M::DOC,
            mode: M::MODE,
            access: M::ACCESS,
            specs: M::specs,
            answer: M::answer_schema,
            run: |cx, args| Ok(Box::new(M::decode(args)?.run(cx)?)),
            #[cfg(test)]
            echo: |args| {
                let method = M::decode(args)?;
                let (positional, keywords) = method.encode();
                Ok((format!("{method:?}"), positional, keywords))
            },
        }
    }

    /// Checks number and names of the arguments, then who calls, then reads the arguments and runs.
    pub fn call(&self, cx: &mut Cx<'_>, positional: Vec<Value>, keywords: Map) -> Result<Box<dyn Answer>> {
        let args = self.bind(positional, keywords)?;
        self.run_bound(cx, args)
    }

    /// Checks number and names of the arguments.
    pub fn bind(&self, positional: Vec<Value>, keywords: Map) -> Result<Args> {
        Args::bind(self.name, &(self.specs)(), positional, keywords)
    }

    /// Checks who calls, then reads the arguments and runs.
    pub fn run_bound(&self, cx: &mut Cx<'_>, mut args: Args) -> Result<Box<dyn Answer>> {
        self.access.check(cx)?;
        (self.run)(cx, &mut args)
    }
}

/// A method that another part of the hub calls by name; unknown ones are refused.
pub fn unknown(name: &str) -> Error {
    Error::generic(format!("Invalid method: {name}"))
}

/// Declares the methods of a noun, and `METHODS`, the list of their entries.
///
/// ```ignore
/// methods! {
///     /// The id of a tag.
///     read Anyone => GetTagId "getTagID" (info: Lookup, strict: bool = false, create: bool = false)
///         -> Option<i32> = |m, cx| tag::find_id(cx, &m.info, m.strict);
/// }
/// ```
/// A caller writes `GetTagId::new("f40")`, and `GetTagId { strict: true, ..GetTagId::new("f40") }` where it wants
/// other than the defaults.
///
/// A method with `*args` or `**kwargs` names them last: `(method: String; args rest; kwargs options)`; the
/// fields are then a `Vec<Value>` and a [`Map`]. An argument whose type Koji itself checks is `#[checked]`: another type
/// is then a bad parameter, and not what the database or Python makes of it.
#[macro_export]
macro_rules! methods {
    ($(
        $(#[doc = $doc:literal])*
        $mode:ident $access:ident $(($($access_arg:literal),+))? => $name:ident $wire:literal
            ( $($(#[$check:ident])? $arg:ident : $ty:ty $(= $default:expr)?),* $(,)? $(; args $rest:ident)? $(; kwargs $kw:ident)? )
            -> $output:ty = |$this:ident, $cx:ident| $body:expr;
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug)]
            pub struct $name {
                $(#[doc = concat!("The argument `", stringify!($arg), "`.")] pub $arg: $ty,)*
                $(#[doc = "Further arguments."] pub $rest: Vec<$crate::wire::Value>,)?
                $(#[doc = "Further keyword arguments."] pub $kw: $crate::wire::Map,)?
            }

            $crate::methods!(@new $name [] [] $(($arg $ty $(= $default)?))*
                $(($rest Vec<$crate::wire::Value> = Vec::new()))? $(($kw $crate::wire::Map = Vec::new()))?);

            impl $crate::api::Method for $name {
                const NAME: &'static str = $wire;
                const DOC: &'static str = concat!($($doc, "\n"),*);
                const MODE: $crate::api::Mode = $crate::methods!(@mode $mode);
                const ACCESS: $crate::api::Access = $crate::api::Access::$access $(($($access_arg),+))?;
                type Output = $output;

                fn specs() -> Vec<$crate::api::args::ArgSpec> {
                    vec![
                        $($crate::methods!(@spec $arg $ty $(= $default)?),)*
                        $($crate::api::args::ArgSpec::rest(stringify!($rest)),)?
                        $($crate::api::args::ArgSpec::keywords(stringify!($kw)),)?
                    ]
                }

                fn answer_schema() -> serde_json::Value {
                    #[allow(unused_imports, clippy::allow_attributes, reason = "asked where the type tells nothing")]
                    use $crate::api::schema::Unknown as _;
                    $crate::api::schema::Probe::<$output>::new().schema()
                }

                fn decode(args: &mut $crate::api::args::Args) -> $crate::Result<Self> {
                    let decoded = Self {
                        $($arg: $crate::methods!(@take args [$($check)?] $arg $ty $(= $default)?)?,)*
                        $($rest: args.rest(),)?
                        $($kw: args.keywords(),)?
                    };
                    let _ = args;
                    Ok(decoded)
                }

                fn encode(&self) -> (Vec<$crate::wire::Value>, $crate::wire::Map) {
                    let encoded =
                        $crate::api::args::encode(&Self::specs(), vec![$($crate::api::Arg::give(&self.$arg)),*]);
                    $(let encoded = $crate::api::args::with_rest(encoded, &self.$rest);)?
                    $(let encoded = $crate::api::args::with_keywords(encoded, &self.$kw);)?
                    encoded
                }

                fn run(self, $cx: &mut $crate::context::Cx<'_>) -> $crate::Result<$output> {
                    let $this = self;
                    $body
                }
            }
        )*

        /// The methods of this noun.
        pub(super) const METHODS: &[$crate::api::method::Entry] =
            &[$($crate::api::method::Entry::of::<$name>()),*];
    };
    (@new $name:ident [$($arg:ident $ty:ty,)*] [$($optional:ident = $default:expr,)*]) => {
        impl $name {
            /// With what must be given; the rest is as when it is left out.
            pub fn new($($arg: impl Into<$ty>),*) -> Self {
                Self { $($arg: $arg.into(),)* $($optional: $default,)* }
            }
        }
    };
    (@new $name:ident [$($known:tt)*] $optional:tt ($arg:ident $ty:ty) $($more:tt)*) => {
        $crate::methods!(@new $name [$($known)* $arg $ty,] $optional $($more)*);
    };
    (@new $name:ident $known:tt [$($optional:tt)*] ($arg:ident $ty:ty = $default:expr) $($more:tt)*) => {
        $crate::methods!(@new $name $known [$($optional)* $arg = $default,] $($more)*);
    };
    (@mode read) => { $crate::api::Mode::Read };
    (@mode write) => { $crate::api::Mode::Write };
    (@spec $arg:ident $ty:ty) => {
        $crate::api::args::ArgSpec::required($crate::db::row::key(stringify!($arg))).of::<$ty>()
    };
    (@spec $arg:ident $ty:ty = $default:expr) => {
        $crate::api::args::ArgSpec::optional(
            $crate::db::row::key(stringify!($arg)),
            { let default: $ty = $default; $crate::api::Arg::give(&default) },
        )
        .of::<$ty>()
    };
    (@take $args:ident [checked] $($arg:tt)*) => {
        $crate::methods!(@take $args [] $($arg)*).map_err($crate::api::cast::checked)
    };
    (@take $args:ident [] $arg:ident $ty:ty) => { $args.required($crate::db::row::key(stringify!($arg))) };
    (@take $args:ident [] $arg:ident $ty:ty = $default:expr) => {
        $args.optional($crate::db::row::key(stringify!($arg)), || { let default: $ty = $default; default })
    };
}
