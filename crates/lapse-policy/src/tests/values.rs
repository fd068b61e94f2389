//! Values that do not fit their keys.

use insta::assert_snapshot;

use super::{day, policy, told, told_of_library};
use crate::Origin;

#[test]
fn a_wrong_type_tells_what_was_expected_and_found() {
    assert_snapshot!(told_of_library("[subscriptions.youth]\nlapse_months = \"60\"\nfee = true\n"), @r#"
    error: `subscriptions.youth.lapse_months` has the wrong type
     --> libraries/peer.toml:3:16
      |
    3 | lapse_months = "60"
      |                ^^^^ expected a whole number of months, 1 to 1200, found a text
      |
      = help: drop the quotes: 60

    error: `subscriptions.youth.fee` has the wrong type
     --> libraries/peer.toml:4:7
      |
    4 | fee = true
      |       ^^^^ expected an amount in euro such as "5.00" or 5, found true or false
    "#);
}

#[test]
fn a_number_out_of_range_tells_the_bounds() {
    assert_snapshot!(told_of_library(
        "[cleanup]\nended_months = 0\n[retention]\npseudonymise_days = 36501\n[guards]\nmax_removed_percent = -1\n"
    ), @r#"
    error: `cleanup.ended_months` is out of range
     --> libraries/peer.toml:3:16
      |
    3 | ended_months = 0
      |                ^ expected a whole number of months, 1 to 1200

    error: `retention.pseudonymise_days` is out of range
     --> libraries/peer.toml:5:21
      |
    5 | pseudonymise_days = 36501
      |                     ^^^^^ expected a whole number of days, 0 to 36500

    error: `guards.max_removed_percent` is out of range
     --> libraries/peer.toml:7:23
      |
    7 | max_removed_percent = -1
      |                       ^^ expected a whole percentage, 0 to 100
    "#);
}

#[test]
fn the_run_day_exists_in_every_month() {
    assert_snapshot!(told(&[("consortium.toml", "[consortium]\nrun_day = 29\nname = \"Test\"\n")]), @r#"
    error: `consortium.run_day` is out of range
     --> consortium.toml:2:11
      |
    2 | run_day = 29
      |           ^^ expected a day of the month, 1 to 28
    "#);
}

#[test]
fn a_misspelt_word_gets_the_nearest() {
    assert_snapshot!(told_of_library(
        "[subscriptions.youth]\nholder = \"persn\"\nrenewal = \"Automatic\"\n[activity]\nscope = \"libary\"\n"
    ), @r#"
    error: `subscriptions.youth.holder` does not know `persn`
     --> libraries/peer.toml:3:10
      |
    3 | holder = "persn"
      |          ^^^^^^^ expected "person", "institution" or "administrative"
      |
      = help: did you mean `person`?

    error: `subscriptions.youth.renewal` does not know `Automatic`
     --> libraries/peer.toml:4:11
      |
    4 | renewal = "Automatic"
      |           ^^^^^^^^^^^ expected "automatic", "conditional" or "none"
      |
      = help: did you mean `automatic`?

    error: `activity.scope` does not know `libary`
     --> libraries/peer.toml:6:9
      |
    6 | scope = "libary"
      |         ^^^^^^^^ expected "patron" or "library"
      |
      = help: did you mean `library`?
    "#);
}

#[test]
fn a_word_that_is_near_none_gets_all_of_them() {
    assert_snapshot!(told_of_library("[subscription]\nrenewal = \"yearly\"\n"), @r#"
    error: `subscription.renewal` does not know `yearly`
     --> libraries/peer.toml:3:11
      |
    3 | renewal = "yearly"
      |           ^^^^^^^^ expected "automatic", "conditional" or "none"
    "#);
}

#[test]
fn the_fee_is_written_with_a_point_and_in_quotes() {
    assert_snapshot!(told_of_library("[subscriptions]\na.fee = \"5,00\"\nb.fee = 5.00\nc.fee = \"5.001\"\n"), @r#"
    error: `subscriptions.a.fee` is not an amount in euro
     --> libraries/peer.toml:3:9
      |
    3 | a.fee = "5,00"
      |         ^^^^^^ expected an amount in euro such as "5.00" or 5
      |
      = help: write the decimals after a point: "5.00"

    error: `subscriptions.b.fee` has the wrong type
     --> libraries/peer.toml:4:9
      |
    4 | b.fee = 5.00
      |         ^^^^ expected an amount in euro such as "5.00" or 5, found a number with decimals
      |
      = help: put it in quotes: "5.00"

    error: `subscriptions.c.fee` is not an amount in euro
     --> libraries/peer.toml:5:9
      |
    5 | c.fee = "5.001"
      |         ^^^^^^^ expected an amount in euro such as "5.00" or 5
    "#);
}

#[test]
fn sources_may_not_be_empty() {
    assert_snapshot!(told_of_library("[activity]\nsources = []\n"), @r#"
    error: `activity.sources` is empty
     --> libraries/peer.toml:3:11
      |
    3 | sources = []
      |           ^^ expected at least one source
      |
      = help: without a source every patron would look inactive
    "#);
}

#[test]
fn a_list_tells_of_each_element_that_does_not_fit() {
    assert_snapshot!(told_of_library(
        "[activity]\nsources = [\"wise\", 3, \"wise\"]\n[cleanup]\nblocks = [\"general|bailiff\", \"\"]\n"
    ), @r#"
    error: `activity.sources` has the wrong type
     --> libraries/peer.toml:3:20
      |
    3 | sources = ["wise", 3, "wise"]
      |                    ^ expected a text in quotes, found a whole number

    error: `activity.sources` names `wise` twice
     --> libraries/peer.toml:3:23
      |
    3 | sources = ["wise", 3, "wise"]
      |                       ^^^^^^ the second time

    error: `cleanup.blocks` has a kind with `|`
     --> libraries/peer.toml:5:11
      |
    5 | blocks = ["general|bailiff", ""]
      |           ^^^^^^^^^^^^^^^^^ `|` separates kinds in the accounts table, so no kind can hold it
      |
      = help: write two kinds as two texts

    error: `cleanup.blocks` has an empty text
     --> libraries/peer.toml:5:30
      |
    5 | blocks = ["general|bailiff", ""]
      |                              ^^ expected a name
    "#);
}

#[test]
fn a_date_stands_without_quotes_and_without_time() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = \"2022-07-01\"\nreason = \"r\"\n[[amendment]]\nfrom = 2022-07-01T00:00:00\nreason = \"r\"\n"
    ), @r#"
    error: `from` has the wrong type
     --> libraries/peer.toml:3:8
      |
    3 | from = "2022-07-01"
      |        ^^^^^^^^^^^^ expected a date such as 2022-07-01, without quotes, found a text
      |
      = help: drop the quotes: 2022-07-01

    error: `from` has the wrong type
     --> libraries/peer.toml:6:8
      |
    6 | from = 2022-07-01T00:00:00
      |        ^^^^^^^^^^^^^^^^^^^ expected a date such as 2022-07-01, without quotes, found a date with a time
      |
      = help: leave the time out: a policy changes at the start of a day
    "#);
}

#[test]
fn a_date_that_the_calendar_does_not_have_is_an_error() {
    assert_snapshot!(told_of_library("[[amendment]]\nfrom = 2022-02-30\nreason = \"r\"\n"), @r#"
    error: this is not valid TOML
     --> libraries/peer.toml:3:8
      |
    3 | from = 2022-02-30
      |        ^^^^^^^^^^ invalid date, expected day between 01 and 28
    "#);
}

#[test]
fn a_reason_says_something() {
    assert_snapshot!(told_of_library("[[amendment]]\nfrom = 2022-07-01\nreason = \" \"\ncleanup.ended_months = 12\n"), @r#"
    error: `reason` is empty
     --> libraries/peer.toml:4:10
      |
    4 | reason = " "
      |          ^^^ expected some text
    "#);
}

#[test]
fn a_code_is_one_line_and_is_not_empty() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[subscriptions.\"youth\\ncard\"]\nfee = 5\n[subscriptions.\"\"]\n"),
        ("libraries/peer.toml", "library.code = \" \"\n"),
        ("libraries/riemst.toml", "library.code = \"a\\tb\"\n"),
    ]), @r#"
    error: the subscription's code has a line break in it
     --> consortium.toml:1:16
      |
    1 | [subscriptions."youth\ncard"]
      |                ^^^^^^^^^^^^^ expected a code: a text in quotes, on one line

    error: the subscription's code is empty
     --> consortium.toml:3:16
      |
    3 | [subscriptions.""]
      |                ^^ expected a code: a text in quotes, on one line

    error: `library.code` is empty
     --> libraries/peer.toml:1:16
      |
    1 | library.code = " "
      |                ^^^ expected a code: a text in quotes, on one line

    error: `library.code` has a character in it that cannot be seen
     --> libraries/riemst.toml:1:16
      |
    1 | library.code = "a\tb"
      |                ^^^^^^ expected a code: a text in quotes, on one line
    "#);
}

#[test]
fn codes_with_spaces_are_written_in_quotes() {
    let policy = policy(&[
        ("consortium.toml", ""),
        ("groups/noord.toml", "[group]\ncode = \"De Noord / 3\"\nkind = 3\n"),
        (
            "libraries/peer.toml",
            "[library]\ncode = \"Town Library\"\ngroup = \"De Noord / 3\"\n[subscriptions.\"Adult - Full Year\"]\nfee = 5\n",
        ),
    ]);
    let today = policy.on(day("2022-07-01"));
    let library = &today.libraries[0];
    assert_eq!((library.code.as_str(), library.group), ("Town Library", Some(0)));
    let subscription = &library.subscriptions[0];
    assert_eq!((subscription.code.as_str(), subscription.fee.value.cents), ("Adult - Full Year", 500));
    let Origin::File(fee) = subscription.fee.origin else { panic!("the fee stands in the file") };
    assert_eq!(policy.assignment(fee).key, "subscriptions.\"Adult - Full Year\".fee");
}

#[test]
fn the_words_of_consent_are_no_librarys_code() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        ("libraries/a.toml", "library.code = \"all\"\n"),
        ("libraries/b.toml", "library.code = \"consortium\"\n"),
        ("libraries/c.toml", "library.code = \"All\"\n"),
    ]), @r#"
    error: `all` cannot be the code of a library
     --> libraries/a.toml:1:16
      |
    1 | library.code = "all"
      |                ^^^^^ with this word a person consents to more than one library
      |
      = help: give the library another code

    error: `consortium` cannot be the code of a library
     --> libraries/b.toml:1:16
      |
    1 | library.code = "consortium"
      |                ^^^^^^^^^^^^ with this word a person consents to more than one library
      |
      = help: give the library another code
    "#);
}
