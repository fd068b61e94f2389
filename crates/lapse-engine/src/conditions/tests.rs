//! The day before, the day and the day after on which each test of a fact turns.

use lapse_policy::Round;

use super::*;
use crate::Codes;
use crate::example::day;

/// Whether a test of a date is so, on a run day, in years that begin on 1 July.
fn date(test: DateTest, run: &str, value: FactValue, other: FactValue) -> Truth {
    let making = Making {
        run: day(run),
        year_starts: MonthDay { month: 7, day: 1 },
        place: &|_| ValueOf::Patron(0),
        is_amount: &|_| false,
        kind: &|_| None,
    };
    let test = FactTest {
        fact: TestedFact::Declared(0),
        test: lapse_policy::Sourced { value: Test::Date(test), origin: lapse_policy::Origin::BuiltIn },
    };
    making.condition(&test).truth(value, other, |_, _| false)
}

fn at(text: &str) -> FactValue {
    FactValue::of_day(Some(day(text)))
}

const NEVER: DateTest =
    DateTest { within_months: None, within_days: None, past_months: None, past_days: None, round: None, after: None };

#[test]
fn within_holds_until_the_day_on_which_past_begins() {
    let within = DateTest { within_months: Some(24), ..NEVER };
    let past = DateTest { past_months: Some(24), ..NEVER };
    for (value, is_past) in [("2020-06-30", true), ("2020-07-01", true), ("2020-07-02", false)] {
        assert_eq!(date(past, "2022-07-01", at(value), FactValue::NONE), is_past.into(), "{value}");
        assert_eq!(date(within, "2022-07-01", at(value), FactValue::NONE), (!is_past).into(), "{value}");
    }
    let days = DateTest { past_days: Some(30), ..NEVER };
    assert_eq!(date(days, "2022-07-01", at("2022-06-01"), FactValue::NONE), Truth::True);
    assert_eq!(date(days, "2022-07-01", at("2022-06-02"), FactValue::NONE), Truth::False);
}

#[test]
fn a_rounded_term_holds_on_the_last_day_of_its_month_or_year_and_is_past_from_the_day_after() {
    let month = DateTest { within_months: Some(4), round: Some(Round::Month), ..NEVER };
    assert_eq!(date(month, "2022-07-31", at("2022-03-01"), FactValue::NONE), Truth::True);
    assert_eq!(date(month, "2022-08-01", at("2022-03-31"), FactValue::NONE), Truth::False);
    let past = DateTest { within_months: None, past_months: Some(4), ..month };
    assert_eq!(date(past, "2022-07-31", at("2022-03-01"), FactValue::NONE), Truth::False);
    assert_eq!(date(past, "2022-08-01", at("2022-03-31"), FactValue::NONE), Truth::True);
    let year = DateTest { within_months: Some(0), round: Some(Round::Year), ..NEVER };
    assert_eq!(date(year, "2022-06-30", at("2021-07-01"), FactValue::NONE), Truth::True);
    assert_eq!(date(year, "2022-07-01", at("2022-06-30"), FactValue::NONE), Truth::False);
    assert_eq!(date(year, "2022-07-01", at("2022-07-01"), FactValue::NONE), Truth::True);
}

#[test]
fn a_term_that_would_run_past_the_calendar_is_past_on_no_day() {
    let past = DateTest { past_months: Some(24), ..NEVER };
    assert_eq!(date(past, "9999-12-31", at("9998-01-01"), FactValue::NONE), Truth::False);
    let rounded = DateTest { round: Some(Round::Year), ..past };
    assert_eq!(date(rounded, "9999-12-31", at("9997-12-31"), FactValue::NONE), Truth::False);
    assert_eq!(date(past, "0001-01-01", at("0001-01-01"), FactValue::NONE), Truth::False);
    let none = DateTest { past_months: Some(0), ..NEVER };
    assert_eq!(date(none, "0001-01-01", at("0001-01-01"), FactValue::NONE), Truth::True);
}

#[test]
fn after_is_strictly_later_and_unknown_before_it_is_none() {
    let after = DateTest { after: Some(TestedFact::Declared(1)), ..NEVER };
    let (known, none, unknown) = (at("2022-01-02"), FactValue::NONE, FactValue::UNKNOWN);
    for (value, other, truth) in [
        (known, at("2022-01-01"), Truth::True),
        (known, known, Truth::False),
        (known, none, Truth::False),
        (known, unknown, Truth::Unknown),
        (none, known, Truth::False),
        (none, unknown, Truth::False),
        (unknown, none, Truth::Unknown),
        (unknown, known, Truth::Unknown),
    ] {
        assert_eq!(date(after, "2022-07-01", value, other), truth, "{value:?} after {other:?}");
    }
}

#[test]
fn the_day_on_which_a_test_turns_is_the_first_on_which_it_comes_out_otherwise() {
    for months in [0, 1, 4, 24] {
        for round in [None, Some(Round::Month), Some(Round::Year)] {
            let test = DateTest { within_months: Some(months), round, ..NEVER };
            for since in ["2020-01-31", "2020-02-29", "2020-06-30", "2020-07-01", "2020-08-31"] {
                let making = Making {
                    run: day("2020-01-01"),
                    year_starts: MonthDay { month: 7, day: 1 },
                    place: &|_| ValueOf::Patron(0),
                    is_amount: &|_| false,
                    kind: &|_| None,
                };
                let test_of = FactTest {
                    fact: TestedFact::Declared(0),
                    test: lapse_policy::Sourced { value: Test::Date(test), origin: lapse_policy::Origin::BuiltIn },
                };
                let condition = making.condition(&test_of);
                let turns = condition.turns(at(since), FactValue::NONE, day("2020-01-01")).unwrap();
                let on = |run: Day| date(test, &run.to_string(), at(since), FactValue::NONE);
                assert_eq!(
                    (on(turns.previous()), on(turns)),
                    (Truth::True, Truth::False),
                    "{since} {months} {round:?}"
                );
            }
        }
    }
}

#[test]
fn amounts_are_compared_beyond_their_cents_and_codes_by_any_of_them() {
    let mut codes = Codes::default();
    let cell = codes.blocks.intern("general|internet");
    let half = FactValue::of_amount(999, true);
    let number = |bounds: NumberTest, value: FactValue| {
        let making = Making {
            run: day("2022-07-01"),
            year_starts: MonthDay::NEW_YEAR,
            place: &|_| ValueOf::Patron(0),
            is_amount: &|_| true,
            kind: &|_| None,
        };
        let test = FactTest {
            fact: TestedFact::Declared(0),
            test: lapse_policy::Sourced { value: Test::Number(bounds), origin: lapse_policy::Origin::BuiltIn },
        };
        making.condition(&test).truth(value, FactValue::NONE, |_, _| false) == Truth::True
    };
    let none = NumberTest::default();
    assert!(number(NumberTest { over: Some(999), ..none }, half));
    assert!(!number(NumberTest { at_least: Some(1000), ..none }, half));
    assert!(number(NumberTest { under: Some(1000), ..none }, half));
    assert!(!number(NumberTest { at_most: Some(999), ..none }, half));
    assert!(number(NumberTest { at_most: Some(999), ..none }, FactValue::of_amount(999, false)));
    assert!(!number(NumberTest { under: Some(0), ..none }, FactValue::NONE));
    assert_eq!(FactValue::of_codes(cell).codes(), Some(cell));
}
