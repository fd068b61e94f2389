//! What each page shows, one file a page; here, what they have in common.

mod attention;
pub(crate) mod diff;
pub(crate) mod forecast;
pub(crate) mod run;

use lapse_engine::{MembershipOutcome, ProfileOutcome, RecordOutcome};

use crate::chart::{Bar, bars};
use crate::data::{BeforeAfter, Library};
use crate::page::{Cell, Column, Figure, Legend, Table, Tile};
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
        RecordOutcome::Deleted | RecordOutcome::Anonymised => "c-deleted",
        // Such a record stays, like one that is renewed for another term.
        RecordOutcome::Review => "c-renewed",
    }
}

/// The CSS class of an outcome's colour.
const fn profile_class(outcome: ProfileOutcome) -> &'static str {
    match outcome {
        ProfileOutcome::Kept => "c-kept",
        ProfileOutcome::Deleted => "c-deleted",
    }
}

/// The words that a page explains: `words`, and after `deleted` the outcomes of records that only some policies have, where
/// there are any of them.
fn explained(words: &[&'static str], count: impl Fn(RecordOutcome) -> u64) -> Vec<&'static str> {
    let others = RecordOutcome::shown(count).into_iter().filter(|outcome| outcome.is_of_some_policies());
    let others: Vec<&str> = others.map(RecordOutcome::as_str).collect();
    let mut all = words.to_vec();
    let place =
        words.iter().position(|&word| word == RecordOutcome::Deleted.as_str()).map_or(words.len(), |place| place + 1);
    all.splice(place..place, others);
    all
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
