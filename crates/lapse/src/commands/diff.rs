//! `lapse diff`: what changes in meaning between two policies, and made-up patrons who come out otherwise.

use crate::cli::{DiffArgs, DiffFormat};
use crate::compare::{Comparison, Source};
use crate::terminal::count;
use crate::{Done, Failure, terminal};

/// Compares two policy directories or Git revisions.
pub fn run(args: &DiffArgs) -> Result<Done, Failure> {
    let policies = &args.policy.policies;
    let old = Source::load(&args.old, policies)?;
    let new = Source::load(&args.new, policies)?;
    let comparison = Comparison::of(&old, &new)?;
    terminal::result(&match args.format {
        DiffFormat::Text => comparison.to_text(),
        DiffFormat::Markdown => comparison.to_markdown(),
        DiffFormat::Json => format!("{:#}\n", comparison.to_json(&old.name, &new.name)),
    })?;
    let differences = count(comparison.differences.len() as u64, "difference", "differences");
    terminal::say(&format!("{} to {}: {differences}\n", old.name, new.name));
    Ok(if args.exit_code && !comparison.is_empty() { Done::Failed } else { Done::Well })
}
