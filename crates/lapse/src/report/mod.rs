//! A page for people (`--report`): what a run, a comparison or a forecast found, handed to lapse-report, and the file of
//! the page.

mod diff;
mod forecast;

use std::path::Path;

use lapse_change::Summary;
use lapse_engine::{Codes, Decisions, MembershipOutcome, RecordOutcome, Room, Rules, Silent, evaluate, evaluate_batch};
use lapse_host::Plugins;
use lapse_policy::{DayPolicy, Policy};
use lapse_report::Language;
use lapse_report::data::{Change, Changed, Head, Library, PolicyVersion, RunReport};
use lapse_tables::Extract;

pub use diff::of_diff;
pub use forecast::of_forecast;

use crate::cli::ReportArgs;
use crate::refusal::Refusal;
use crate::{Failure, files};

/// So many patrons at a time are shown to plugins.
const BATCH: usize = 4096;

/// Where the page goes, if one is asked for.
pub fn place(args: &ReportArgs) -> Result<Option<&Path>, Refusal> {
    match args.report.as_deref() {
        Some(path) if path.is_dir() => Err(Refusal::ReportIsFolder { path: path.to_owned() }),
        // So that no table, list or policy is ever replaced by a page.
        Some(path) if !path.extension().is_some_and(|ending| ending == "html" || ending == "htm") => {
            Err(Refusal::ReportEnding { path: path.to_owned() })
        }
        path => Ok(path),
    }
}

/// The same for a run: it must not lie in `out`, which holds nothing but the files of a run.
pub fn place_beside<'a>(args: &'a ReportArgs, out: &Path) -> Result<Option<&'a Path>, Refusal> {
    let Some(path) = place(args)? else { return Ok(None) };
    if files::place_of(path).starts_with(files::place_of(out)) {
        return Err(Refusal::ReportAmongTables { path: path.to_owned(), out: out.to_owned() });
    }
    Ok(Some(path))
}

/// The page of a run.
pub fn of_run(
    summary: &Summary,
    policy: &Policy,
    of_day: &DayPolicy,
    changes: Option<Vec<Change>>,
    language: Language,
) -> String {
    let libraries = summary.libraries(of_day).map(|(code, tally)| (library(code, of_day), tally)).collect();
    let report = RunReport {
        head: head(of_day, vec![version(&name(policy), policy)]),
        patrons: summary.patrons,
        libraries,
        profiles: summary.profiles,
        trips: summary.trips(of_day),
        attention: summary.attention(),
        changes,
    };
    lapse_report::run_page(&report, language)
}

fn head(of_day: &DayPolicy, policies: Vec<PolicyVersion>) -> Head {
    Head {
        consortium: of_day.consortium.name.value.clone(),
        date: of_day.date,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policies,
    }
}

/// What a page calls a policy: its folder, as it was given.
fn name(policy: &Policy) -> String {
    policy.path().map_or_else(|| "policy".to_owned(), |path| path.display().to_string())
}

fn version(name: &str, policy: &Policy) -> PolicyVersion {
    PolicyVersion { name: name.to_owned(), fingerprint: policy.fingerprint().to_owned() }
}

fn library(code: &str, of_day: &DayPolicy) -> Library {
    let known = of_day.libraries.iter().find(|library| library.code == code);
    Library { code: code.to_owned(), name: known.map(|library| library.name.value.clone()) }
}

/// Every membership that a run deregisters and every record that it archives or deletes, in the order of the tables.
/// The run itself keeps no patron in memory, so the few who want this list pay for reading the extract once more.
pub fn changes(data: &Path, of_day: &DayPolicy, plugins: &Plugins, threads: usize) -> Result<Vec<Change>, Failure> {
    let extract = Extract::read_with(data, of_day.date, Codes::of(of_day), threads, &plugins.columns)?;
    let rules = Rules::new(of_day, &extract.codes);
    let extra = plugins.rules(of_day, &extract);
    let mut changes = Vec::new();
    let mut each = |index: usize, decisions: &Decisions| {
        let (id, patron) = (extract.ids.get(index), extract.patron(index));
        let mut change = |library, what| {
            let library = extract.codes.libraries.text(library).to_owned();
            changes.push(Change { patron: id.to_owned(), library, what });
        };
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            match decided.outcome {
                MembershipOutcome::Deregistered => {
                    let subscription = extract.codes.subscriptions.text(membership.subscription).to_owned();
                    let last_activity = decided.last_activity;
                    change(membership.library, Changed::Deregistered { subscription, last_activity });
                }
                MembershipOutcome::Valid | MembershipOutcome::Renewed | MembershipOutcome::Expired => {}
            }
        }
        for record in &decisions.records {
            match record.outcome {
                RecordOutcome::Kept => {}
                RecordOutcome::Archived => change(record.library, Changed::Archived),
                RecordOutcome::Deleted => change(record.library, Changed::Deleted),
            }
        }
    };
    let Some(extra) = &extra else {
        let mut decisions = Decisions::default();
        for index in 0..extract.len() {
            evaluate(&extract.patron(index), &rules, &mut decisions);
            each(index, &decisions);
        }
        return Ok(changes);
    };
    let mut room = Room::default();
    for start in (0..extract.len()).step_by(BATCH) {
        let patrons: Vec<_> = (start..extract.len().min(start + BATCH)).map(|index| extract.patron(index)).collect();
        evaluate_batch(start, &patrons, &rules, extra, &mut room, &mut Silent, |index, decisions| {
            each(start + index, decisions);
        })?;
    }
    Ok(changes)
}
