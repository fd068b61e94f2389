//! The policy of a library of the sample, and codes that it does not have.
//! What people and programs read of it is tested with the program.

use lapse_policy::schema::Table;
use lapse_policy::{DayPolicy, Policy};

use super::{NotThere, Standing};

fn sample() -> (Policy, DayPolicy) {
    let policy = Policy::load("../../policies".as_ref()).unwrap().policy.unwrap();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    (policy, of_day)
}

#[test]
fn each_trail_ends_with_the_built_in_value_and_a_subscription_stands_by_itself() {
    let (policy, of_day) = sample();
    let whole = Standing::of(&policy, &of_day, "peer", None).unwrap();
    let tables: Vec<Table> = whole.tables.iter().map(|of| of.table).collect();
    assert_eq!(tables, super::TABLES);
    for row in whole.tables.iter().flat_map(|of| &of.rows) {
        assert!(row.trail.last().is_some_and(|last| last.file.is_none()), "{}", row.name);
    }
    let code = &whole.subscriptions[0].subscription.code;
    let one = Standing::of(&policy, &of_day, "peer", Some(code)).unwrap();
    assert_eq!(one.subscriptions.len(), 1);
    assert!(one.tables.is_empty() && one.entries.is_empty() && one.plugins.is_empty());
}

#[test]
fn a_code_was_mistyped() {
    let (policy, of_day) = sample();
    let not_there = |library: &str, subscription| Standing::of(&policy, &of_day, library, subscription).unwrap_err();
    let error = not_there("per", None);
    assert_eq!(error.to_string(), "the policy has no library `per`; did you mean `peer`?");
    let error = not_there(&of_day.groups[0].code, None);
    assert!(matches!(&error, NotThere::Group { members, .. } if !members.is_empty()), "{error}");
    let error = not_there("peer", Some("xyzzy")).to_string();
    assert!(error.starts_with("peer has no subscription `xyzzy` on this day; there are "), "{error}");
}
