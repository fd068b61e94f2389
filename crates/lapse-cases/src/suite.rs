//! Runs case files: has every case decided on its day, and says what did not come out as expected.

use std::collections::BTreeMap;
use std::ops::Range;

use lapse_engine::Status;
use lapse_host::Plugins;
use lapse_policy::{Day, Mistake, Policy};
use lapse_tables::Table;

use crate::casefile::{Case, CaseFile, Expectation};
use crate::error::CasesError;
use crate::trial::{Explained, Trial, Unusable};
use crate::vocabulary::Vocabulary;

/// A case that was tried.
pub struct Tried {
    /// The place of its file among the files.
    pub file: usize,
    /// Its place in the file.
    pub case: usize,
    /// What was decided, and why.
    pub explained: Explained,
    /// What did not come out as expected; nothing where all did.
    pub missed: Vec<Missed>,
}

/// An expectation of a case that was not met.
pub struct Missed {
    /// Its place among the expectations of the case.
    pub expectation: usize,
    /// What was decided instead, as the output tables have it.
    pub got: Vec<String>,
}

/// Leaves only the cases with this text in their name, in large or small letters, and the files that have such a case.
pub fn select(files: &mut Vec<CaseFile>, text: &str) -> Result<(), CasesError> {
    let lower = text.to_lowercase();
    for file in &mut *files {
        file.cases.retain(|case| case.name.to_lowercase().contains(&lower));
    }
    files.retain(|file| !file.cases.is_empty() || !file.mistakes.is_empty());
    if files.is_empty() { Err(CasesError::NoSuchCase { text: text.to_owned() }) } else { Ok(()) }
}

/// Has the cases of all files decided, and gives them in the order of the files. Names that the policy does not know and rows
/// that the tables reject become mistakes of their files; where a file has a mistake, no case is run
/// ([`CasesError::Mistakes`]).
pub fn run(policy: &Policy, plugins: &Plugins, files: &mut [CaseFile]) -> Result<Vec<Tried>, CasesError> {
    let mut vocabulary = Vocabulary::of(policy);
    for file in &mut *files {
        file.mistakes.extend(file.cases.iter().flat_map(|case| vocabulary.unknown(case)));
        file.mistakes.sort_by_key(|mistake| mistake.span.start);
    }
    let trials = trials(policy, plugins, files)?;
    match files.iter().map(|file| file.mistakes.len()).sum() {
        0 => try_all(&trials, files),
        number => Err(CasesError::Mistakes { number }),
    }
}

/// The cases of one day, each by its file and its place in it, ready to be decided.
type TrialOfDay<'p> = (Trial<'p>, Vec<(usize, usize)>);

/// Brings the cases of each day together. Rows that the tables reject become mistakes of their files.
fn trials<'p>(
    policy: &'p Policy,
    plugins: &'p Plugins,
    files: &mut [CaseFile],
) -> Result<Vec<TrialOfDay<'p>>, CasesError> {
    let mut by_day: BTreeMap<Day, Vec<(usize, usize)>> = BTreeMap::new();
    for (file, cases) in files.iter().enumerate() {
        for (index, case) in cases.cases.iter().enumerate() {
            by_day.entry(case.date).or_default().push((file, index));
        }
    }
    let mut trials = Vec::with_capacity(by_day.len());
    for (day, cases) in by_day {
        let facts = cases.iter().map(|&(file, index)| &files[file].cases[index].facts);
        let trial = Trial::new(policy, plugins, day, facts)?;
        for unusable in &trial.unusable {
            let (file, index) = cases[unusable.patron];
            let mistake = mistake(&files[file].cases[index], unusable);
            files[file].mistakes.push(mistake);
        }
        trials.push((trial, cases));
    }
    Ok(trials)
}

/// Decides every case, in the order of the files.
fn try_all(trials: &[TrialOfDay<'_>], files: &[CaseFile]) -> Result<Vec<Tried>, CasesError> {
    let mut tried = Vec::new();
    for (trial, cases) in trials {
        for (patron, &(file, case)) in cases.iter().enumerate() {
            let explained = trial.explain(patron)?;
            let expectations = files[file].cases[case].expectations.iter().enumerate();
            let missed = expectations
                .filter_map(|(expectation, expected)| {
                    Some(Missed { expectation, got: expected.missed(&explained.outcomes)? })
                })
                .collect();
            tried.push(Tried { file, case, explained, missed });
        }
    }
    tried.sort_by_key(|tried| (tried.file, tried.case));
    Ok(tried)
}

/// What the tables say of a row that they reject, at its place in the case file.
fn mistake(case: &Case, unusable: &Unusable) -> Mistake {
    let Unusable { row, reject, .. } = unusable;
    let row = &case.facts.rows(reject.table)[*row];
    let in_patron = || row.cells.first().map_or(case.span.clone(), |cell| cell.span.clone());
    let span = match row.get(&reject.column) {
        Some(cell) => cell.span.clone(),
        None if reject.table == Table::Patrons => in_patron(),
        None => row.span.clone(),
    };
    let mistake = Mistake::new(format!("`{}` cannot be used", reject.column), span, &reject.problem);
    if reject.column == "status" {
        let words = Status::ALL.map(Status::as_str);
        return mistake.nearest(&reject.value, words.into_iter());
    }
    mistake
}

impl Tried {
    /// The case, of the files that were run.
    pub fn case<'f>(&self, files: &'f [CaseFile]) -> &'f Case {
        &files[self.file].cases[self.case]
    }

    /// Each expectation that was not met, with a label for its place in the file: `expected kept, got deleted`.
    pub fn labels<'f>(&self, files: &'f [CaseFile]) -> Vec<(&'f Expectation, String)> {
        let case = self.case(files);
        let list = |words: &[&str]| if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
        let labels = self.missed.iter().map(|Missed { expectation, got }| {
            let expectation = &case.expectations[*expectation];
            let wanted: Vec<&str> = expectation.wanted.iter().map(|wanted| &*wanted.text).collect();
            let got: Vec<&str> = got.iter().map(|got| &**got).collect();
            (expectation, format!("expected {}, got {}", list(&wanted), list(&got)))
        });
        labels.collect()
    }

    /// The place of each label, for [`crate::casefile::CaseText::annotated`].
    pub fn places(&self, files: &[CaseFile]) -> Vec<(Range<usize>, String)> {
        let labels = self.labels(files).into_iter();
        labels.map(|(expectation, label)| (expectation.span.clone(), label)).collect()
    }
}
