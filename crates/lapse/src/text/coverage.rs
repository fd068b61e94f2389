//! The coverage of cases as text for a terminal.

use std::fmt::Write as _;

use lapse_cases::coverage::Coverage;

use crate::terminal::{FAINT, STRONG, WARNING};

/// The percentage, and what no case exercises.
pub fn coverage(coverage: &Coverage) -> String {
    let (exercised, all) = coverage.counts();
    let mut text = format!("{STRONG}Coverage: {}% ({exercised} of {all}){STRONG:#}\n", coverage.percent());
    for part in coverage.parts() {
        let missing = part.missing();
        let _ = writeln!(text, "  {:<16}  {} of {}", part.title, part.all.len() - missing.len(), part.all.len());
        for of_one in missing.chunk_by(|one, next| one.of == next.of) {
            let names: Vec<&str> = of_one.iter().map(|item| &*item.name).collect();
            let (of, names) = (&of_one[0].of, names.join(", "));
            let _ = writeln!(text, "    {WARNING}no case{WARNING:#}  {of}: {FAINT}{names}{FAINT:#}");
        }
    }
    text
}
