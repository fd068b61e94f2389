//! `lapse explain`: why a patron gets these outcomes, and when they change if nobody does anything.

use lapse_host::{Loading, Plugins};

use super::load;
use crate::cli::{ExplainArgs, Format};
use crate::data::Data;
use crate::{Done, Failure, terminal, text};

/// Tells the story of one patron.
pub fn run(args: &ExplainArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    load::announce_other_day(day, policy.on(day).consortium.run_day.value);
    let plugins = Plugins::load(&policy, &args.plugins.plugin_dir, &Loading::with_this_program(1))?;
    let data = Data::open(&args.data, &args.tables.ignored, args.tables.bounds())?;
    let story = lapse_explain::explain(&policy, &plugins, day, data.source(), &args.patron, load::all_processors());
    // Where a file was changed while it was read, that is why it seems to be broken.
    data.check_unchanged()?;
    let story = story?;
    terminal::result(&match args.format.format {
        Format::Text => text::story::story(&story),
        Format::Json => {
            format!("{}\n", serde_json::to_string_pretty(&story).expect("a story is text, numbers and lists"))
        }
    })?;
    Ok(Done::Well)
}
