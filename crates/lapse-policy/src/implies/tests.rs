//! What implies what: bounds, terms, exceptions, and what a keep keeps.

use crate::{Day, Entries, Policy};

/// The entries of a consortium with these lines, which tests name the facts `holds`, a count, and `letter`, a date.
fn entries(text: &str) -> (Entries, Vec<crate::Fact>) {
    let text = format!(
        "[consortium]\nname = \"Test\"\n[facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\ntype = \"count\"\n\
         [facts.letter]\ntable = \"patrons\"\ncolumn = \"letter\"\ntype = \"date\"\n{text}"
    );
    let loaded = Policy::from_texts([("consortium.toml", text)]).unwrap();
    let told = loaded.diagnostics.render(false);
    let of_day = loaded.policy.unwrap_or_else(|| panic!("{told}")).on(Day::MIN);
    (of_day.consortium.settings.entries, of_day.facts)
}

/// Whether an end with the keys `one` implies one with the keys `two`, and the other way round.
fn both_ways(one: &str, two: &str) -> [bool; 2] {
    let (entries, facts) = entries(&format!("[ends.a]\nreason = \"r\"\n{one}\n[ends.b]\nreason = \"r\"\n{two}\n"));
    let [a, b] = &*entries.ends else { panic!("two ends") };
    [a.implies(b, &facts), b.implies(a, &facts)]
}

/// The same of ends with one test each.
fn of_tests(one: &str, two: &str) -> [bool; 2] {
    both_ways(&format!("when.{one}"), &format!("when.{two}"))
}

const STRICTER: [bool; 2] = [true, false];
const ALIKE: [bool; 2] = [true, true];
const NEITHER: [bool; 2] = [false, false];

#[test]
fn a_bound_implies_a_wider_one() {
    for (one, two, expected) in [
        ("owed.at_least = 20", "owed.at_least = 10", STRICTER),
        ("owed.under = 10", "owed.under = 20", STRICTER),
        ("owed = { at_least = 10, under = 20 }", "owed.under = 20", STRICTER),
        ("owed = { at_least = 10, under = 20 }", "owed = { over = 15, under = 30 }", NEITHER),
        ("owed.at_least = 10", "credit.at_least = 10", NEITHER),
        ("age.at_least = 18", "age.at_least = 16", STRICTER),
        ("age = { at_least = 12, under = 18 }", "age.under = 18", STRICTER),
        ("holds.under = 0", "holds.at_most = 0", STRICTER),
        ("run_month = [7]", "run_month = [7, 8]", STRICTER),
        ("blocks = [\"a\", \"b\"]", "blocks = [\"b\", \"a\"]", ALIKE),
    ] {
        assert_eq!(of_tests(one, two), expected, "{one} {two}");
    }
}

#[test]
fn more_than_ten_euro_is_not_a_cent_more() {
    assert_eq!(of_tests("holds.over = 9", "holds.at_least = 10"), ALIKE);
    assert_eq!(of_tests("owed.over = 10", "owed.at_least = \"10.01\""), [false, true], "10.005 lies between");
}

#[test]
fn a_term_implies_a_wider_one_and_a_rounded_one_runs_longer() {
    for (one, two, expected) in [
        ("letter.past_days = 60", "letter.past_days = 30", STRICTER),
        ("letter.within_months = 12", "letter.within_months = 24", STRICTER),
        ("letter.within_months = 12", "letter = { within_months = 12, round = \"year\" }", STRICTER),
        ("letter = { past_months = 12, round = \"month\" }", "letter.past_months = 12", STRICTER),
        (
            "letter = { past_months = 12, round = \"month\" }",
            "letter = { past_months = 12, round = \"year\" }",
            NEITHER,
        ),
        ("letter.past_months = 12", "letter.past_days = 30", NEITHER),
        ("letter = { past_days = 30, after = \"last_activity\" }", "letter.past_days = 30", STRICTER),
        ("letter.past_days = 30", "letter = true", STRICTER),
        ("letter.past_days = 30", "letter = false", NEITHER),
    ] {
        assert_eq!(of_tests(one, two), expected, "{one} {two}");
    }
}

#[test]
fn a_test_more_an_exception_more_and_a_group_less_are_stricter() {
    let base = "when.owed.at_least = 10";
    for (one, expected) in [
        (format!("{base}\nwhen.age.under = 18"), STRICTER),
        (format!("{base}\nonly.category = \"youth\""), STRICTER),
        (format!("{base}\nunless.age.under = 18"), STRICTER),
        ("when.owed.at_least = 20\nunless.age.under = 18".to_owned(), STRICTER),
        ("when.owed.at_least = 5\nunless.age.under = 18".to_owned(), NEITHER),
    ] {
        assert_eq!(both_ways(&one, base), expected, "{one}");
    }
    let without = |unless: &str| format!("{base}\nunless = {{ {unless} }}");
    let youth = without("age = { under = 18 }");
    assert_eq!(both_ways(&youth, &without("age = { under = 12 }")), STRICTER, "the exception of the other is smaller");
    assert_eq!(both_ways(&youth, &without("age = { under = 18 }, letter = true")), STRICTER, "both must be so there");
}

#[test]
fn a_keep_for_review_holds_less_than_another_and_a_narrowing_that_never_holds_least() {
    let text = "[keeps.a]\nreason = \"r\"\nwhen.age.under = 12\nreview = true\n\
                [keeps.b]\nreason = \"r\"\nwhen.age.under = 18\nof = [\"record\", \"membership\"]\n\
                [keeps.owes]\nreason = \"r\"\nholds = false\n[keeps.credit]\nreason = \"r\"\nwhen.credit.over = 5\n";
    let (entries, facts) = entries(text);
    let [a, b] = &*entries.keeps else { panic!("two keeps") };
    assert_eq!([a.implies(b, &facts), b.implies(a, &facts)], STRICTER);
    let [owes, credit] = &*entries.narrowings else { panic!("two narrowings") };
    assert_eq!([owes.implies(credit, &facts), credit.implies(owes, &facts)], STRICTER);
    assert!(!owes.leaves_all() && !credit.leaves_all());
}
