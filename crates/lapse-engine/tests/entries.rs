//! Keeps, ends and narrowings of random policies over random patrons: what a keep, an end, a narrowing and a value that nobody
//! knows can and cannot do to anybody (domain.md, "Facts, keeps and ends").

use lapse_engine::carry::PatronRows;
use lapse_engine::{
    Account, Activity, Codes, Decisions, FactColumn, FactValue, LibraryId, Membership, MembershipOutcome,
    MembershipReason, RecordOutcome, Rules, Status, Told, evaluate,
};
use lapse_policy::{Day, FactKind, FactTable, Policy};
use proptest::collection::vec;
use proptest::prelude::*;

const RUN: &str = "2022-07-01";

/// What every policy here has beside its entries.
const CONSORTIUM: &str = r#"
[consortium]
name = "Random"
year_starts = "07-01"
[cleanup]
accounts_needed = []
[facts.flag]
table = "patrons"
column = "is_member"
type = "flag"
[facts.letter]
table = "patrons"
column = "letter_sent"
type = "date"
empty = "none"
[facts.trial]
table = "memberships"
column = "is_trial"
type = "flag"
[facts.holds]
table = "accounts"
column = "open_holds"
type = "count"
[facts.deposit]
table = "accounts"
column = "deposit"
type = "amount"
empty = "none"
[facts.tags]
table = "accounts"
column = "tags"
type = "code"
[facts.loan]
table = "activity"
sources = ["loan"]
"#;

const PEER: &str = r#"
[library]
code = "peer"
[subscriptions.youth]
category = "youth"
[subscriptions.adult]
fee = "5.00"
renewal = "none"
grace_days = 20
"#;

const RIEMST: &str = r#"
[library]
code = "riemst"
[subscriptions.youth]
category = "youth"
renewal = "automatic"
"#;

/// A test of a fact, as TOML writes it.
fn a_test() -> impl Strategy<Value = (&'static str, String)> {
    let months = || prop_oneof![Just(0), Just(24), 0..40u32];
    let date = (0..4usize, months(), any::<bool>(), any::<bool>()).prop_map(|(what, months, round, after)| {
        let term = ["within_months", "past_months", "within_days", "past_days"][what];
        let round = if round { ", round = \"month\"" } else { "" };
        let after = if after { ", after = \"OTHER\"" } else { "" };
        format!("{{ {term} = {months}{round}{after} }}")
    });
    let number = (0..4usize, 0..4u32)
        .prop_map(|(what, number)| format!("{{ {} = {number} }}", ["over", "at_least", "under", "at_most"][what]));
    let amount = (0..4usize, 0..1200u32).prop_map(|(what, cents)| {
        let bound = ["over", "at_least", "under", "at_most"][what];
        format!("{{ {bound} = \"{}.{:02}\" }}", cents / 100, cents % 100)
    });
    let is = any::<bool>().prop_map(|is| is.to_string());
    let dated = proptest::sample::select(vec!["letter", "loan", "last_activity", "begun_on", "settled_on"]);
    prop_oneof![
        (proptest::sample::select(vec!["flag", "trial", "letter"]), is),
        (dated, date).prop_map(|(fact, test)| {
            // No date is later than itself.
            let other = if fact == "last_activity" { "settled_on" } else { "last_activity" };
            (fact, test.replace("OTHER", other))
        }),
        (Just("holds"), number.clone()),
        (Just("items"), number),
        (proptest::sample::select(vec!["deposit", "owed", "credit"]), amount),
        (Just("tags"), Just("[\"staff\", \"general\"]".to_owned())),
        (Just("blocks"), Just("[\"internet\"]".to_owned())),
        (Just("age"), Just("{ under = 18 }".to_owned())),
        (Just("run_month"), Just("[7, 8]".to_owned())),
    ]
}

/// The keys of `when` and `unless`.
fn tests() -> impl Strategy<Value = String> {
    let table = |name: &'static str, tests: Vec<(&str, String)>| {
        let mut seen: Vec<(&str, String)> = Vec::new();
        for test in tests {
            if seen.iter().all(|(fact, _)| *fact != test.0) {
                seen.push(test);
            }
        }
        let tests: Vec<String> = seen.iter().map(|(fact, test)| format!("{fact} = {test}")).collect();
        if tests.is_empty() { String::new() } else { format!("{name} = {{ {} }}\n", tests.join(", ")) }
    };
    (vec(a_test(), 1..3), vec(a_test(), 0..2))
        .prop_map(move |(when, unless)| format!("{}{}", table("when", when), table("unless", unless)))
}

fn a_keep(name: &'static str) -> impl Strategy<Value = String> {
    let of = proptest::sample::subsequence(vec!["\"record\"", "\"membership\"", "\"history\"", "\"finance\""], 1..4);
    (of, tests(), any::<bool>(), any::<bool>()).prop_map(move |(of, tests, review, youth)| {
        let only = if youth { "only = { category = \"youth\" }\n" } else { "" };
        let review = if review && of.contains(&"\"record\"") { "review = true\n" } else { "" };
        format!("[keeps.{name}]\nreason = \"r\"\nof = [{}]\n{only}{review}{tests}", of.join(", "))
    })
}

fn an_end() -> impl Strategy<Value = String> {
    tests().prop_map(|tests| format!("[ends.e]\nreason = \"r\"\n{tests}"))
}

fn a_narrowing() -> impl Strategy<Value = String> {
    let reasons = vec!["owes", "credit", "blocked", "items", "settled-recently", "ended-recently"];
    (proptest::sample::select(reasons), tests(), proptest::bool::weighted(0.2)).prop_map(|(reason, tests, never)| {
        let holds = if never { "holds = false\n" } else { "" };
        format!("[keeps.{reason}]\nreason = \"r\"\n{holds}{tests}")
    })
}

fn rules(entries: &[&str], codes: &mut Codes) -> Rules {
    let consortium = format!("{CONSORTIUM}{}", entries.concat());
    let texts = [("consortium.toml", &*consortium), ("libraries/peer.toml", PEER), ("libraries/riemst.toml", RIEMST)];
    let loaded = Policy::from_texts(texts).unwrap();
    let told = loaded.diagnostics.render(false);
    let of_day = loaded.policy.unwrap_or_else(|| panic!("{told}\n{consortium}")).on(RUN.parse().unwrap());
    codes.learn(&of_day);
    Rules::new(&of_day, codes)
}

/// Codes for all policies of a test, so that their facts stand at the same places.
fn all_codes(entries: &[&str]) -> Codes {
    let mut codes = Codes::default();
    _ = rules(entries, &mut codes);
    for cell in ["general", "internet|staff", "other", "staff"] {
        codes.blocks.intern(cell);
    }
    codes
}

fn a_day() -> impl Strategy<Value = Day> {
    let months = prop_oneof![Just(0), Just(-24), Just(-12), -50..20i32];
    (months, -2..=2i32).prop_map(|(months, days)| RUN.parse::<Day>().unwrap().add_months(months).add_days(days))
}

/// A patron without facts, and what their facts are drawn from.
fn a_patron() -> impl Strategy<Value = (PatronRows, Vec<u8>)> {
    let membership = (0..3usize, 0..3usize, a_day(), proptest::option::of(0..900i32), 0..5usize);
    let memberships = vec(membership, 0..4).prop_map(|all| {
        let rows = all.into_iter().map(|(library, subscription, from, days, status)| Membership {
            library: LibraryId::new(library),
            subscription: lapse_engine::SubscriptionId::new(subscription),
            valid_from: from,
            valid_until: days.map(|days| from.add_days(days)),
            status: [Status::Active, Status::Active, Status::Active, Status::Deregistered, Status::Cancelled][status],
        });
        rows.collect::<Vec<_>>()
    });
    let activity = vec((proptest::option::of(0..3usize), 0..5usize, a_day()), 0..4).prop_map(|all| {
        let rows = all.into_iter().map(|(library, source, last_active)| Activity {
            library: library.map(LibraryId::new),
            source: lapse_engine::SourceId::new(source),
            last_active,
        });
        rows.collect::<Vec<_>>()
    });
    let account =
        (any::<bool>(), any::<bool>(), any::<bool>(), proptest::option::of(0..4usize), proptest::option::of(a_day()));
    let accounts = vec(account, 0..3).prop_map(|all| {
        let rows =
            all.into_iter().enumerate().map(|(library, (owes, has_credit, has_items, blocks, settled_on))| Account {
                library: LibraryId::new(library),
                owes,
                has_credit,
                has_items,
                blocks: blocks.map(lapse_engine::BlocksId::new),
                settled_on,
            });
        rows.collect::<Vec<_>>()
    });
    let of_patron = (
        proptest::bool::weighted(0.05),
        any::<bool>(),
        proptest::option::of(a_day()),
        proptest::option::of(-30..-5i32),
    );
    (of_patron, memberships, activity, accounts, vec(any::<u8>(), 12)).prop_map(
        |((held, keeps_history, profile, years), memberships, activity, accounts, draws)| {
            let rows = PatronRows {
                held,
                told: Told::ALL,
                birth_date: years.map(|years| RUN.parse::<Day>().unwrap().add_months(years * 12)),
                profile_last_active: profile,
                keeps_history,
                memberships,
                activity,
                accounts,
                ..PatronRows::default()
            };
            (rows, draws)
        },
    )
}

/// Values of the facts of the columns that the policies look at.
fn with_facts((mut rows, draws): (PatronRows, Vec<u8>), codes: &Codes) -> PatronRows {
    let mut draws = draws.into_iter().cycle();
    let mut values = |table: FactTable, count: usize| {
        let columns = codes.facts.of(table);
        let all = (0..count).flat_map(|_| columns);
        all.map(|column| value(column, draws.next().unwrap(), draws.next().unwrap())).collect::<Vec<_>>()
    };
    rows.facts = values(FactTable::Patrons, 1);
    rows.membership_facts = values(FactTable::Memberships, rows.memberships.len());
    rows.account_facts = values(FactTable::Accounts, rows.accounts.len());
    rows
}

fn value(column: &FactColumn, what: u8, draw: u8) -> FactValue {
    let kind = match column {
        FactColumn::OfAccounts(fact) if fact.as_str() == "items" => FactKind::Count,
        FactColumn::OfAccounts(_) => FactKind::Amount,
        FactColumn::Declared { kind, .. } => *kind,
    };
    match (what % 8, kind) {
        (0, _) => FactValue::UNKNOWN,
        (1, _) => FactValue::NONE,
        (_, FactKind::Flag) => FactValue::TRUE,
        (_, FactKind::Count) => FactValue::of_count(u64::from(draw % 5)),
        (_, FactKind::Amount) => FactValue::of_amount(u64::from(draw) * 5, draw.is_multiple_of(3)),
        (_, FactKind::Date) => {
            let months = i32::from(draw % 50);
            FactValue::of_day(Some(RUN.parse::<Day>().unwrap().add_months(-months).add_days(i32::from(what % 3) - 1)))
        }
        (_, FactKind::Code) => FactValue::of_codes(lapse_engine::BlocksId::new(usize::from(draw % 4))),
    }
}

fn decide(patron: &PatronRows, rules: &Rules) -> Decisions {
    let mut decisions = Decisions::default();
    evaluate(&patron.as_patron(), rules, &mut decisions);
    decisions
}

/// How much a decision leaves: of each membership whether it goes on, of each record whether it is there.
fn left(decisions: &Decisions) -> Vec<u8> {
    let memberships = decisions.memberships.iter().map(|decided| u8::from(decided.is_valid()));
    let records = decisions.records.iter().map(|record| match record.outcome {
        RecordOutcome::Deleted | RecordOutcome::Anonymised => 0,
        RecordOutcome::Archived => 1,
        RecordOutcome::Kept | RecordOutcome::Review => 2,
    });
    memberships.chain(records).collect()
}

fn leaves_no_less(one: &Decisions, other: &Decisions) -> bool {
    left(one).iter().zip(left(other)).all(|(one, other)| *one >= other)
}

/// Whether an end took a membership that was past its end. It then ends the day before the run, which holds the record for
/// longer than the end that it had: what keeps such a membership from the end takes that away again.
fn ends_what_was_over(patron: &PatronRows, decisions: &Decisions) -> bool {
    patron.memberships.iter().zip(&decisions.memberships).any(|(membership, decided)| {
        decided.reason == MembershipReason::End && membership.has_passed(RUN.parse().unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_keep_that_is_added_never_removes_anyone_nor_ends_a_membership(
        base in (a_keep("a"), an_end(), a_narrowing()), added in a_keep("b"), patrons in vec(a_patron(), 3),
    ) {
        let mut codes = all_codes(&[&base.0, &base.1, &base.2, &added]);
        let without = rules(&[&base.0, &base.1, &base.2], &mut codes);
        let with = rules(&[&base.0, &base.1, &base.2, &added], &mut codes);
        for patron in patrons {
            let patron = with_facts(patron, &codes);
            let (before, after) = (decide(&patron, &without), decide(&patron, &with));
            prop_assume!(!ends_what_was_over(&patron, &before));
            prop_assert!(leaves_no_less(&after, &before), "{before:?}\n{after:?}");
        }
    }

    #[test]
    fn an_end_never_ends_what_a_keep_of_membership_holds(
        end in an_end(), keep in tests(), patrons in vec(a_patron(), 3),
    ) {
        let keep = format!("[keeps.a]\nreason = \"r\"\nof = [\"membership\"]\n{keep}");
        let mut codes = all_codes(&[&end, &keep]);
        // The same tests as an end tell where the keep holds for sure.
        let as_end = keep.replace("[keeps.a]", "[ends.a]").replace("of = [\"membership\"]\n", "");
        let (both, tested) = (rules(&[&end, &keep], &mut codes), rules(&[&as_end], &mut codes));
        for patron in patrons {
            let patron = PatronRows { held: false, ..with_facts(patron, &codes) };
            let (ended, held) = (decide(&patron, &both), decide(&patron, &tested));
            for (ended, held) in ended.memberships.iter().zip(&held.memberships) {
                if held.reason == MembershipReason::End {
                    prop_assert!(ended.outcome != MembershipOutcome::Deregistered, "{ended:?}");
                }
            }
        }
    }

    #[test]
    fn a_value_that_becomes_unknown_never_removes_anyone_nor_ends_a_membership(
        entries in (a_keep("a"), an_end(), a_narrowing()), patrons in vec((a_patron(), any::<u8>(), any::<u8>()), 3),
    ) {
        let mut codes = all_codes(&[&entries.0, &entries.1, &entries.2]);
        let rules = rules(&[&entries.0, &entries.1, &entries.2], &mut codes);
        for (patron, which, place) in patrons {
            let known = with_facts(patron, &codes);
            let mut unknown = known.clone();
            let values = match which % 4 {
                0 => {
                    unknown.birth_date = None;
                    &mut unknown.facts
                }
                1 => &mut unknown.facts,
                2 => &mut unknown.membership_facts,
                _ => &mut unknown.account_facts,
            };
            if !values.is_empty() {
                let place = usize::from(place) % values.len();
                values[place] = FactValue::UNKNOWN;
            }
            let (before, after) = (decide(&known, &rules), decide(&unknown, &rules));
            prop_assume!(!ends_what_was_over(&known, &before));
            prop_assert!(leaves_no_less(&after, &before), "{before:?}\n{after:?}");
        }
    }

    #[test]
    fn a_narrowing_never_keeps_more(
        base in (a_keep("a"), an_end()), narrowing in a_narrowing(), patrons in vec(a_patron(), 3),
    ) {
        let mut codes = all_codes(&[&base.0, &base.1, &narrowing]);
        let without = rules(&[&base.0, &base.1], &mut codes);
        let with = rules(&[&base.0, &base.1, &narrowing], &mut codes);
        for patron in patrons {
            let patron = with_facts(patron, &codes);
            prop_assert!(leaves_no_less(&decide(&patron, &without), &decide(&patron, &with)));
        }
    }
}
