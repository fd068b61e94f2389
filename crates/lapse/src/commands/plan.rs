//! `lapse plan`: what a run would do in a database, as a file that a person can look at before anything is done.

use std::path::Path;

use lapse_change::{Before, Summary, pages};
use lapse_engine::MembershipOutcome;
use lapse_engine::guards::{Consent, Place, Trip};
use lapse_host::{Loading, Plugins};
use lapse_register::{ApplyError, Making, PlanFile, PlanTrip, Purpose, make};
use lapse_tables::{Extras, Progress, Source};

use super::load;
use crate::cli::{PlanArgs, PlanCommand, ShowPlanArgs};
use crate::files::{self, Readers};
use crate::text::summary::Rejected;
use crate::{Done, Failure, data, interrupt, progress, report, terminal, text};

/// Makes a plan, or shows one.
pub fn run(args: &PlanArgs) -> Result<Done, Failure> {
    match (&args.show, &args.data, &args.out) {
        (Some(PlanCommand::Show(args)), ..) => show(args),
        (None, Some(data), Some(out)) => plan(args, data, out),
        (None, ..) => unreachable!("the command line asks for both"),
    }
}

fn plan(args: &PlanArgs, data_path: &Path, out: &Path) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let threads = load::threads(&args.threads);
    let of_day = policy.on(day);
    load::announce_other_day(day, of_day.consortium.run_day.value);
    let page = report::place(&args.report)?;
    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(threads))?;
    let database = data::database(data_path, Purpose::Read)?.ignoring(&args.tables.ignored);
    let before = database.last_summary()?.and_then(|summary| Before::of(&summary));
    let told = Progress::default();
    let extras = plugins.on(&of_day);
    let extras = extras.as_ref().map(|extras| extras as &dyn Extras);
    let typed = typed(data_path, &args.policy.policies);
    let making = Making { typed: &typed, policy: &policy, of_day: &of_day, extras, threads, progress: &told };
    let mut found: Option<(Summary, Vec<lapse_tables::Reject>)> = None;
    let begun = |file: &Path| interrupt::waits().removes(file);
    let (head, end) = progress::shown(&told, || {
        make(&database, out, &making, begun, |seen, tally| -> Result<_, Failure> {
            let summary = Summary::of(&policy, day, seen, tally).with_tables(&database)?;
            let gaps = lapse_tables::gaps(&database)?;
            let summary = Summary { gaps, before, ..summary };
            let trips = summary.trips(&of_day).iter().map(|trip| waits(trip, &summary, &of_day)).collect();
            let json = summary.to_json(&policy, &of_day, plugins.versions());
            found = Some((summary, seen.rejects.clone()));
            Ok((trips, serde_json::from_str(&json).unwrap_or_default()))
        })
    })?;
    let (summary, rejects) = found.expect("a plan that was made was judged");
    if let Some(path) = page {
        let changes =
            args.report.with_patrons.then(|| pages::changes(&database, &of_day, &plugins, threads)).transpose()?;
        let readers = Readers::of_page(args.report.with_patrons);
        let page = pages::of_run(&summary, &policy, &of_day, changes, args.report.lang.into());
        files::write_all_for([(path, page.as_bytes(), readers)])?;
    }
    let source: &dyn Source = &database;
    let whole = lapse_register::whole_columns(source, &rejects)?;
    let rejected = Rejected { rows: &rejects, whole: &whole, register: None, are_written: false };
    terminal::say(&text::summary::to_text(&summary, &policy, &of_day, rejected, None));
    terminal::result(&text::plan::to_text(&head, &end, out))?;
    Ok(if !end.guards.is_empty() {
        Done::GuardTrips
    } else if summary.is_incomplete() {
        Done::NeedsAttention
    } else {
        Done::Well
    })
}

/// What says where a plan is applied and by which policy, as it is typed.
fn typed(data: &Path, policies: &Path) -> String {
    let word = |path: &Path| text::plan::quoted(&path.display().to_string());
    let policies =
        if policies == Path::new("policies") { String::new() } else { format!(" --policies {}", word(policies)) };
    format!("--data {}{policies}", word(data))
}

/// A guard that trips, with the libraries that wait for it.
fn waits(trip: &Trip, summary: &Summary, of_day: &lapse_policy::DayPolicy) -> PlanTrip {
    let consent = Consent::to(trip);
    let libraries = match &trip.place {
        Place::Consortium => None,
        Place::Library(code) => Some(vec![code.clone()]),
        // Those that are judged together, whichever guard it is: each that does something waits.
        Place::SmallLibraries => {
            let acts = |code: &&str| {
                summary.libraries.get(*code).is_some_and(|tally| {
                    let deregistered = tally.memberships(MembershipOutcome::Deregistered);
                    let few =
                        lapse_engine::guards::is_few(deregistered) || lapse_engine::guards::is_few(tally.removed());
                    few && deregistered + tally.removed() > 0
                })
            };
            let codes = of_day.libraries.iter().map(|library| library.code.as_str());
            Some(codes.filter(acts).map(str::to_owned).collect())
        }
    };
    let guard = trip.what.guard().as_str().to_owned();
    PlanTrip { at: consent.at.as_str().to_owned(), guard, what: trip.what.to_string(), libraries }
}

fn show(args: &ShowPlanArgs) -> Result<Done, Failure> {
    let plan = PlanFile::open(&args.plan)?;
    if args.patron.is_none() && args.library.is_none() {
        terminal::result(&text::plan::to_text(&plan.head, &plan.end, &args.plan))?;
        return Ok(Done::Well);
    }
    let mut found = false;
    for patron in plan.patrons(0)? {
        let patron = patron?;
        if args.patron.as_ref().is_some_and(|id| *id != patron.patron) {
            continue;
        }
        let is_meant = |at: &Vec<String>| args.library.as_ref().is_none_or(|library| at.contains(library));
        for planned in patron.actions.iter().filter(|planned| is_meant(&planned.libraries)) {
            found = true;
            terminal::result(&text::plan::line(&patron.patron, planned))?;
        }
    }
    if !found {
        return Err(
            ApplyError::nothing("this plan does nothing", args.patron.as_deref(), args.library.as_deref()).into()
        );
    }
    Ok(Done::Well)
}
