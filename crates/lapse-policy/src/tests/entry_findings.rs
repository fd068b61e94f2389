//! What can be wrong with keeps, ends and narrowings, alone and once all files are merged.

use insta::assert_snapshot;

use super::{told, told_of_library};

/// The findings about a consortium's file with these lines, and a library with two subscriptions.
fn of_consortium(text: &str) -> String {
    told(&[("consortium.toml", text), ("libraries/peer.toml", PEER)])
}

const PEER: &str = "library.code = \"peer\"\n[subscriptions.youth]\ncategory = \"youth\"\n[subscriptions.adult]\n";

#[test]
fn the_names_of_other_reasons_are_reserved() {
    assert_snapshot!(told_of_library("[keeps.valid-membership]\nreason = \"r\"\nwhen.age.under = 12\n\
        [ends.no-policy]\nreason = \"r\"\nwhen.age.under = 12\n[keeps.Big]\nreason = \"r\"\n[plugins.keep]\nfile = \"x\"\ngrants = [\"keep-record\"]\n"), @r"
    error: `valid-membership` cannot be the name of a keep
     --> libraries/peer.toml:2:8
      |
    2 | [keeps.valid-membership]
      |        ^^^^^^^^^^^^^^^^ a built-in reason has this name
      |
      = help: choose another name; `ended-recently`, `owes`, `credit`, `blocked`, `items` and `settled-recently` can be narrowed

    error: `no-policy` cannot be the name of an end
     --> libraries/peer.toml:5:7
      |
    5 | [ends.no-policy]
      |       ^^^^^^^^^ a built-in reason has this name
      |
      = help: choose another name; `ended-recently`, `owes`, `credit`, `blocked`, `items` and `settled-recently` can be narrowed

    error: the keep's name has other characters than small letters and digits with single `-` or `_` between
     --> libraries/peer.toml:8:8
      |
    8 | [keeps.Big]
      |        ^^^ expected a name such as `open-holds`

    error: `keep` cannot be the name of a plugin
      --> libraries/peer.toml:10:10
       |
    10 | [plugins.keep]
       |          ^^^^ reasons that begin with this word are those of the policy's own keeps and ends
       |
       = help: give the plugin another name
    ");
}

#[test]
fn a_narrowing_takes_some_keys_and_a_keep_others() {
    assert_snapshot!(told_of_library("[keeps.owes]\nreason = \"r\"\nof = [\"record\"]\nonly.category = \"adult\"\nreview = true\n\
        when.owed.over = 20\n[keeps.other]\nreason = \"r\"\nholds = false\nwhen.owed.over = 20\n"), @r#"
    error: `of` does not belong where `owes` is narrowed
     --> libraries/peer.toml:4:1
      |
    4 | of = ["record"]
      | ^^ `owes` is a built-in reason: this only says when it holds
      |
      = help: remove the line, or give the keep another name

    error: `only` does not belong where `owes` is narrowed
     --> libraries/peer.toml:5:1
      |
    5 | only.category = "adult"
      | ^^^^ `owes` is a built-in reason: this only says when it holds
      |
      = help: remove the line, or give the keep another name

    error: `review` does not belong where `owes` is narrowed
     --> libraries/peer.toml:6:1
      |
    6 | review = true
      | ^^^^^^ `owes` is a built-in reason: this only says when it holds
      |
      = help: remove the line, or give the keep another name

    error: `holds` belongs only where a built-in reason is narrowed
      --> libraries/peer.toml:10:1
       |
    10 | holds = false
       | ^^^^^ this keep has the name of no built-in reason that can be narrowed
       |
       = help: write active = false to switch the keep off; `ended-recently`, `owes`, `credit`, `blocked`, `items` and `settled-recently` can be narrowed
    "#);
}

#[test]
fn a_keep_or_end_that_lacks_something_is_told_where_it_is_named() {
    assert_snapshot!(told_of_library("[subscriptions.adult]\n[keeps.a]\nwhen.age.under = 12\n[keeps.b]\nreason = \"r\"\n[keeps.c]\n\
        [keeps.d]\nreason = \"r\"\nwhen = {}\n[ends.e]\nreason = \"r\"\nonly.category = \"adult\"\n[keeps.f]\nreason = \"r\"\nwehn.age.under = 12\n"), @r#"
    error: `keeps.a` has no `reason`
     --> libraries/peer.toml:3:8
      |
    3 | [keeps.a]
      |        ^ expected `reason` here: why, and who decided; the first file that names it says so, where no amendment with its own reason does
      |
      = help: add a line such as `reason = "Council decision of 3 May 2026"`

    error: `keeps.b` has none of `when`, `unless` and `only`
     --> libraries/peer.toml:5:8
      |
    5 | [keeps.b]
      |        ^ it would keep everybody, so that nothing is ever removed
      |
      = help: say whom it keeps: `when = { owed = { over = 0 } }`, or `only = { category = "web" }`

    error: `keeps.c` says nothing
     --> libraries/peer.toml:7:8
      |
    7 | [keeps.c]
      |        ^ expected its keys
      |
      = help: say what it keeps or ends, or remove it

    error: `keeps.d.when` is empty
      --> libraries/peer.toml:10:8
       |
    10 | when = {}
       |        ^^ expected tests such as { age = { at_least = 18 } }
       |
       = help: add a test, or remove the line

    error: `ends.e` has no `when`
      --> libraries/peer.toml:11:7
       |
    11 | [ends.e]
       |       ^ expected `when`: without it every membership would end
       |
       = help: add a line such as `when = { age = { at_least = 18 } }`

    error: unknown key `wehn` in `[keeps.f]`
      --> libraries/peer.toml:16:1
       |
    16 | wehn.age.under = 12
       | ^^^^ expected `reason`, `of`, `only`, `when`, `unless`, `review`, `active` or `holds`
       |
       = help: did you mean `when` (it holds where all of these do; what is not known keeps)?
    "#);
}

#[test]
fn an_entry_that_is_switched_off_may_lack_its_tests() {
    let text = "[[amendment]]\nfrom = 2022-01-01\nreason = \"No tolerance\"\nenforce = true\nkeeps.owes = { active = false }\nkeeps.mine = { active = false }\n";
    assert_eq!(of_consortium(text), "");
}

#[test]
fn the_last_test_that_none_takes_away_leaves_a_keep_of_everybody() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[keeps.a]\nreason = \"r\"\nwhen.age.under = 12\n"),
        ("libraries/peer.toml", &format!("{PEER}[keeps.a]\nwhen.age = \"none\"\n")),
    ]), @r#"
    error: `keeps.a` has none of `when`, `unless` and `only`
     --> libraries/peer.toml:6:6
      |
    6 | when.age = "none"
      |      ^^^ it would keep everybody, so that nothing is ever removed
      |
      = help: say whom it keeps: `when = { owed = { over = 0 } }`, or `only = { category = "web" }`
    "#);
}

#[test]
fn review_and_ended_on_need_a_keep_of_the_record() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[keeps.a]\nreason = \"r\"\nwhen.age.under = 12\nreview = true\n\
            [keeps.b]\nreason = \"r\"\nof = [\"membership\"]\nwhen.begun_on.after = \"ended_on\"\n\
            [ends.c]\nreason = \"r\"\nwhen.ended_on = true\n"),
        ("libraries/peer.toml", &format!("{PEER}[keeps.a]\nof = [\"membership\"]\n")),
    ]), @r#"
    error: `keeps.b.when.begun_on` does not fit: `ended_on` is a fact of records, and this keep is of memberships
     --> consortium.toml:8:6
      |
    7 | of = ["membership"]
      | -- what it keeps stands here
    8 | when.begun_on.after = "ended_on"
      |      ^^^^^^^^ `ended_on` needs "record" in `of`
      |
      = help: add "record" to `of`, or remove the other line

    error: `ends.c.when` cannot look at `ended_on`
      --> consortium.toml:11:6
       |
    11 | when.ended_on = true
       |      ^^^^^^^^ a record has this, and a membership does not
       |
       = help: look at `begun_on` or `last_activity`, or make it a keep of `record`

    error: `keeps.a.of` does not fit: `review` is for a record, and this keep keeps none
     --> libraries/peer.toml:6:1
      |
    6 | of = ["membership"]
      | ^^ expected "record" among these
      |
     ::: consortium.toml:4:1
      |
    4 | review = true
      | ------ `review` stands here
      |
      = help: add "record" to `of`, or remove the other line
    "#);
}

#[test]
fn renewals_end_on_one_day_only_after_whole_years() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[subscription]\nterm_ends = \"12-31\"\n"),
        ("libraries/peer.toml", &format!("{PEER}term_months = 6\n")),
        ("libraries/olen.toml", "library.code = \"olen\"\n[subscriptions.a]\nterm_months = 6\nterm_ends = \"none\"\n[subscriptions.b]\nterm_months = 24\n"),
    ]), @r#"
    error: `subscriptions.adult.term_months` does not fit: renewals end on one day of the year, and terms of 6 months do not
     --> libraries/peer.toml:5:15
      |
    5 | term_months = 6
      |               ^ expected a multiple of 12
      |
     ::: consortium.toml:2:13
      |
    2 | term_ends = "12-31"
      |             ------- renewals end on this day
      |
      = help: write a term of whole years, or term_ends = "none"
    "#);
}

#[test]
fn a_day_of_every_year_is_not_29_february() {
    assert_snapshot!(of_consortium("[consortium]\nname = \"n\"\nyear_starts = \"02-29\"\n[subscription]\nterm_ends = 2022-12-31\n[retention]\nhistory_months = \"never\"\n"), @r#"
    error: `consortium.year_starts` is no day of every year
     --> consortium.toml:3:15
      |
    3 | year_starts = "02-29"
      |               ^^^^^^^ expected a day of every year such as "07-01"
      |
      = help: 29 February is not in every year: write 02-28 or 03-01

    error: `subscription.term_ends` has the wrong type
     --> consortium.toml:5:13
      |
    5 | term_ends = 2022-12-31
      |             ^^^^^^^^^^ expected a day of every year such as "12-31", or "none", found a date
      |
      = help: leave the year out, in quotes: "12-31"

    error: `retention.history_months` has the wrong type
     --> consortium.toml:7:18
      |
    7 | history_months = "never"
      |                  ^^^^^^^ expected a whole number of months, 1 to 1200, or "none", found a text
    "#);
}

#[test]
fn one_term_in_two_units_is_an_error() {
    assert_snapshot!(told_of_library("[retention]\npseudonymise_days = 30\npseudonymise_months = 1\n\
        [[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nretention = { pseudonymise_days = 30, pseudonymise_months = 1 }\n"), @r"
    error: `retention.pseudonymise_months` and `retention.pseudonymise_days` stand in one table
     --> libraries/peer.toml:4:1
      |
    3 | pseudonymise_days = 30
      | ----------------- the other unit
    4 | pseudonymise_months = 1
      | ^^^^^^^^^^^^^^^^^^^ one term in two units
      |
      = help: keep one of the two

    error: `retention.pseudonymise_months` and `retention.pseudonymise_days` stand in one table
     --> libraries/peer.toml:8:39
      |
    8 | retention = { pseudonymise_days = 30, pseudonymise_months = 1 }
      |               -----------------       ^^^^^^^^^^^^^^^^^^^ one term in two units
      |               |
      |               the other unit
      |
      = help: keep one of the two
    ");
}

#[test]
fn a_key_that_only_the_consortium_sets_is_told_so() {
    assert_snapshot!(told_of_library("[cleanup]\nremoval = \"anonymise\"\n[guards]\nmax_rejected_percent = 5\n"), @r#"
    error: `cleanup.removal` does not belong in a library's file
     --> libraries/peer.toml:3:1
      |
    3 | removal = "anonymise"
      | ^^^^^^^ it can only stand in consortium.toml

    error: `guards.max_rejected_percent` does not belong in a library's file
     --> libraries/peer.toml:5:1
      |
    5 | max_rejected_percent = 5
      | ^^^^^^^^^^^^^^^^^^^^ it can only stand in consortium.toml
    "#);
}
