//! Gathers from a summary what a person should look at before anybody acts on the decisions, beside the guards.

use std::collections::BTreeSet;

use lapse_engine::{AccountColumns, Attention};
use lapse_policy::{DayPolicy, Fact, nearest};
use lapse_tables::{Faults, Table};

use super::Summary;

/// What a person should look at, beside the guards: first what is not known of anybody, then rows that tell nothing, then
/// what is odd.
pub(super) fn gather(summary: &Summary, of_day: &DayPolicy) -> Vec<Attention> {
    let mut all = unknown(summary, of_day);
    let by_table = |rows: [u64; 4]| Table::ALL.iter().zip(rows).filter(|&(_, rows)| rows > 0);
    all.extend(
        by_table(summary.of_nobody).map(|(table, rows)| Attention::OfNobody { table: table.name().to_owned(), rows }),
    );
    all.extend(
        by_table(summary.holding()).map(|(table, rows)| Attention::Rejected { table: table.name().to_owned(), rows }),
    );
    all.extend(summary.no_policy().into_iter().map(|(library, subscription, memberships)| Attention::NoPolicy {
        library: library.to_owned(),
        subscription: subscription.to_owned(),
        memberships,
        near: near_policy(of_day, library, subscription),
    }));
    all.extend(codes(summary, of_day));
    let Faults {
        activity_after_run,
        profiles_after_run,
        settled_after_run,
        activity_that_looks_empty,
        starts_that_look_empty,
    } = summary.faults;
    let counts: [(u64, Counted); 7] = [
        (summary.oddities.repeated, Attention::Repeated),
        (summary.oddities.many_terms, Attention::ManyTerms),
        (activity_that_looks_empty, Attention::ActivityLooksEmpty),
        (starts_that_look_empty, Attention::StartsLookEmpty),
        (activity_after_run, Attention::ActivityAfterRun),
        (profiles_after_run, Attention::ProfilesAfterRun),
        (settled_after_run, Attention::SettledAfterRun),
    ];
    all.extend(counts.into_iter().filter(|&(count, _)| count > 0).map(|(count, what)| what(count)));
    all
}

/// What needs attention, by how many there are of it.
type Counted = fn(u64) -> Attention;

fn unknown(summary: &Summary, of_day: &DayPolicy) -> Vec<Attention> {
    let mut all = Vec::new();
    if summary.oddities.accounts_unknown > 0 {
        let needed = of_day.all_settings().flat_map(|settings| &settings.cleanup.accounts_needed.value);
        let lacking = AccountColumns::of(needed.map(String::as_str)).without(summary.told.accounts);
        let records = summary.oddities.accounts_unknown_alone;
        all.push(Attention::AccountsUnknown { columns: lacking.names().collect(), records });
    }
    if summary.oddities.activity_unknown > 0 {
        all.push(Attention::ActivityUnknown { memberships: summary.oddities.activity_unknown });
    }
    all.extend(summary.facts.attention(summary.told, of_day));
    all
}

/// The codes in the tables that the policy does not know, apart from those of memberships.
fn codes(summary: &Summary, of_day: &DayPolicy) -> Vec<Attention> {
    let mut all = Vec::new();
    let library = |code: &str| of_day.library(code);
    for table in [Table::Activity, Table::Accounts] {
        let unknown =
            summary.codes.libraries.iter().filter(|(code, rows)| rows[table as usize] > 0 && library(code).is_none());
        all.extend(unknown.map(|(code, rows)| Attention::UnknownLibrary {
            table: table.name().to_owned(),
            library: code.clone(),
            rows: rows[table as usize],
            near: near_library(of_day, code),
        }));
    }
    let counted = of_day.all_settings().flat_map(|settings| &settings.activity.sources.value);
    // What a fact names is looked at, though it counts as nobody's activity.
    let known: BTreeSet<&String> = counted.chain(of_day.facts.iter().flat_map(Fact::sources)).collect();
    let unknown = summary.codes.sources.iter().filter(|(source, _)| !known.contains(source));
    all.extend(unknown.map(|(source, &rows)| {
        let near = near(source, known.iter().copied());
        Attention::UnknownSource { source: source.clone(), rows, near }
    }));
    for ((code, kind), &rows) in &summary.codes.blocks {
        let cleanup = &of_day.settings_at(code).cleanup;
        let kinds = || cleanup.blocks.value.iter().chain(&cleanup.blocks_ignored.value);
        if !kinds().any(|known| known == kind) {
            let near = near(kind, kinds());
            all.push(Attention::UnknownBlock { library: code.clone(), kind: kind.clone(), rows, near });
        }
    }
    all
}

/// The nearest code of the policy to those of a membership that it does not know.
fn near_policy(of_day: &DayPolicy, code: &str, subscription: &str) -> Option<String> {
    match of_day.library(code) {
        Some(library) => near(subscription, library.subscriptions.iter().map(|one| &one.code)),
        None => near_library(of_day, code),
    }
}

fn near_library(of_day: &DayPolicy, code: &str) -> Option<String> {
    near(code, of_day.libraries.iter().map(|library| &library.code))
}

fn near<'p>(code: &str, known: impl Iterator<Item = &'p String>) -> Option<String> {
    nearest(code, known.map(String::as_str)).map(str::to_owned)
}
