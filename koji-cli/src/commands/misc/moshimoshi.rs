//! `koji moshimoshi`, or any other greeting

use koji_core::api::user::GetLoggedInUser;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::Outcome;
use crate::value::View as _;
use crate::{kwargs, line};

/// The greetings that the command also answers to, and greets with.
pub const GREETINGS: [&str; 14] = [
    "hello",
    "hi",
    "yo",
    "what's up",
    "g'day",
    "bonjour",
    "hallo",
    "ciao",
    "hola",
    "hej",
    "tervehdys",
    "grüezi",
    "こんにちは",
    "नमस्कार",
];

/// Introduce yourself to the hub
#[derive(clap::Args, Debug)]
pub struct Args {}

pub fn run(ctx: &mut Ctx<'_>, _args: Args) -> Outcome {
    ctx.login()?;
    let user = ctx.ask(GetLoggedInUser::new())?;
    let hub = ctx.session()?.hub_version()?;
    let server = ctx.settings.server.clone();
    if ctx.settings.json {
        ctx.json(&Value::Struct(kwargs![user = user, hub = server, version = hub]))?;
        return Ok(0);
    }
    let name = if user.is_true() {
        user.str("name").to_owned()
    } else {
        line!(ctx, "Not authenticated");
        "anonymous user".into()
    };
    line!(ctx, "{}, {name}!\n", greeting());
    line!(ctx, "You are using the hub at {server} (Koji {hub})");
    match user.at("authtype").as_int() {
        Some(0) => line!(ctx, "Authenticated via password"),
        Some(1) => line!(ctx, "Authenticated via Kerberos principal {}", user.show("krb_principal")),
        Some(2) => {
            let cert = ctx.settings.cert.clone().unwrap_or_default();
            line!(ctx, "Authenticated via client certificate {}", cert.display());
        }
        Some(3) => line!(ctx, "Authenticated via GSSAPI"),
        _ => {}
    }
    Ok(0)
}

/// Another one each time.
fn greeting() -> &'static str {
    let mut byte = [0u8];
    // without random numbers the first one will do
    let _ = getrandom::fill(&mut byte);
    GREETINGS[usize::from(byte[0]) % GREETINGS.len()]
}
