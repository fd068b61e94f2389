//! `lapse check`: every error and every warning of every policy file, and with data the codes that the policy does not have.

use std::path::Path;

use lapse_change::{UnknownCode, unknown_codes};
use lapse_host::{Loading, asked_columns, check_plugins};
use lapse_policy::{Finding, Location, Policy};
use lapse_tables::{Known, Problem, Progress, TableError, column_slips};
use serde_json::{Value, json};

use super::load;
use crate::cli::{CheckArgs, DateArgs, Format};
use crate::data::Data;
use crate::refusal::Refusal;
use crate::terminal::{GOOD, STRONG, count};
use crate::{Done, Failure, progress, terminal, text};

/// Checks the policies, and the tables beside them where they are named. The findings are the result, so they go to standard
/// output.
pub fn run(args: &CheckArgs) -> Result<Done, Failure> {
    if let Some(dir) = &args.misplaced {
        return Err(Refusal::MisplacedPolicies { dir: dir.clone() }.into());
    }
    let dir = &args.policy.policies;
    let mut loaded = load::files(dir)?;
    let loading = args.plugins.trusted.then(|| Loading::with_this_program(1));
    check_plugins(&mut loaded, &args.plugins.plugins.plugin_dir, loading.as_ref());
    let (errors, warnings) = (loaded.diagnostics.errors(), loaded.diagnostics.warnings());
    let of_data = || {
        let data = args.data.as_deref().zip(loaded.policy.as_ref());
        data.map(|(data, policy)| OfData::find(data, args, policy)).transpose()
    };
    let of_data = match args.format.format {
        Format::Text => {
            terminal::result(&loaded.diagnostics.render(true))?;
            terminal::say(&verdict(dir, errors, warnings));
            if !args.plugins.trusted {
                say_not_run(loaded.policy.as_ref());
            }
            let of_data = of_data()?;
            if let Some(data) = &args.data {
                say_of_data(data, of_data.as_ref())?;
            }
            of_data
        }
        Format::Json => {
            let of_data = of_data()?;
            let findings: Vec<Value> = loaded.diagnostics.iter().map(|finding| to_json(&finding)).collect();
            let mut report = json!({
                "errors": errors,
                "warnings": warnings,
                "policy_fingerprint": loaded.policy.as_ref().map(Policy::fingerprint),
                "findings": findings,
            });
            if args.data.is_some() {
                report["data"] = of_data.as_ref().map(OfData::to_json).into();
            }
            terminal::result(&format!("{report:#}\n"))?;
            of_data
        }
    };
    let has_slips = of_data.is_some_and(|of_data| !of_data.columns.is_empty());
    Ok(if errors > 0 || has_slips { Done::FoundErrors } else { Done::Well })
}

/// Says how many plugins were not run.
fn say_not_run(policy: Option<&Policy>) {
    let plugins = policy.map_or(0, |policy| policy.plugins().len());
    if plugins > 0 {
        let not_run = count(
            plugins as u64,
            "plugin was compared with its pin and not run",
            "plugins were compared with their pins and not run",
        );
        terminal::say(&format!("{not_run}; --plugins runs their code\n"));
    }
}

/// What is found in the tables.
struct OfData {
    /// Columns whose names are slips, each of which stops a run.
    columns: Vec<TableError>,
    /// Codes that the policy does not have.
    codes: Vec<UnknownCode>,
}

impl OfData {
    fn find(data: &Path, args: &CheckArgs, policy: &Policy) -> Result<OfData, Failure> {
        let of_day = policy.on(load::day(&DateArgs { date: args.date }));
        let mut ignored = args.tables.ignored.clone();
        let asked = asked_columns(policy);
        let columns =
            column_slips(Data::open(data, &ignored, args.tables.bounds())?.source(), &asked, &Known::by(&of_day))?;
        // Each slip of a column is told, and the rows are read all the same, without what plugins ask for.
        ignored.extend(asked.into_iter().map(|column| column.name));
        ignored.extend(columns.iter().filter_map(|slip| match &slip.problem {
            Problem::ColumnSlip { name, .. } => Some(name.clone()),
            _ => None,
        }));
        let data = Data::open(data, &ignored, args.tables.bounds())?;
        let told = Progress::default();
        let threads = load::all_processors();
        let codes = progress::shown(&told, || unknown_codes(data.source(), policy, &of_day, threads, &told))?;
        Ok(OfData { columns, codes })
    }

    fn to_json(&self) -> Value {
        let code = |code: &UnknownCode| {
            json!({
                "table": code.table.name(),
                "column": code.column,
                "code": code.code,
                "library": code.library,
                "rows": code.rows,
                "near": code.near,
                "rejected": code.is_slip,
            })
        };
        json!({
            "columns": self.columns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "codes": self.codes.iter().map(code).collect::<Vec<_>>(),
        })
    }
}

/// Shows what is found in the tables; nothing where they could not be looked at, because the policies have errors.
fn say_of_data(data: &Path, found: Option<&OfData>) -> Result<(), Failure> {
    let Some(OfData { columns, codes }) = found else {
        terminal::say(&format!(
            "{}: not looked at, because the policies have errors; mend them first\n",
            data.display()
        ));
        return Ok(());
    };
    terminal::result(&text::codes::to_text(columns, codes))?;
    terminal::say(&verdict(data, columns.len(), codes.len()));
    Ok(())
}

fn verdict(place: &Path, errors: usize, warnings: usize) -> String {
    let place = place.display();
    let told_errors = count(errors as u64, "error", "errors");
    let told_warnings = count(warnings as u64, "warning", "warnings");
    match (errors, warnings) {
        (0, 0) => format!("{GOOD}{place}: no errors, no warnings{GOOD:#}\n"),
        (0, _) => format!("\n{STRONG}{place}: no errors, {told_warnings}{STRONG:#}\n"),
        _ => format!("\n{STRONG}{place}: {told_errors}, {told_warnings}{STRONG:#}\n"),
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
