//! What an entry implies, against what the engine makes of it: on random tests and values, the answer of what is implied is never
//! less.

use lapse_engine::{FactValue, TestDay, Truth};
use lapse_policy::{BuiltInFact, Day, DayPolicy, Entry, FactTest, Policy, TestedFact};
use proptest::option::weighted;
use proptest::prelude::*;

const FACTS: &str = "[consortium]\nname = \"Test\"\nyear_starts = \"03-15\"\n\
    [facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\ntype = \"count\"\n\
    [facts.letter]\ntable = \"patrons\"\ncolumn = \"letter\"\ntype = \"date\"\n";

/// A test of a number, which `written` writes: one bound, or two that do not exclude each other.
fn number(fact: &'static str, written: fn(u32) -> String) -> impl Strategy<Value = String> {
    let lower = proptest::option::of((prop_oneof![Just("over"), Just("at_least")], 0..4_u32));
    let upper = proptest::option::of((prop_oneof![Just("under"), Just("at_most")], 5..9_u32));
    (lower, upper).prop_filter_map("a bound", move |(lower, upper)| {
        let bounds: Vec<String> =
            lower.into_iter().chain(upper).map(|(bound, number)| format!("{bound} = {}", written(number))).collect();
        (!bounds.is_empty()).then(|| format!("{fact} = {{ {} }}", bounds.join(", ")))
    })
}

fn date() -> impl Strategy<Value = String> {
    let term = prop_oneof![Just("within_months"), Just("past_months"), Just("within_days"), Just("past_days")];
    let round = prop_oneof![Just(""), Just(", round = \"month\""), Just(", round = \"year\"")];
    let after = prop_oneof![3 => Just(""), 1 => Just(", after = \"last_activity\"")];
    let test = (term, 0..4_u32, round, after).prop_map(|(term, number, round, after)| {
        let number = if term.ends_with("days") { number * 15 } else { number };
        format!("letter = {{ {term} = {number}{round}{after} }}")
    });
    prop_oneof![4 => test, 1 => Just("letter = true".to_owned()), 1 => Just("letter = false".to_owned())]
}

fn age() -> impl Strategy<Value = String> {
    (prop_oneof![Just("at_least"), Just("under")], 0..3_u32)
        .prop_map(|(bound, years)| format!("age = {{ {bound} = {years} }}"))
}

/// Tests of some facts, at least one.
fn tests() -> impl Strategy<Value = String> {
    let numbers = (
        weighted(0.4, number("owed", |cents| format!("\"0.0{cents}\""))),
        weighted(0.4, number("holds", |number| number.to_string())),
    );
    (numbers, weighted(0.4, date()), weighted(0.3, age())).prop_filter_map("a test", |((owed, holds), letter, age)| {
        let all: Vec<String> = [owed, holds, letter, age].into_iter().flatten().collect();
        (!all.is_empty()).then(|| format!("{{ {} }}", all.join(", ")))
    })
}

fn end(name: &'static str) -> impl Strategy<Value = String> {
    (tests(), proptest::option::of(tests())).prop_map(move |(when, unless)| {
        let unless = unless.map_or_else(String::new, |unless| format!("unless = {unless}\n"));
        format!("[ends.{name}]\nreason = \"r\"\nwhen = {when}\n{unless}")
    })
}

/// What a patron has of each fact.
#[derive(Clone, Copy, Debug)]
struct Values {
    owed: FactValue,
    holds: FactValue,
    letter: FactValue,
    born: FactValue,
    last_activity: FactValue,
}

fn values(run: Day) -> impl Strategy<Value = Values> {
    let day = move |least: i32| (least..5).prop_map(move |days| FactValue::of_day(Some(run.add_days(days))));
    let or_none = |known: BoxedStrategy<FactValue>| prop_oneof![6 => known, 1 => Just(FactValue::NONE), 1 => Just(FactValue::UNKNOWN)];
    let cents = (0..9_u64, any::<bool>()).prop_map(|(cents, more)| FactValue::of_amount(cents, more));
    (
        or_none(cents.boxed()),
        or_none((0..9_u64).prop_map(FactValue::of_count).boxed()),
        or_none(day(-500).boxed()),
        prop_oneof![day(-1200).boxed(), Just(FactValue::UNKNOWN).boxed()],
        or_none(day(-500).boxed()),
    )
        .prop_map(|(owed, holds, letter, born, last_activity)| Values { owed, holds, letter, born, last_activity })
}

/// What an entry comes to of these values.
fn truth(of_day: &DayPolicy, entry: &Entry, values: &Values) -> Truth {
    let day = TestDay::of(of_day);
    let all = |tests: &[FactTest]| {
        let each = tests.iter().map(|test| {
            let value = match test.fact {
                TestedFact::BuiltIn(BuiltInFact::Owed) => values.owed,
                TestedFact::BuiltIn(_) => values.born,
                TestedFact::Declared(0) => values.holds,
                TestedFact::Declared(_) => values.letter,
            };
            day.truth(test, value, values.last_activity).unwrap()
        });
        each.min().unwrap_or(Truth::True)
    };
    let unless = match all(&entry.unless) {
        _ if entry.unless.is_empty() => Truth::True,
        Truth::True => Truth::False,
        Truth::Unknown => Truth::Unknown,
        Truth::False => Truth::True,
    };
    all(&entry.when).min(unless)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_implied_is_never_less(
        (one, other) in (end("a"), end("b")),
        all in proptest::collection::vec(values(Day::parse(b"2022-07-01").unwrap()), 40),
    ) {
        let loaded = Policy::from_texts([("consortium.toml", format!("{FACTS}{one}{other}"))]).unwrap();
        let told = loaded.diagnostics.render(false);
        let of_day = loaded.policy.unwrap_or_else(|| panic!("{told}")).on("2022-07-01".parse().unwrap());
        let ends = &of_day.consortium.settings.entries.ends;
        for (one, other) in [(&ends[0], &ends[1]), (&ends[1], &ends[0])] {
            if one.implies(other, &of_day.facts) {
                for values in &all {
                    let [one, other] = [one, other].map(|entry| truth(&of_day, entry, values));
                    prop_assert!(one <= other, "{one:?} {other:?} {values:?}\n{told}");
                }
            }
        }
    }
}
