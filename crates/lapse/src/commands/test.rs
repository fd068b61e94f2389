//! `lapse test`: runs case files, shows what did not come out as expected and why, and what no case exercises.

use std::collections::BTreeMap;
use std::path::Path;

use lapse_host::{Loading, Plugins};
use lapse_policy::{Day, Policy};
use lapse_tables::Table;

use super::load;
use crate::casefile::{self, Case, CaseFile, CaseText, Mistake};
use crate::cli::TestArgs;
use crate::coverage::Coverage;
use crate::terminal::{ERROR, FAINT, GOOD, STRONG, count};
use crate::trial::{Heard, Trial, Unusable};
use crate::watch::Watch;
use crate::{Done, Failure, files, junit, terminal, text};

/// Runs the cases once, or each time that a file is saved.
pub fn run(args: &TestArgs) -> Result<Done, Failure> {
    if !args.watch {
        return once(args);
    }
    let mut watched = vec![args.policy.policies.clone()];
    watched.extend(if args.paths.is_empty() {
        casefile::folders(&args.policy.policies).into_iter().filter(|folder| folder.is_dir()).collect()
    } else {
        args.paths.clone()
    });
    // Watching begins before the first run, so that no change is missed.
    let watch = Watch::start(&watched)?;
    loop {
        match once(args) {
            Ok(_) => {}
            Err(Failure::BrokenPipe) => return Err(Failure::BrokenPipe),
            Err(failure @ Failure::Refused(_)) => {
                terminal::fail(&failure);
            }
        }
        terminal::say(&format!("{FAINT}Waiting for a file to be saved; Ctrl-C ends this.{FAINT:#}\n"));
        watch.wait()?;
    }
}

fn once(args: &TestArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(1))?;
    let paths = casefile::find(&args.paths, &args.policy.policies)?;
    let mut files = CaseFile::read_all(&paths, &plugins.columns)?;
    if let Some(text) = &args.filter {
        select(&mut files, text)?;
    }
    let trials = trials(&policy, &plugins, &mut files)?;
    refuse_mistakes(&files)?;
    let results = try_all(&trials, &files)?;
    let failed: Vec<&Tried<'_>> = results.iter().filter(|tried| !tried.missed.is_empty()).collect();
    let mut text: String = failed.iter().map(|tried| tried.to_text()).collect();
    let mut enough = true;
    if args.filter.is_none() {
        let mut coverage = Coverage::of(&policy);
        for tried in &results {
            coverage.add(&tried.heard);
        }
        text.push_str(&coverage.to_text());
        enough = coverage.percent() >= args.min_coverage.unwrap_or(0).into();
    }
    terminal::result(&text)?;
    if let Some(path) = &args.junit {
        write_junit(path, &files, &results)?;
    }
    terminal::say(&summary(files.len(), results.len(), failed.len()));
    if !enough {
        let percent = args.min_coverage.unwrap_or(0);
        terminal::say(&format!("{ERROR}the coverage is below {percent}%{ERROR:#}\n"));
    }
    Ok(if failed.is_empty() && enough { Done::Well } else { Done::Failed })
}

fn summary(files: usize, cases: usize, failed: usize) -> String {
    let of = format!("{} in {}", count(cases as u64, "case", "cases"), count(files as u64, "file", "files"));
    match failed {
        0 => format!("{GOOD}{of}: all as expected{GOOD:#}\n"),
        failed => format!("{STRONG}{of}: {ERROR}{failed} failed{ERROR:#}\n"),
    }
}

/// Leaves the cases with a text in their name.
fn select(files: &mut Vec<CaseFile>, text: &str) -> Result<(), Failure> {
    let lower = text.to_lowercase();
    for file in &mut *files {
        file.cases.retain(|case| case.name.to_lowercase().contains(&lower));
    }
    files.retain(|file| !file.cases.is_empty() || !file.mistakes.is_empty());
    if files.is_empty() {
        return Err(Failure::refused(format!("no case has `{text}` in its name")));
    }
    Ok(())
}

/// A case that was tried.
struct Tried<'a> {
    file: usize,
    text: &'a CaseText,
    case: &'a Case,
    heard: Heard,
    /// What did not come out as expected: which expectation, and what was got.
    missed: Vec<(usize, Vec<String>)>,
}

/// The cases of one day, each by its file and its place in it, ready to be decided.
type TrialOfDay<'p> = (Trial<'p>, Vec<(usize, usize)>);

/// Brings the cases of each day together. Rows that the tables reject become mistakes of their files.
fn trials<'p>(
    policy: &'p Policy,
    plugins: &'p Plugins,
    files: &mut [CaseFile],
) -> Result<Vec<TrialOfDay<'p>>, Failure> {
    let mut by_day: BTreeMap<Day, Vec<(usize, usize)>> = BTreeMap::new();
    for (file, cases) in files.iter().enumerate() {
        for (index, case) in cases.cases.iter().enumerate() {
            by_day.entry(case.date).or_default().push((file, index));
        }
    }
    let mut trials = Vec::with_capacity(by_day.len());
    for (day, cases) in by_day {
        let trial =
            Trial::new(policy, plugins, day, cases.iter().map(|&(file, index)| &files[file].cases[index].facts))?;
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
fn try_all<'a>(trials: &[TrialOfDay<'_>], files: &'a [CaseFile]) -> Result<Vec<Tried<'a>>, Failure> {
    let mut tried = Vec::new();
    for (trial, cases) in trials {
        for (patron, &(file, index)) in cases.iter().enumerate() {
            let case = &files[file].cases[index];
            let heard = trial.hear(patron)?;
            let expectations = case.expectations.iter().enumerate();
            let missed = expectations.filter_map(|(at, expected)| Some((at, expected.missed(&heard.outcomes)?)));
            tried.push(Tried { file, text: &files[file].text, case, missed: missed.collect(), heard });
        }
    }
    tried.sort_by_key(|tried| (tried.file, tried.case.span.start));
    Ok(tried)
}

/// What the tables say of a row that they reject, at its place in the case file.
fn mistake(case: &Case, unusable: &Unusable) -> Mistake {
    let Unusable { row, reject, .. } = unusable;
    let row = &case.facts.rows(reject.table)[*row];
    let in_patron = || row.cells.first().map_or(case.span.clone(), |cell| cell.span.clone());
    let span = match row.get(reject.column) {
        Some(cell) => cell.span.clone(),
        None if reject.table == Table::Patrons => in_patron(),
        None => row.span.clone(),
    };
    let mistake = Mistake::new(format!("`{}` cannot be used", reject.column), span, &reject.problem);
    if reject.column == "status" {
        let words = lapse_engine::Status::ALL.map(lapse_engine::Status::as_str);
        return mistake.nearest(&reject.value, words.into_iter());
    }
    mistake
}

fn refuse_mistakes(files: &[CaseFile]) -> Result<(), Failure> {
    let shown: Vec<String> =
        files.iter().flat_map(|file| file.mistakes.iter().map(|mistake| file.text.show(mistake))).collect();
    if shown.is_empty() {
        return Ok(());
    }
    terminal::say(&format!("{}\n", shown.join("\n")));
    let mistakes = count(shown.len() as u64, "mistake", "mistakes");
    Err(Failure::refused(format!("the case files have {mistakes}; no case was run")))
}

impl Tried<'_> {
    /// `expected kept, got deleted`, at each place.
    fn labels(&self) -> Vec<(std::ops::Range<usize>, String)> {
        let missed = self.missed.iter();
        missed
            .map(|(at, got)| {
                let expectation = &self.case.expectations[*at];
                let wanted: Vec<&str> = expectation.wanted.iter().map(|wanted| &*wanted.text).collect();
                let list = |words: &[&str]| if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
                let got: Vec<&str> = got.iter().map(|got| &**got).collect();
                (expectation.span.clone(), format!("expected {}, got {}", list(&wanted), list(&got)))
            })
            .collect()
    }

    fn to_text(&self) -> String {
        let title = format!("{} (run of {})", self.case.name, self.case.date);
        let place = self.text.annotated(&title, &self.labels(), None);
        format!("{place}{}\n", text::story::why(&self.heard.why))
    }
}

fn write_junit(path: &Path, files: &[CaseFile], tried: &[Tried<'_>]) -> Result<(), Failure> {
    let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
    let result = |tried: &&Tried<'_>| {
        let labels = tried.labels();
        let short: Vec<String> = labels
            .iter()
            .zip(&tried.missed)
            .map(|((_, label), (at, _))| format!("{}: {label}", tried.case.expectations[*at].column.as_str()))
            .collect();
        (!labels.is_empty()).then(|| (short.join("; "), plain(&tried.to_text())))
    };
    let suites: Vec<junit::Suite<'_>> = files
        .iter()
        .enumerate()
        .map(|(index, file)| junit::Suite {
            path: &file.text.path,
            cases: tried
                .iter()
                .filter(|tried| tried.file == index)
                .map(|tried| junit::Tested {
                    name: &tried.case.name,
                    line: file.text.line(tried.case.span.start),
                    failure: result(&tried),
                })
                .collect(),
        })
        .collect();
    files::write_all([(path, junit::to_xml(&suites).as_str())])
}
