//! `lapse test`: runs case files, shows what did not come out as expected and why, and what no case exercises.

use std::path::Path;

use lapse_cases::casefile::{self, CaseFile, FurtherColumns};
use lapse_cases::coverage::Coverage;
use lapse_cases::suite::Tried;
use lapse_cases::{CasesError, junit, suite};

use super::load;
use crate::cli::TestArgs;
use crate::terminal::{ERROR, FAINT, GOOD, STRONG, count};
use crate::watch::Watch;
use crate::{Done, Failure, files, terminal, text};

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
    let plugins = load::trusted_plugins(&policy, &args.plugins)?;
    let paths = casefile::find(&args.paths, &args.policy.policies)?;
    let mut files = CaseFile::read_all(&paths, &FurtherColumns::of_policy(&policy, &plugins.columns))?;
    if let Some(text) = &args.filter {
        suite::select(&mut files, text)?;
    }
    let results = suite::run(&policy, &plugins, &mut files).inspect_err(|error| show_mistakes(error, &files))?;
    let failed: Vec<&Tried> = results.iter().filter(|tried| !tried.missed.is_empty()).collect();
    let mut text: String = failed.iter().map(|tried| explained(tried, &files)).collect();
    let mut enough = true;
    if args.filter.is_none() {
        let mut coverage = Coverage::of(&policy);
        for tried in &results {
            coverage.add(&tried.explained);
        }
        text.push_str(&text::coverage::coverage(&coverage));
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

/// Shows each mistake at its place, where that is why no case was run.
fn show_mistakes(error: &CasesError, files: &[CaseFile]) {
    if let CasesError::Mistakes { .. } = error {
        let shown: Vec<String> =
            files.iter().flat_map(|file| file.mistakes.iter().map(|mistake| file.text.show(mistake))).collect();
        terminal::say(&format!("{}\n", shown.join("\n")));
    }
}

/// A case that failed: the places in its file, and the rules that were tried.
fn explained(tried: &Tried, files: &[CaseFile]) -> String {
    let case = tried.case(files);
    let title = format!("{} (run of {})", case.name, case.date);
    let place = files[tried.file].text.annotated(&title, &tried.places(files), None);
    format!("{place}{}\n", text::story::why(&tried.explained.why))
}

fn write_junit(path: &Path, files: &[CaseFile], tried: &[Tried]) -> Result<(), Failure> {
    let explained = |tried: &Tried| anstream::adapter::strip_str(&explained(tried, files)).to_string();
    let suites = junit::suites(files, tried, explained);
    Ok(files::write_all([(path, junit::to_xml(&suites).as_str())])?)
}
