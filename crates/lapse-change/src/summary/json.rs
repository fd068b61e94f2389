//! A summary for programs: the content of `summary.json` (interface.md, "Data out").

use lapse_engine::{LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_host::PluginSpec;
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{ReadWhole, Table};
use serde_json::{Map, Value, json};

use super::Summary;
use crate::attention::guards_to_json;

impl Summary {
    /// The file `summary.json` of a run by `policy`, whose values on the run day are `of_day`. `plugins` are those that took
    /// part, each with the version that it says it has.
    pub fn to_json<'p>(
        &self,
        policy: &Policy,
        of_day: &DayPolicy,
        plugins: impl Iterator<Item = (&'p PluginSpec, &'p str)>,
    ) -> String {
        let rows = Table::ALL
            .iter()
            .zip(self.rows)
            .map(|(table, rows)| (table.name().to_owned(), json!({ "read": rows.read, "rejected": rows.rejected })));
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
        value["notes"] = self.notes(of_day).iter().map(ToString::to_string).collect();
        value["guards"] = guards_to_json(&self.trips(of_day));
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

fn counts(tally: &LibraryTally) -> Value {
    json!({
        "memberships": by_word(MembershipOutcome::ALL.iter().map(|o| o.as_str()), &tally.memberships),
        "records": by_word(RecordOutcome::ALL.iter().map(|o| o.as_str()), &tally.records),
    })
}

fn by_word<'a>(words: impl Iterator<Item = &'a str>, counts: &[u64]) -> Value {
    Value::Object(words.map(str::to_owned).zip(counts.iter().map(|&count| count.into())).collect())
}
