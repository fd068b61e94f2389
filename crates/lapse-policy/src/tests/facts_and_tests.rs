//! What can be wrong with facts, and with tests of them.

use insta::assert_snapshot;

use super::told;

/// The findings about a consortium's file with these lines, and a library with two subscriptions.
fn of_consortium(text: &str) -> String {
    told(&[("consortium.toml", text), ("libraries/peer.toml", PEER)])
}

const PEER: &str = "library.code = \"peer\"\n[subscriptions.youth]\ncategory = \"youth\"\n[subscriptions.adult]\n";
/// A fact that some keep uses.
const HOLDS: &str = "[facts.holds]\ntable = \"accounts\"\ncolumn = \"open_holds\"\ntype = \"count\"\n\
    [keeps.holds]\nreason = \"r\"\nwhen.holds.over = 0\n";

#[test]
fn an_unknown_fact_gets_the_nearest_name() {
    assert_snapshot!(of_consortium(&format!("{HOLDS}unless.hods.over = 0\n[keeps.a]\nreason = \"r\"\nwhen = {{ owd = {{ over = 0 }}, colour = true }}\n")), @r"
    error: `keeps.holds.unless` does not know the fact `hods`
     --> consortium.toml:8:8
      |
    8 | unless.hods.over = 0
      |        ^^^^ no fact has this name
      |
      = help: did you mean `holds`?

    error: `keeps.a.when` does not know the fact `owd`
      --> consortium.toml:11:10
       |
    11 | when = { owd = { over = 0 }, colour = true }
       |          ^^^ no fact has this name
       |
       = help: did you mean `owed`?

    error: `keeps.a.when` does not know the fact `colour`
      --> consortium.toml:11:30
       |
    11 | when = { owd = { over = 0 }, colour = true }
       |                              ^^^^^^ no fact has this name
       |
       = help: declare it as `[facts.colour]` in consortium.toml, or name one that is there
    ");
}

#[test]
fn a_test_that_does_not_fit_its_fact_says_what_does() {
    assert_snapshot!(of_consortium("[keeps.a]\nreason = \"r\"\n[keeps.a.when]\nage = 18\nowed = { at_least = 9.99 }\n\
        credit = { over = \"1,50\" }\nitems = true\nblocks = \"general\"\nrun_month = [7, 13]\nlast_activity = { past_month = 3 }\n\
        begun_on = { round = \"month\" }\nsettled_on = { after = \"owed\" }\n"), @r#"
    error: `keeps.a.when.age` has the wrong type
     --> consortium.toml:4:7
      |
    4 | age = 18
      |       ^^ expected bounds such as { at_least = 18 }, found a whole number
      |
      = help: say which bound it is: { at_least = 18 }

    error: `keeps.a.when.owed` has `at_least` of the wrong type
     --> consortium.toml:5:21
      |
    5 | owed = { at_least = 9.99 }
      |                     ^^^^ expected an amount in euro such as "20.00" or 20, at most 999999999, found a number with decimals
      |
      = help: put it in quotes: "9.99"

    error: `keeps.a.when.credit` has `over` that is not an amount in euro
     --> consortium.toml:6:19
      |
    6 | credit = { over = "1,50" }
      |                   ^^^^^^ expected an amount in euro such as "20.00" or 20, at most 999999999
      |
      = help: write the decimals after a point: "1.50"

    error: `keeps.a.when.items` has the wrong type
     --> consortium.toml:7:9
      |
    7 | items = true
      |         ^^^^ expected bounds such as { at_least = 1 }, found true or false
      |
      = help: for any at all write { over = 0 }

    error: `keeps.a.when.blocks` has the wrong type
     --> consortium.toml:8:10
      |
    8 | blocks = "general"
      |          ^^^^^^^^^ expected a list of codes such as ["staff"], found a text
      |
      = help: put it in brackets: ["general"]

    error: `keeps.a.when.run_month` has a month out of range
     --> consortium.toml:9:17
      |
    9 | run_month = [7, 13]
      |                 ^^ expected 1 to 12

    error: `keeps.a.when.last_activity` does not know `past_month`
      --> consortium.toml:10:19
       |
    10 | last_activity = { past_month = 3 }
       |                   ^^^^^^^^^^ expected `within_months`, `within_days`, `past_months`, `past_days`, `round` or `after`
       |
       = help: did you mean `past_months`?

    error: `keeps.a.when.begun_on` has `round` without a term
      --> consortium.toml:11:14
       |
    11 | begun_on = { round = "month" }
       |              ^^^^^ expected `within_months`, `within_days`, `past_months` or `past_days` beside it

    error: `keeps.a.when.settled_on` has `after` a fact that is no date, `owed`
      --> consortium.toml:12:24
       |
    12 | settled_on = { after = "owed" }
       |                        ^^^^^^ expected the name of a date
    "#);
}

#[test]
fn bounds_that_exclude_each_other_are_an_error() {
    assert_snapshot!(of_consortium("[keeps.a]\nreason = \"r\"\n[keeps.a.when]\nowed = { over = 5, under = 3 }\n\
        items = { at_least = 2, at_most = 1 }\nage = { at_least = 18, under = 18 }\n\
        begun_on = { within_months = 12, past_months = 12 }\nsettled_on = { within_days = 300, past_months = 12 }\n"), @r"
    error: `keeps.a.when.owed` can never hold
     --> consortium.toml:4:8
      |
    4 | owed = { over = 5, under = 3 }
      |        ^^^^^^^^^^^^^^^^^^^^^^^ these conditions exclude each other
      |
      = help: all conditions of one test must hold together; two keeps are for either of two

    error: `keeps.a.when.items` can never hold
     --> consortium.toml:5:9
      |
    5 | items = { at_least = 2, at_most = 1 }
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ these conditions exclude each other
      |
      = help: all conditions of one test must hold together; two keeps are for either of two

    error: `keeps.a.when.age` can never hold
     --> consortium.toml:6:7
      |
    6 | age = { at_least = 18, under = 18 }
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ these conditions exclude each other
      |
      = help: all conditions of one test must hold together; two keeps are for either of two

    error: `keeps.a.when.begun_on` can never hold
     --> consortium.toml:7:12
      |
    7 | begun_on = { within_months = 12, past_months = 12 }
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ these conditions exclude each other
      |
      = help: all conditions of one test must hold together; two keeps are for either of two

    error: `keeps.a.when.settled_on` can never hold
     --> consortium.toml:8:14
      |
    8 | settled_on = { within_days = 300, past_months = 12 }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ these conditions exclude each other
      |
      = help: all conditions of one test must hold together; two keeps are for either of two
    ");
}

#[test]
fn bounds_that_leave_something_are_no_error() {
    let text = "[keeps.a]\nreason = \"r\"\n[keeps.a.when]\nowed = { over = 5, at_most = \"5.01\" }\n\
        items = { at_least = 1, at_most = 1 }\nage = { at_least = 18, under = 19 }\n\
        begun_on = { within_months = 13, past_months = 12 }\nsettled_on = { within_days = 366, past_months = 12 }\n";
    assert_eq!(of_consortium(text), "");
}

#[test]
fn a_fact_that_cannot_be_read_says_why() {
    assert_snapshot!(of_consortium("[facts.age]\ntable = \"patrons\"\ncolumn = \"age\"\ntype = \"count\"\n\
        [facts.Born]\ntable = \"patrons\"\n[facts.a]\ntable = \"patrons\"\ncolumn = \"birth_date\"\ntype = \"date\"\n\
        [facts.b]\ntable = \"activity\"\ncolumn = \"x\"\ntype = \"flag\"\n[facts.c]\ntable = \"accounts\"\nsources = [\"loan\"]\n\
        [facts.d]\ntable = \"patrons\"\ncolumn = \"letter\"\ntype = \"date\"\n\
        [facts.e]\ntable = \"patrons\"\ncolumn = \"letter\"\ntype = \"flag\"\n[facts.f]\ntable = \"loans\"\ncolumn = \"x\"\ntype = \"dat\"\n"), @r#"
    error: `age` is a fact already
     --> consortium.toml:1:8
      |
    1 | [facts.age]
      |        ^^^ every extract tells this
      |
      = help: name `age` in `when` or `unless` without declaring it, or choose another name

    error: the fact's name has other characters than small letters and digits with single `-` or `_` between
     --> consortium.toml:5:8
      |
    5 | [facts.Born]
      |        ^^^^ expected a name such as `letter_sent`

    error: `birth_date` of `patrons` cannot be a fact
     --> consortium.toml:9:10
      |
    9 | column = "birth_date"
      |          ^^^^^^^^^^^^ every extract has this column
      |
      = help: name a column that the extract has beyond its contract

    error: `facts.b` has no `sources`
      --> consortium.toml:11:1
       |
    11 | [facts.b]
       | ^^^^^^^^^ expected `sources` here: the sources whose latest date it is, over all libraries; only of `activity`
       |
       = help: add a line such as `sources = ["loan"]`

    error: a fact of `activity` has no `column`
      --> consortium.toml:13:1
       |
    13 | column = "x"
       | ^^^^^^ its value is the latest date of its sources
       |
       = help: write sources = ["loan"] instead, with the sources that it is about

    error: a fact of `activity` is a date
      --> consortium.toml:14:8
       |
    14 | type = "flag"
       |        ^^^^^^ expected "date"
       |
       = help: remove the line

    error: `facts.c` has no `column`
      --> consortium.toml:15:1
       |
    15 | [facts.c]
       | ^^^^^^^^^ expected `column` here: the column in which it stands; `activity` has none
       |
       = help: add a line such as `column = "…"`

    error: `facts.c` has no `type`
      --> consortium.toml:15:1
       |
    15 | [facts.c]
       | ^^^^^^^^^ expected `type` here: what a value is; of `activity` it is a date
       |
       = help: add a line such as `type = "date"`

    error: a fact of `accounts` has no `sources`
      --> consortium.toml:17:1
       |
    17 | sources = ["loan"]
       | ^^^^^^^ sources are those of `activity`
       |
       = help: name its `column`, or take table = "activity"

    error: the facts `d` and `e` read one column as two types
      --> consortium.toml:25:8
       |
    19 | table = "patrons"
       | ----- `d` is a date of this column
    ...
    25 | type = "flag"
       |        ^^^^^^ expected the type that the other has
       |
       = help: give both the same type, or name another column

    error: `facts.f.table` does not know `loans`
      --> consortium.toml:27:9
       |
    27 | table = "loans"
       |         ^^^^^^^ expected "patrons", "memberships", "accounts" or "activity"

    error: `facts.f.type` does not know `dat`
      --> consortium.toml:29:8
       |
    29 | type = "dat"
       |        ^^^^^ expected "flag", "count", "amount", "date" or "code"
       |
       = help: did you mean `date`?
    "#);
}

#[test]
fn facts_stand_in_the_consortiums_file_alone_and_in_no_amendment() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nfacts.a.table = \"patrons\"\n"),
        ("libraries/peer.toml", "library.code = \"peer\"\n[facts.a]\ntable = \"patrons\"\n"),
    ]), @r#"
    error: an amendment cannot set `facts`
     --> consortium.toml:4:1
      |
    4 | facts.a.table = "patrons"
      | ^^^^^ a fact is the same on every day
      |
      = help: declare it at the top of consortium.toml; a keep that looks at it may stand in an amendment

    error: `facts` does not belong in a library's file
     --> libraries/peer.toml:2:2
      |
    2 | [facts.a]
      |  ^^^^^ it can only stand in consortium.toml
    "#);
}

#[test]
fn there_are_no_more_than_64_facts() {
    use std::fmt::Write as _;
    let mut text = String::from("[keeps.a]\nreason = \"r\"\n[keeps.a.when]\n");
    for number in 0..65 {
        writeln!(text, "f{number} = true").unwrap();
    }
    for number in 0..65 {
        writeln!(text, "[facts.f{number}]\ntable = \"patrons\"\ncolumn = \"c{number}\"\ntype = \"flag\"").unwrap();
    }
    assert_snapshot!(of_consortium(&text), @r"
    error: there are more than 64 facts
       --> consortium.toml:325:8
        |
    325 | [facts.f64]
        |        ^^^ one too many
        |
        = help: remove facts that no keep or end looks at
    ");
}

#[test]
fn an_amount_can_lie_between_two_cents_and_a_keep_of_memberships_cannot_know_when_they_ended() {
    assert_snapshot!(of_consortium("[keeps.a]\nreason = \"r\"\nof = [\"record\", \"membership\"]\n[keeps.a.when]\n\
        owed = { over = \"19.99\", under = \"20.00\" }\nended_on = { within_months = 1 }\n"), @"
    warning: `keeps.a.when.ended_on` is unknown of every membership
     --> consortium.toml:6:1
      |
    6 | ended_on = { within_months = 1 }
      | ^^^^^^^^ `ended_on` is a fact of records; what is not known keeps, so no membership lapses
      |
      = help: keep memberships by a keep of their own, without `ended_on`
    ");
}

#[test]
fn a_month_did_not_lead_to_run_month() {
    for name in ["months", "month", "Months"] {
        let told = of_consortium(&format!("[keeps.a]\nreason = \"r\"\nwhen.{name} = [7, 8]\n"));
        assert!(told.contains("help: did you mean `run_month`?"), "{told}");
    }
    let told = of_consortium("[keeps.a]\nreason = \"r\"\nwhen.begun_on.after = \"month\"\n");
    assert!(!told.contains("run_month"), "a month is no date: {told}");
}
