//! A plausible data set for a policy, from a seed: patron after patron, so that memory stays the same however many
//! there are.
//!
//! 1. [`places`] finds where a membership may be, and [`sources`] what records activity, in the policy of the day.
//! 2. [`roster`] casts what must happen to somebody, so that every outcome and every reason occurs.
//! 3. [`stories`] tells what happens to each patron, scene by scene ([`scenes`]), around the monthly [`runs`].
//! 4. [`rows`] makes rows of it, and [`folder`] makes them appear together or not at all.

mod bad_row;
mod chance;
mod draft;
mod folder;
mod kinds;
mod places;
mod roster;
mod rows;
mod runs;
mod scenes;
mod sources;
mod stories;

use std::path::Path;

use lapse_policy::DayPolicy;
use lapse_tables::Table;

use crate::Failure;
use chance::Chance;
use folder::Folder;
use places::Places;
use rows::{FourTables, write_id};
use stories::Teller;

/// Writes the tables of so many patrons to the folder `out`, and gives how many rows each has. The same policy, day,
/// number and seed give the same bytes.
pub fn write(policy: &DayPolicy, patrons: u32, seed: u64, out: &Path) -> Result<Vec<(Table, u64)>, Failure> {
    if policy.libraries.is_empty() {
        return Err(Failure::refused("this policy has no library; write a file for one in its folder libraries/"));
    }
    if policy.libraries.iter().all(|library| library.subscriptions.is_empty()) {
        return Err(Failure::refused(format!(
            "no library of this policy has a subscription on {}, so nobody can be a member; add a table \
             `[subscriptions.CODE]` to a file of the policy",
            policy.date
        )));
    }
    let mut folder = Folder::claim(out)?;
    let mut chance = Chance::new(seed);
    let places = Places::of(policy, &mut chance);
    let mut teller = Teller::new(policy, &places, chance);
    let mut tables = FourTables::with_headers();
    let (mut id, mut nobody) = (Vec::new(), Vec::new());
    write_id(&mut nobody, 0, patrons);
    for number in 1..=patrons {
        write_id(&mut id, number, patrons);
        tables.push(&id, teller.next(), &nobody);
        folder.take(&mut tables)?;
    }
    let counts = Table::ALL.into_iter().zip(tables.0.iter().map(|rows| rows.count)).collect();
    folder.finish(tables)?;
    Ok(counts)
}
