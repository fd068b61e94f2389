//! `lapse plugin check` and `lapse plugin new`: for those who write plugins.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use lapse_host::{Language, NewPlugin, Report, Server};

use crate::cli::{PluginCheckArgs, PluginCommand, PluginCommandArgs, PluginLanguage, PluginNewArgs};
use crate::terminal::{ERROR, FAINT, GOOD, STRONG, WARNING, count};
use crate::{Done, Failure, terminal};

/// Does what was asked of a plugin.
pub fn run(args: &PluginCommandArgs) -> Result<Done, Failure> {
    match &args.command {
        PluginCommand::Check(args) => check(args),
        PluginCommand::New(args) => new(args),
    }
}

fn check(args: &PluginCheckArgs) -> Result<Done, Failure> {
    let file = args.file.display();
    let timeout = Duration::from_secs(args.timeout.into());
    let report = lapse_host::check(&args.file, &args.config, &args.columns, timeout, &Server::ThisProgram)?;
    terminal::result(&text(&report))?;
    let verdict = if report.passed() {
        format!("{GOOD}{file}: passed all {}{GOOD:#}\n", count(report.steps.len() as u64, "step", "steps"))
    } else {
        let failed = report.steps.iter().filter(|step| step.result.is_err()).count();
        format!("{STRONG}{file}: {}{STRONG:#}\n", count(failed as u64, "step failed", "steps failed"))
    };
    terminal::say(&verdict);
    Ok(if report.passed() { Done::Well } else { Done::FoundErrors })
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    if let Some(description) = &report.description {
        let reasons = description.reasons.join(", ");
        let _ = writeln!(text, "{STRONG}{} {}{STRONG:#}, reasons: {reasons}", description.name, description.version);
    }
    for protection in &report.held.0 {
        let _ = writeln!(text, "  {GOOD}holds{GOOD:#}   {protection}");
    }
    for protection in report.held.lacking() {
        let _ = writeln!(text, "  {WARNING}lacks{WARNING:#}   this machine cannot see to it that {protection}");
    }
    if report.held.lacking().next().is_some() {
        text.push_str("  A plugin that is not held back so is code to trust like lapse itself.\n");
    }
    for step in &report.steps {
        let _ = match &step.result {
            Ok(()) => writeln!(text, "  {GOOD}passed{GOOD:#}  {}", step.name),
            Err(why) => writeln!(text, "  {ERROR}failed{ERROR:#}  {}: {why}", step.name),
        };
    }
    text
}

fn new(args: &PluginNewArgs) -> Result<Done, Failure> {
    let language = match args.lang {
        PluginLanguage::Rust => Language::Rust,
        PluginLanguage::C => Language::C,
    };
    let plugin = NewPlugin { name: &args.name, language, sdk: args.sdk.as_deref() };
    let files = plugin.write(Path::new(""))?;
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{}", file.display());
    }
    terminal::result(&text)?;
    terminal::say(&format!("{FAINT}{}/README.md says how to build and pin it{FAINT:#}\n", args.name));
    Ok(Done::Well)
}
