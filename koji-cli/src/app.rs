//! The command line: global options, the commands, and what to say about one that does not exist.

use std::ffi::OsString;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use crate::commands::{self, Command};
use crate::stop;

/// The parsed command line.
#[derive(Debug, Parser)]
#[command(
    name = "koji",
    about = "Talks to a Koji hub",
    after_help = AFTER_HELP,
    max_term_width = 80,
    infer_long_args = true,
    args_override_self = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    subcommand_value_name = "command",
    override_usage = "koji [global-options] command [command-options-and-arguments]\n\n\
                      Common commands: build, download-build, help, latest-build, list-targets",
    help_template = "{usage-heading} {usage}\n\n{options}\n{after-help}"
)]
pub struct App {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "Try \"koji help\" for all commands, \"koji help <category>\" for some, and \
                          \"koji <command> --help\" for the options of one.";

/// The options that stand before the command.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Global {
    /// Use this profile of the configuration; the program's name is the default
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Read the user's settings from this file, or from the .conf files of this directory
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<String>,
    /// Kerberos keytab (not supported)
    #[arg(long, value_name = "FILE", hide = true)]
    pub keytab: Option<String>,
    /// Kerberos principal (not supported)
    #[arg(long, hide = true)]
    pub principal: Option<String>,
    /// Log in with this client certificate (PEM, with its key)
    #[arg(long, value_name = "FILE")]
    pub cert: Option<String>,
    /// Act on behalf of this user; the hub must allow it
    #[arg(long, value_name = "USER")]
    pub runas: Option<String>,
    /// Log in as this user
    #[arg(long)]
    pub user: Option<String>,
    /// Log in with this password
    #[arg(long)]
    pub password: Option<String>,
    /// Do not log in
    #[arg(long)]
    pub noauth: bool,
    /// Log in even for commands that only read
    #[arg(long)]
    pub force_auth: bool,
    /// How to log in: noauth, ssl or password
    #[arg(long, value_name = "TYPE")]
    pub authtype: Option<String>,
    /// Tell more about what goes on
    #[arg(short, long)]
    pub debug: bool,
    /// Tell even more
    #[arg(long, hide = true)]
    pub debug_xmlrpc: bool,
    /// Write less
    #[arg(short, long)]
    pub quiet: bool,
    /// Parse the command line and do nothing
    #[arg(long, hide = true)]
    pub skip_main: bool,
    /// The hub's URL
    #[arg(short, long, value_name = "URL")]
    pub server: Option<String>,
    /// Where the hub's files are mounted
    #[arg(long, value_name = "DIR")]
    pub topdir: Option<String>,
    /// The URL of the web pages
    #[arg(long, value_name = "URL")]
    pub weburl: Option<String>,
    /// The URL of the hub's files
    #[arg(long, value_name = "URL")]
    pub topurl: Option<String>,
    /// Where Python plugins lie (they can't be loaded here)
    #[arg(long, value_name = "PATHS", hide = true)]
    pub plugin_paths: Option<String>,
    /// List the commands
    #[arg(long)]
    pub help_commands: bool,
    /// Change nothing: tell what the command's calls would change (not with Koji's own hub)
    #[arg(long, global = true)]
    pub what_if: bool,
    /// Write data as JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

impl Global {
    /// The option that asks for Kerberos, if there is one.
    pub fn kerberos_option(&self) -> Option<&'static str> {
        match (&self.keytab, &self.principal) {
            (Some(_), _) => Some("--keytab"),
            (_, Some(_)) => Some("--principal"),
            _ => None,
        }
    }
}

/// Why a command line was not taken.
pub enum Refused {
    /// Help was asked for, or the options are wrong.
    Clap(clap::Error),
    /// There is no such command.
    Unknown {
        /// What was typed.
        name: String,
        /// The nearest command.
        near: Option<String>,
    },
    /// An option that can't be honoured.
    Unsupported(&'static str),
    /// There is nothing to do.
    Skip,
}

impl Refused {
    /// Tells why; gives the exit code.
    pub fn show(self, program: &str, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
        match self {
            Self::Clap(error) => {
                let text = error.render();
                let written = if error.use_stderr() { write!(err, "{text}") } else { write!(out, "{text}") };
                let code = u8::try_from(error.exit_code()).unwrap_or(2);
                stop::exit_code(program, written.map(|()| code).map_err(Into::into), out, err)
            }
            Self::Unknown { name, near } => {
                let listed = commands::info::help::list(program, &[], out);
                let code = stop::exit_code(program, listed.map(|_| 1), out, err);
                let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
                // there is no one else to tell
                let _ = err.write_all(stop::log_line(&format!("Unknown command: {name}{near}")).as_bytes());
                code
            }
            Self::Unsupported(message) => stop::exit_code(program, Err(stop::Stop::usage(message)), out, err),
            Self::Skip => 0,
        }
    }
}

/// The command line as clap sees it, under the program's name.
pub fn command(program: &str) -> clap::Command {
    App::command().bin_name(program.to_owned())
}

/// Parses a command line.
pub fn parse(program: &str, args: Vec<OsString>) -> Result<App, Refused> {
    let mut command = command(program);
    let parsed = command.try_get_matches_from_mut(args).and_then(|found| App::from_arg_matches(&found));
    let mut app = parsed.map_err(refused)?;
    if app.global.plugin_paths.is_some() {
        return Err(Refused::Unsupported("--plugin-paths: Python plugins can't be loaded into this client"));
    }
    if app.global.debug_xmlrpc {
        return Err(Refused::Unsupported(
            "--debug-xmlrpc: the traffic can't be shown; \"koji call\" shows answers",
        ));
    }
    if app.global.skip_main {
        return Err(Refused::Skip);
    }
    if app.global.help_commands {
        app.command = None;
    }
    Ok(app)
}

fn refused(error: clap::Error) -> Refused {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return Refused::Clap(error);
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        // the nearest one stands last
        Some(ContextValue::Strings(texts)) => texts.last().cloned(),
        _ => None,
    };
    Refused::Unknown {
        name: text(ContextKind::InvalidSubcommand).unwrap_or_default(),
        near: text(ContextKind::SuggestedSubcommand),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(line: &str) -> Result<App, Refused> {
        parse("koji", line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn the_definition_is_sound() {
        command("koji").debug_assert();
    }

    #[test]
    fn long_options_may_be_shortened() {
        let app = parse_words("koji --serv http://h/kojihub list-tags --show").unwrap_or_else(|_| panic!());
        assert_eq!(app.global.server.as_deref(), Some("http://h/kojihub"));
    }

    #[test]
    fn a_mistyped_command_gets_a_suggestion() {
        let Err(Refused::Unknown { name, near }) = parse_words("koji list-tag") else { panic!() };
        assert_eq!(name, "list-tag");
        assert!(near.is_some_and(|near| near.starts_with("list-tag")));
    }

    #[test]
    fn kerberos_is_refused_clearly() {
        let app = parse_words("koji --keytab /k hello").unwrap_or_else(|_| panic!());
        assert_eq!(app.global.kerberos_option(), Some("--keytab"));
    }
}
