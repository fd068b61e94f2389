//! Plans: what a run would do in a database, patron by patron, in a file that people can keep. `decide` asks the engine, `digest`
//! makes sure that a patron is still as the plan had them, `line` is what the file says, `make` writes it, and `reader` reads it.

mod decide;
mod digest;
mod guards;
mod line;
mod make;
mod reader;

pub(crate) use digest::{Digesting, Now};
pub use guards::{Waiting, waiting};
pub use line::{Counts, PlanEnd, PlanHead, PlanTrip, Planned, PlannedPatron};
pub use make::{Making, make};
pub use reader::PlanFile;
