//! Amendments that cannot be, and amendments that get in each other's way (policy.md, rules 1, 3 and 4).

use insta::assert_snapshot;

use super::{load, told, told_of_library};

const ENFORCED: &str = "[[amendment]]\nfrom = 2022-07-01\nreason = \"FAQ\"\nenforce = true\n\
    only = { holder = \"person\" }\nsubscription = { renewal = \"conditional\", lapse_months = 24 }\n";

/// The errors of a library's amendment below [`ENFORCED`].
fn below_enforced(library: &str) -> usize {
    let library = format!("library.code = \"peer\"\n{library}");
    load(&[("consortium.toml", ENFORCED), ("libraries/peer.toml", &library)]).diagnostics.errors()
}

#[test]
fn two_amendments_of_one_day_that_set_the_same_key_point_at_both() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"one\"\ncleanup.ended_months = 12\n\
         [[amendment]]\nfrom = 2022-07-01\nreason = \"two\"\ncleanup = { ended_months = 18 }\n"
    ), @r#"
    error: two amendments of 2022-07-01 set `cleanup.ended_months`
     --> libraries/peer.toml:9:13
      |
    5 | cleanup.ended_months = 12
      |         ------------ set here first
    ...
    9 | cleanup = { ended_months = 18 }
      |             ^^^^^^^^^^^^ set here again
      |
      = help: keep one of the two, or give them different dates
    "#);
}

#[test]
fn two_amendments_of_one_day_may_set_different_keys_or_the_same_on_different_days() {
    let two = |second: &str| {
        told_of_library(&format!(
            "subscriptions.a = {{}}\n[[amendment]]\nfrom = 2022-07-01\nreason = \"1\"\ncleanup.ended_months = 12\n{second}"
        ))
    };
    assert_eq!(two("[[amendment]]\nfrom = 2022-07-01\nreason = \"2\"\ncleanup.settled_months = 18\n"), "");
    assert_eq!(two("[[amendment]]\nfrom = 2022-07-02\nreason = \"2\"\ncleanup.ended_months = 18\n"), "");
}

#[test]
fn two_amendments_of_one_day_whose_filters_exclude_each_other_are_fine() {
    let amendment = |only: &str, tables: &str| {
        format!("[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = {only}\n{tables}\n")
    };
    let errors = |one: &str, two: &str, tables: &str| {
        let library = format!("library.code = \"peer\"\n{}{}", amendment(one, tables), amendment(two, tables));
        load(&[("consortium.toml", ""), ("libraries/peer.toml", &library)]).diagnostics.errors()
    };
    let (person, institution) = ("{ holder = \"person\" }", "{ holder = \"institution\" }");
    let youth = "{ category = \"youth\" }";
    assert_eq!(errors(person, institution, "subscription.fee = 1"), 0);
    assert_eq!(errors(person, person, "subscription.fee = 1"), 1);
    assert_eq!(errors(person, youth, "subscription.fee = 1"), 1, "a youth may be a person");
    let beside = |table: &str| format!("subscription.fee = 1\n{table}");
    assert_eq!(
        errors(person, institution, &beside("subscriptions.a.fee = 1")),
        1,
        "`only` does not limit one subscription"
    );
    assert_eq!(
        errors(person, institution, &beside("cleanup.ended_months = 1")),
        1,
        "`only` does not limit other tables"
    );
}

#[test]
fn a_lower_amendment_after_an_enforced_one_is_an_error_at_both_places() {
    assert_snapshot!(told(&[
        ("consortium.toml", ENFORCED),
        (
            "libraries/peer.toml",
            "library.code = \"peer\"\n[subscriptions.youth]\n[[amendment]]\nfrom = 2023-01-01\nreason = \"Council\"\n\
             subscriptions.youth = { lapse_months = 36 }\n",
        ),
    ]), @r#"
    error: `subscriptions.youth.lapse_months` is enforced by the consortium since 2022-07-01
     --> libraries/peer.toml:6:25
      |
    6 | subscriptions.youth = { lapse_months = 36 }
      |                         ^^^^^^^^^^^^ this amendment of 2023-01-01 cannot set it
      |
     ::: consortium.toml:6:43
      |
    6 | subscription = { renewal = "conditional", lapse_months = 24 }
      |                                           ------------ enforced here since 2022-07-01
      |
      = help: remove the key, or agree on a change of the enforced amendment; once those who decide there agree, these lines in `consortium.toml` allow it:
              [[amendment]]
              from = 2023-01-01
              reason = "Who decided it, and when"
              release = { libraries = ["peer"], keys = ["subscriptions.youth.lapse_months"] }
    "#);
}

#[test]
fn a_lower_amendment_on_the_day_of_an_enforced_one_is_an_error_and_before_it_is_not() {
    let errors = |from: &str| {
        below_enforced(&format!(
            "[subscriptions.youth]\n[[amendment]]\nfrom = {from}\nreason = \"r\"\nsubscription.lapse_months = 36\n"
        ))
    };
    assert_eq!(errors("2022-06-30"), 0);
    assert_eq!(errors("2022-07-01"), 1);
    assert_eq!(errors("2022-07-02"), 1);
}

#[test]
fn a_lower_amendment_of_what_the_enforced_one_does_not_reach_is_fine() {
    let amendment = "[[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\n";
    let lapse = format!("{amendment}subscription.lapse_months = 36\n");
    assert_eq!(below_enforced(&lapse), 0, "there is no subscription");
    assert_eq!(below_enforced(&format!("subscriptions.a.holder = \"institution\"\n{lapse}")), 0);
    assert_eq!(below_enforced(&format!("subscriptions.a.holder = \"person\"\n{lapse}")), 1);
    assert_eq!(below_enforced(&format!("subscriptions.a = {{}}\n{amendment}subscription.fee = 1\n")), 0);
    let other =
        format!("subscriptions.a = {{}}\n{amendment}only.holder = \"institution\"\nsubscription.renewal = \"none\"\n");
    assert_eq!(below_enforced(&other), 0, "no subscription matches both filters");
}

#[test]
fn what_is_enforced_without_filter_cannot_be_set_by_any_later_amendment() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\nguards.max_removed_percent = 5\n"),
        (
            "groups/noord.toml",
            "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\n\
             guards.max_removed_percent = 6\ncleanup.ended_months = 12\n",
        ),
        (
            "libraries/peer.toml",
            "[library]\ncode = \"peer\"\ngroup = \"noord\"\n[[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\n\
             cleanup.ended_months = 6\n",
        ),
    ]), @r#"
    error: `guards.max_removed_percent` is enforced by the consortium since 2022-07-01
     --> groups/noord.toml:8:8
      |
    8 | guards.max_removed_percent = 6
      |        ^^^^^^^^^^^^^^^^^^^ this amendment of 2022-07-01 cannot set it
      |
     ::: consortium.toml:5:8
      |
    5 | guards.max_removed_percent = 5
      |        ------------------- enforced here since 2022-07-01
      |
      = help: remove the key, or agree on a change of the enforced amendment; once those who decide there agree, these lines in `consortium.toml` allow it:
              [[amendment]]
              from = 2022-07-01
              reason = "Who decided it, and when"
              release = { libraries = ["peer"], keys = ["guards.max_removed_percent"] }

    error: `cleanup.ended_months` is enforced by the group since 2022-07-01
     --> libraries/peer.toml:7:9
      |
    7 | cleanup.ended_months = 6
      |         ^^^^^^^^^^^^ this amendment of 2023-01-01 cannot set it
      |
     ::: groups/noord.toml:9:9
      |
    9 | cleanup.ended_months = 12
      |         ------------ enforced here since 2022-07-01
      |
      = help: remove the key, or agree on a change of the enforced amendment; once those who decide there agree, these lines in `groups/noord.toml` allow it:
              [[amendment]]
              from = 2023-01-01
              reason = "Who decided it, and when"
              release = { libraries = ["peer"], keys = ["cleanup.ended_months"] }
    "#);
}

#[test]
fn a_library_cannot_enforce() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\ncleanup.ended_months = 12\n"
    ), @r#"
    error: `enforce` does not belong in a library's file
     --> libraries/peer.toml:5:1
      |
    5 | enforce = true
      | ^^^^^^^ only the consortium and groups may enforce
      |
      = help: remove the line: no file is below a library's
    "#);
}

#[test]
fn an_amendment_with_only_cannot_set_what_it_is_limited_by() {
    assert_snapshot!(told_of_library(
        "[subscriptions.a]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { holder = \"person\" }\n\
         subscription.category = \"youth\"\nsubscriptions.a.holder = \"institution\"\n"
    ), @r#"
    error: an amendment with `only` cannot set `category`
     --> libraries/peer.toml:7:14
      |
    6 | only = { holder = "person" }
      | ---- limited here
    7 | subscription.category = "youth"
      |              ^^^^^^^^ set here
      |
      = help: set `category` in an amendment of its own, without `only`

    error: an amendment with `only` cannot set `holder`
     --> libraries/peer.toml:8:17
      |
    6 | only = { holder = "person" }
      | ---- limited here
    7 | subscription.category = "youth"
    8 | subscriptions.a.holder = "institution"
      |                 ^^^^^^ set here
      |
      = help: set `holder` in an amendment of its own, without `only`
    "#);
}

#[test]
fn an_amendment_with_only_and_cleanup_does_not_reach_everybody() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { category = \"youth\" }\ncleanup.ended_months = 12\n\
         subscriptions.youth.fee = 1\n"
    ), @r#"
    error: an amendment with `only` has no `subscription` table
     --> libraries/peer.toml:5:1
      |
    5 | only = { category = "youth" }
      | ^^^^ `only` limits the `subscription` table, and no other
    6 | cleanup.ended_months = 12
      | ------- this would hold for everybody
    7 | subscriptions.youth.fee = 1
      | ------------- this would hold for everybody
      |
      = help: set what is limited in `subscription`, or remove `only`
    "#);
    let amendment = |rest: &str| {
        told_of_library(&format!(
            "[subscriptions.a]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly.holder = \"person\"\n{rest}"
        ))
    };
    let with_both = amendment("cleanup.ended_months = 12\nsubscription.fee = 1\n");
    assert_eq!(with_both, "", "the table that `only` limits may have others beside it");
    let misspelt = amendment("subscripton.fee = 1\n");
    assert!(misspelt.contains("did you mean `subscription`?"), "{misspelt}");
    assert_eq!(misspelt.matches("error").count(), 1, "{misspelt}");
    let empty = amendment("");
    assert!(empty.contains("has no `subscription` table"), "{empty}");
}

#[test]
fn only_names_something_that_it_knows() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = {}\nsubscription.fee = 1\n\
         [[amendment]]\nfrom = 2022-08-01\nreason = \"r\"\nonly = { holdr = \"person\", category = 3 }\nsubscription.fee = 2\n\
         [[amendment]]\nfrom = 2022-09-01\nreason = \"r\"\nonly = \"person\"\nsubscription.fee = 3\n"
    ), @r#"
    error: `only` is empty
     --> libraries/peer.toml:5:8
      |
    5 | only = {}
      |        ^^ expected `holder`, `category` or both
      |
      = help: without `only` an amendment holds for every subscription

    error: unknown key `holdr` in `only`
      --> libraries/peer.toml:10:10
       |
    10 | only = { holdr = "person", category = 3 }
       |          ^^^^^ expected `holder` or `category`
       |
       = help: did you mean `holder` (subscriptions with this holder)?

    error: `only.category` has the wrong type
      --> libraries/peer.toml:10:39
       |
    10 | only = { holdr = "person", category = 3 }
       |                                       ^ expected a text in quotes, found a whole number

    error: `only` has the wrong type
      --> libraries/peer.toml:15:8
       |
    15 | only = "person"
       |        ^^^^^^^^ expected a table, found a text
       |
       = help: write only = { … }, or its keys below a header
    "#);
}

#[test]
fn an_amendment_cannot_set_what_identifies_a_library_or_a_group() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        (
            "groups/noord.toml",
            "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\ngroup.kind = 3\n",
        ),
        (
            "libraries/peer.toml",
            "[library]\ncode = \"peer\"\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nlibrary.group = \"noord\"\n\
             profile.inactive_months = 12\nfro = 1\n",
        ),
    ]), @r#"
    error: an amendment cannot set `group`
     --> groups/noord.toml:7:1
      |
    7 | group.kind = 3
      | ^^^^^ what identifies a group holds on every day

    error: an amendment cannot set `library`
     --> libraries/peer.toml:6:1
      |
    6 | library.group = "noord"
      | ^^^^^^^ what identifies a library holds on every day

    error: `profile` does not belong in a library's file
     --> libraries/peer.toml:7:1
      |
    7 | profile.inactive_months = 12
      | ^^^^^^^ it can only stand in consortium.toml

    error: unknown key `fro` in an amendment
     --> libraries/peer.toml:8:1
      |
    8 | fro = 1
      | ^^^ expected `subscription`, `subscriptions`, `activity`, `cleanup`, `retention`, `guards`, `keeps`, `ends`, `from`, `reason` or `only`
      |
      = help: did you mean `from`?
    "#);
}

#[test]
fn an_amendment_has_double_brackets() {
    assert_snapshot!(told_of_library("[amendment]\nfrom = 2022-07-01\nreason = \"r\"\ncleanup.ended_months = 12\n"), @r#"
    error: `amendment` has the wrong type
     --> libraries/peer.toml:2:2
      |
    2 | [amendment]
      |  ^^^^^^^^^ expected a list of tables, found a table
      |
      = help: write the header with double brackets: [[amendment]]
    "#);
}

#[test]
fn a_conflict_is_told_beside_other_errors_but_not_where_a_misspelt_holder_leaves_it_open() {
    let amendment = "[[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\nsubscription.lapse_months = 36\n";
    assert_eq!(below_enforced(&format!("cleanup.colour = 1\nsubscriptions.a = {{}}\n{amendment}")), 2);
    assert_eq!(below_enforced(&format!("subscriptions.a.holder = \"institutio\"\n{amendment}")), 1);
}
