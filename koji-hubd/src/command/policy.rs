//! `koji-hubd policy`

use std::io::Write as _;
use std::process::ExitCode;

use koji_core::Result;
use koji_core::config::HubConfig;
use koji_core::policy::Registry;
use koji_core::policy::lint::{self, Finding, Severity};

use super::columns::fold;
use super::policy_explain;
use crate::args::{Args, PolicyCommand};

/// How a command ends that has nothing to complain of but little to say either: warnings only, or no rule decides.
pub(super) const NOT_QUITE: u8 = 3;

/// Looks at policies; how it ends.
pub(super) fn run(args: &Args, config: &HubConfig, command: &PolicyCommand) -> Result<ExitCode> {
    match command {
        PolicyCommand::Check { json } => check(config, *json),
        PolicyCommand::Explain(asked) => policy_explain::run(args, config, asked),
    }
}

fn check(config: &HubConfig, json: bool) -> Result<ExitCode> {
    let findings = lint::check(config.policies(), &Registry::builtin());
    let worst = findings.iter().map(|finding| finding.severity).max();
    let text = if json { in_json(config, &findings)? } else { in_words(config, &findings) };
    say(&text)?;
    Ok(match worst {
        None => ExitCode::SUCCESS,
        Some(Severity::Warning) => ExitCode::from(NOT_QUITE),
        Some(Severity::Error) => ExitCode::FAILURE,
    })
}

/// Writes to standard output.
pub(super) fn say(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// `FILE:LINE`, or the line of a default policy.
pub(super) fn place(config: &HubConfig, policy: &str, line: usize) -> String {
    match config.place_of(policy, line) {
        Some((file, line)) => format!("{}:{line}", file.display()),
        None => format!("default:{line}"),
    }
}

fn in_words(config: &HubConfig, findings: &[Finding]) -> String {
    let mut out = String::new();
    for Finding { policy, line, severity, message, remedy } in findings {
        let kind = if *severity == Severity::Error { "error" } else { "warning" };
        let at = place(config, policy, *line);
        out += &fold(&format!("{at}: "), 4, &format!("{kind}: policy {policy}: {message}"));
        out += &fold("    ", 4, remedy);
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (mistakes, warnings) = (count(Severity::Error), count(Severity::Warning));
    out + &format!("{} policies: {mistakes} mistakes, {warnings} warnings\n", config.policies().len())
}

fn in_json(config: &HubConfig, findings: &[Finding]) -> Result<String> {
    let mut list = Vec::new();
    for finding in findings {
        let mut value = serde_json::to_value(finding)?;
        value["place"] = place(config, &finding.policy, finding.line).into();
        list.push(value);
    }
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}
