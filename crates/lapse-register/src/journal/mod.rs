//! What lapse keeps in a database of what it did there: its own tables and their versions (`migrations`), who works there now
//! (`lease`), which plan is how far (`runs`), and what was done to whom, by which line and whose consent (`log`, `entry`).

mod clock;
mod entry;
mod lease;
mod log;
mod migrations;
mod runs;

pub(crate) use clock::{days_between, now, now_exactly};
pub use entry::{LogEntry, Outcome};
pub(crate) use lease::Lease;
pub use lease::who_runs_this;
pub use log::Verified;
pub(crate) use log::{Log, Row, pseudonym, secret};
pub(crate) use migrations::{VERSION, bring_up_to_date, version};
pub(crate) use runs::{Pass, RunRow, Runs};
