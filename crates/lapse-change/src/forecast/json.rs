//! A forecast for programs: each run with the counts that `run` would give, by library and category.

use lapse_engine::{MembershipOutcome, ProfileOutcome, RecordOutcome};
use serde_json::{Map, Value, json};

use super::{Forecast, Moment, Month};
use crate::attention;

/// The name of the category of a subscription that the policy does not know.
const NO_CATEGORY: &str = "";

impl Forecast<'_> {
    /// Everything that was counted.
    pub fn to_json(&self) -> Value {
        let total = self.counts.total();
        let by_category = self.counts.by_category();
        let runs = self.runs.iter().enumerate().map(|(run, of_day)| {
            let mut all = month(&total[run]);
            all["profiles"] =
                by_word(ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str()), &self.counts.profiles[run]);
            let libraries = self.counts.libraries.iter().map(|(code, months)| {
                let mut of_library = month(&months[run]);
                let categories = self.counts.categories.iter().filter(|(library, ..)| library == code);
                let categories = categories.map(|(_, name, moments)| {
                    (name.as_deref().unwrap_or(NO_CATEGORY).to_owned(), moment(&moments[run]))
                });
                of_library["categories"] = categories.collect::<Map<_, _>>().into();
                (code.clone(), of_library)
            });
            let categories = by_category
                .iter()
                .map(|(name, (_, moments))| (name.unwrap_or(NO_CATEGORY).to_owned(), moment(&moments[run])));
            json!({
                "date": of_day.date.to_string(),
                "total": all,
                "libraries": libraries.collect::<Map<_, _>>(),
                "categories": categories.collect::<Map<_, _>>(),
            })
        });
        let amendments = self.amendments().into_iter().map(|(file, amendment)| {
            json!({ "from": amendment.from.to_string(), "reason": amendment.reason, "file": file, "line": amendment.line })
        });
        let mut value = json!({
            "from": self.request.from.to_string(),
            "lapse": env!("CARGO_PKG_VERSION"),
            "policy_fingerprint": self.policy.fingerprint(),
            "patrons": self.first_run.patrons,
            "valid_before": self.counts.valid_before.iter().sum::<u64>(),
            "assumed_activity": self.request.assumed.map(|of| json!({ "percent": of.percent, "seed": of.seed })),
            "plugins": self.plugins,
            "amendments": amendments.collect::<Vec<_>>(),
            "runs": runs.collect::<Vec<_>>(),
            "guards": attention::guards_to_json(&self.trips),
            "attention": attention::to_json(&self.first_run.attention(&self.runs[0])),
        });
        if self.request.letters.is_some() {
            value["letters"] = self.letters.len().into();
        }
        value
    }
}

fn month(month: &Month) -> Value {
    let mut value = moment(&month.of);
    value["records"] = by_word(RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()), &month.records);
    value["newly_archived"] = month.newly_archived.into();
    value
}

fn moment(moment: &Moment) -> Value {
    json!({
        "active": moment.active,
        "memberships": by_word(MembershipOutcome::ALL.iter().map(|outcome| outcome.as_str()), &moment.memberships),
        "newly_expired": moment.newly_expired,
    })
}

fn by_word<'a>(words: impl Iterator<Item = &'a str>, counts: &[u64]) -> Value {
    words.map(str::to_owned).zip(counts.iter().map(|&count| count.into())).collect::<Map<_, _>>().into()
}
