//! What a person should look at before anybody acts on a result, as JSON, for those who have no list of rejects beside it.

use lapse_engine::Attention;
use lapse_engine::guards::Trip;
use serde_json::{Value, json};

/// The object `attention` of a result.
pub fn to_json(attention: &[Attention]) -> Value {
    let mut value = json!({ "rejected": {}, "no_policy": [], "activity_after_run": 0, "profiles_after_run": 0 });
    let mut no_policy = Vec::new();
    for what in attention {
        match what {
            Attention::Rejected { table, rows } => value["rejected"][table] = (*rows).into(),
            Attention::NoPolicy { library, subscription, memberships } => {
                no_policy.push(json!({ "library": library, "subscription": subscription, "memberships": memberships }));
            }
            Attention::ActivityAfterRun(rows) => value["activity_after_run"] = (*rows).into(),
            Attention::ProfilesAfterRun(profiles) => value["profiles_after_run"] = (*profiles).into(),
        }
    }
    value["no_policy"] = no_policy.into();
    value
}

/// The list `guards` of a result: the guards that trip.
pub fn guards_to_json(trips: &[Trip]) -> Value {
    let guard = |trip: &Trip| {
        json!({
            "guard": trip.what.key(),
            "library": trip.library,
            "limit": trip.limit.value,
            "found": trip.what.to_string(),
        })
    };
    trips.iter().map(guard).collect()
}
