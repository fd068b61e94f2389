//! `lapse forecast`: the runs to come, one after the other, if nobody does anything.

use lapse_change::forecast::{Assumed, Forecast, Request};
use lapse_change::pages;
use lapse_engine::guards::old_extract;
use lapse_engine::next_run;
use lapse_host::{Loading, Plugins};
use lapse_tables::{Format as FileFormat, Progress};

use super::load;
use crate::cli::{ForecastArgs, Format};
use crate::data::Data;
use crate::files::{self, Readers};
use crate::refusal::Refusal;
use crate::{Done, Failure, progress, report, terminal, text};

/// Looks ahead.
pub fn run(args: &ForecastArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let from = args.from.unwrap_or_else(|| {
        let today = load::today();
        next_run(today.previous(), policy.on(today).consortium.run_day.value)
    });
    load::announce_other_day(from, policy.on(from).consortium.run_day.value);
    let letters_out = args.letters_out.as_deref().map(|path| Ok::<_, Failure>((path, FileFormat::of_file(path)?)));
    let letters_out = letters_out.transpose()?;
    let page = report::place(&args.report)?;
    let data = Data::open(&args.data, &args.tables.ignored, args.tables.bounds())?;
    data.refuse_losses(letters_out.iter().map(|(path, _)| *path).chain(page))?;
    let threads = load::threads(&args.threads);
    let months = usize::from(args.months);
    let letters = args.letters.map(usize::from);
    if let Some(letters) = letters.filter(|letters| *letters > months) {
        return Err(Refusal::LettersBeyondMonths { letters }.into());
    }
    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(threads))?;
    if !plugins.named.is_empty() {
        terminal::warn("plugins are asked in every run, which takes as long as all these runs; nothing is skipped");
    }
    let assumed = args.assume_activity.map(|percent| Assumed { percent, seed: args.seed });
    let request = Request { from, months, assumed, letters, threads };
    let told = Progress::default();
    let forecast = progress::shown(&told, || Forecast::of(data.source(), &policy, &plugins, request, &told))?;
    if let Some(sentence) = old_extract(&forecast.trips) {
        terminal::warn(&sentence);
    }
    terminal::note_read_whole(forecast.first_run.read_whole.as_ref());

    let letters = letters_out.map(|(path, format)| (path, forecast.letters_file(format), Readers::Owner));
    let page = page.map(|path| {
        let page = pages::of_forecast(&forecast, args.report.with_patrons, args.report.lang.into());
        (path, page.into_bytes(), Readers::of_page(args.report.with_patrons))
    });
    data.check_unchanged()?;
    files::write_all_for(letters.iter().chain(&page).map(|(path, bytes, readers)| (*path, &**bytes, *readers)))?;
    terminal::result(&match args.format.format {
        Format::Text => text::forecast::to_text(&forecast),
        Format::Json => format!("{:#}\n", forecast.to_json()),
    })?;
    Ok(if forecast.first_run.is_incomplete() { Done::NeedsAttention } else { Done::Well })
}
