//! `lapse purge`: empties the trash of runs that can no longer be undone.

use lapse_register::Purpose;

use super::load;
use crate::cli::PurgeArgs;
use crate::{Done, Failure, data, terminal, text};

/// Purges what is old enough.
pub fn run(args: &PurgeArgs) -> Result<Done, Failure> {
    let database = data::database(&args.database.data, Purpose::Act)?;
    let purged = lapse_register::purge(&database, &load::who())?;
    terminal::result(&text::plan::purged(&purged))?;
    Ok(if purged.left.is_empty() { Done::Well } else { Done::NeedsAttention })
}
