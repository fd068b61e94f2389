//! Why the server did not do what it was asked, in its own words and by its own codes.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::database::DatabaseError;
use crate::database::error::Why;

/// A refusal of a statement. `more` is what else is known of it.
pub(super) fn refused(error: &Error, sql: &str, more: Option<&str>) -> DatabaseError {
    let said = in_words(error);
    // Why a connection is closed may be no more than that it is.
    let more = more.filter(|more| *more != said).map(|more| format!("; {more}")).unwrap_or_default();
    DatabaseError::Refused { said: said + &more, sql: sql.to_owned(), why: why(error) }
}

/// What kind of refusal it is.
fn why(error: &Error) -> Why {
    let Some(code) = error.code() else {
        return if error.is_closed() || is_of_the_network(error) { Why::Gone } else { Why::Other };
    };
    match code.code() {
        "40001" | "40P01" => Why::Busy,
        "55P03" => Why::Locked,
        // It was stopped, it crashed, it starts, or nothing was said for too long; or it can no longer read its own files.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "XX001" | "XX002" => Why::Gone,
        code if code.starts_with("08") || code.starts_with("58") => Why::Gone,
        code if code.starts_with("53") => Why::Full,
        _ if is_outdated(error) => Why::Busy,
        _ => Why::Other,
    }
}

fn is_of_the_network(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// Whether a statement that was prepared is no longer so, because a table has other columns now or because what stands between
/// this program and the server forgot it. Prepared again, it may be done.
pub(super) fn is_outdated(error: &Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        *error.code() == SqlState::INVALID_SQL_STATEMENT_NAME
            || (*error.code() == SqlState::FEATURE_NOT_SUPPORTED && error.routine() == Some("RevalidateCachedQuery"))
    })
}

/// What the server says, or the system, on one line.
pub(super) fn in_words(error: &Error) -> String {
    let text = match error.as_db_error() {
        Some(error) => of_the_server(error),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    };
    let hint = if text.contains("invalid peer certificate") {
        "; sslrootcert in the URL names a file with the certificate of its authority"
    } else {
        ""
    };
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ") + hint
}

fn of_the_server(error: &DbError) -> String {
    let mut text = error.message().to_owned();
    for more in [error.detail(), error.hint()].into_iter().flatten() {
        text.push_str("; ");
        text.push_str(more.trim_end_matches('.'));
    }
    text
}
