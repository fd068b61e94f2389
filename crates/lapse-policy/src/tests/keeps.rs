//! Facts, keeps, ends and narrowings as they hold on a day, by the examples of policy.md.

use super::{day, policy};
use crate::{
    BuiltInFact, DateTest, EmptyCell, Entries, FactKind, FactSource, FactTable, Holder, KeepOf, Key, MonthDay,
    Narrowed, NumberTest, Origin, Policy, Removal, Round, Setting, Span, Test, TestedFact, provenance,
};

const CONSORTIUM: &str = r#"
[consortium]
name = "Test"
year_starts = "07-01"

[cleanup]
removal = "anonymise"

[keeps.open-holds]
reason = "Holds are served first"
when = { holds = { over = 0 } }

[keeps.letter-first]
reason = "A letter thirty days ahead"
unless = { letter_sent = { past_days = 30, round = "month", after = "last_activity" }, run_month = [7, 8] }
review = true

[keeps.web]
reason = "Members who joined on the web are looked at by hand"
only = { category = "web", holder = ["person", "institution"] }
of = ["finance", "record"]

[keeps.owes]
reason = "Debts under 20.00 are let go"
when = { owed = { at_least = "20.00" } }

[ends.eighteen]
reason = "Free until eighteen"
only = { category = "youth" }
when = { age = { at_least = 18 } }

[facts.holds]
table = "accounts"
column = "open_holds"
type = "count"

[facts.letter_sent]
table = "patrons"
column = "letter_sent"
type = "date"
empty = "none"

[facts.loan]
table = "activity"
sources = ["loan"]
"#;

const PEER: &str = "library.code = \"peer\"\n";

fn entries(policy: &Policy, date: &str) -> Entries {
    policy.on(day(date)).libraries.swap_remove(0).settings.entries
}

/// The entries on 1 January 2022 of a library with this text, below a consortium with that text.
fn merged(consortium: &str, library: &str) -> Entries {
    let library = format!("{PEER}{library}");
    entries(&policy(&[("consortium.toml", consortium), ("libraries/peer.toml", &library)]), "2022-01-01")
}

fn names(entries: &Entries) -> Vec<&str> {
    entries.keeps.iter().map(|keep| &*keep.entry.name).collect()
}

#[test]
fn facts_stand_in_the_order_of_the_file_with_what_they_read() {
    let policy = policy(&[("consortium.toml", CONSORTIUM), ("libraries/peer.toml", PEER)]);
    let facts = policy.on(day("2022-01-01")).facts;
    let told: Vec<_> = facts.iter().map(|fact| (&*fact.name, fact.kind, fact.empty)).collect();
    assert_eq!(
        told,
        [
            ("holds", FactKind::Count, EmptyCell::Unknown),
            ("letter_sent", FactKind::Date, EmptyCell::None),
            ("loan", FactKind::Date, EmptyCell::None),
        ]
    );
    let holds = FactSource::Column { table: FactTable::Accounts, column: "open_holds".to_owned() };
    assert_eq!(facts[0].source, holds);
    assert_eq!(facts[2].source, FactSource::Activity { sources: vec!["loan".to_owned()] });
    let Origin::File(declared) = facts[1].origin else { panic!("a file declares it") };
    assert_eq!(policy.assignment(declared).key, "facts.letter_sent.table");
    assert!(policy.known_sources().contains("loan"));
}

#[test]
fn the_examples_of_policy_md_say_what_they_say() {
    let entries = merged(CONSORTIUM, "");
    assert_eq!(names(&entries), ["letter-first", "open-holds", "web"]);
    let [letter, holds, web] = &entries.keeps[..] else { panic!("three keeps") };
    assert_eq!(letter.entry.reason.value, "A letter thirty days ahead");
    assert!(letter.review.value && !holds.review.value && letter.entry.when.is_empty());
    let unless: Vec<_> = letter.entry.unless.iter().map(|test| (test.fact, test.test.value.clone())).collect();
    let sent = DateTest {
        past_days: Some(30),
        round: Some(Round::Month),
        after: Some(TestedFact::BuiltIn(BuiltInFact::LastActivity)),
        ..DateTest::default()
    };
    assert_eq!(
        unless,
        [
            (TestedFact::BuiltIn(BuiltInFact::RunMonth), Test::Months(vec![7, 8])),
            (TestedFact::Declared(1), Test::Date(sent)),
        ]
    );
    assert_eq!(holds.entry.when[0].fact, TestedFact::Declared(0));
    assert_eq!(holds.entry.when[0].test.value, Test::Number(NumberTest { over: Some(0), ..NumberTest::default() }));
    assert_eq!(holds.of.value, [KeepOf::Record]);
    assert_eq!(web.of.value, [KeepOf::Record, KeepOf::Finance]);
    let only = &web.entry.only;
    assert_eq!(only.category.as_ref().unwrap().value, ["web"]);
    assert_eq!(only.holder.as_ref().unwrap().value, [Holder::Person, Holder::Institution]);
    let [owes] = &entries.narrowings[..] else { panic!("one narrowing") };
    assert_eq!((owes.of, owes.holds.value), (Narrowed::Owes, true));
    let at_least = NumberTest { at_least: Some(2000), ..NumberTest::default() };
    assert_eq!(owes.entry.when[0].test.value, Test::Number(at_least));
    let [eighteen] = &entries.ends[..] else { panic!("one end") };
    assert_eq!(eighteen.when[0].test.value, Test::Age { at_least: Some(18), under: None });
}

#[test]
fn the_plain_keys_have_their_values() {
    let library = "[subscriptions.youth]\ngrace_days = 14\nterm_ends = \"12-31\"\n[subscriptions.adult]\n\
        [retention]\nhistory_months = 24\n";
    let policy = policy(&[("consortium.toml", CONSORTIUM), ("libraries/peer.toml", &format!("{PEER}{library}"))]);
    let all = policy.on(day("2022-01-01"));
    assert_eq!(all.consortium.year_starts.value, MonthDay { month: 7, day: 1 });
    assert_eq!(all.consortium.removal.value, Removal::Anonymise);
    assert_eq!(all.libraries[0].settings.retention.history_months.value, Some(24));
    assert_eq!(all.consortium.settings.retention.history_months.value, None);
    let [adult, youth] = &all.libraries[0].subscriptions[..] else { panic!("two subscriptions") };
    assert_eq!((adult.grace_days.value, adult.term_ends.value), (0, None));
    assert_eq!((youth.grace_days.value, youth.term_ends.value), (14, Some(MonthDay { month: 12, day: 31 })));
}

#[test]
fn days_and_months_of_pseudonymising_are_one_key() {
    let span = |consortium: &str, library: &str| {
        let library = format!("{PEER}{library}");
        let policy = policy(&[("consortium.toml", consortium), ("libraries/peer.toml", &library)]);
        policy.on(day("2022-01-01")).libraries[0].settings.retention.pseudonymise.value
    };
    assert_eq!(span("", ""), Span::Days(90));
    assert_eq!(
        span("[retention]\npseudonymise_days = 30\n", "[retention]\npseudonymise_months = 3\n"),
        Span::Months(3)
    );
    assert_eq!(span("[retention]\npseudonymise_months = 3\n", "[retention]\npseudonymise_days = 30\n"), Span::Days(30));
    let amended = "[retention]\npseudonymise_days = 30\n[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\n\
        retention.pseudonymise_months = 6\n";
    assert_eq!(span("", amended), Span::Months(6));
    let enforced =
        "[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\nenforce = true\nretention.pseudonymise_days = 7\n";
    assert_eq!(span(enforced, "[retention]\npseudonymise_months = 3\n"), Span::Days(7));
}

#[test]
fn each_key_of_an_entry_is_merged_by_itself() {
    let library = "[keeps.web]\nonly = { category = \"online\" }\n[keeps.open-holds]\n\
        when = { holds = \"none\", loan = { within_months = 12 } }\nactive = false\n";
    let entries = merged(CONSORTIUM, library);
    assert_eq!(names(&entries), ["letter-first", "open-holds", "web"]);
    let [_, holds, web] = &entries.keeps[..] else { panic!("three keeps") };
    assert_eq!(web.entry.only.category.as_ref().unwrap().value, ["online"]);
    assert_eq!(web.entry.only.holder.as_ref().unwrap().value.len(), 2);
    assert_eq!(holds.entry.reason.value, "Holds are served first");
    assert!(!holds.entry.active.value);
    let facts: Vec<_> = holds.entry.when.iter().map(|test| test.fact).collect();
    assert_eq!(facts, [TestedFact::Declared(2)], "none takes the consortium's test away");
}

#[test]
fn the_reason_of_an_amendment_serves_an_entry_that_it_introduces() {
    let policy = policy(&[
        ("consortium.toml", ""),
        (
            "libraries/peer.toml",
            &format!(
                "{PEER}[[amendment]]\nfrom = 2022-01-01\nreason = \"Council of 3 May\"\n\
                 keeps.summer = {{ of = [\"membership\"], when = {{ run_month = [7] }} }}\n"
            ),
        ),
    ]);
    assert!(entries(&policy, "2021-12-31").keeps.is_empty());
    let keep = entries(&policy, "2022-01-01").keeps.swap_remove(0);
    assert_eq!(keep.entry.reason.value, "Council of 3 May");
    let Origin::File(first) = keep.entry.reason.origin else { panic!("a file says it") };
    assert_eq!(policy.assignment(first).key, "keeps.summer.of");
}

const FROZEN: &str = "[keeps.young]\nreason = \"r\"\nwhen = { age = { under = 12 } }\n\
    [[amendment]]\nfrom = 2022-01-01\nreason = \"f\"\nenforce = true\nkeeps.young = { active = true }\n";

#[test]
fn an_enforced_entry_is_frozen_as_a_whole() {
    let library = format!("{PEER}[keeps.young]\nreview = true\nwhen = {{ age = {{ under = 18 }} }}\n");
    let policy = policy(&[("consortium.toml", FROZEN), ("libraries/peer.toml", &library)]);
    let under = |date| {
        let keep = entries(&policy, date).keeps.swap_remove(0);
        (keep.entry.when[0].test.value.clone(), keep.review.value)
    };
    assert_eq!(under("2021-12-31"), (Test::Age { at_least: None, under: Some(18) }, true));
    assert_eq!(under("2022-01-01"), (Test::Age { at_least: None, under: Some(12) }, false));
}

#[test]
fn a_group_is_below_the_consortium_where_an_entry_is_frozen() {
    let group = "[group]\ncode = \"noord\"\nkind = 2\n[keeps.young]\nwhen = { owed = { over = 0 } }\n\
        [[amendment]]\nfrom = 2020-01-01\nreason = \"g\"\nenforce = true\nkeeps.young = { review = true }\n";
    let library = "library = { code = \"peer\", group = \"noord\" }\n[keeps.young]\nactive = false\n";
    let policy = policy(&[("consortium.toml", FROZEN), ("groups/noord.toml", group), ("libraries/peer.toml", library)]);
    let keep = entries(&policy, "2021-06-01").keeps.swap_remove(0);
    assert!(keep.review.value && keep.entry.active.value, "the group's stands, the library's does not");
    assert_eq!(keep.entry.when.len(), 2);
    let keep = entries(&policy, "2022-01-01").keeps.swap_remove(0);
    assert!(!keep.review.value, "the consortium's alone");
    assert_eq!(keep.entry.when.len(), 1);
}

#[test]
fn what_is_released_counts_as_an_ordinary_amendment() {
    let consortium = |release: &str| {
        format!(
            "[[amendment]]\nfrom = 2022-07-01\nreason = \"e\"\nenforce = true\nsubscription = {{ lapse_months = 24 }}\n\
             {FROZEN}[[amendment]]\nfrom = 2027-01-01\nreason = \"Deinze may\"\nrelease = {{ {release} }}\n"
        )
    };
    let deinze = "library.code = \"deinze\"\n[subscriptions.youth]\nlapse_months = 60\n[keeps.young]\nreview = true\n";
    let other = "library.code = \"other\"\n[subscriptions.youth]\nlapse_months = 60\n[keeps.young]\nreview = true\n";
    let held = |release: &str, date: &str, library: usize| {
        let files = [
            ("consortium.toml", &*consortium(release)),
            ("libraries/deinze.toml", deinze),
            ("libraries/other.toml", other),
        ];
        let library = policy(&files).on(day(date)).libraries.swap_remove(library);
        (library.subscriptions[0].lapse_months.value, library.settings.entries.keeps[0].review.value)
    };
    let all = r#"libraries = ["deinze"], keys = ["subscription.lapse_months", "keeps.young"]"#;
    assert_eq!(held(all, "2026-12-31", 0), (24, false));
    assert_eq!(held(all, "2027-01-01", 0), (60, true));
    assert_eq!(held(all, "2027-01-01", 1), (24, false));
    let one = r#"libraries = ["deinze"], keys = ["subscriptions.youth.lapse_months"]"#;
    assert_eq!(held(one, "2027-01-01", 0), (60, false));
    let another = r#"libraries = ["deinze"], keys = ["subscriptions.adult.lapse_months"]"#;
    assert_eq!(held(another, "2027-01-01", 0), (24, false));
}

#[test]
fn a_released_amendment_stands_in_date_order_with_those_of_the_library() {
    let consortium = "[[amendment]]\nfrom = 2022-01-01\nreason = \"e\"\nenforce = true\ncleanup.ended_months = 24\n\
        [[amendment]]\nfrom = 2027-01-01\nreason = \"r\"\nrelease = { libraries = [\"peer\"], keys = [\"cleanup.ended_months\"] }\n";
    let library = format!("{PEER}[[amendment]]\nfrom = 2027-01-01\nreason = \"l\"\ncleanup.ended_months = 36\n");
    let policy = policy(&[("consortium.toml", consortium), ("libraries/peer.toml", &library)]);
    let months = |date| policy.on(day(date)).libraries[0].settings.cleanup.ended_months.value;
    assert_eq!((months("2026-12-31"), months("2027-01-01")), (24, 36));
}

#[test]
fn every_key_of_an_entry_tells_what_it_overrode() {
    let library = format!("{PEER}[keeps.open-holds]\nwhen.holds.over = 2\n");
    let policy = policy(&[("consortium.toml", CONSORTIUM), ("libraries/peer.toml", &library)]);
    let lines = |setting| -> Vec<String> {
        let trail = provenance::trail(&policy, day("2022-01-01"), Some("peer"), setting);
        trail.iter().map(|said| format!("{} = {} ({said})", said.key, said.value)).collect()
    };
    assert_eq!(
        lines(Setting::of_test(Key::KeepWhen, "open-holds", "holds")),
        [
            "keeps.open-holds.when.holds = { over = 2 } (libraries/peer.toml:3)",
            "keeps.open-holds.when.holds = { over = 0 } (consortium.toml:11)",
        ]
    );
    assert_eq!(
        lines(Setting::of_subscription(Key::KeepOnlyCategory, "web"))[0],
        "keeps.web.only.category = web (consortium.toml:20)"
    );
    assert_eq!(
        lines(Setting::of_subscription(Key::KeepOf, "open-holds")),
        ["keeps.open-holds.of = [\"record\"] (built-in default)"]
    );
}

#[test]
fn narrowings_and_ends_loosen_and_releases_are_listed() {
    let consortium = format!(
        "{CONSORTIUM}[[amendment]]\nfrom = 2022-01-01\nreason = \"e\"\nenforce = true\nkeeps.web.review = false\n\
         subscriptions.\"Adult - Full Year\".fee = 1\n[[amendment]]\nfrom = 2027-01-01\nreason = \"Deinze may\"\n\
         release = {{ libraries = [\"peer\"], keys = [\"keeps.web\", \"subscriptions.\\\"Adult - Full Year\\\".fee\"] }}\n"
    );
    let policy = policy(&[("consortium.toml", &consortium), ("libraries/peer.toml", PEER)]);
    let entries = entries(&policy, "2022-01-01");
    let loosens = |origin| matches!(origin, Origin::File(id) if policy.loosens(id));
    assert!(loosens(entries.narrowings[0].entry.when[0].test.origin));
    assert!(loosens(entries.ends[0].reason.origin));
    assert!(!loosens(entries.keeps[0].entry.reason.origin));
    let [release] = &policy.releases()[..] else { panic!("one release") };
    assert_eq!(
        (release.file, release.amendment.from, &*release.amendment.reason),
        ("consortium.toml", day("2027-01-01"), "Deinze may")
    );
    assert_eq!(release.libraries, ["peer"]);
    assert_eq!(release.keys, ["keeps.web", "subscriptions.\"Adult - Full Year\".fee"]);
}
