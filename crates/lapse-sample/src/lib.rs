#![doc = include_str!("../README.md")]
//! # How a data set is made
//!
//! Patrons are made and written one after the other, so that memory stays the same however many there are.
//!
//! 1. `places` finds each subscription of each library in the policy of the day, and `sources` finds what records activity.
//! 2. `stories` lists what can happen to a patron, and `required` what must happen to somebody in every data set.
//! 3. `patrons` gives each patron a story, which `maker` turns into a `draft` of their rows; `runs` knows what the monthly
//!    runs have done already.
//! 4. `facts` adds the columns of the facts that the policy declares.
//! 5. `rows` writes the draft as CSV, and `folder` makes the files appear together or not at all.

mod bad_row;
mod chance;
mod draft;
mod error;
mod facts;
mod field;
mod folder;
mod kinds;
mod maker;
mod patrons;
mod places;
mod required;
mod rows;
mod runs;
mod sources;
mod stories;

use std::path::Path;

use lapse_policy::DayPolicy;
use lapse_tables::{OutDir, Table};

use chance::Chance;
use facts::Facts;
use folder::Folder;
use patrons::Patrons;
use places::Places;
use rows::{FourTables, write_id};

pub use error::SampleError;

/// Writes the tables of this many `patrons` as CSV to the folder `out`, which must be new or empty, and gives the number
/// of rows of each table. The same policy, day, number and seed give the same bytes. `claimed` is given the folder once it
/// is taken, so that another thread can abandon it.
///
/// Fails where nobody can be a member under the policy of the day, and where the folder cannot be written.
pub fn write(
    policy: &DayPolicy,
    patrons: u32,
    seed: u64,
    out: &Path,
    claimed: impl FnOnce(&OutDir),
) -> Result<Vec<(Table, u64)>, SampleError> {
    if policy.libraries.is_empty() {
        return Err(SampleError::NoLibrary);
    }
    if policy.libraries.iter().all(|library| library.subscriptions.is_empty()) {
        return Err(SampleError::NoSubscription { day: policy.date });
    }
    let mut folder = Folder::claim(out, claimed)?;
    let mut chance = Chance::new(seed);
    let places = Places::of(policy, &mut chance);
    let mut made = Patrons::new(policy, &places, chance);
    let mut facts = Facts::of(policy, seed);
    let mut tables = FourTables::with_headers(&facts);
    let (mut id, mut nobody) = (Vec::new(), Vec::new());
    write_id(&mut nobody, 0, patrons);
    for number in 1..=patrons {
        write_id(&mut id, number, patrons);
        tables.push(&id, made.next(), &mut facts, &nobody);
        folder.take(&mut tables)?;
    }
    let counts = Table::ALL.into_iter().zip(tables.0.iter().map(|rows| rows.count)).collect();
    folder.finish(tables)?;
    Ok(counts)
}
