//! `lapse import subscriptions`: the consortium's list as changes of library files, shown first and written on request.

use std::fmt::Write as _;

use lapse_edit::import::{ChangedFile, List};
use lapse_policy::count;

use super::load;
use crate::cli::{DateArgs, ImportArgs, ImportSubscriptionsArgs, ImportWhat};
use crate::terminal::{GOOD, STRONG};
use crate::{Done, Failure, files, terminal};

/// Imports what was named.
pub fn run(args: &ImportArgs) -> Result<Done, Failure> {
    match &args.what {
        ImportWhat::Subscriptions(args) => subscriptions(args),
    }
}

fn subscriptions(args: &ImportSubscriptionsArgs) -> Result<Done, Failure> {
    // Policies with errors are refused before the list is read.
    load::policy(&args.policy)?;
    let list = List::read(&args.file, args.columns.as_deref())?;
    for (at, header) in list.unused() {
        terminal::warn(&format!("the column with the header `{header}` ({at}) is not read"));
    }
    let import = list.plan(&args.policy.policies, load::day(&DateArgs { date: None }))?;
    for note in &import.notes {
        terminal::warn(&note.to_string());
    }
    terminal::result(&shown(&import.files))?;
    if args.write {
        files::write_all(import.files.iter().map(|file| (&*file.path, &*file.text)))?;
    }
    terminal::say(&summary(import.rows, import.files.len() as u64, args.write));
    Ok(Done::Well)
}

/// The changes below the names of their files.
fn shown(files: &[ChangedFile]) -> String {
    let mut text = String::new();
    for file in files {
        let new = if file.is_new { " (new)" } else { "" };
        let _ = writeln!(text, "{STRONG}{}{STRONG:#}{new}", file.name);
        for change in &file.changes {
            let _ = writeln!(text, "  {change}");
        }
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
