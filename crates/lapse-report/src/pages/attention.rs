//! The section of what needs attention: first the guards that trip, by cause, then everything else that a run should be looked
//! at for, in the order in which it matters.

use std::collections::BTreeSet;

use lapse_engine::guards::{Cause, Guard, Place, RowsBefore, RowsOf, Trip, What, by_cause};

use super::name;
use crate::data::{Attention, Library, Missing};
use crate::page::{Note, Part, Section};
use crate::text::Text;

/// How many places one cause lists.
const MOST_PLACES: usize = 8;

/// The section.
pub(super) fn attention(
    trips: &[Trip],
    attention: &[Attention],
    missing: &[Missing],
    libraries: &[&Library],
    text: &Text,
) -> Section {
    let mut notes = Vec::new();
    let (answered, open): (Vec<_>, Vec<_>) = by_cause(trips).into_iter().partition(Cause::is_answered);
    for (key, causes, urgent) in [("guard", open, true), ("guard-answered", answered, false)] {
        if !causes.is_empty() {
            let items = causes.iter().map(|cause| guard(cause, libraries, text)).collect();
            notes.push(Note { text: text.count(key, causes.len() as u64), items, urgent });
        }
    }
    let mut of_lists = Lists::default();
    let mut blocks = BTreeSet::new();
    for item in attention {
        match item {
            Attention::AccountsUnknown { columns, records } => {
                let columns = columns.join(", ");
                let records = text.count("record", *records);
                let said = text.fill("attention.accounts-unknown", &[("columns", &columns), ("records", &records)]);
                notes.push(Note { text: said, items: Vec::new(), urgent: true });
            }
            Attention::ActivityUnknown { memberships } => {
                let memberships = text.count("membership", *memberships);
                let said = text.fill("attention.activity-unknown", &[("memberships", &memberships)]);
                notes.push(Note { text: said, items: Vec::new(), urgent: true });
            }
            Attention::FactUnknown { fact, table, column, records, memberships } => {
                let lacks = match column {
                    Some(column) => text.fill("attention.lacks-column", &[("table", table), ("column", column)]),
                    None => text.fill("attention.lacks-rows", &[("table", table)]),
                };
                let holds = match (records, memberships) {
                    (0, 0) => text.say("attention.fact-holds-nobody").to_owned(),
                    (records, 0) => {
                        text.fill("attention.fact-holds-records", &[("records", &text.count("record", *records))])
                    }
                    (0, memberships) => {
                        let memberships = text.count("membership", *memberships);
                        text.fill("attention.fact-holds-memberships", &[("memberships", &memberships)])
                    }
                    (records, memberships) => {
                        let [records, memberships] =
                            [text.count("record", *records), text.count("membership", *memberships)];
                        text.fill("attention.fact-holds", &[("records", &records), ("memberships", &memberships)])
                    }
                };
                let said = text.fill("attention.fact-unknown", &[("fact", fact), ("lacks", &lacks), ("holds", &holds)]);
                notes.push(Note { text: said, items: Vec::new(), urgent: true });
            }
            Attention::OfNobody { table, rows } => of_lists.add("of-nobody", table, *rows, None, text),
            Attention::Rejected { table, rows } => of_lists.add("rejected", table, *rows, None, text),
            Attention::NoPolicy { library, subscription, memberships, near } => {
                of_lists.add("unknown", &format!("{library}, {subscription}"), *memberships, near.as_deref(), text);
            }
            Attention::UnknownLibrary { table, library, rows, near } => {
                of_lists.add("unknown-library", &format!("{table}, {library}"), *rows, near.as_deref(), text);
            }
            Attention::UnknownSource { source, rows, near } => {
                of_lists.add("unknown-source", source, *rows, near.as_deref(), text);
            }
            Attention::UnknownBlock { library, kind, rows, near } => {
                of_lists.add("unknown-block", &format!("{library}, {kind}"), *rows, near.as_deref(), text);
                blocks.insert(kind);
            }
            Attention::Repeated(rows) => of_lists.count("repeated", *rows),
            Attention::ManyTerms(rows) => of_lists.count("many-terms", *rows),
            Attention::ActivityLooksEmpty(rows) => of_lists.count("activity-looks-empty", *rows),
            Attention::StartsLookEmpty(rows) => of_lists.count("starts-look-empty", *rows),
            Attention::ActivityAfterRun(rows) => of_lists.count("activity-after-run", *rows),
            Attention::ProfilesAfterRun(rows) => of_lists.count("profiles-after-run", *rows),
            Attention::SettledAfterRun(rows) => of_lists.count("settled-after-run", *rows),
        }
    }
    notes.extend(of_lists.0.into_iter().map(|List { key, rows, items }| {
        // An account may have several unknown kinds of block, so that their accounts do not add up.
        let number = if key == "unknown-block" { blocks.len() as u64 } else { rows };
        Note { text: text.count(key, number), items, urgent: false }
    }));
    notes.extend(missing.iter().map(|what| Note { text: left_out(what, text), items: Vec::new(), urgent: false }));
    let (lead, parts) = if notes.is_empty() {
        (text.say("attention.nothing").to_owned(), Vec::new())
    } else {
        (String::new(), vec![Part::Notes(notes)])
    };
    Section { id: "attention", title: text.say("attention.title").to_owned(), lead, parts }
}

/// What an extract leaves out, in a sentence.
fn left_out(what: &Missing, text: &Text) -> String {
    match what {
        Missing::Table(table) => text.say(&format!("without.{table}")).to_owned(),
        Missing::NearColumn { file, column, near } => {
            text.fill("attention.near-column", &[("file", file), ("column", column), ("near", near)])
        }
        Missing::Columns { file, columns } => {
            text.fill("attention.no-columns", &[("file", file), ("columns", &columns.join(", "))])
        }
        Missing::UnreadFile { name, table } => text.fill("attention.unread-file", &[("name", name), ("table", table)]),
    }
}

/// What the headline of a page says of guards that trip and that nobody answered for.
pub(super) fn headline(trips: &[Trip], text: &Text) -> Option<String> {
    let open = by_cause(trips).into_iter().filter(|cause| !cause.is_answered());
    let causes: Vec<&str> = open.map(|cause| text.say(headline_key(cause.guard))).collect();
    let mut named: Vec<&str> = Vec::new();
    for cause in &causes {
        if !named.contains(cause) {
            named.push(cause);
        }
    }
    let number = text.count("guard-headline", causes.len() as u64);
    (!causes.is_empty()).then(|| text.fill("guard.headline", &[("guards", &number), ("causes", &named.join(", "))]))
}

/// What comes first where the newest date of the extract lies long before the run that is asked for: the answer means nothing.
pub(super) fn old_extract(trips: &[Trip], text: &Text) -> Option<String> {
    trips.iter().find_map(|trip| match &trip.what {
        What::NewestDate { newest, days } => {
            let days = text.count("day", days.unsigned_abs());
            Some(text.fill("attention.old-extract", &[("day", &text.day(*newest)), ("days", &days)]))
        }
        _ => None,
    })
}

const fn headline_key(guard: Guard) -> &'static str {
    match guard {
        Guard::Deregistered => "guard.headline-deregistered",
        Guard::Removed => "guard.headline-removed",
        Guard::SourceAge => "guard.headline-source-age",
        Guard::NewestDate => "guard.headline-newest-date",
        Guard::Unmatched => "guard.headline-unmatched",
        Guard::Rejected => "guard.headline-rejected",
        Guard::Profiles => "guard.headline-profiles",
        Guard::EmptyTable => "guard.headline-empty-table",
        Guard::RowsFallen => "guard.headline-rows-fallen",
    }
}

/// Notes with a count and maybe a list of where, each kind once, in the order in which they first come.
#[derive(Default)]
struct Lists(Vec<List>);

struct List {
    /// The key of its sentence.
    key: &'static str,
    rows: u64,
    items: Vec<String>,
}

impl Lists {
    fn count(&mut self, key: &'static str, rows: u64) {
        self.0.push(List { key, rows, items: Vec::new() });
    }

    /// Adds rows at a place to those of their kind, with the code that may be meant.
    fn add(&mut self, key: &'static str, place: &str, rows: u64, near: Option<&str>, text: &Text) {
        let meant = near.map(|near| format!("; {}", text.fill("attention.near", &[("near", &near)])));
        let item = format!("{place}: {}{}", text.number(rows), meant.unwrap_or_default());
        match self.0.iter_mut().find(|list| list.key == key) {
            Some(list) => {
                list.rows += rows;
                list.items.push(item);
            }
            None => self.0.push(List { key, rows, items: vec![item] }),
        }
    }
}

/// One cause for which a guard trips, in a sentence, with the places.
fn guard(cause: &Cause<'_>, libraries: &[&Library], text: &Text) -> String {
    let is_source = cause.guard == Guard::SourceAge;
    // Where a source went silent it says the same everywhere, so that the first place stands for the others.
    let each = cause.trips.iter().enumerate().map(|(index, trip)| match index {
        1.. if is_source => place_name(&trip.place, libraries, text).to_owned(),
        _ => format!("{}: {}", place_name(&trip.place, libraries, text), found(&trip.what, text)),
    });
    let mut places: Vec<String> = each.collect();
    if places.len() > MOST_PLACES {
        let more = places.len() - MOST_PLACES;
        places.truncate(MOST_PLACES);
        places.push(text.count("more", more as u64));
    }
    let mut said = places.join("; ");
    if is_source {
        said = format!("{said}; {}", text.count("rests", cause.rests()));
    }
    let mut limits: Vec<u32> = cause.trips.iter().filter_map(|trip| Some(trip.limit.as_ref()?.value)).collect();
    limits.dedup();
    if limits.is_empty() {
        return said;
    }
    let limits = limits.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    format!("{said} ({})", text.fill("guard.limit", &[("key", &cause.guard.as_str()), ("limit", &limits)]))
}

fn place_name<'a>(place: &'a Place, libraries: &[&'a Library], text: &'a Text) -> &'a str {
    match place {
        Place::Consortium => text.say("page.consortium"),
        Place::SmallLibraries => text.say("page.small-libraries"),
        Place::Library(code) => {
            libraries.iter().find(|library| library.code == *code).map_or(code.as_str(), |library| name(library))
        }
    }
}

/// What a guard found in one place.
fn found(what: &What, text: &Text) -> String {
    let of = |key: &str, part: u64, whole: u64| {
        text.fill(
            key,
            &[("part", &text.number(part)), ("whole", &text.number(whole)), ("percent", &text.percent(part, whole))],
        )
    };
    let of_table = |key: &str, table: &str, part: u64, whole: u64| {
        text.fill(
            key,
            &[
                ("table", &table),
                ("part", &text.number(part)),
                ("whole", &text.number(whole)),
                ("percent", &text.percent(part, whole)),
            ],
        )
    };
    match what {
        What::Deregistered { deregistered, valid_before } => of("guard.deregistered", *deregistered, *valid_before),
        What::Removed { removed, records } => of("guard.removed", *removed, *records),
        What::Profiles { deleted, profiles } => of("guard.profiles", *deleted, *profiles),
        What::SourceAge { source, newest: Some(newest), days, rests: _ } => text.fill(
            "guard.source-age",
            &[
                ("source", source),
                ("day", &text.day(*newest)),
                ("days", &text.count("day", days.unwrap_or_default().unsigned_abs())),
            ],
        ),
        What::SourceAge { source, newest: None, .. } => text.fill("guard.no-source", &[("source", source)]),
        What::NewestDate { newest, days } => text.fill(
            "guard.newest-date",
            &[("day", &text.day(*newest)), ("days", &text.count("day", days.unsigned_abs()))],
        ),
        What::Unmatched { table, rows, of } => of_table("guard.unmatched", table, *rows, *of),
        What::Rejected { table, rows, of } => of_table("guard.rejected", table, *rows, *of),
        What::EmptyTable { table, patrons } => {
            text.fill("guard.empty-table", &[("table", table), ("patrons", &text.count("patron", *patrons))])
        }
        What::RowsFallen(RowsBefore { table, of, before, now }) => {
            let of = match of {
                RowsOf::Table => String::new(),
                RowsOf::Library(of) | RowsOf::Source(of) => format!(" ({of})"),
            };
            of_table("guard.rows-fallen", &format!("{table}{of}"), *now, *before)
        }
    }
}
