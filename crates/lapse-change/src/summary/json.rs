//! A summary for programs: the content of `summary.json` (interface.md, "Data out").

use lapse_engine::{Expired, LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_host::PluginSpec;
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{ReadWhole, Table};
use serde_json::{Map, Value, json};

use super::{CodeRows, Summary};
use crate::attention;

impl Summary {
    /// The file `summary.json` of a run by `policy`, whose values on the run day are `of_day`. `plugins` are those that took
    /// part, each with the version that it says it has.
    pub fn to_json<'p>(
        &self,
        policy: &Policy,
        of_day: &DayPolicy,
        plugins: impl Iterator<Item = (&'p PluginSpec, &'p str)>,
    ) -> String {
        let rows = Table::ALL.iter().zip(self.rows.iter().zip(self.of_nobody)).map(|(table, (rows, of_nobody))| {
            let rows = json!({ "read": rows.read, "rejected": rows.rejected, "of_nobody": of_nobody });
            (table.name().to_owned(), rows)
        });
        let libraries = self.libraries(of_day).map(|(code, tally)| (code.to_owned(), counts(&tally)));
        let mut value = json!({
            "date": of_day.date.to_string(),
            "lapse": env!("CARGO_PKG_VERSION"),
            "policy_fingerprint": policy.fingerprint(),
            "rows": rows.collect::<Map<_, _>>(),
            "libraries": libraries.collect::<Map<_, _>>(),
            "total": counts(&self.total()),
        });
        value["total"]["profiles"] = by_word(ProfileOutcome::ALL.iter().map(|o| o.as_str()), &self.profiles);
        value["no_policy"] = self
            .no_policy()
            .into_iter()
            .map(|(library, subscription, memberships)| {
                json!({ "library": library, "subscription": subscription, "memberships": memberships })
            })
            .collect();
        value["faults"] = json!({
            "activity_after_run": self.faults.activity_after_run,
            "profiles_after_run": self.faults.profiles_after_run,
        });
        value["held"] = json!({ "patrons": self.oddities.held, "without_record": self.oddities.held_without_record });
        value["codes"] = codes(&self.codes);
        value["notes"] = self.notes().iter().map(ToString::to_string).collect();
        value["attention"] = attention::to_json(&self.attention(of_day));
        value["guards"] = attention::guards_to_json(&self.trips(of_day));
        value["consents"] = attention::consents_to_json(&self.consents);
        let compared = self.compared();
        value["compared_with"] = compared.as_ref().map(|compared| compared.date.as_str()).into();
        if let Some(compared) = compared.filter(|compared| !compared.too_few.is_empty()) {
            value["too_few_to_compare"] = compared.too_few.into();
        }
        if let Some(ReadWhole { table, file, cause }) = &self.read_whole {
            value["read_whole"] = json!({ "table": table.name(), "file": &**file, "cause": cause.as_str() });
            if let Some(line) = cause.line() {
                value["read_whole"]["line"] = line.into();
            }
        }
        let plugins: Vec<Value> = plugins
            .map(|(spec, version)| json!({ "name": spec.name, "version": version, "sha256": spec.sha256 }))
            .collect();
        if !plugins.is_empty() {
            value["plugins"] = plugins.into();
        }
        format!("{value:#}\n")
    }
}

fn codes(codes: &CodeRows) -> Value {
    let libraries = codes.libraries.iter().map(|(code, rows)| {
        let of = Table::ALL.iter().zip(rows).filter(|(table, _)| **table != Table::Patrons);
        (code.clone(), of.map(|(table, &rows)| (table.name().to_owned(), rows.into())).collect::<Map<_, _>>().into())
    });
    let blocks = codes.blocks.iter();
    json!({
        "libraries": libraries.collect::<Map<_, _>>(),
        "subscriptions": codes.subscriptions,
        "sources": codes.sources,
        "blocks": blocks
            .map(|((library, kind), rows)| json!({ "library": library, "kind": kind, "accounts": rows }))
            .collect::<Vec<_>>(),
    })
}

fn counts(tally: &LibraryTally) -> Value {
    json!({
        "valid_before": tally.valid_before,
        "starts_later": tally.starts_later,
        "expired": by_word(Expired::ALL.iter().map(|cause| cause.as_str()), &tally.expired),
        "memberships": by_word(MembershipOutcome::ALL.iter().map(|o| o.as_str()), &tally.memberships),
        "records": by_word(RecordOutcome::ALL.iter().map(|o| o.as_str()), &tally.records),
    })
}

fn by_word<'a>(words: impl Iterator<Item = &'a str>, counts: &[u64]) -> Value {
    Value::Object(words.map(str::to_owned).zip(counts.iter().map(|&count| count.into())).collect())
}
