//! The guards that trip, a line for each cause and not for each library.

use std::fmt::Write as _;

use lapse_engine::guards::{Cause, Consent, Guard, Place, Trip, What, by_cause};

/// How many places a line names.
const PLACES: usize = 5;

/// A line for each cause: first those that nobody answered for, then the others.
pub fn lines(trips: &[Trip]) -> [Vec<String>; 2] {
    let (answered, open): (Vec<_>, Vec<_>) = by_cause(trips).into_iter().partition(Cause::is_answered);
    [open, answered].map(|causes| causes.iter().map(line).collect())
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

fn line(cause: &Cause<'_>) -> String {
    let shown = cause.trips.iter().take(PLACES);
    let mut places: Vec<String> = match cause.guard {
        // Where a source went silent it says the same of each place.
        Guard::SourceAge => shown.map(|trip| place(&trip.place).to_owned()).collect(),
        _ => shown.map(|trip| format!("{}: {}", place(&trip.place), trip.what)).collect(),
    };
    if cause.trips.len() > PLACES {
        places.push(format!("and {} more", cause.trips.len() - PLACES));
    }
    let mut line = match cause.guard {
        Guard::SourceAge => format!("{}: {}", silent(cause), places.join(", ")),
        _ => places.join("; "),
    };
    let mut limits: Vec<String> =
        cause.trips.iter().filter_map(|trip| Some(trip.limit.as_ref()?.value.to_string())).collect();
    limits.sort_unstable();
    limits.dedup();
    if limits.is_empty() {
        let _ = write!(line, " ({})", cause.guard.as_str());
    } else {
        let _ = write!(line, " ({} is {})", cause.guard.as_str(), limits.join(", "));
    }
    line
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

fn place(place: &Place) -> &str {
    match place {
        Place::Consortium => "the whole consortium",
        Place::SmallLibraries => "small libraries together",
        Place::Library(code) => code,
    }
}
