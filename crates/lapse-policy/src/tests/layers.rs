//! What a value is on a day, by the examples of policy.md.

use super::{day, policy};
use crate::{Fee, Holder, Key, Layer, Origin, Policy, Renewal, Setting, Subscription};

const CONSORTIUM: &str = r#"
[consortium]
name = "Eengemaakt bibliotheeksysteem"

[[amendment]]
from = 2022-07-01
reason = "Renewal of every subscription for persons becomes conditional (FAQ of 8 June 2022)"
enforce = true
only = { holder = "person" }
subscription = { renewal = "conditional", lapse_months = 24 }
"#;

const NOORD: &str = r#"
[group]
code = "noord"
name = "Bibliotheken Noord"
kind = 3

[subscription]
term_months = 6

[subscriptions.guest]
term_months = 1
"#;

const PEER: &str = r#"
[library]
code = "peer"
name = "Bibliotheek Peer"
group = "noord"

[subscriptions.youth]
name = "Jeugd, tot 18 jaar"
category = "youth"
lapse_months = 60

[subscriptions.adult]
name = "Volwassenen"
fee = "5.00"
renewal = "none"
term_months = 12

[subscriptions.school]
holder = "institution"
renewal = "automatic"

[[amendment]]
from = 2021-01-01
reason = "Council decision of 14 December 2020"
subscriptions.adult = { fee = "0.00", renewal = "automatic" }
"#;

fn example() -> Policy {
    policy(&[("consortium.toml", CONSORTIUM), ("groups/noord.toml", NOORD), ("libraries/peer.toml", PEER)])
}

fn subscription(policy: &Policy, date: &str, code: &str) -> Subscription {
    let library = policy.on(day(date)).libraries.swap_remove(0);
    library.subscriptions.into_iter().find(|subscription| subscription.code == code).expect(code)
}

#[test]
fn an_amendment_holds_from_its_day_on() {
    let policy = example();
    let before = subscription(&policy, "2020-12-31", "adult");
    assert_eq!((before.fee.value, before.renewal.value), (Fee { cents: 500 }, Renewal::None));
    let after = subscription(&policy, "2021-01-01", "adult");
    assert_eq!((after.fee.value, after.renewal.value), (Fee { cents: 0 }, Renewal::Automatic));
    assert_eq!(policy.change_days(), [day("2021-01-01"), day("2022-07-01")]);
}

#[test]
fn an_enforced_amendment_beats_lower_files_for_the_subscriptions_that_it_is_limited_to() {
    let policy = example();
    assert_eq!(subscription(&policy, "2022-06-30", "youth").lapse_months.value, 60);
    assert_eq!(subscription(&policy, "2022-07-01", "youth").lapse_months.value, 24);
    assert_eq!(subscription(&policy, "2022-07-01", "adult").renewal.value, Renewal::Conditional);
    let school = subscription(&policy, "2022-07-01", "school");
    assert_eq!((school.holder.value, school.renewal.value), (Holder::Institution, Renewal::Automatic));
}

#[test]
fn a_library_has_the_subscriptions_of_its_group_and_the_defaults_of_all_by_code() {
    let library = example().on(day("2022-07-01")).libraries.swap_remove(0);
    let codes: Vec<_> = library.subscriptions.iter().map(|subscription| subscription.code.as_str()).collect();
    assert_eq!(codes, ["adult", "guest", "school", "youth"]);
    let terms: Vec<_> = library.subscriptions.iter().map(|subscription| subscription.term_months.value).collect();
    assert_eq!(terms, [12, 1, 6, 6]);
    assert_eq!(library.subscriptions[1].name.value, "guest");
    assert_eq!(library.subscriptions[1].name.origin, Origin::BuiltIn);
    assert_eq!(library.subscriptions[3].name.value, "Jeugd, tot 18 jaar");
}

#[test]
fn what_one_subscription_is_told_beats_what_all_are_told_in_whatever_file() {
    let policy = policy(&[
        ("consortium.toml", "[subscriptions.youth]\nterm_months = 6\n"),
        ("libraries/peer.toml", "library.code = \"peer\"\n[subscription]\nterm_months = 3\n[subscriptions.adult]\n"),
    ]);
    assert_eq!(subscription(&policy, "2022-01-01", "youth").term_months.value, 6);
    assert_eq!(subscription(&policy, "2022-01-01", "adult").term_months.value, 3);
}

#[test]
fn an_enforced_amendment_beats_its_own_file_too() {
    let policy = policy(&[
        (
            "consortium.toml",
            "[subscriptions.youth]\nterm_months = 6\n[[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nenforce = true\n\
             subscription.term_months = 9\n[[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\nsubscription.term_months = 10\n",
        ),
        ("libraries/peer.toml", "library.code = \"peer\"\n"),
    ]);
    assert_eq!(subscription(&policy, "2021-12-31", "youth").term_months.value, 6);
    assert_eq!(subscription(&policy, "2023-01-01", "youth").term_months.value, 9);
}

#[test]
fn where_both_enforce_the_consortium_wins() {
    let amendment = |from: &str, months: u32| {
        format!("[[amendment]]\nfrom = {from}\nreason = \"r\"\nenforce = true\ncleanup.ended_months = {months}\n")
    };
    let policy = policy(&[
        ("consortium.toml", &amendment("2022-01-01", 12)),
        ("groups/noord.toml", &format!("[group]\ncode = \"noord\"\nkind = 1\n{}", amendment("2021-01-01", 6))),
        ("libraries/peer.toml", "library = { code = \"peer\", group = \"noord\" }\ncleanup.ended_months = 3\n"),
    ]);
    let months = |date| policy.on(day(date)).libraries[0].settings.cleanup.ended_months.value;
    assert_eq!([months("2020-12-31"), months("2021-12-31"), months("2022-01-01")], [3, 6, 12]);
    let consortium = policy.on(day("2022-01-01")).consortium.settings.cleanup.ended_months.value;
    assert_eq!(consortium, 12);
}

#[test]
fn amendments_hold_in_the_order_of_their_days_not_of_the_file() {
    let policy = policy(&[(
        "consortium.toml",
        "[[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\nprofile.inactive_months = 30\nconsortium.run_day = 2\n\
         [[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nprofile.inactive_months = 18\n\
         [consortium]\nname = \"Test\"\n",
    )]);
    let months = |date| policy.on(day(date)).consortium.profile_inactive_months.value;
    assert_eq!([months("2021-12-31"), months("2022-12-31"), months("2023-01-01")], [24, 18, 30]);
    assert_eq!(policy.on(day("2023-01-01")).consortium.run_day.value, 2);
}

#[test]
fn the_trail_ends_with_what_decides_and_starts_with_the_default() {
    let policy = example();
    let setting = Setting::of_subscription(Key::LapseMonths, "youth");
    let trail = policy.trail(day("2022-07-01"), Some("peer"), setting);
    let [Origin::BuiltIn, Origin::File(own), Origin::File(enforced)] = trail[..] else { panic!("{trail:?}") };
    assert_eq!(subscription(&policy, "2022-07-01", "youth").lapse_months.origin, Origin::File(enforced));

    let own = policy.assignment(own);
    assert_eq!((own.file, own.line, own.column, own.layer), ("libraries/peer.toml", 10, 1, Layer::Library));
    assert_eq!((own.key.as_str(), own.text, own.amendment), ("subscriptions.youth.lapse_months", "60", None));

    let enforced = policy.assignment(enforced);
    assert_eq!((enforced.file, enforced.line, enforced.column), ("consortium.toml", 10, 43));
    assert_eq!((enforced.key.as_str(), enforced.layer), ("subscription.lapse_months", Layer::Consortium));
    let amendment = enforced.amendment.unwrap();
    assert_eq!((amendment.from, amendment.line, amendment.enforce), (day("2022-07-01"), 5, true));
    assert_eq!(amendment.only.as_ref().and_then(|only| only.holder), Some(Holder::Person));
    assert!(amendment.reason.starts_with("Renewal of every"));
}

#[test]
fn a_library_without_policy_gets_the_consortiums_trail() {
    let policy = example();
    let setting = Setting::of(Key::TermMonths);
    assert_eq!(policy.trail(day("2022-07-01"), Some("nowhere"), setting), [Origin::BuiltIn]);
    assert_eq!(policy.trail(day("2022-07-01"), None, setting), [Origin::BuiltIn]);
    assert_eq!(policy.trail(day("2022-07-01"), Some("peer"), setting).len(), 2);
}

#[test]
fn what_holds_for_some_libraries_is_what_holds_for_them_among_all() {
    let riemst = PEER.replace("peer", "riemst");
    let policy = policy(&[
        ("consortium.toml", CONSORTIUM),
        ("groups/noord.toml", NOORD),
        ("libraries/peer.toml", PEER),
        ("libraries/riemst.toml", &riemst),
    ]);
    for date in ["2022-06-30", "2022-07-01"].map(day) {
        let mut expected = policy.on(date);
        expected.libraries.retain(|library| library.code == "riemst");
        assert_eq!(expected.libraries.len(), 1);
        assert_eq!(format!("{:?}", policy.on_for(date, |code| code == "riemst")), format!("{expected:?}"));
    }
}
