//! The page of the runs to come: what they change month by month, which amendment is the cause, and who can still get a letter.

use lapse_engine::RecordOutcome;
use lapse_policy::Day;

use super::attention::{self, attention};
use super::{category_name, explained, library_cell, tile};
use crate::chart::{Mark, losses, months};
use crate::data::{AmendmentMark, ForecastReport, Letter, RunCounts};
use crate::page::{Cell, Column, Figure, Legend, Note, Page, Part, Section, Table, Tile};
use crate::text::Text;

/// The page of `report`.
pub(crate) fn page<'a>(report: &'a ForecastReport, text: &'a Text) -> Page<'a> {
    let total = report.total();
    let libraries: Vec<_> = report.libraries.iter().map(|of| &of.library).collect();
    let mut sections = vec![month_by_month(report, &total, text), libraries_table(report, &total, text)];
    sections.push(categories_table(report, text));
    let patrons = report.letters.as_ref().and_then(|letters| letters.patrons.as_ref());
    sections.extend(patrons.map(|letters| patrons_table(letters, text)));
    // The answer comes first, unless a guard says that it may be wrong.
    let place = if report.trips.is_empty() { sections.len() } else { 0 };
    sections.insert(place, attention(&report.trips, &report.attention, &[], &libraries, text));
    let months = text.count("month", report.runs.len() as u64);
    Page {
        text,
        head: &report.head,
        title: text.fill("forecast.title", &[("months", &months), ("date", &text.day(report.head.date))]),
        headline: headline(report, &total, text),
        tiles: tiles(report, &total, text),
        sections,
        personal: patrons.is_some(),
        words: explained(
            &["active", "deregistered", "expired", "archived", "deleted", "profile", "guard"],
            |outcome| match outcome {
                RecordOutcome::Anonymised => total.sum(|month| month.anonymised),
                RecordOutcome::Review => total.sum(|month| month.review),
                RecordOutcome::Kept | RecordOutcome::Archived | RecordOutcome::Deleted => 0,
            },
        ),
    }
}

fn headline(report: &ForecastReport, total: &RunCounts, text: &Text) -> Vec<String> {
    let deregistered = total.sum(|month| month.deregistered);
    let assumed = match report.assumed_activity {
        None => text.say("forecast.nobody").to_owned(),
        Some(rate) => text.fill("forecast.assumed", &[("percent", &text.rate(rate))]),
    };
    let mut sentences: Vec<String> = attention::old_extract(&report.trips, text).into_iter().collect();
    sentences.push(format!(
        "{assumed} {}",
        text.fill("forecast.deregistered-by", &[("memberships", &text.count("membership", deregistered))])
    ));
    let busiest =
        report.runs.iter().zip(&total.months).max_by_key(|(day, month)| (month.deregistered, std::cmp::Reverse(*day)));
    if let Some((day, month)) = busiest.filter(|(_, month)| month.deregistered > 0) {
        let share = text.percent(month.deregistered, deregistered);
        sentences.push(text.fill(
            "forecast.busiest",
            &[("date", &text.day(*day)), ("n", &text.number(month.deregistered)), ("percent", &share)],
        ));
    }
    let expired = total.sum(|month| month.expired);
    if expired > 0 {
        let memberships = text.count("membership", expired);
        sentences.push(text.fill("forecast.expire", &[("memberships", &memberships)]));
    }
    if let Some(letters) = &report.letters {
        let count = report.libraries.iter().map(|library| library.letters).sum();
        sentences.push(text.fill(
            "forecast.letters",
            &[("letters", &text.count("letter", count)), ("months", &text.count("month", letters.months.into()))],
        ));
    }
    sentences
}

fn tiles(report: &ForecastReport, total: &RunCounts, text: &Text) -> Vec<Tile> {
    let note =
        |key: &str, day: Option<&Day>| day.map(|&day| text.fill(key, &[("date", &text.day(day))])).unwrap_or_default();
    let within = text.say("forecast.in-all").to_owned();
    let mut tiles = vec![
        tile(
            text.say("forecast.active"),
            text.number(total.active_before),
            note("forecast.before", report.runs.first()),
            "c-valid",
        ),
        tile(
            text.say("forecast.active"),
            text.number(total.active_after()),
            note("forecast.after", report.runs.last()),
            "c-valid",
        ),
        tile(
            text.say("run.deregistered"),
            text.number(total.sum(|month| month.deregistered)),
            within.clone(),
            "c-deregistered",
        ),
        tile(text.say("run.archived"), text.number(total.sum(|month| month.archived)), within.clone(), "c-archived"),
        tile(text.say("run.deleted"), text.number(total.sum(|month| month.deleted)), within.clone(), "c-deleted"),
    ];
    let anonymised = total.sum(|month| month.anonymised);
    if anonymised > 0 {
        tiles.push(tile(text.say("run.anonymised"), text.number(anonymised), within.clone(), "c-deleted"));
    }
    if has_reviews(total) {
        let last = total.months.last().map_or(0, |month| month.review);
        let after = note("forecast.after", report.runs.last());
        tiles.push(tile(text.say("run.review"), text.number(last), after, "c-renewed"));
    }
    let profiles = text.number(report.profiles_deleted.iter().sum());
    tiles.push(tile(text.say("run.profiles-deleted"), profiles, within, "c-deleted"));
    tiles
}

/// Whether some run leaves records for a person to look at.
fn has_reviews(total: &RunCounts) -> bool {
    total.months.iter().any(|month| month.review > 0)
}

fn month_by_month(report: &ForecastReport, total: &RunCounts, text: &Text) -> Section {
    let (marks, notes) = amendments(report, text);
    let title = text.say("forecast.months-title");
    let (parts_of, reviews) = (losses(&total.months), has_reviews(total));
    let legend = parts_of.iter().map(|loss| Legend { class: loss.class, label: text.word(loss.word).to_owned() });
    let columns = [Column::text(text.say("column.run")), Column::number(text.word("active"))];
    let lost = parts_of.iter().map(|loss| Column::number(text.word(loss.word)));
    let expired = Column::number(text.word("expired"));
    let review = reviews.then(|| Column::number(text.word("review")));
    let profiles = Column::number(text.say("run.profiles-deleted"));
    let rows = report.runs.iter().zip(&total.months).zip(&report.profiles_deleted).map(|((day, month), profiles)| {
        let mut row = vec![Cell::day(Some(*day)), Cell::number(month.active, text), Cell::number(month.expired, text)];
        row.extend(parts_of.iter().map(|loss| Cell::number((loss.of)(month), text)));
        row.extend(reviews.then(|| Cell::number(month.review, text)));
        row.push(Cell::number(*profiles, text));
        row
    });
    let figure = Figure {
        title: title.to_owned(),
        legend: legend.collect(),
        drawing: months(title, &report.runs, &total.months, &marks, text),
        table: Table {
            caption: title.to_owned(),
            columns: columns.into_iter().chain([expired]).chain(lost).chain(review).chain([profiles]).collect(),
            rows: rows.collect(),
            total: None,
        },
    };
    let mut parts = vec![Part::Figure(figure)];
    if !notes.is_empty() {
        parts.push(Part::Notes(notes));
    }
    let lead = text.say("forecast.months-lead").to_owned();
    Section { id: "months", title: text.say("forecast.by-month").to_owned(), lead, parts }
}

/// A mark for each day on which amendments take force, and what they say.
fn amendments(report: &ForecastReport, text: &Text) -> (Vec<Mark>, Vec<Note>) {
    let mut amendments: Vec<&AmendmentMark> = report.amendments.iter().collect();
    amendments.sort_by_key(|amendment| amendment.from);
    let days: Vec<_> = amendments.chunk_by(|one, next| one.from == next.from).collect();
    let mut marks = Vec::new();
    let mut notes = Vec::new();
    for (index, of_day) in days.iter().enumerate() {
        let from = of_day[0].from;
        let number = index + 1;
        let day = text.day(from);
        let Some(run) = report.runs.iter().position(|&run| run >= from) else { continue };
        let head = if days.len() == 1 { day } else { format!("{number}: {day}") };
        marks.push(Mark { run, label: head.clone(), short: number.to_string() });
        let items = of_day.iter().map(|amendment| format!("{} ({})", amendment.reason, amendment.file)).collect();
        notes.push(Note { text: head, items, urgent: false });
    }
    (marks, notes)
}

fn libraries_table(report: &ForecastReport, total: &RunCounts, text: &Text) -> Section {
    let mut columns = vec![Column::text(text.say("column.library"))];
    columns.extend(count_columns(text));
    let (of_records, reviews) = (&losses(&total.months)[1..], has_reviews(total));
    columns.extend(of_records.iter().map(|loss| Column::number(text.word(loss.word))));
    columns.extend(reviews.then(|| Column::number(text.word("review"))));
    let letters = report.letters.as_ref();
    columns.extend(letters.map(|_| Column::number(text.say("column.letters"))));
    let row = |first: Cell, counts: &RunCounts, letter_count: u64| {
        let mut row = vec![first];
        row.extend(count_cells(counts, text));
        row.extend(of_records.iter().map(|loss| Cell::number(counts.sum(loss.of), text)));
        let last = counts.months.last().map_or(0, |month| month.review);
        row.extend(reviews.then(|| Cell::number(last, text)));
        row.extend(letters.map(|_| Cell::number(letter_count, text)));
        row
    };
    let title = text.say("run.libraries-title").to_owned();
    let all = report.libraries.iter().map(|of| of.letters).sum();
    let rows = report.libraries.iter().map(|of| row(library_cell(&of.library, text), &of.counts, of.letters));
    let table = Table {
        caption: title.clone(),
        columns,
        rows: rows.collect(),
        total: Some(row(Cell::text(text.say("page.all-libraries")), total, all)),
    };
    let mut lead = text.say("forecast.libraries-lead").to_owned();
    if reviews {
        lead = format!("{lead} {}", text.say("forecast.libraries-review"));
    }
    Section { id: "libraries", title, lead, parts: vec![Part::Table(table)] }
}

fn categories_table(report: &ForecastReport, text: &Text) -> Section {
    let mut columns = vec![Column::text(text.say("column.category"))];
    columns.extend(count_columns(text));
    let rows = report.categories.iter().map(|(category, counts)| {
        let mut row = vec![Cell::text(category_name(category.as_deref(), text))];
        row.extend(count_cells(counts, text));
        row
    });
    let title = text.say("forecast.categories-title").to_owned();
    let table = Table { caption: title.clone(), columns, rows: rows.collect(), total: None };
    Section { id: "categories", title, lead: String::new(), parts: vec![Part::Table(table)] }
}

/// The columns that the tables of libraries and of categories share.
fn count_columns(text: &Text) -> [Column; 5] {
    let active = text.word("active");
    [
        Column::number(text.say("bar.before")).under(active),
        Column::number(text.say("bar.after")).under(active),
        Column::number(text.say("bar.difference")).under(active),
        Column::number(text.word("expired")),
        Column::number(text.word("deregistered")),
    ]
}

fn count_cells(counts: &RunCounts, text: &Text) -> [Cell; 5] {
    let (before, after) = (counts.active_before, counts.active_after());
    [
        Cell::number(before, text),
        Cell::number(after, text),
        Cell::difference(before, after, text),
        Cell::number(counts.sum(|month| month.expired), text),
        Cell::number(counts.sum(|month| month.deregistered), text),
    ]
}

fn patrons_table(letters: &[Letter], text: &Text) -> Section {
    let rows = letters.iter().map(|Letter { patron, library, subscription, on }| {
        vec![Cell::text(patron), Cell::text(library), Cell::text(subscription), Cell::day(Some(*on))]
    });
    let title = text.say("forecast.letters-title").to_owned();
    let columns = ["column.patron", "column.library", "column.subscription", "column.run"];
    let table = Table {
        caption: title.clone(),
        columns: columns.map(|key| Column::text(text.say(key))).into(),
        rows: rows.collect(),
        total: None,
    };
    Section {
        id: "patrons",
        title,
        lead: text.say("forecast.letters-lead").to_owned(),
        parts: vec![Part::Table(table)],
    }
}
