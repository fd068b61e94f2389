//! The story as data: what `lapse explain` prints as text, and as JSON with these names.

use std::path::Path;

use lapse_policy::provenance::Provenance;
use serde::Serialize;

/// Why a patron gets these outcomes, and when they change if nobody does anything.
#[derive(Debug, Serialize)]
pub struct Story {
    /// The id.
    pub patron: String,
    /// The run day.
    pub date: String,
    /// A row of the patron was rejected, so no membership is ended and no record removed.
    pub held: bool,
    /// The patron's rows, by table and line.
    pub facts: Vec<Fact>,
    /// Each rule that was tried.
    #[serde(flatten)]
    pub why: Why,
    /// What changes at later runs.
    pub later: Later,
}

/// What was decided about a patron, rule by rule.
#[derive(Debug, Serialize)]
pub struct Why {
    /// Stage 1, each membership.
    pub memberships: Vec<Chapter>,
    /// Stage 2, each record.
    pub records: Vec<Chapter>,
    /// Stage 3.
    pub profile: Option<Chapter>,
}

/// A row of a table.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// The table.
    pub table: &'static str,
    /// Its file within the data directory.
    pub file: String,
    /// The physical line; in Parquet the number of the row.
    pub line: u64,
    /// Its values, in words.
    pub text: String,
    /// Why it was rejected, if it was.
    pub rejected: Option<String>,
}

impl Fact {
    /// Where the row stands, by the file that was read: `activity/part-2.csv line 3`; Parquet has rows instead of lines.
    pub fn place(&self) -> String {
        let Fact { file, line, .. } = self;
        let is_parquet = Path::new(file).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        format!("{file} {} {line}", if is_parquet { "row" } else { "line" })
    }
}

/// What was decided about one thing, rule by rule.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The subscription of a membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The word of the output table.
    pub outcome: &'static str,
    /// The words of the output table.
    pub reasons: Vec<String>,
    /// What follows from it, in a sentence.
    pub so: String,
    /// The rules as they were tried.
    pub steps: Vec<Step>,
}

/// A rule that was tried.
#[derive(Debug, Serialize)]
pub struct Step {
    /// As docs/rules.md names it: `rule 7`, `ended-recently`.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was compared, in a sentence.
    pub sentence: String,
    /// The policy lines behind it.
    pub policy: Vec<Provenance>,
}

/// What later runs change.
#[derive(Debug, Serialize)]
pub struct Later {
    /// The last run that was looked at.
    pub looked_ahead_to: String,
    /// The first runs at which something changes, in order; none: nothing changes.
    pub runs: Vec<LaterRun>,
    /// In the end nothing is left of the patron.
    pub gone: bool,
}

/// A later run at which something changes.
#[derive(Debug, Serialize)]
pub struct LaterRun {
    /// Its day.
    pub date: String,
    /// What changes, a sentence each.
    pub changes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_row_is_in_the_file_that_was_read() {
        let at = |file: &str| {
            let (file, text) = (file.to_owned(), String::new());
            Fact { table: "activity", file, line: 3, text, rejected: None }.place()
        };
        assert_eq!(at("activity.csv.gz"), "activity.csv.gz line 3");
        assert_eq!(at("activity/part-2.ndjson"), "activity/part-2.ndjson line 3");
        assert_eq!(at("activity.parquet"), "activity.parquet row 3");
    }
}
