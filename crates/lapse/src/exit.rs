//! How a command ends: with one of the exit codes of interface.md.

use std::io;
use std::process::ExitCode;

/// A command came to its end.
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
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> ExitCode {
        match done {
            Done::Well => ExitCode::SUCCESS,
            Done::FoundErrors | Done::Failed => ExitCode::from(1),
            Done::NeedsAttention => ExitCode::from(3),
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

impl From<io::Error> for Failure {
    /// An error of standard output.
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::BrokenPipe
        } else {
            Failure::Refused(format!("the result cannot be written to standard output ({error})"))
        }
    }
}

impl From<lapse_tables::UnknownEnding> for Failure {
    fn from(error: lapse_tables::UnknownEnding) -> Failure {
        Failure::refused(error)
    }
}

impl From<lapse_tables::TableError> for Failure {
    fn from(error: lapse_tables::TableError) -> Failure {
        Failure::refused(error)
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

impl From<lapse_host::PluginsError> for Failure {
    fn from(error: lapse_host::PluginsError) -> Failure {
        Failure::refused(error)
    }
}

impl From<lapse_engine::ExtraError> for Failure {
    fn from(error: lapse_engine::ExtraError) -> Failure {
        Failure::Refused(format!("{error}; nothing was written"))
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

impl From<lapse_tables::OutDirError> for Failure {
    fn from(error: lapse_tables::OutDirError) -> Failure {
        Failure::refused(error)
    }
}

impl From<lapse_sample::SampleError> for Failure {
    fn from(error: lapse_sample::SampleError) -> Failure {
        Failure::refused(error)
    }
}

impl From<lapse_edit::LayoutError> for Failure {
    fn from(error: lapse_edit::LayoutError) -> Failure {
        Failure::refused(error)
    }
}

impl From<lapse_edit::ImportError> for Failure {
    fn from(error: lapse_edit::ImportError) -> Failure {
        Failure::refused(error)
    }
}
