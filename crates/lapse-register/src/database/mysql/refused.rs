//! Why the server did not do what it was asked, in its own words and by its own numbers.

use mysql::{DriverError, Error};

use crate::database::DatabaseError;
use crate::database::error::Why;

/// A refusal of a statement. `more` is what else is known of it.
pub(super) fn refused(error: &Error, sql: &str, more: Option<&str>) -> DatabaseError {
    let more = more.map(|more| format!("; {more}")).unwrap_or_default();
    DatabaseError::Refused { said: in_words(error) + &more, sql: sql.to_owned(), why: why(error) }
}

/// What kind of refusal it is.
fn why(error: &Error) -> Why {
    let Error::MySqlError(said) = error else {
        return if error.is_connectivity_error() { Why::Gone } else { Why::Other };
    };
    match said.code {
        // A deadlock; a row that changed since the snapshot; a statement that must be prepared again.
        1213 | 1020 | 1615 => Why::Busy,
        1205 => Why::Locked,
        // The server ends, or the session was ended: by somebody, or because nothing was said for too long.
        1053 | 1077..=1080 | 1152 | 1158..=1161 | 1184 | 1927 | 2006 | 2013 | 4031 => Why::Gone,
        // The disk, a table, or memory.
        1021 | 1114 | 1037 | 1041 => Why::Full,
        // Writing a file, or the storage engine: by the number of the system.
        3 | 1026 | 1030 if said.message.contains("28") => Why::Full,
        _ => Why::Other,
    }
}

/// Whether a lock was waited for in vain.
pub(super) fn is_of_lock(error: &Error) -> bool {
    matches!(error, Error::MySqlError(said) if said.code == 1205)
}

/// What the server says, or the system, on one line.
pub(super) fn in_words(error: &Error) -> String {
    let text = match error {
        Error::MySqlError(said) => said.message.clone(),
        Error::IoError(error) => error.to_string(),
        Error::DriverError(DriverError::CouldNotConnect(Some((_, said, _)))) => said.clone(),
        Error::DriverError(DriverError::TlsNotSupported) => {
            "the server has no TLS, which ssl-mode=disabled in the URL does without".to_owned()
        }
        Error::DriverError(error) => error.to_string(),
        Error::UrlError(error) => error.to_string(),
        other => other.to_string(),
    };
    let hint = if text.contains("invalid peer certificate") {
        "; ssl-ca in the URL names a file with the certificate of its authority"
    } else {
        ""
    };
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned() + hint
}

#[cfg(test)]
mod tests {
    use mysql::MySqlError;

    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_server_and_by_what_may_help() {
        let of = |code: u16, message: &str| {
            let said = MySqlError { state: "HY000".to_owned(), message: message.to_owned(), code };
            (why(&Error::MySqlError(said.clone())), in_words(&Error::MySqlError(said)))
        };
        assert_eq!(of(1213, "Deadlock found;\n try restarting.").1, "Deadlock found; try restarting");
        assert_eq!(of(1213, "").0, Why::Busy);
        assert_eq!(of(1205, "").0, Why::Locked);
        assert_eq!(of(1053, "").0, Why::Gone);
        assert_eq!(of(1114, "").0, Why::Full);
        assert_eq!(of(1030, "Got error 28 \"No space left on device\" from storage engine").0, Why::Full);
        assert_eq!(of(1146, "").0, Why::Other);
        assert_eq!(why(&Error::server_disconnected()), Why::Gone);
    }
}
