//! What a person should look at before anybody acts on a result, as JSON: the guards that trip by their causes, and all else
//! that a summary tells.

use lapse_engine::Attention;
use lapse_engine::guards::{Cause, Consent, Guard, Place, Subject, Trip, by_cause};
use serde_json::{Value, json};

/// The object `attention` of a result.
pub fn to_json(attention: &[Attention]) -> Value {
    let mut value = json!({
        "of_nobody": {}, "rejected": {}, "no_policy": [], "unknown_libraries": [], "unknown_sources": [],
        "unknown_blocks": [], "repeated": 0, "many_terms": 0, "activity_looks_empty": 0, "starts_look_empty": 0,
        "activity_after_run": 0, "profiles_after_run": 0, "settled_after_run": 0,
    });
    let mut push = |list: &str, mut code: Value, near: &Option<String>| {
        if let Some(near) = near {
            code["near"] = near.as_str().into();
        }
        value[list].as_array_mut().expect("a list").push(code);
    };
    let mut others = Vec::new();
    for what in attention {
        match what {
            Attention::NoPolicy { library, subscription, memberships, near } => {
                let code = json!({ "library": library, "subscription": subscription, "memberships": memberships });
                push("no_policy", code, near);
            }
            Attention::UnknownLibrary { table, library, rows, near } => {
                push("unknown_libraries", json!({ "table": table, "library": library, "rows": rows }), near);
            }
            Attention::UnknownSource { source, rows, near } => {
                push("unknown_sources", json!({ "source": source, "rows": rows }), near);
            }
            Attention::UnknownBlock { library, kind, rows, near } => {
                push("unknown_blocks", json!({ "library": library, "kind": kind, "accounts": rows }), near);
            }
            other => others.push(other),
        }
    }
    for what in others {
        match what {
            Attention::AccountsUnknown { columns, records } => {
                value["accounts_unknown"] = json!({ "columns": columns, "records": records });
            }
            Attention::ActivityUnknown { memberships } => {
                value["activity_unknown"] = json!({ "memberships": memberships });
            }
            Attention::FactUnknown { fact, table, column, records, memberships } => {
                let unknown = json!({
                    "fact": fact, "table": table, "column": column, "records": records, "memberships": memberships,
                });
                match value["facts_unknown"].as_array_mut() {
                    Some(facts) => facts.push(unknown),
                    None => value["facts_unknown"] = json!([unknown]),
                }
            }
            Attention::OfNobody { table, rows } => value["of_nobody"][table] = (*rows).into(),
            Attention::Rejected { table, rows } => value["rejected"][table] = (*rows).into(),
            Attention::Repeated(rows) => value["repeated"] = (*rows).into(),
            Attention::ManyTerms(rows) => value["many_terms"] = (*rows).into(),
            Attention::ActivityLooksEmpty(rows) => value["activity_looks_empty"] = (*rows).into(),
            Attention::StartsLookEmpty(rows) => value["starts_look_empty"] = (*rows).into(),
            Attention::ActivityAfterRun(rows) => value["activity_after_run"] = (*rows).into(),
            Attention::ProfilesAfterRun(rows) => value["profiles_after_run"] = (*rows).into(),
            Attention::SettledAfterRun(rows) => value["settled_after_run"] = (*rows).into(),
            Attention::NoPolicy { .. }
            | Attention::UnknownLibrary { .. }
            | Attention::UnknownSource { .. }
            | Attention::UnknownBlock { .. } => {}
        }
    }
    value
}

/// The list `guards` of a result: what trips, by cause, with the places where it does.
pub fn guards_to_json(trips: &[Trip]) -> Value {
    let at = |trip: &&Trip| {
        json!({
            "place": place(&trip.place),
            "library": trip.place.library(),
            "limit": trip.limit.as_ref().map(|limit| limit.value),
            "found": trip.what.to_string(),
            "answered": trip.answered,
        })
    };
    let cause = |cause: &Cause<'_>| {
        let mut value = json!({
            "guard": cause.guard.as_str(),
            "at": cause.trips.iter().map(at).collect::<Vec<_>>(),
            "answered": cause.is_answered(),
        });
        match cause.subject {
            Some(Subject::Source(source)) => {
                value["source"] = source.into();
                value["deregistrations"] = cause.rests().into();
            }
            Some(Subject::Table(table)) => value["table"] = table.into(),
            None => {}
        }
        value
    };
    by_cause(trips).iter().map(cause).collect()
}

fn place(place: &Place) -> &'static str {
    match place {
        Place::Consortium => "consortium",
        Place::SmallLibraries => "small-libraries",
        Place::Library(_) => "library",
    }
}

/// The list `consents` of a result: what a person answered for.
pub fn consents_to_json(consents: &[Consent]) -> Value {
    let consent = |consent: &Consent| json!({ "at": consent.at.as_str(), "guard": consent.guard.map(Guard::as_str) });
    consents.iter().map(consent).collect()
}
