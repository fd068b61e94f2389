//! What each page shows, one file a page; here, what they have in common.

pub(crate) mod diff;
pub(crate) mod forecast;
pub(crate) mod run;

use lapse_engine::guards::{Trip, What};
use lapse_engine::{MembershipOutcome, ProfileOutcome, RecordOutcome};

use crate::chart::{Bar, bars};
use crate::data::{Attention, BeforeAfter, Library};
use crate::page::{Cell, Column, Figure, Legend, Note, Part, Section, Table, Tile};
use crate::text::Text;

/// The number of pairs of bars that a reader takes in at a glance.
const MOST_BARS: usize = 12;

/// The CSS class of an outcome's colour.
const fn membership_class(outcome: MembershipOutcome) -> &'static str {
    match outcome {
        MembershipOutcome::Valid => "c-valid",
        MembershipOutcome::Renewed => "c-renewed",
        MembershipOutcome::Deregistered => "c-deregistered",
        MembershipOutcome::Expired => "c-expired",
    }
}

/// The CSS class of an outcome's colour.
const fn record_class(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Kept => "c-kept",
        RecordOutcome::Archived => "c-archived",
        RecordOutcome::Deleted => "c-deleted",
    }
}

/// The CSS class of an outcome's colour.
const fn profile_class(outcome: ProfileOutcome) -> &'static str {
    match outcome {
        ProfileOutcome::Kept => "c-kept",
        ProfileOutcome::Deleted => "c-deleted",
    }
}

/// The name of a library, or its code where the policy does not know it.
fn name(library: &Library) -> &str {
    library.name.as_deref().unwrap_or(&library.code)
}

/// The name of a category of subscription.
fn category_name<'a>(category: Option<&'a str>, text: &'a Text) -> &'a str {
    category.unwrap_or_else(|| text.say("page.no-policy"))
}

/// The first cell of a row about a library: its name and its code.
fn library_cell(library: &Library, text: &Text) -> Cell {
    match &library.name {
        Some(name) => Cell::with_aside(name, &library.code),
        None => Cell::with_aside(&library.code, text.say("page.no-policy")),
    }
}

fn tile(label: &str, value: String, note: String, class: &'static str) -> Tile {
    Tile { label: label.to_owned(), value, note, class }
}

/// The section of what needs attention: first the guards that trip, then everything else.
fn attention(trips: &[Trip], attention: &[Attention], libraries: &[&Library], text: &Text) -> Section {
    let mut notes = Vec::new();
    if !trips.is_empty() {
        let items = trips.iter().map(|trip| guard(trip, libraries, text)).collect();
        notes.push(Note { text: text.count("guard", trips.len() as u64), items, urgent: true });
    }
    let (mut rejected, mut rejected_items, mut unknown, mut unknown_items) = (0, Vec::new(), 0, Vec::new());
    let mut later = Vec::new();
    for item in attention {
        match item {
            Attention::Rejected { table, rows } => {
                rejected += rows;
                rejected_items.push(format!("{table}: {}", text.number(*rows)));
            }
            Attention::NoPolicy { library, subscription, memberships } => {
                unknown += memberships;
                unknown_items.push(format!("{library}, {subscription}: {}", text.number(*memberships)));
            }
            Attention::ActivityAfterRun(rows) => later.push(text.count("activity-after-run", *rows)),
            Attention::ProfilesAfterRun(rows) => later.push(text.count("profiles-after-run", *rows)),
        }
    }
    if rejected > 0 {
        notes.push(Note { text: text.count("rejected", rejected), items: rejected_items, urgent: false });
    }
    if unknown > 0 {
        notes.push(Note { text: text.count("unknown", unknown), items: unknown_items, urgent: false });
    }
    notes.extend(later.into_iter().map(|text| Note { text, items: Vec::new(), urgent: false }));
    let (lead, parts) = if notes.is_empty() {
        (text.say("attention.nothing").to_owned(), Vec::new())
    } else {
        (String::new(), vec![Part::Notes(notes)])
    };
    Section { id: "attention", title: text.say("attention.title").to_owned(), lead, parts }
}

/// A guard that trips, in a sentence.
fn guard(trip: &Trip, libraries: &[&Library], text: &Text) -> String {
    let found = match &trip.what {
        What::Deregistered { deregistered, valid_before } => text.fill(
            "guard.deregistered",
            &[
                ("part", &text.number(*deregistered)),
                ("whole", &text.number(*valid_before)),
                ("percent", &text.percent(*deregistered, *valid_before)),
            ],
        ),
        What::Removed { removed, records } => text.fill(
            "guard.removed",
            &[
                ("part", &text.number(*removed)),
                ("whole", &text.number(*records)),
                ("percent", &text.percent(*removed, *records)),
            ],
        ),
        What::SourceAge { source, newest: Some(newest), days } => text.fill(
            "guard.source-age",
            &[
                ("source", source),
                ("day", &text.day(*newest)),
                ("days", &text.count("day", days.unwrap_or_default().unsigned_abs())),
            ],
        ),
        What::SourceAge { source, newest: None, days: _ } => text.fill("guard.no-source", &[("source", source)]),
    };
    let library = match &trip.library {
        None => text.say("page.consortium"),
        Some(code) => {
            libraries.iter().find(|library| library.code == *code).map_or(code.as_str(), |library| name(library))
        }
    };
    let limit = text.fill("guard.limit", &[("key", &trip.what.key()), ("limit", &trip.limit.value)]);
    format!("{library}: {found} ({limit})")
}

/// A picture of counts before and after a change, as pairs of bars.
fn before_after(title: &str, first_column: &str, rows: Vec<Bar>, text: &Text) -> Figure {
    let drawing = bars(title, &rows, text);
    let columns = vec![
        Column::text(first_column),
        Column::number(text.say("bar.before")),
        Column::number(text.say("bar.after")),
        Column::number(text.say("bar.difference")),
    ];
    let rows = rows
        .into_iter()
        .map(|Bar { label, count: BeforeAfter { before, after } }| {
            vec![
                Cell::text(label),
                Cell::number(before, text),
                Cell::number(after, text),
                Cell::difference(before, after, text),
            ]
        })
        .collect();
    Figure {
        title: title.to_owned(),
        legend: vec![
            Legend { class: "c-before", label: text.say("bar.before").to_owned() },
            Legend { class: "c-after", label: text.say("bar.after").to_owned() },
        ],
        drawing,
        table: Table { caption: title.to_owned(), columns, rows, total: None },
    }
}

/// The counts that are not zero, those that change the most first.
fn by_change<T>(counts: impl Iterator<Item = (T, BeforeAfter)>) -> Vec<(T, BeforeAfter)> {
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count != BeforeAfter::default()).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse((count.before.abs_diff(count.after), count.before)));
    counts
}

/// The libraries that lose the most, then one pair of bars for all others, so that the bars add up to the whole.
fn library_bars<'a>(libraries: impl Iterator<Item = (&'a Library, BeforeAfter)>, text: &Text) -> Vec<Bar> {
    let mut libraries = by_change(libraries);
    let others = if libraries.len() > MOST_BARS { libraries.split_off(MOST_BARS - 1) } else { Vec::new() };
    let mut rows: Vec<Bar> =
        libraries.into_iter().map(|(library, count)| Bar { label: name(library).to_owned(), count }).collect();
    if !others.is_empty() {
        let label = text.count("other-library", others.len() as u64);
        let count = others.into_iter().fold(BeforeAfter::default(), |sum, (_, count)| sum + count);
        rows.push(Bar { label, count });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn the_bars_of_many_libraries_hold_them_all() {
        let libraries: Vec<_> = (0..30)
            .map(|number: u64| {
                let library = Library { code: format!("l{number}"), name: None };
                (library, BeforeAfter { before: 100, after: 100 - number })
            })
            .collect();
        let text = Text::of(Language::En);
        let rows = library_bars(libraries.iter().map(|(library, count)| (library, *count)), &text);
        assert_eq!((rows.len(), rows[0].label.as_str(), rows[11].label.as_str()), (12, "l29", "19 other libraries"));
        assert_eq!(rows.iter().map(|row| row.count.before).sum::<u64>(), 3000);
    }
}
