//! `lapse sample`: a plausible data set for a policy directory, to try things out.

use super::load;
use crate::cli::SampleArgs;
use crate::terminal::{FAINT, STRONG, count};
use crate::{Done, Failure, interrupt, terminal};

/// Writes the data set, and says what to type next.
pub fn run(args: &SampleArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let out = args.out.display();
    let claiming = interrupt::waits();
    let rows =
        lapse_sample::write(&policy.on(day), args.patrons, args.seed, &args.out, |out| claiming.leaves_nothing(out))?;
    let tables: Vec<String> =
        rows.into_iter().map(|(table, rows)| format!("{} ({})", table.name(), count(rows, "row", "rows"))).collect();
    terminal::say(&format!(
        "\n{STRONG}{out}{STRONG:#}: {}, as of {day}, seed {}\n\n\
         Next: {STRONG}lapse run --policies {} --data {out} --date {day} --out decisions{STRONG:#}\n\
         {FAINT}From a few hundred patrons on, a few rows are wrong on purpose, as in every real extract: the run rejects \
         them and ends with exit code 3.{FAINT:#}\n",
        tables.join(", "),
        args.seed,
        args.policy.policies.display(),
    ));
    Ok(Done::Well)
}
