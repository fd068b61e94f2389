//! How a command ends: with one of the exit codes of interface.md, and where it could not do its work, with the sentence of
//! the error.

use std::io;
use std::process::ExitCode;

use crate::refusal::Refusal;

/// A command has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// 0: done.
    Well,
    /// 1: `check` or `plugin check` found errors, or `fmt --check` files in another layout.
    FoundErrors,
    /// 1: a test failed, a file is not current, or there is a difference where none should be.
    Failed,
    /// 3: done, but some input rows were rejected or some memberships have no policy.
    NeedsAttention,
    /// 4: done, but a guard trips: nobody should act on it before a person has looked.
    GuardTrips,
    /// 130: a person stopped it between two batches; what was done stands.
    Interrupted,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> ExitCode {
        match done {
            Done::Well => ExitCode::SUCCESS,
            Done::FoundErrors | Done::Failed => ExitCode::from(1),
            Done::NeedsAttention => ExitCode::from(3),
            Done::GuardTrips => ExitCode::from(4),
            Done::Interrupted => ExitCode::from(130),
        }
    }
}

/// A command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// 2: wrong usage, or a file that cannot be read; nothing was written. One sentence for people.
    Refused(String),
    /// Whoever read the output has enough: a success.
    BrokenPipe,
}

impl Failure {
    /// A refusal with this sentence.
    #[expect(clippy::needless_pass_by_value, reason = "an error that was returned is given away here")]
    pub fn refused(sentence: impl ToString) -> Failure {
        Failure::Refused(sentence.to_string())
    }
}

/// The errors whose sentence people see as it is.
macro_rules! refusals {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::refused(error)
            }
        }
    )*};
}

refusals!(
    Refusal,
    lapse_cases::boundary::PlaceError,
    lapse_change::BeforeError,
    lapse_change::standing::NotThere,
    lapse_edit::ImportError,
    lapse_edit::LayoutError,
    lapse_engine::guards::ConsentError,
    lapse_host::CheckError,
    lapse_host::NewPluginError,
    lapse_host::PluginsError,
    lapse_policy::LoadError,
    lapse_register::ApplyError,
    lapse_register::DatabaseError,
    lapse_register::RegisterError,
    lapse_sample::SampleError,
    lapse_tables::OutDirError,
    lapse_tables::files::CannotWrite,
    lapse_tables::TableError,
    lapse_tables::UnknownEnding,
);

impl From<io::Error> for Failure {
    /// An error of standard output.
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::BrokenPipe } else { Refusal::NoOutput(error).into() }
    }
}

impl From<lapse_engine::ExtraError> for Failure {
    /// A plugin that fails does so in the middle of the work.
    fn from(error: lapse_engine::ExtraError) -> Failure {
        Failure::Refused(format!("{error}; nothing was written"))
    }
}

impl From<lapse_tables::RunError> for Failure {
    fn from(error: lapse_tables::RunError) -> Failure {
        match error {
            lapse_tables::RunError::Table(error) => error.into(),
            lapse_tables::RunError::Out(error) => error.into(),
            lapse_tables::RunError::Extra(error) => error.into(),
        }
    }
}

impl From<lapse_change::ChangeError> for Failure {
    fn from(error: lapse_change::ChangeError) -> Failure {
        match error {
            lapse_change::ChangeError::Cases(error) => error.into(),
            lapse_change::ChangeError::Run(error) => error.into(),
            error @ (lapse_change::ChangeError::OtherLibraries { .. } | lapse_change::ChangeError::CalendarEnds) => {
                Failure::refused(error)
            }
        }
    }
}

impl From<lapse_cases::CasesError> for Failure {
    fn from(error: lapse_cases::CasesError) -> Failure {
        match error {
            lapse_cases::CasesError::Table(error) => error.into(),
            lapse_cases::CasesError::Plugin(error) => error.into(),
            error => Failure::refused(error),
        }
    }
}

impl From<lapse_explain::ExplainError> for Failure {
    fn from(error: lapse_explain::ExplainError) -> Failure {
        match error {
            lapse_explain::ExplainError::Table(error) => error.into(),
            lapse_explain::ExplainError::Plugin(error) => error.into(),
            error @ lapse_explain::ExplainError::NoSuchPatron { .. } => Failure::refused(error),
        }
    }
}
