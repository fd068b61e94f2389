//! `lapse run`: the customer run and the cleanup over an extract, written as tables, with a summary for people.

use lapse_change::{Before, Summary, pages};
use lapse_engine::guards::Consent;
use lapse_host::{Loading, Plugins};
use lapse_tables::{Extras, Options, OutDir, Progress};

use super::load;
use crate::cli::RunArgs;
use crate::data::Data;
use crate::files::{self, Aside, Readers};
use crate::refusal::Refusal;
use crate::text::summary::Rejected;
use crate::{Done, Failure, interrupt, progress, report, terminal, text};

/// Decides about every patron and writes the tables.
pub fn run(args: &RunArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let threads = load::threads(&args.threads);
    let of_day = policy.on(day);
    load::announce_other_day(day, of_day.consortium.run_day.value);
    let consents = args.consent.iter().map(|text| Consent::parse(text, &of_day)).collect::<Result<_, _>>()?;
    // Read before the output is claimed, because the earlier run may be the one that this run replaces.
    let before = args.before.as_deref().map(Before::read).transpose()?;
    if let (Some(path), Some(Before { date, .. })) = (&args.before, &before) {
        let run = day.to_string();
        if *date > run {
            return Err(Refusal::BeforeIsLater { out: path.clone(), date: date.clone(), run: day }.into());
        }
        if *date == run && files::place_of(path) == files::place_of(&args.out) {
            return Err(Refusal::BeforeIsThisRun { out: path.clone(), date: date.clone() }.into());
        }
    }

    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(threads))?;

    let data = Data::open(&args.data, &args.tables.ignored, args.tables.bounds())?;
    let claiming = interrupt::waits();
    let out = OutDir::claim(&args.out)?;
    claiming.leaves_nothing(&out);
    data.refuse_out(&args.out)?;
    let page = report::place_beside(&args.report, &args.out)?;
    data.refuse_losses(page)?;
    let told = Progress::default();
    let options = Options { changes_only: args.changes_only, format: args.format.into(), threads, progress: &told };
    let extras = plugins.on(&of_day);
    let extras = extras.as_ref().map(|extras| extras as &dyn Extras);
    let source = data.source();
    let run = progress::shown(&told, || lapse_tables::run(source, &of_day, extras, &out, options))?;
    let summary = Summary::of(&policy, day, &run.seen, &run.tally).with_tables(source)?;
    let summary = Summary { gaps: lapse_tables::gaps(source)?, before, consents, ..summary };
    let json = summary.to_json(&policy, &of_day, plugins.versions());
    out.create("summary.json")?.write_all(json.as_bytes())?;
    let page = match page {
        Some(path) => {
            let with_patrons = args.report.with_patrons;
            let changes = with_patrons.then(|| pages::changes(source, &of_day, &plugins, threads)).transpose()?;
            let page = pages::of_run(&summary, &policy, &of_day, changes, args.report.lang.into());
            Some(files::aside(path, &page, Readers::of_page(with_patrons))?)
        }
        None => None,
    };
    data.check_unchanged()?;
    let page = page.map(Aside::send).transpose()?.flatten();
    out.finish()?;
    page.map(Aside::put_in_place).transpose()?;
    let rows = &run.seen.rejects;
    let whole = lapse_register::whole_columns(source, rows)?;
    let rejected =
        Rejected { rows, whole: &whole, register: data.is_register().then_some(&args.data), are_written: true };
    terminal::say(&text::summary::to_text(&summary, &policy, &of_day, rejected, Some(&args.out)));
    terminal::note_read_whole(summary.read_whole.as_ref());
    Ok(if summary.trips(&of_day).iter().any(|trip| !trip.answered) {
        Done::GuardTrips
    } else if summary.is_incomplete() {
        Done::NeedsAttention
    } else {
        Done::Well
    })
}
