//! Why policies, runs or months cannot be compared.

use lapse_cases::CasesError;
use lapse_tables::RunError;
use thiserror::Error;

/// Why policies, runs or months cannot be compared.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The old policy has plugins and other libraries than the new one. Plugins know libraries by their numbers, which are
    /// those of the new policy where both policies decide about the same patrons.
    #[error(
        "the plugins of {old} cannot be asked beside {new}, which has other libraries; compare the change of libraries for \
         itself"
    )]
    OtherLibraries {
        /// What the old policy is called.
        old: String,
        /// What the new policy is called.
        new: String,
    },
    /// A forecast would go on after the last day of the calendar.
    #[error("the calendar ends before the last of these runs; ask for fewer --months")]
    CalendarEnds,
    /// Made-up patrons cannot be tried.
    #[error(transparent)]
    Cases(#[from] CasesError),
    /// The tables cannot be read, or a plugin cannot be asked.
    #[error(transparent)]
    Run(#[from] RunError),
}
