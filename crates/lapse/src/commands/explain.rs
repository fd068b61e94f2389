//! `lapse explain`: why a patron gets these outcomes, and when they change if nobody does anything.

use lapse_engine::Codes;
use lapse_host::{Loading, Plugins};
use lapse_tables::Extract;

use super::load;
use crate::cli::{ExplainArgs, Format};
use crate::{Done, Failure, explain, terminal};

/// Tells the story of one patron.
pub fn run(args: &ExplainArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let of_day = policy.on(day);
    load::announce_other_day(day, of_day.consortium.run_day.value);
    let threads = load::all_processors();
    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(1))?;
    let extract = Extract::read_with(&args.data, day, Codes::of(&of_day), threads, &plugins.columns)?;
    let Some(index) = extract.find(&args.patron) else {
        let data = args.data.display();
        return Err(Failure::refused(format!("the patrons table in {data} has no patron `{}`", args.patron)));
    };
    let rows = lapse_tables::trace(&args.data, &args.patron, threads)?;
    let story = explain::tell(&policy, &of_day, &extract, index, &rows, &plugins)?;
    terminal::result(&match args.format.format {
        Format::Text => story.to_text(),
        Format::Json => {
            format!("{}\n", serde_json::to_string_pretty(&story).expect("a story is text, numbers and lists"))
        }
    })?;
    Ok(Done::Well)
}
