//! `lapse diff`: what changes in meaning between two policies, made-up patrons who come out otherwise, and with data whom
//! the change hits.

use std::path::Path;

use lapse_change::impact::{Impact, Options, Side};
use lapse_change::{Comparison, pages};
use lapse_engine::guards::old_extract;
use lapse_host::Loading;
use lapse_tables::{Format, Progress};

use super::load;
use crate::cli::{DiffArgs, DiffFormat};
use crate::data::Data;
use crate::files::{self, Readers};
use crate::refusal::Refusal;
use crate::revision::Source;
use crate::terminal::count;
use crate::{Done, Failure, progress, report, terminal, text};

/// Compares two policy directories or Git revisions.
pub fn run(args: &DiffArgs) -> Result<Done, Failure> {
    let policies = &args.policy.policies;
    let old = Source::load(&args.old, policies)?;
    let new = Source::load(&args.new, policies)?;
    let Some(data) = &args.data else {
        let for_data = [args.day.date.is_some(), args.report.report.is_some(), !args.plugins.plugin_dir.is_empty()];
        if for_data.contains(&true) {
            return Err(Refusal::NoDataForDiff.into());
        }
        let comparison = Comparison::of(&old.policy, &new.policy)?;
        show(args, &comparison, [&old, &new], None)?;
        return Ok(if args.exit_code && !comparison.is_empty() { Done::Failed } else { Done::Well });
    };
    with_data(args, data, &old, &new)
}

fn with_data(args: &DiffArgs, data: &Path, old: &Source, new: &Source) -> Result<Done, Failure> {
    let moves = args.moves.as_deref().map(|path| Ok::<_, Failure>((path, Format::of_file(path)?))).transpose()?;
    let page = report::place(&args.report)?;
    let data = Data::open(data, &args.tables.ignored, args.tables.bounds())?;
    data.refuse_losses(moves.iter().map(|(path, _)| *path).chain(page))?;
    let day = load::day(&args.day);
    let days = [old, new].map(|source| source.policy.on(day));
    load::announce_other_day(day, days[1].consortium.run_day.value);
    let comparison = Comparison::of(&old.policy, &new.policy)?;

    let threads = load::threads(&args.threads);
    // A revision is read without its plugins. They are pinned, so that those of the work tree are the same or none.
    let mut plugin_dir = args.plugins.plugin_dir.clone();
    plugin_dir.push(args.policy.policies.join("plugins"));
    let loading = Loading::with_this_program(threads);
    let old_plugins = old.plugins(&plugin_dir, &loading)?;
    let new_plugins = new.plugins(&plugin_dir, &loading)?;

    let sides = [
        Side { name: &old.name, policy: &old.policy, of_day: &days[0], plugins: &old_plugins },
        Side { name: &new.name, policy: &new.policy, of_day: &days[1], plugins: &new_plugins },
    ];
    let with_patrons = moves.is_some() || args.report.with_patrons;
    let told = Progress::default();
    let options = Options { with_patrons, threads, progress: &told };
    let impact = progress::shown(&told, || Impact::of(data.source(), sides, options))?;
    if let Some(sentence) = old_extract(&impact.trips) {
        terminal::warn(&sentence);
    }
    terminal::note_read_whole(impact.summary.read_whole.as_ref());

    let moves = moves.map(|(path, format)| (path, impact.moves_file(format), Readers::Owner));
    let page = page.map(|path| {
        let page = pages::of_diff(&comparison, &impact, args.report.with_patrons, args.report.lang.into());
        (path, page.into_bytes(), Readers::of_page(args.report.with_patrons))
    });
    data.check_unchanged()?;
    files::write_all_for(moves.iter().chain(&page).map(|(path, bytes, readers)| (*path, &**bytes, *readers)))?;
    show(args, &comparison, [old, new], Some(&impact))?;

    Ok(if comparison.is_empty() && impact.is_none() {
        Done::Well
    } else if args.exit_code {
        Done::Failed
    } else if impact.summary.is_incomplete() {
        Done::NeedsAttention
    } else {
        Done::Well
    })
}

/// Prints the difference in meaning, then the effect. Equal policies print nothing.
fn show(
    args: &DiffArgs,
    comparison: &Comparison,
    [old, new]: [&Source; 2],
    impact: Option<&Impact<'_>>,
) -> Result<(), Failure> {
    let shown = impact.filter(|impact| !(comparison.is_empty() && impact.is_none()));
    terminal::result(&match args.format {
        DiffFormat::Text => {
            text::comparison::to_text(comparison) + &shown.map(text::impact::to_text).unwrap_or_default()
        }
        DiffFormat::Markdown => {
            text::comparison::to_markdown(comparison) + &shown.map(text::impact::to_markdown).unwrap_or_default()
        }
        DiffFormat::Json => {
            let mut json = comparison.to_json(&old.name, &new.name);
            if let Some(impact) = impact {
                json["effect"] = impact.to_json();
            }
            format!("{json:#}\n")
        }
    })?;
    let differences = count(comparison.differences.len() as u64, "difference", "differences");
    terminal::say(&format!("{} to {}: {differences}\n", old.name, new.name));
    Ok(())
}
