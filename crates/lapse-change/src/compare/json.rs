//! A comparison for programs.

use lapse_policy::Day;
use lapse_tables::Table;
use serde_json::{Map, Value as Json, json};

use super::witness::Witness;
use super::{Comparison, Difference, Value};
use lapse_cases::Outcomes;
use lapse_cases::casefile::{Facts, Row};

impl Comparison {
    /// All differences, none of them gathered with others, and all witnesses. `old` and `new` are what the policies are called.
    pub fn to_json(&self, old: &str, new: &str) -> Json {
        json!({
            "old": old,
            "new": new,
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
            "witnesses": self.witnesses.iter().map(witness).collect::<Vec<_>>(),
        })
    }
}

fn difference(difference: &Difference) -> Json {
    let Difference { library, subscription, setting, entry: _, before, after, from, until, loosens } = difference;
    json!({
        "library": library,
        "subscription": subscription,
        "setting": setting,
        "before": value(before),
        "after": value(after),
        "from": day(*from),
        "until": day(*until),
        "loosens": loosens,
    })
}

fn value(value: &Value) -> Json {
    json!({ "value": value.text, "by": value.by })
}

fn day(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn witness(witness: &Witness) -> Json {
    let Witness { libraries, subscription, date, facts, before, after, sentence } = witness;
    json!({
        "libraries": libraries,
        "subscription": subscription,
        "date": date.to_string(),
        "facts": rows(facts),
        "before": outcomes(before),
        "after": outcomes(after),
        "sentence": sentence,
    })
}

/// The rows of each table that has some.
fn rows(facts: &Facts) -> Json {
    let row = |row: &Row| -> Json {
        row.cells.iter().map(|cell| (cell.column.to_string(), cell.text.clone().into())).collect::<Map<_, _>>().into()
    };
    let tables = Table::ALL.iter().filter(|table| !facts.rows(**table).is_empty());
    let tables = tables.map(|table| (table.name().to_owned(), facts.rows(*table).iter().map(row).collect()));
    tables.collect::<Map<_, _>>().into()
}

/// The rows of the output tables.
fn outcomes(outcomes: &Outcomes) -> Json {
    let memberships = outcomes.memberships.iter().map(|row| {
        json!({
            "library": row.library,
            "subscription": row.subscription,
            "outcome": row.outcome.as_str(),
            "reason": row.reason,
            "valid_until": day(row.valid_until),
            "last_activity": day(row.last_activity),
        })
    });
    let records = outcomes.records.iter().map(|row| {
        json!({
            "library": row.library,
            "outcome": row.outcome.as_str(),
            "reasons": row.reasons,
            "pseudonymise_before": day(row.pseudonymise_before),
            "purge_finance_before": day(row.purge_finance_before),
        })
    });
    let profile =
        outcomes.profile.as_ref().map(|row| json!({ "outcome": row.outcome.as_str(), "reasons": row.reasons }));
    json!({
        "memberships": memberships.collect::<Vec<_>>(),
        "records": records.collect::<Vec<_>>(),
        "profile": profile,
    })
}
