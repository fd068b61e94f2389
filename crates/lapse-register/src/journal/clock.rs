//! Moments as texts, in universal time, so that every database keeps and compares them alike.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// This moment, such as `2026-11-29T02:24:47Z`.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// This moment to the thousandth of a second, so that two plans are two plans.
pub(crate) fn now_exactly() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// How many seconds lie between two moments; none where one of them cannot be read.
pub(crate) fn seconds_between(earlier: &str, later: &str) -> Option<i64> {
    let moment = |text: &str| -> Option<NaiveDateTime> { Some(DateTime::parse_from_rfc3339(text).ok()?.naive_utc()) };
    Some((moment(later)? - moment(earlier)?).num_seconds())
}

/// How many whole days lie between two moments; none where one of them cannot be read.
pub(crate) fn days_between(earlier: &str, later: &str) -> Option<i64> {
    Some(seconds_between(earlier, later)?.div_euclid(24 * 60 * 60))
}
