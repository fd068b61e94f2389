//! The page of a run: what it takes away and where, and whether a person should look at the data before anybody acts on it.

use lapse_engine::{Expired, LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome};

use super::attention::{self, attention};
use super::{before_after, explained, library_bars, library_cell, membership_class, record_class, tile};
use crate::chart::{Share, shares};
use crate::data::{Attention, BeforeAfter, Change, Changed, Compared, RunReport};
use crate::page::{Cell, Column, Figure, Legend, Note, Page, Part, Section, Table, Tile};
use crate::text::Text;

/// The page of `report`.
pub(crate) fn page<'a>(report: &'a RunReport, text: &'a Text) -> Page<'a> {
    let total = report.total();
    let libraries: Vec<_> = report.libraries.iter().map(|(library, _)| library).collect();
    let mut about = attention(&report.trips, &report.attention, &report.missing, &libraries, text);
    if let (Some(said), Some(Part::Notes(notes))) = (held(report, text), about.parts.first_mut()) {
        notes.push(Note { text: said, items: Vec::new(), urgent: false });
    }
    format!("{} {}", about.lead, compared(report.compared.as_ref(), text)).trim().clone_into(&mut about.lead);
    let mut sections =
        vec![about, where_it_hits(report, text), outcomes(report, &total, text), table(report, &total, text)];
    sections.extend(report.changes.as_ref().map(|changes| patrons(changes, text)));
    Page {
        text,
        head: &report.head,
        title: text.fill("run.title", &[("date", &text.day(report.head.date))]),
        headline: headline(report, &total, text),
        tiles: tiles(report, &total, text),
        sections,
        personal: report.changes.is_some(),
        words: explained(
            &["valid", "renewed", "deregistered", "expired", "kept", "archived", "deleted", "profile", "guard"],
            |outcome| total.records(outcome),
        ),
    }
}

/// Who is held for rejected rows; none where each row holds a patron whose record says so.
fn held(report: &RunReport, text: &Text) -> Option<String> {
    let rows = report.attention.iter().map(|what| match what {
        Attention::Rejected { rows, .. } => *rows,
        _ => 0,
    });
    let [held, without_record] = report.held;
    let said = text.count("held", held);
    match without_record {
        0 => (held != rows.sum()).then(|| format!("{said}.")),
        without => Some(text.fill("attention.without-record", &[("held", &said), ("number", &text.number(without))])),
    }
}

/// Says whether rows were compared with those of an earlier run, and which tables had too few for that.
fn compared(compared: Option<&Compared>, text: &Text) -> String {
    let Some(Compared { date, any, too_few, fewer_than }) = compared else {
        return text.say("attention.not-compared").to_owned();
    };
    let with = |key| text.fill(key, &[("date", date), ("rows", fewer_than), ("tables", &too_few.join(", "))]);
    match (any, too_few.is_empty()) {
        (true, true) => with("attention.compared"),
        (true, false) => format!("{} {}", with("attention.compared"), with("attention.too-few")),
        (false, _) => with("attention.all-too-few"),
    }
}

fn headline(report: &RunReport, total: &LibraryTally, text: &Text) -> Vec<String> {
    let deregistered = total.memberships(MembershipOutcome::Deregistered);
    let (archived, deleted) = (total.records(RecordOutcome::Archived), total.records(RecordOutcome::Deleted));
    let anonymised = total.records(RecordOutcome::Anonymised);
    let memberships = if deregistered == 0 {
        text.say("run.nothing-deregistered").to_owned()
    } else {
        text.fill(
            "run.deregisters",
            &[
                ("part", &text.number(deregistered)),
                ("whole", &text.count("valid-membership", total.valid_before)),
                ("percent", &text.percent(deregistered, total.valid_before)),
            ],
        )
    };
    let records = if archived + deleted + anonymised == 0 {
        text.say("run.nothing-removed").to_owned()
    } else if anonymised > 0 {
        let [archived, anonymised] = [text.count("record", archived), text.number(anonymised)];
        text.fill("run.anonymises", &[("archived", &archived), ("anonymised", &anonymised)])
    } else {
        text.fill("run.removes", &[("archived", &text.count("record", archived)), ("deleted", &text.number(deleted))])
    };
    // Codes that only the tables have are no libraries of the consortium.
    let of_policy = report.libraries.iter().filter(|(library, _)| library.name.is_some());
    let all = of_policy.clone().count() as u64;
    let hit = of_policy.filter(|(_, tally)| tally.memberships(MembershipOutcome::Deregistered) > 0).count() as u64;
    let mut sentences: Vec<String> = attention::headline(&report.trips, text).into_iter().collect();
    sentences.push(format!("{memberships} {records}"));
    let review = total.records(RecordOutcome::Review);
    sentences.extend((review > 0).then(|| text.fill("run.reviews", &[("records", &text.count("record", review))])));
    if hit > 0 {
        sentences.push(text.fill(
            "run.where",
            &[
                ("hit", &text.number(hit)),
                ("libraries", &text.count("library", all)),
                ("patrons", &text.count("patron", report.patrons)),
            ],
        ));
    }
    sentences
}

fn tiles(report: &RunReport, total: &LibraryTally, text: &Text) -> Vec<Tile> {
    let deregistered = total.memberships(MembershipOutcome::Deregistered);
    let records = total.records.iter().sum();
    let profiles = report.profiles[ProfileOutcome::Deleted as usize];
    let of = |part: u64, noun: &str, whole: u64| {
        text.fill("page.share", &[("percent", &text.percent(part, whole)), ("whole", &text.count(noun, whole))])
    };
    let mut tiles = vec![
        tile(
            text.say("run.deregistered"),
            text.number(deregistered),
            of(deregistered, "valid-membership", total.valid_before),
            "c-deregistered",
        ),
        tile(
            text.say("run.stay"),
            text.number(total.stay_valid()),
            of(total.stay_valid(), "valid-membership", total.valid_before),
            "c-valid",
        ),
    ];
    let shown = RecordOutcome::shown(|outcome| total.records(outcome));
    tiles.extend(shown.into_iter().filter(|&outcome| outcome != RecordOutcome::Kept).map(|outcome| {
        let count = total.records(outcome);
        let label = text.say(&format!("run.{outcome}"));
        tile(label, text.number(count), of(count, "record", records), record_class(outcome))
    }));
    let of_profiles = of(profiles, "profile", report.profiles.iter().sum());
    tiles.push(tile(text.say("run.profiles-deleted"), text.number(profiles), of_profiles, "c-deleted"));
    tiles
}

/// Valid memberships before and after the run. What starts later was not valid before, so it counts on neither side.
fn valid(tally: &LibraryTally) -> BeforeAfter {
    BeforeAfter { before: tally.valid_before, after: tally.stay_valid() }
}

fn where_it_hits(report: &RunReport, text: &Text) -> Section {
    let bars = library_bars(report.libraries.iter().map(|(library, tally)| (library, valid(tally))), text);
    let figure = before_after(text.say("run.valid-by-library"), text.say("column.library"), bars, text);
    Section {
        id: "where",
        title: text.say("run.where-title").to_owned(),
        lead: text.say("run.where-lead").to_owned(),
        parts: vec![Part::Figure(figure)],
    }
}

fn outcomes(report: &RunReport, total: &LibraryTally, text: &Text) -> Section {
    let share = |word: &str, count: u64, class| Share { label: text.word(word).to_owned(), count, class };
    let mut memberships = Vec::new();
    for &outcome in MembershipOutcome::ALL {
        let (count, class) = (total.memberships(outcome), membership_class(outcome));
        match outcome {
            MembershipOutcome::Valid => {
                memberships.push(share(outcome.as_str(), count - total.starts_later, class));
                let label = text.say("run.starts-later").to_owned();
                memberships.push(Share { label, count: total.starts_later, class });
            }
            MembershipOutcome::Renewed | MembershipOutcome::Deregistered => {
                memberships.push(share(outcome.as_str(), count, class));
            }
            MembershipOutcome::Expired => {
                memberships.extend(Expired::ALL.iter().zip(total.expired).map(|(cause, count)| {
                    let label = format!("{}, {}", text.word(outcome.as_str()), text.reason(cause.as_str()));
                    Share { label, count, class }
                }));
            }
        }
    }
    let records = RecordOutcome::shown(|outcome| total.records(outcome))
        .into_iter()
        .map(|outcome| share(outcome.as_str(), total.records(outcome), record_class(outcome)));
    let profiles = ProfileOutcome::ALL.iter().zip(report.profiles).map(|(outcome, count)| {
        let class = match outcome {
            ProfileOutcome::Kept => "c-kept",
            ProfileOutcome::Deleted => "c-deleted",
        };
        share(outcome.as_str(), count, class)
    });
    let parts = [
        outcome_shares("run.memberships", &memberships, text),
        outcome_shares("run.records", &records.collect::<Vec<_>>(), text),
        outcome_shares("run.profiles", &profiles.collect::<Vec<_>>(), text),
    ];
    Section {
        id: "outcomes",
        title: text.say("run.outcomes-title").to_owned(),
        lead: String::new(),
        parts: parts.into_iter().map(Part::Figure).collect(),
    }
}

fn outcome_shares(title: &str, of: &[Share], text: &Text) -> Figure {
    let all = of.iter().map(|share| share.count).sum();
    let title = format!("{}: {}", text.say(title), text.number(all));
    let legend = of.iter().map(|Share { label, count, class }| Legend {
        class,
        label: format!("{label} {} ({})", text.number(*count), text.percent(*count, all)),
    });
    let row = |Share { label, count, .. }: &Share| {
        vec![Cell::text(label), Cell::number(*count, text), Cell::percent(*count, all, text)]
    };
    Figure {
        legend: legend.collect(),
        drawing: shares(&title, of, text),
        table: Table {
            caption: title.clone(),
            columns: vec![
                Column::text(text.say("column.outcome")),
                Column::number(text.say("column.number")),
                Column::number(text.say("column.share")),
            ],
            rows: of.iter().map(row).collect(),
            total: None,
        },
        title,
    }
}

fn table(report: &RunReport, total: &LibraryTally, text: &Text) -> Section {
    let (memberships, records) = (text.say("run.memberships"), text.say("run.records"));
    let mut columns = vec![
        Column::text(text.say("column.library")),
        Column::number(text.say("run.valid-before")).under(memberships),
        Column::number(text.word("deregistered")).under(memberships),
        Column::number(text.say("column.share")).under(memberships),
        Column::number(text.word("renewed")).under(memberships),
        Column::number(text.say("run.starts-later")).under(memberships),
        Column::number(text.word("expired")).under(memberships),
    ];
    let of_records = RecordOutcome::shown(|outcome| total.records(outcome));
    columns.extend(of_records.iter().map(|outcome| Column::number(text.word(outcome.as_str())).under(records)));
    let row = |first: Cell, tally: &LibraryTally| {
        let deregistered = tally.memberships(MembershipOutcome::Deregistered);
        let mut row = vec![
            first,
            Cell::number(tally.valid_before, text),
            Cell::number(deregistered, text),
            Cell::percent(deregistered, tally.valid_before, text),
            Cell::number(tally.memberships(MembershipOutcome::Renewed), text),
            Cell::number(tally.starts_later, text),
            Cell::number(tally.memberships(MembershipOutcome::Expired), text),
        ];
        row.extend(of_records.iter().map(|&outcome| Cell::number(tally.records(outcome), text)));
        row
    };
    let title = text.say("run.libraries-title").to_owned();
    let table = Table {
        caption: title.clone(),
        columns,
        rows: report.libraries.iter().map(|(library, tally)| row(library_cell(library, text), tally)).collect(),
        total: Some(row(Cell::text(text.say("page.all-libraries")), total)),
    };
    Section { id: "libraries", title, lead: text.say("run.libraries-lead").to_owned(), parts: vec![Part::Table(table)] }
}

fn patrons(changes: &[Change], text: &Text) -> Section {
    let rows = changes
        .iter()
        .map(|Change { patron, library, what }| {
            let (word, subscription, last_activity) = match what {
                Changed::Deregistered { subscription, last_activity } => {
                    ("deregistered", subscription.as_str(), *last_activity)
                }
                Changed::Record(outcome) => (outcome.as_str(), "", None),
            };
            vec![
                Cell::text(patron),
                Cell::text(library),
                Cell::text(text.word(word)),
                Cell::text(subscription),
                Cell::day(last_activity),
            ]
        })
        .collect();
    let title = text.say("run.patrons-title").to_owned();
    let columns = ["column.patron", "column.library", "column.outcome", "column.subscription", "column.last-activity"];
    let columns = columns.map(|key| Column::text(text.say(key))).into();
    let table = Table { caption: title.clone(), columns, rows, total: None };
    let is_review = |change: &Change| change.what == Changed::Record(RecordOutcome::Review);
    let lead = if changes.iter().any(is_review) { "run.patrons-lead-review" } else { "run.patrons-lead" };
    Section { id: "patrons", title, lead: text.say(lead).to_owned(), parts: vec![Part::Table(table)] }
}
