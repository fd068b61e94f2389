//! Tables and keys that do not belong where they stand, or are missing.

use insta::assert_snapshot;

use super::{told, told_of_library};

#[test]
fn an_unknown_key_gets_the_nearest_name() {
    assert_snapshot!(told_of_library("[subscriptions.youth]\nlapse_month = 60\n"), @r#"
    error: unknown key `lapse_month` in `[subscriptions.youth]`
     --> libraries/peer.toml:3:1
      |
    3 | lapse_month = 60
      | ^^^^^^^^^^^ expected `name`, `holder`, `category`, `fee`, `renewal`, `term_months`, `lapse_months`, `grace_days` or `term_ends`
      |
      = help: did you mean `lapse_months` (the months of inactivity after which a conditional membership lapses)?
    "#);
}

#[test]
fn an_unknown_key_that_is_near_none_gets_all_of_them() {
    assert_snapshot!(told_of_library("[cleanup]\ncolour = 1\n"), @r#"
    error: unknown key `colour` in `[cleanup]`
     --> libraries/peer.toml:3:1
      |
    3 | colour = 1
      | ^^^^^^ expected `ended_months`, `settled_months`, `blocks`, `blocks_ignored` or `accounts_needed`
    "#);
}

#[test]
fn an_unknown_table_gets_the_nearest_name() {
    assert_snapshot!(told_of_library("[subscripton]\nfee = 5\n"), @r#"
    error: unknown table `subscripton`
     --> libraries/peer.toml:2:2
      |
    2 | [subscripton]
      |  ^^^^^^^^^^^ expected `library`, `subscription`, `subscriptions`, `activity`, `cleanup`, `retention`, `guards`, `keeps`, `ends`, `amendment` or `plugins`
      |
      = help: did you mean `subscription`?
    "#);
}

#[test]
fn a_key_outside_its_table_is_sent_home() {
    assert_snapshot!(told(&[("consortium.toml", "lapse_months = 60\n")]), @r#"
    error: unknown key `lapse_months`
     --> consortium.toml:1:1
      |
    1 | lapse_months = 60
      | ^^^^^^^^^^^^ expected `consortium`, `subscription`, `subscriptions`, `activity`, `cleanup`, `profile`, `retention`, `guards`, `facts`, `keeps`, `ends`, `amendment` or `plugins`
      |
      = help: `lapse_months` belongs in `[subscription]`
    "#);
}

#[test]
fn a_table_in_the_wrong_kind_of_file_tells_where_it_belongs() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[library]\ncode = \"x\"\n"),
        ("groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 3\n[profile]\ninactive_months = 12\n"),
        ("libraries/peer.toml", "[library]\ncode = \"peer\"\ngroup = \"noord\"\n[group]\ncode = \"noord\"\n"),
    ]), @r#"
    error: `library` does not belong in consortium.toml
     --> consortium.toml:1:2
      |
    1 | [library]
      |  ^^^^^^^ it can only stand in a library's file

    error: `profile` does not belong in a group's file
     --> groups/noord.toml:4:2
      |
    4 | [profile]
      |  ^^^^^^^ it can only stand in consortium.toml

    error: `group` does not belong in a library's file
     --> libraries/peer.toml:4:2
      |
    4 | [group]
      |  ^^^^^ it can only stand in a group's file
      |
      = help: name the library's group in `[library]`: group = "CODE"
    "#);
}

#[test]
fn a_subscription_below_the_defaults_is_told_its_header() {
    assert_snapshot!(told_of_library("[subscription.youth]\nfee = 5\n"), @r#"
    error: unknown key `youth` in `[subscription]`
     --> libraries/peer.toml:2:15
      |
    2 | [subscription.youth]
      |               ^^^^^ expected `holder`, `category`, `fee`, `renewal`, `term_months`, `lapse_months`, `grace_days` or `term_ends`
      |
      = help: a subscription of its own is written `[subscriptions.youth]`
    "#);
}

#[test]
fn a_default_below_the_subscriptions_is_told_its_header() {
    assert_snapshot!(told_of_library("[subscriptions]\nfee = 5\n"), @r#"
    error: `fee` is no subscription
     --> libraries/peer.toml:3:1
      |
    3 | fee = 5
      | ^^^ expected the code of a subscription with its table
      |
      = help: what holds for every subscription stands in `[subscription]`
    "#);
}

#[test]
fn a_name_belongs_to_one_subscription() {
    assert_snapshot!(told_of_library("[subscription]\nname = \"All\"\n"), @r#"
    error: unknown key `name` in `[subscription]`
     --> libraries/peer.toml:3:1
      |
    3 | name = "All"
      | ^^^^ expected `holder`, `category`, `fee`, `renewal`, `term_months`, `lapse_months`, `grace_days` or `term_ends`
      |
      = help: a name belongs to one subscription: `[subscriptions.CODE]`
    "#);
}

#[test]
fn a_value_or_a_list_in_the_place_of_a_table_is_an_error() {
    assert_snapshot!(told_of_library("cleanup = 24\n[[retention]]\nfinance_months = 12\n"), @r#"
    error: `cleanup` has the wrong type
     --> libraries/peer.toml:2:11
      |
    2 | cleanup = 24
      |           ^^ expected a table, found a whole number
      |
      = help: write cleanup = { … }, or its keys below a header

    error: `retention` stands here as a list
     --> libraries/peer.toml:3:3
      |
    3 | [[retention]]
      |   ^^^^^^^^^ expected one table
      |
      = help: write the header with single brackets
    "#);
}

#[test]
fn a_required_key_that_is_missing_is_told_at_its_table() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[[amendment]]\ncleanup.ended_months = 12\n"),
        ("groups/noord.toml", "[group]\nname = \"Noord\"\n"),
        ("libraries/peer.toml", "[library]\nname = \"Peer\"\n"),
    ]), @r#"
    error: `amendment` has no `from`
     --> consortium.toml:1:1
      |
    1 | [[amendment]]
      | ^^^^^^^^^^^^^ expected `from` here: the first day on which the amendment holds
      |
      = help: add a line such as `from = 2022-07-01`

    error: `amendment` has no `reason`
     --> consortium.toml:1:1
      |
    1 | [[amendment]]
      | ^^^^^^^^^^^^^ expected `reason` here: why, and who decided
      |
      = help: add a line such as `reason = "…"`

    error: `group` has no `code`
     --> groups/noord.toml:1:1
      |
    1 | [group]
      | ^^^^^^^ expected `code` here: what libraries name the group by
      |
      = help: add a line such as `code = "…"`

    error: `group` has no `kind`
     --> groups/noord.toml:1:1
      |
    1 | [group]
      | ^^^^^^^ expected `kind` here: 1, 2 or 3; kind 3 recognises memberships across the group
      |
      = help: add a line such as `kind = 2`

    error: `library` has no `code`
     --> libraries/peer.toml:1:1
      |
    1 | [library]
      | ^^^^^^^^^ expected `code` here: what the tables name the library by
      |
      = help: add a line such as `code = "…"`
    "#);
}

#[test]
fn a_file_without_the_table_that_names_it_is_an_error() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        ("groups/noord.toml", ""),
        ("libraries/peer.toml", "[cleanup]\nended_months = 12\n"),
    ]), @r#"
    error: this file has no `[group]`
     --> groups/noord.toml:1:1
      |
    1 |
      | ^ expected `[group]` in a group's file
      |
      = help: add `[group]` with its `code`

    error: this file has no `[library]`
     --> libraries/peer.toml:1:1
      |
    1 | [cleanup]
      | ^ expected `[library]` in a library's file
      |
      = help: add `[library]` with its `code`
    "#);
}
