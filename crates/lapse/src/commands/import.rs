//! `lapse import subscriptions`: the consortium's list as changes of library files, shown first and written on request.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::cli::{DateArgs, ImportArgs, ImportSubscriptionsArgs, ImportWhat};
use crate::import::{Columns, Draft, Mapping, Plan, Problem, Sheet, plan, read_rows};
use crate::terminal::{GOOD, STRONG, count};
use crate::{Done, Failure, files, terminal};

use super::load;

/// Imports what was named.
pub fn run(args: &ImportArgs) -> Result<Done, Failure> {
    match &args.what {
        ImportWhat::Subscriptions(args) => subscriptions(args),
    }
}

fn subscriptions(args: &ImportSubscriptionsArgs) -> Result<Done, Failure> {
    let refused = |path: &Path, why: String| Failure::refused(format!("{}: {why}", path.display()));
    load::policy(&args.policy)?;
    let sheet = Sheet::read(&args.file).map_err(|why| refused(&args.file, why))?;
    let mapping = match &args.columns {
        None => Mapping::default(),
        Some(path) => {
            let text =
                fs::read_to_string(path).map_err(|error| refused(path, format!("this cannot be read ({error})")))?;
            Mapping::read(&text).map_err(|why| refused(path, why))?
        }
    };
    let columns = Columns::find(&sheet, &mapping).map_err(|why| refused(&args.file, why))?;
    for (at, header) in &columns.unused {
        terminal::warn(&format!("the column with the header `{header}` ({at}) is not read"));
    }
    let (rows, mut problems) = read_rows(&sheet, &columns);
    let mut draft = Draft::of(&args.policy.policies).map_err(Failure::Refused)?;
    let mut planned = Plan::default();
    if problems.is_empty() {
        let name = args.file.file_name().unwrap_or_default().to_string_lossy();
        let reason = format!("As in the consortium's list of subscriptions ({name})");
        planned = plan(&mut draft, &rows, load::day(&DateArgs { date: None }), &reason)
            .map_err(|why| refused(&args.file, why))?;
        problems.append(&mut planned.problems);
    }
    if !problems.is_empty() {
        return Err(Failure::refused(told(&args.file, &problems)));
    }
    for note in &planned.notes {
        terminal::warn(note);
    }
    terminal::result(&shown(&planned, &draft))?;
    let files = draft.into_files();
    if args.write {
        files::write_all(files.iter().map(|(path, text)| (&**path, &**text)))?;
    }
    terminal::say(&summary(rows.len() as u64, files.len() as u64, args.write));
    Ok(Done::Well)
}

/// Every problem on a line of its own, below what they have in common.
fn told(file: &Path, problems: &[Problem]) -> String {
    let cells = count(problems.len() as u64, "cell makes", "cells make");
    let mut text = format!("{}: {cells} no sense, so nothing was written", file.display());
    for Problem { address, sentence } in problems {
        let _ = write!(text, "\n  {address}: {sentence}");
    }
    text
}

/// The changes below the names of their files.
fn shown(plan: &Plan, draft: &Draft) -> String {
    let mut changes: Vec<_> = plan.changes.iter().collect();
    changes.sort_by_key(|change| &change.file);
    let mut text = String::new();
    let mut file = "";
    for change in changes {
        if change.file != file {
            file = &change.file;
            let new = if draft.is_new(file) { " (new)" } else { "" };
            let _ = writeln!(text, "{STRONG}{file}{STRONG:#}{new}");
        }
        let _ = writeln!(text, "  {}", change.what);
    }
    text
}

fn summary(rows: u64, files: u64, written: bool) -> String {
    let rows = count(rows, "row", "rows");
    match (files, written) {
        (0, _) => format!("{GOOD}{rows}: the policies say all of it already{GOOD:#}\n"),
        (1, true) => format!("{rows}: 1 file written\n"),
        (_, true) => format!("{rows}: {files} files written\n"),
        (1, false) => format!("{rows}: 1 file would change; --write changes it\n"),
        (_, false) => format!("{rows}: {files} files would change; --write changes them\n"),
    }
}
