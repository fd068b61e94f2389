//! The boundary cases that a policy implies: for each threshold that applies on a day, made-up patrons on the day before
//! it, the day itself and the day after; and around each amendment's date, one patron on three runs.
//!
//! 1. `timeline` finds the days on which the policy changes and the periods between them.
//! 2. `thresholds` and `amendments` know which boundaries there are, and `patrons` makes the patrons who stand at them.
//!    `entries` makes those at the bounds of keeps, ends and narrowings, from the `values` around them.
//! 3. `sections` brings the cases of a library into the order of its file.
//! 4. `file` has them decided and writes them as case files; `on_disk` knows where these lie, and which of them are current.

mod amendments;
mod entries;
mod file;
mod made_to_fit;
mod made_up;
mod on_disk;
mod patrons;
mod sections;
mod thresholds;
mod timeline;
mod values;

pub use entries::of_entries;
pub use file::texts;
pub use made_up::Boundary;
pub use on_disk::{PlaceError, Places, Stands};
pub use sections::{Section, cases};
pub use thresholds::{of_library, of_subscription};
pub use timeline::{ANY_DAY, Known, Timeline, days, subscription};
