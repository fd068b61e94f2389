//! What a run comes to, as a page on the terminal of a librarian: the outcomes at each library, then what needs attention.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::mem::discriminant;
use std::path::Path;

use lapse_change::{Compared, Summary};
use lapse_engine::guards::{Consent, TOO_FEW_BEFORE, Trip};
use lapse_engine::{Attention, Expired, LibraryTally, MembershipOutcome, Oddities, ProfileOutcome, RecordOutcome};
use lapse_policy::{DayPolicy, Policy};
use lapse_register::WholeColumn;
use lapse_tables::Reject;

use super::attention::{meant, sentence};
use super::{guards, rejects};
use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, shown, thousands};

/// How many rejects, unknown codes and guards are shown one by one.
const SHOWN: usize = 5;

/// The rows of a run that cannot be used.
#[derive(Clone, Copy)]
pub struct Rejected<'a> {
    /// Each of them.
    pub rows: &'a [Reject],
    /// The columns that are written in another form as a whole.
    pub whole: &'a [WholeColumn],
    /// The register of files, where there is one.
    pub register: Option<&'a Path>,
}

impl Rejected<'_> {
    /// A note about some of the rows, after what is told of whole columns.
    fn note(&self, what: &str, whole: &[WholeColumn], is_meant: impl Fn(&Reject) -> bool) -> String {
        let rows: Vec<&Reject> = self.rows.iter().filter(|reject| is_meant(reject)).collect();
        format!("{}{}", note(what, []), rejects::lines(&rows, whole, self.register, SHOWN))
    }
}

/// The page of a run by `policy`, whose values on the run day are `of_day`; the tables are in `out`.
pub fn to_text(summary: &Summary, policy: &Policy, of_day: &DayPolicy, rejected: Rejected<'_>, out: &Path) -> String {
    let mut text = String::new();
    let name = &of_day.consortium.name.value;
    let patrons = count(summary.patrons, "patron", "patrons");
    let _ = writeln!(text, "\n{STRONG}{name}, run of {}{STRONG:#}: {patrons}\n", of_day.date);
    guards_text(&summary.trips(of_day), &summary.consents, &mut text);
    libraries_text(summary, of_day, &mut text);
    attention_text(summary, of_day, rejected, &mut text);
    let _ = writeln!(text, "\n{FAINT}{}{FAINT:#}", compared(summary.compared()));
    let _ = writeln!(
        text,
        "{FAINT}Policy {:.12}. Every decision with its reason: {}{FAINT:#}",
        policy.fingerprint(),
        out.display()
    );
    text
}

/// Whether rows were compared with those of an earlier run, and which tables had too few for that.
fn compared(compared: Option<Compared>) -> String {
    let Some(Compared { date, any, too_few }) = compared else {
        return "The rows were not compared with those of an earlier run: --before names one.".to_owned();
    };
    let too_few = too_few.join(", ");
    match (any, too_few.is_empty()) {
        (true, true) => format!("The rows were compared with those of the run of {date}."),
        (true, false) => format!(
            "The rows were compared with those of the run of {date}, but for tables that were too small to compare, with fewer \
             than {TOO_FEW_BEFORE} rows then: {too_few}."
        ),
        (false, _) => format!(
            "No rows were compared with those of the run of {date}: the tables were too small to compare, with fewer than \
             {TOO_FEW_BEFORE} rows then."
        ),
    }
}

fn libraries_text(summary: &Summary, of_day: &DayPolicy, text: &mut String) {
    let total = summary.total();
    let of_records = RecordOutcome::shown(|outcome| total.records(outcome));
    let mut header = vec!["library", "valid", "renewed", "deregistered", "expired", "| kept"];
    header.extend(of_records[1..].iter().map(|outcome| outcome.as_str()));
    let mut table = TextTable::new(&header);
    let mut row = |name: &str, tally: &LibraryTally| {
        let memberships = MembershipOutcome::ALL.iter().map(|&outcome| match outcome {
            MembershipOutcome::Valid => tally.memberships(outcome) - tally.starts_later,
            MembershipOutcome::Renewed | MembershipOutcome::Deregistered | MembershipOutcome::Expired => {
                tally.memberships(outcome)
            }
        });
        let counts = memberships.chain(of_records.iter().map(|&outcome| tally.records(outcome)));
        table.row(std::iter::once(name.to_owned()).chain(counts.map(thousands)).collect());
    };
    let known = of_day.libraries.len();
    let mut shown = 0;
    for (index, (code, tally)) in summary.libraries(of_day).enumerate() {
        if index < known {
            row(code, &tally);
        } else {
            row(&format!("{code} (no policy)"), &tally);
        }
        shown += 1;
    }
    if shown != 1 {
        row("all", &total);
    }
    let _ = writeln!(text, "{FAINT}  {:<24}memberships after the run, then records{FAINT:#}", "");
    text.push_str(&table.render(2));
    let _ = writeln!(
        text,
        "\n  {}: {} stay valid, {} deregistered; {} more start later",
        count(total.valid_before, "membership was valid before the run", "memberships were valid before the run"),
        thousands(total.stay_valid()),
        thousands(total.memberships(MembershipOutcome::Deregistered)),
        thousands(total.starts_later)
    );
    let [earlier, not_renewed, succeeded, no_policy] =
        Expired::ALL.map(|cause| thousands(total.expired[cause as usize]));
    let _ = writeln!(
        text,
        "  Expired: {earlier} ended earlier, {not_renewed} not renewed, {succeeded} succeeded, {no_policy} without policy"
    );
    let profile = |outcome: ProfileOutcome| thousands(summary.profiles[outcome as usize]);
    let _ = writeln!(
        text,
        "  Mijn Bibliotheek profiles: {} kept, {} deleted",
        profile(ProfileOutcome::Kept),
        profile(ProfileOutcome::Deleted)
    );
    let review = total.records(RecordOutcome::Review);
    if review > 0 {
        let _ = writeln!(text, "  For a person to look at: {}", count(review, "record", "records"));
    }
}

/// The guards that trip, before anything else: nobody should act on the run before a person has looked.
fn guards_text(trips: &[Trip], consents: &[Consent], text: &mut String) {
    let [open, answered] = guards::lines(trips);
    let heading = |causes: &[String]| count(causes.len() as u64, "guard trips", "guards trip");
    if !open.is_empty() {
        let _ = writeln!(text, "{WARNING}{}: look at this before you act on the run{WARNING:#}", heading(&open));
        for line in &open {
            let _ = writeln!(text, "  {}", shown(line));
        }
        let how = guards::what_answers(trips);
        let _ = writeln!(text, "  {FAINT}once a person has looked, this answers for it: {how}{FAINT:#}\n");
    }
    if !answered.is_empty() {
        let it = if answered.len() == 1 { "it" } else { "them" };
        let _ = writeln!(text, "{}, and --consent answered for {it}", heading(&answered));
        for line in &answered {
            let _ = writeln!(text, "  {}", shown(line));
        }
        text.push('\n');
    }
    for consent in consents.iter().filter(|consent| !trips.iter().any(|trip| consent.answers(trip))) {
        let _ = writeln!(text, "--consent {consent} answers for nothing: no such guard trips\n");
    }
}

/// A note for each kind of thing to look at, what matters most first; several of one kind stand below one line.
fn attention_text(summary: &Summary, of_day: &DayPolicy, rejected: Rejected<'_>, text: &mut String) {
    let attention = summary.attention(of_day);
    let mut notes = Vec::new();
    let kinds = attention
        .chunk_by(|one, next| discriminant(one) == discriminant(next) && !matches!(one, Attention::FactUnknown { .. }));
    for same in kinds {
        notes.push(match &same[0] {
            Attention::OfNobody { .. } => {
                let what = count(
                    rows(same),
                    "row belongs to no patron and holds nobody",
                    "rows belong to no patron and hold nobody",
                );
                rejected.note(&format!("{what} (rejects.csv)"), &[], |reject| reject.of_nobody)
            }
            Attention::Rejected { .. } => {
                let what = count(
                    rows(same),
                    "row was rejected and its patron held",
                    "rows were rejected and their patrons held",
                );
                let what = format!("{what} (rejects.csv){}", held(rows(same), summary.oddities));
                rejected.note(&what, rejected.whole, |reject| !reject.of_nobody)
            }
            Attention::NoPolicy { .. } => {
                let what = count(rows(same), "membership has no policy", "memberships have no policy");
                note(&what, same.iter().map(code))
            }
            Attention::UnknownLibrary { .. } => {
                let what = count(rows(same), "row names a library", "rows name libraries");
                note(&format!("{what} that the policy does not have"), same.iter().map(code))
            }
            Attention::UnknownSource { .. } => {
                let what = count(rows(same), "row of activity is of a source", "rows of activity are of sources");
                note(&format!("{what} that no policy counts"), same.iter().map(code))
            }
            Attention::UnknownBlock { .. } => {
                let what = count(kinds_of_block(same), "kind of block is", "kinds of block are");
                let lists = "in neither `cleanup.blocks` nor `cleanup.blocks_ignored`, which holds the record";
                note(&format!("{what} {lists}; accounts that have it:"), same.iter().map(code))
            }
            Attention::AccountsUnknown { .. }
            | Attention::ActivityUnknown { .. }
            | Attention::FactUnknown { .. }
            | Attention::Repeated(_)
            | Attention::ManyTerms(_)
            | Attention::ActivityLooksEmpty(_)
            | Attention::StartsLookEmpty(_)
            | Attention::ActivityAfterRun(_)
            | Attention::ProfilesAfterRun(_)
            | Attention::SettledAfterRun(_) => note(&sentence(&same[0]), []),
        });
    }
    notes.extend(summary.notes().iter().map(|what| note(&shown(&what.to_string()), [])));
    if notes.is_empty() {
        if summary.trips(of_day).is_empty() {
            let _ = writeln!(text, "\n  {GOOD}Nothing needs attention.{GOOD:#}");
        }
        return;
    }
    let _ = writeln!(text, "\n{WARNING}Needs attention{WARNING:#}");
    for note in &notes {
        text.push_str(note);
    }
}

/// How many patrons these rejected rows hold, on a line of its own; empty where each row holds a patron whose record says so.
fn held(rows: u64, Oddities { held, held_without_record, .. }: Oddities) -> String {
    let patrons = count(held, "patron is held", "patrons are held");
    match held_without_record {
        0 if held == rows => String::new(),
        0 => format!("\n    {patrons}"),
        without => format!("\n    {patrons}, {} of them without a record", thousands(without)),
    }
}

/// The rows that several of one kind are about.
fn rows(same: &[Attention]) -> u64 {
    let of = |what: &Attention| match what {
        Attention::OfNobody { rows, .. }
        | Attention::Rejected { rows, .. }
        | Attention::UnknownLibrary { rows, .. }
        | Attention::UnknownSource { rows, .. } => *rows,
        Attention::NoPolicy { memberships, .. } => *memberships,
        _ => 0,
    };
    same.iter().map(of).sum()
}

/// How many kinds of block several unknown ones at libraries are. An account may have more than one of them.
fn kinds_of_block(same: &[Attention]) -> u64 {
    let kind = |what: &Attention| match what {
        Attention::UnknownBlock { kind, .. } => Some(kind.clone()),
        _ => None,
    };
    same.iter().filter_map(kind).collect::<BTreeSet<_>>().len() as u64
}

/// A code that the policy does not know, with where it stands and how often.
fn code(what: &Attention) -> String {
    match what {
        Attention::NoPolicy { library, subscription, memberships, near } => {
            format!("{subscription} at {library}: {}{}", thousands(*memberships), meant(near.as_deref()))
        }
        Attention::UnknownLibrary { table, library, rows, near } => {
            format!("{library} in {table}: {}{}", thousands(*rows), meant(near.as_deref()))
        }
        Attention::UnknownSource { source, rows, near } => {
            format!("{source}: {}{}", thousands(*rows), meant(near.as_deref()))
        }
        Attention::UnknownBlock { library, kind, rows, near } => {
            format!("{kind} at {library}: {}{}", thousands(*rows), meant(near.as_deref()))
        }
        other => sentence(other),
    }
}

/// A line that says what, and below it the first of the places.
fn note(what: &str, lines: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("  {what}\n");
    let mut lines = lines.into_iter();
    for line in lines.by_ref().take(SHOWN) {
        let _ = writeln!(text, "    {}", shown(&line));
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(text, "    {FAINT}and {more} more{FAINT:#}");
    }
    text
}
