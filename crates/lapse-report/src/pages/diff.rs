//! The page of a change of policy: whom it hits, by age, category and library, and how the outcomes move.

use lapse_engine::{MembershipOutcome, ProfileOutcome, RecordOutcome, moved};

use super::attention::{self, attention};
use super::{
    before_after, by_change, category_name, explained, library_bars, library_cell, membership_class, name,
    profile_class, record_class, tile,
};
use crate::chart::{Bar, Stage, flow};
use crate::data::{AgeBand, BeforeAfter, DiffReport, Loosening, Moved, MovedWhat, Moves, Why};
use crate::page::{Cell, Column, Figure, Legend, Page, Part, Section, Table, Tile};
use crate::text::Text;

/// The page of `report`.
pub(crate) fn page<'a>(report: &'a DiffReport, text: &'a Text) -> Page<'a> {
    let total = report.total();
    let libraries: Vec<_> = report.libraries.iter().map(|(library, _)| library).collect();
    let mut sections = vec![
        whom(report, text),
        flows(&total, &report.profiles, text),
        libraries_table(report, &total, text),
        subscriptions_table(report, text),
    ];
    sections.extend((!report.loosens.is_empty()).then(|| loosens(&report.loosens, text)));
    // The answer comes first, unless a guard says that it may be wrong.
    let place = if report.trips.is_empty() { sections.len() } else { 0 };
    sections.insert(place, attention(&report.trips, &report.attention, &[], &libraries, text));
    sections.extend(report.moved.as_ref().map(|moved| patrons(moved, text)));
    Page {
        text,
        head: &report.head,
        title: text.fill("diff.title", &[("date", &text.day(report.head.date))]),
        headline: headline(report, &total, text),
        tiles: tiles(&total, &report.profiles, text),
        sections,
        personal: report.moved.is_some(),
        words: explained(
            &["active", "deregistered", "expired", "kept", "archived", "deleted", "profile", "guard"],
            |outcome| either(&total, outcome),
        ),
    }
}

fn headline(report: &DiffReport, total: &Moves, text: &Text) -> Vec<String> {
    let mut sentences: Vec<String> = attention::old_extract(&report.trips, text).into_iter().collect();
    let profiles = moved(&report.profiles);
    let has_moves = total.moved_memberships() + total.moved_records() > 0;
    if !has_moves && profiles == 0 {
        sentences.push(text.fill("diff.nothing", &[("patrons", &text.count("patron", report.patrons))]));
        return sentences;
    }
    let BeforeAfter { before, after } = total.active();
    let key = match after.cmp(&before) {
        std::cmp::Ordering::Less => "diff.fewer",
        std::cmp::Ordering::Equal => "diff.as-many",
        std::cmp::Ordering::Greater => "diff.more",
    };
    let active = text.fill(
        key,
        &[
            ("difference", &text.number(before.abs_diff(after))),
            ("percent", &text.percent(before.abs_diff(after), before)),
            ("before", &text.count("active-membership", before)),
            ("after", &text.number(after)),
        ],
    );
    let key = if total.moved_records() == 0 { "diff.moves-memberships" } else { "diff.moves" };
    let moves = text.fill(
        key,
        &[
            ("memberships", &text.count("membership", total.moved_memberships())),
            ("n", &text.number(total.moved_memberships())),
            ("records", &text.count("record", total.moved_records())),
        ],
    );
    sentences.push(active);
    sentences.extend(loses_most(report, text));
    sentences.extend(has_moves.then_some(moves));
    sentences.extend((profiles > 0).then(|| text.fill("diff.moves-profiles", &[("n", &text.number(profiles))])));
    sentences
}

/// Where most memberships are lost: the category and the library.
fn loses_most(report: &DiffReport, text: &Text) -> Option<String> {
    let fewer = |count: BeforeAfter| count.before.saturating_sub(count.after);
    let categories = by_change(report.categories.iter().map(|(category, moves)| (category, moves.active())));
    let libraries = by_change(report.libraries.iter().map(|(library, moves)| (library, moves.active())));
    let (category, of_category) = categories.into_iter().find(|(_, count)| fewer(*count) > 0)?;
    let (library, of_library) = libraries.into_iter().find(|(_, count)| fewer(*count) > 0)?;
    let percent = |count: BeforeAfter| text.percent(fewer(count), count.before);
    Some(text.fill(
        "diff.most",
        &[
            ("category", &category_name(category.as_deref(), text)),
            ("in-category", &text.number(fewer(of_category))),
            ("category-percent", &percent(of_category)),
            ("library", &name(library)),
            ("in-library", &text.number(fewer(of_library))),
            ("library-percent", &percent(of_library)),
        ],
    ))
}

fn tiles(total: &Moves, profiles: &[[u64; 2]; 2], text: &Text) -> Vec<Tile> {
    let of = |label: &str, count: BeforeAfter, class| {
        let note = if count.before == count.after {
            text.say("diff.as-before").to_owned()
        } else {
            let difference = text.difference(count.before, count.after);
            text.fill("diff.instead-of", &[("before", &text.number(count.before)), ("difference", &difference)])
        };
        tile(label, text.number(count.after), note, class)
    };
    let mut tiles = vec![
        of(text.say("diff.active"), total.active(), "c-valid"),
        of(text.say("run.deregistered"), total.memberships(MembershipOutcome::Deregistered), "c-deregistered"),
    ];
    let shown = RecordOutcome::shown(|outcome| either(total, outcome));
    tiles.extend(
        shown
            .into_iter()
            .filter(|&outcome| outcome != RecordOutcome::Kept)
            .map(|outcome| of(text.say(&format!("run.{outcome}")), total.records(outcome), record_class(outcome))),
    );
    let deleted = BeforeAfter::of(profiles, ProfileOutcome::Deleted as usize);
    tiles.push(of(text.say("run.profiles-deleted"), deleted, "c-deleted"));
    tiles
}

/// The records with an outcome by either policy.
fn either(total: &Moves, outcome: RecordOutcome) -> u64 {
    let BeforeAfter { before, after } = total.records(outcome);
    before + after
}

/// Active memberships by age, category and library.
fn whom(report: &DiffReport, text: &Text) -> Section {
    let bands = AgeBand::ALL.iter().zip(&report.age_bands).map(|(&band, moves)| Bar {
        label: match band {
            AgeBand::Unknown => text.say("diff.age-unknown").to_owned(),
            AgeBand::Child | AgeBand::Teenager | AgeBand::YoungAdult | AgeBand::Adult | AgeBand::Senior => {
                text.fill("diff.age", &[("band", &band.as_str())])
            }
        },
        count: moves.active(),
    });
    let categories = by_change(report.categories.iter().map(|(category, moves)| (category, moves.active())))
        .into_iter()
        .map(|(category, count)| Bar { label: category_name(category.as_deref(), text).to_owned(), count });
    let libraries = library_bars(report.libraries.iter().map(|(library, moves)| (library, moves.active())), text);
    let figure =
        |title: &str, column: &str, bars| Part::Figure(before_after(text.say(title), text.say(column), bars, text));
    Section {
        id: "whom",
        title: text.say("diff.whom-title").to_owned(),
        lead: text.say("diff.whom-lead").to_owned(),
        parts: vec![
            figure("diff.by-age", "column.age", bands.collect()),
            figure("diff.by-category", "column.category", categories.collect()),
            figure("diff.by-library", "column.library", libraries),
        ],
    }
}

fn flows(total: &Moves, of_profiles: &[[u64; 2]; 2], text: &Text) -> Section {
    let memberships: [Stage; 4] = std::array::from_fn(|index| {
        let outcome = MembershipOutcome::ALL[index];
        Stage { label: text.word(outcome.as_str()).to_owned(), class: membership_class(outcome) }
    });
    let records: [Stage; 5] = std::array::from_fn(|index| {
        let outcome = RecordOutcome::ALL[index];
        Stage { label: text.word(outcome.as_str()).to_owned(), class: record_class(outcome) }
    });
    let profiles: [Stage; 2] = std::array::from_fn(|index| {
        let outcome = ProfileOutcome::ALL[index];
        Stage { label: text.word(outcome.as_str()).to_owned(), class: profile_class(outcome) }
    });
    let mut parts = vec![Part::Figure(flow_figure("run.memberships", &memberships, &total.memberships, text))];
    // Where none moves, the picture would only show how many there are.
    if total.moved_records() > 0 {
        parts.push(Part::Figure(flow_figure("run.records", &records, &total.records, text)));
    }
    if moved(of_profiles) > 0 {
        parts.push(Part::Figure(flow_figure("run.profiles", &profiles, of_profiles, text)));
    }
    Section {
        id: "flows",
        title: text.say("diff.flows-title").to_owned(),
        lead: text.say("diff.flows-lead").to_owned(),
        parts,
    }
}

fn flow_figure<const N: usize>(title: &str, stages: &[Stage; N], moves: &[[u64; N]; N], text: &Text) -> Figure {
    let title = text.say(title);
    let heads = [text.say("diff.old"), text.say("diff.new")];
    let mut rows = Vec::new();
    for (from, row) in stages.iter().zip(moves) {
        for (to, &count) in stages.iter().zip(row) {
            if count > 0 {
                rows.push(vec![Cell::text(&from.label), Cell::text(&to.label), Cell::number(count, text)]);
            }
        }
    }
    Figure {
        title: title.to_owned(),
        legend: vec![Legend { class: "c-stays", label: text.say("diff.stays").to_owned() }],
        drawing: flow(title, heads, stages, moves, text),
        table: Table {
            caption: title.to_owned(),
            columns: vec![Column::text(heads[0]), Column::text(heads[1]), Column::number(text.say("column.number"))],
            rows,
            total: None,
        },
    }
}

/// The columns of counts in a table of moves.
fn count_columns(text: &Text) -> Vec<Column> {
    let (active, removed) = (text.say("diff.active"), text.say("diff.removed"));
    let deregistered = text.word("deregistered");
    vec![
        Column::number(text.say("bar.before")).under(active),
        Column::number(text.say("bar.after")).under(active),
        Column::number(text.say("bar.difference")).under(active),
        Column::number(text.say("bar.before")).under(deregistered),
        Column::number(text.say("bar.after")).under(deregistered),
        Column::number(text.say("bar.before")).under(removed),
        Column::number(text.say("bar.after")).under(removed),
    ]
}

fn count_cells(moves: &Moves, text: &Text) -> Vec<Cell> {
    let active = moves.active();
    let deregistered = moves.memberships(MembershipOutcome::Deregistered);
    let removed = moves.removed();
    vec![
        Cell::number(active.before, text),
        Cell::number(active.after, text),
        Cell::difference(active.before, active.after, text),
        Cell::number(deregistered.before, text),
        Cell::number(deregistered.after, text),
        Cell::number(removed.before, text),
        Cell::number(removed.after, text),
    ]
}

fn libraries_table(report: &DiffReport, total: &Moves, text: &Text) -> Section {
    let row = |first: Cell, moves: &Moves| std::iter::once(first).chain(count_cells(moves, text)).collect();
    let title = text.say("run.libraries-title").to_owned();
    let table = Table {
        caption: title.clone(),
        columns: std::iter::once(Column::text(text.say("column.library"))).chain(count_columns(text)).collect(),
        rows: report.libraries.iter().map(|(library, moves)| row(library_cell(library, text), moves)).collect(),
        total: Some(row(Cell::text(text.say("page.all-libraries")), total)),
    };
    Section {
        id: "libraries",
        title,
        lead: text.say("diff.libraries-lead").to_owned(),
        parts: vec![Part::Table(table)],
    }
}

/// A subscription has no records, so its columns end with its memberships.
fn subscriptions_table(report: &DiffReport, text: &Text) -> Section {
    let of_memberships = count_columns(text).len() - 2;
    let mut columns = vec![Column::text(text.say("column.library")), Column::text(text.say("column.subscription"))];
    columns.extend(count_columns(text).into_iter().take(of_memberships));
    let rows = report.subscriptions.iter().map(|(library, subscription, moves)| {
        let mut row = vec![Cell::text(library), Cell::text(subscription)];
        row.extend(count_cells(moves, text).into_iter().take(of_memberships));
        row
    });
    let title = text.say("diff.subscriptions-title").to_owned();
    let table = Table { caption: title.clone(), columns, rows: rows.collect(), total: None };
    Section { id: "subscriptions", title, lead: String::new(), parts: vec![Part::Table(table)] }
}

/// What of the change lets more go than before.
fn loosens(loosens: &[Loosening], text: &Text) -> Section {
    let rows = loosens.iter().map(|Loosening { setting, before, after, places, from, until, by }| {
        let texts = [setting, before, after, places].map(Cell::text);
        texts.into_iter().chain([Cell::day(*from), Cell::day(*until), Cell::text(by)]).collect()
    });
    let title = text.say("diff.loosens-title").to_owned();
    let columns = [
        "column.setting",
        "bar.before",
        "bar.after",
        "column.where",
        "column.from",
        "column.until",
        "column.decided-by",
    ];
    let columns = columns.map(|key| Column::text(text.say(key))).into();
    let table = Table { caption: title.clone(), columns, rows: rows.collect(), total: None };
    let lead = text.say("diff.loosens-lead").to_owned();
    Section { id: "loosens", title, lead, parts: vec![Part::Table(table)] }
}

fn patrons(moved: &[Moved], text: &Text) -> Section {
    let rows = moved.iter().map(|Moved { patron, library, what, decided_by }| {
        let (subscription, old, new) = match what {
            MovedWhat::Membership { subscription, old, new } => {
                let side = |(outcome, why): &(MembershipOutcome, Why)| {
                    let why = match why {
                        Why::Rule(reason) => text.reason(reason.as_str()),
                        Why::Named(reason) => reason,
                    };
                    Cell::with_aside(text.word(outcome.as_str()), why)
                };
                (subscription.as_str(), side(old), side(new))
            }
            MovedWhat::Record { old, new } => {
                ("", Cell::text(text.word(old.as_str())), Cell::text(text.word(new.as_str())))
            }
        };
        vec![Cell::text(patron), Cell::text(library), Cell::text(subscription), old, new, Cell::text(decided_by)]
    });
    let title = text.say("diff.patrons-title").to_owned();
    let columns =
        ["column.patron", "column.library", "column.subscription", "bar.before", "bar.after", "column.decided-by"];
    let table = Table {
        caption: title.clone(),
        columns: columns.map(|key| Column::text(text.say(key))).into(),
        rows: rows.collect(),
        total: None,
    };
    Section { id: "patrons", title, lead: String::new(), parts: vec![Part::Table(table)] }
}
