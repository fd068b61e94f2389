//! `lapse run`: the customer run and the cleanup over an extract, written as tables, with a summary for people.

use lapse_engine::{Codes, ExtraRules, Rules, guards};
use lapse_tables::{Extract, Options, OutDir};

use super::load;
use crate::cli::RunArgs;
use crate::plugins::{FactsOf, Plugins};
use crate::summary::Summary;
use crate::{Done, Failure, terminal};

/// Decides about every patron and writes the tables.
pub fn run(args: &RunArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let threads = load::threads(&args.threads);
    let of_day = policy.on(day);
    load::announce_other_day(day, of_day.consortium.run_day.value);

    let plugins = Plugins::load(&policy, &args.plugins, threads)?;

    let out = OutDir::claim(&args.out)?;
    let extract = Extract::read_with(&args.data, day, Codes::of(&of_day), threads, &plugins.columns)?;
    let rules = Rules::new(&of_day, &extract.codes);
    let options = Options { changes_only: args.changes_only, threads };
    let facts = FactsOf(&extract);
    let extra = plugins.rules(&of_day, &facts);
    let extra = extra.as_ref().map(|extra| extra as &dyn ExtraRules);
    let tally = lapse_tables::decide_with(&extract, &rules, extra, &out, options)?;

    let trips = guards::judge(&of_day, &extract.codes, &tally, &extract.newest);
    let summary = Summary {
        policy: &policy,
        of_day: &of_day,
        plugins: &plugins,
        extract: &extract,
        tally: &tally,
        trips: &trips,
    };
    out.create("summary.json")?.write_all(summary.to_json().as_bytes())?;
    out.finish()?;
    terminal::say(&summary.to_text(&args.out));
    Ok(if summary.needs_attention() { Done::NeedsAttention } else { Done::Well })
}
