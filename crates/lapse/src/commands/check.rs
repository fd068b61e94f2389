//! `lapse check`: every error and every warning of every policy file.

use std::path::Path;

use lapse_host::{Loading, check_plugins};
use lapse_policy::{Diagnostics, Finding, Location, Policy};
use serde_json::{Value, json};

use super::load;
use crate::cli::{CheckArgs, Format};
use crate::refusal::Refusal;
use crate::terminal::{GOOD, STRONG, count};
use crate::{Done, Failure, terminal};

/// Checks the policies. The findings are the result, so they go to standard output.
pub fn run(args: &CheckArgs) -> Result<Done, Failure> {
    if let Some(dir) = &args.misplaced {
        return Err(Refusal::MisplacedPolicies { dir: dir.clone() }.into());
    }
    let dir = &args.policy.policies;
    let mut loaded = load::files(dir)?;
    let loading = args.plugins.trusted.then(|| Loading::with_this_program(1));
    check_plugins(&mut loaded, &args.plugins.plugins.plugin_dir, loading.as_ref());
    match args.format.format {
        Format::Text => {
            terminal::result(&loaded.diagnostics.render(true))?;
            terminal::say(&verdict(dir, &loaded.diagnostics));
            let not_run =
                loaded.policy.as_ref().filter(|_| !args.plugins.trusted).map_or(0, |policy| policy.plugins().len());
            if not_run > 0 {
                let not_run = count(
                    not_run as u64,
                    "plugin was compared with its pin and not run",
                    "plugins were compared with their pins and not run",
                );
                terminal::say(&format!("{not_run}; --plugins runs their code\n"));
            }
        }
        Format::Json => {
            let findings: Vec<Value> = loaded.diagnostics.iter().map(|finding| to_json(&finding)).collect();
            let report = json!({
                "errors": loaded.diagnostics.errors(),
                "warnings": loaded.diagnostics.warnings(),
                "policy_fingerprint": loaded.policy.as_ref().map(Policy::fingerprint),
                "findings": findings,
            });
            terminal::result(&format!("{report:#}\n"))?;
        }
    }
    Ok(if loaded.diagnostics.errors() > 0 { Done::FoundErrors } else { Done::Well })
}

fn verdict(dir: &Path, diagnostics: &Diagnostics) -> String {
    let dir = dir.display();
    let errors = count(diagnostics.errors() as u64, "error", "errors");
    let warnings = count(diagnostics.warnings() as u64, "warning", "warnings");
    match (diagnostics.errors(), diagnostics.warnings()) {
        (0, 0) => format!("{GOOD}{dir}: no errors, no warnings{GOOD:#}\n"),
        (0, _) => format!("\n{STRONG}{dir}: no errors, {warnings}{STRONG:#}\n"),
        _ => format!("\n{STRONG}{dir}: {errors}, {warnings}{STRONG:#}\n"),
    }
}

fn to_json(finding: &Finding<'_>) -> Value {
    let mut value = place(&finding.location);
    value["severity"] = finding.severity.as_str().into();
    value["message"] = finding.message.into();
    value["help"] = finding.help.into();
    value["also"] = finding.secondary.iter().map(place).collect();
    value
}

fn place(location: &Location<'_>) -> Value {
    json!({
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "label": location.label,
    })
}
