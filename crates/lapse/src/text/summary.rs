//! What a run comes to, as a page on the terminal of a librarian: the outcomes at each library, then what needs attention.

use std::fmt::Write as _;
use std::path::Path;

use lapse_change::{Concern, Rejects, Summary};
use lapse_engine::guards::{Consent, Trip, sentences, what_answers};
use lapse_engine::{Expired, LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_policy::{DayPolicy, Policy};
use lapse_register::WholeColumn;
use lapse_tables::Reject;

use super::rejects;
use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, shown, thousands};

/// How many rejects, unknown codes and guards are shown one by one.
const SHOWN: usize = 5;

const NOT_COMPARED: &str = "The rows were not compared with those of an earlier run: --before names one.";

const FIRST_PLAN: &str = "The rows were not compared with those of an earlier run: no plan was applied here before.";

/// The rows of a run that cannot be used.
#[derive(Clone, Copy)]
pub struct Rejected<'a> {
    /// Each of them.
    pub rows: &'a [Reject],
    /// The columns that are written in another form as a whole.
    pub whole: &'a [WholeColumn],
    /// The register of files, where there is one.
    pub register: Option<&'a Path>,
    /// They are in `rejects.csv`.
    pub are_written: bool,
}

impl Rejected<'_> {
    /// Lines about some of the rows, after what is told of whole columns.
    fn lines(&self, some: Rejects) -> String {
        let rows: Vec<&Reject> = self.rows.iter().filter(|reject| some.has(reject)).collect();
        let whole = if some == Rejects::Holding { self.whole } else { &[] };
        rejects::lines(&rows, whole, self.register, SHOWN)
    }
}

/// The page of a run by `policy`, whose values on the run day are `of_day`; the tables are in `out`, but for a plan, which
/// has none.
pub fn to_text(
    summary: &Summary,
    policy: &Policy,
    of_day: &DayPolicy,
    rejected: Rejected<'_>,
    out: Option<&Path>,
) -> String {
    let mut text = String::new();
    let name = &of_day.consortium.name.value;
    let patrons = count(summary.patrons, "patron", "patrons");
    let _ = writeln!(text, "\n{STRONG}{name}, run of {}{STRONG:#}: {patrons}\n", of_day.date);
    guards_text(&summary.trips(of_day), &summary.consents, &mut text);
    libraries_text(summary, of_day, &mut text);
    attention_text(summary, of_day, rejected, &mut text);
    let not_compared = if out.is_some() { NOT_COMPARED } else { FIRST_PLAN };
    let compared = summary.compared().map_or_else(|| not_compared.to_owned(), |compared| compared.to_string());
    let _ = writeln!(text, "\n{FAINT}{compared}{FAINT:#}");
    let decisions = out.map(|out| format!(" Every decision with its reason: {}", out.display())).unwrap_or_default();
    let _ = writeln!(text, "{FAINT}Policy {:.12}.{decisions}{FAINT:#}", policy.fingerprint());
    text
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
    let [open, answered] = sentences(trips);
    let heading = |causes: &[String]| count(causes.len() as u64, "guard trips", "guards trip");
    if !open.is_empty() {
        let _ = writeln!(text, "{WARNING}{}: look at this before you act on the run{WARNING:#}", heading(&open));
        for line in &open {
            let _ = writeln!(text, "  {}", shown(line));
        }
        let how = what_answers(trips);
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

/// A note for each kind of thing to look at; several of one kind stand below one line.
fn attention_text(summary: &Summary, of_day: &DayPolicy, rejected: Rejected<'_>, text: &mut String) {
    let concerns = summary.concerns(of_day);
    if concerns.is_empty() {
        if summary.trips(of_day).is_empty() {
            let _ = writeln!(text, "\n  {GOOD}Nothing needs attention.{GOOD:#}");
        }
        return;
    }
    let _ = writeln!(text, "\n{WARNING}Needs attention{WARNING:#}");
    for Concern { what, also, lines, rejects } in &concerns {
        // A run writes these rows down, a plan does not.
        let written = if rejects.is_some() && rejected.are_written { " (rejects.csv)" } else { "" };
        let _ = writeln!(text, "  {}{written}", shown(what));
        for line in also.iter().chain(lines.iter().take(SHOWN)) {
            let _ = writeln!(text, "    {}", shown(line));
        }
        if lines.len() > SHOWN {
            let _ = writeln!(text, "    {FAINT}and {} more{FAINT:#}", lines.len() - SHOWN);
        }
        if let Some(rejects) = rejects {
            text.push_str(&rejected.lines(*rejects));
        }
    }
}
