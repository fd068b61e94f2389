//! The guards that trip in sentences, one for each cause and not for each library.
//! Here stands too which `--consent` answers for them.

use std::fmt;

use super::{Cause, Consent, Guard, Place, Trip, What, by_cause};

/// How many places a sentence names.
const PLACES: usize = 5;

/// A sentence for each cause: first those that nobody answered for, then the others.
pub fn sentences(trips: &[Trip]) -> [Vec<String>; 2] {
    let (answered, open): (Vec<_>, Vec<_>) = by_cause(trips).into_iter().partition(Cause::is_answered);
    [open, answered].map(|causes| causes.iter().map(ToString::to_string).collect())
}

/// The options that answer for what nobody answered for, as they are typed.
pub fn what_answers(trips: &[Trip]) -> String {
    let mut consents: Vec<String> = Vec::new();
    for trip in trips.iter().filter(|trip| !trip.answered) {
        let consent = Consent::to(trip).to_string();
        let consent =
            if consent.contains(' ') { format!("--consent '{consent}'") } else { format!("--consent {consent}") };
        if !consents.contains(&consent) {
            consents.push(consent);
        }
    }
    if consents.len() > PLACES { "--consent all".to_owned() } else { consents.join(" ") }
}

/// What `diff` and `forecast` say first where the newest date of the extract lies long before the run that is asked for.
pub fn old_extract(trips: &[Trip]) -> Option<String> {
    let is_old = |trip: &&Trip| matches!(trip.what, What::NewestDate { .. });
    trips.iter().find(is_old).map(|trip| {
        format!(
            "{}: by then everybody is inactive, and the answer means nothing; ask for a day soon after the extract was made",
            trip.what
        )
    })
}

impl fmt::Display for Cause<'_> {
    /// What is found where, with the limits that are exceeded, such as
    /// `peer: 12 of 40 memberships would be deregistered (30.0%) (max_deregistered_percent is 25)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.trips.iter().take(PLACES);
        let mut places: Vec<String> = match self.guard {
            // Where a source went silent it says the same of each place.
            Guard::SourceAge => shown.map(|trip| trip.place.to_string()).collect(),
            _ => shown.map(|trip| format!("{}: {}", trip.place, trip.what)).collect(),
        };
        if self.trips.len() > PLACES {
            places.push(format!("and {} more", self.trips.len() - PLACES));
        }
        match self.guard {
            Guard::SourceAge => write!(f, "{}: {}", silent(self), places.join(", "))?,
            _ => f.write_str(&places.join("; "))?,
        }
        let mut limits: Vec<String> =
            self.trips.iter().filter_map(|trip| Some(trip.limit.as_ref()?.value.to_string())).collect();
        limits.sort_unstable();
        limits.dedup();
        if limits.is_empty() {
            write!(f, " ({})", self.guard.as_str())
        } else {
            write!(f, " ({} is {})", self.guard.as_str(), limits.join(", "))
        }
    }
}

/// What is said of a source that went silent, with all that rests on it.
fn silent(cause: &Cause<'_>) -> String {
    let Some(first) = cause.trips.first() else { return String::new() };
    let mut what = first.what.clone();
    if let What::SourceAge { rests, .. } = &mut what {
        *rests = cause.rests();
    }
    what.to_string()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Consortium => "the whole consortium",
            Place::SmallLibraries => "small libraries together",
            Place::Library(code) => code,
        })
    }
}
