//! Warnings for what has no effect, and their absence where there is one.

use insta::assert_snapshot;

use super::{load, told, told_of_library};

/// How many warnings there are about a library with these lines.
fn warnings(text: &str) -> usize {
    let library = format!("library.code = \"peer\"\n{text}");
    let loaded = load(&[("consortium.toml", ""), ("libraries/peer.toml", &library)]);
    assert_eq!(loaded.diagnostics.errors(), 0, "{}", loaded.diagnostics.render(false));
    loaded.diagnostics.warnings()
}

#[test]
fn a_lapse_term_without_conditional_renewal_has_no_effect() {
    assert_snapshot!(told_of_library(
        "[subscriptions.youth]\nrenewal = \"automatic\"\nlapse_months = 60\n[subscriptions.adult]\nlapse_months = 36\n"
    ), @r#"
    warning: `subscriptions.youth.lapse_months` has no effect
     --> libraries/peer.toml:4:1
      |
    4 | lapse_months = 60
      | ^^^^^^^^^^^^ its renewal is conditional on no day
      |
      = help: remove the line, or set renewal = "conditional"
    "#);
}

#[test]
fn a_lapse_term_of_all_subscriptions_has_no_effect_where_none_is_conditional() {
    assert_snapshot!(told_of_library(
        "[subscription]\nrenewal = \"none\"\nlapse_months = 60\n[subscriptions.adult]\n"
    ), @r#"
    warning: `subscription.lapse_months` has no effect
     --> libraries/peer.toml:4:1
      |
    4 | lapse_months = 60
      | ^^^^^^^^^^^^ no subscription that gets it has conditional renewal on any day
      |
      = help: remove the line, or set renewal = "conditional"
    "#);
    assert_eq!(warnings("subscription.lapse_months = 60"), 0, "without subscriptions nothing can be said");
    assert_eq!(warnings("subscription.lapse_months = 60\nsubscriptions.a = {}"), 0);
}

#[test]
fn a_lapse_term_waits_for_a_later_day_on_which_renewal_is_conditional() {
    assert_eq!(
        warnings(
            "[subscriptions.youth]\nrenewal = \"automatic\"\nlapse_months = 60\n\
             [[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nsubscription.fee = 0\nsubscriptions.youth.renewal = \"conditional\"\n"
        ),
        0
    );
}

#[test]
fn an_amendment_to_what_already_holds_changes_nothing() {
    assert_snapshot!(told_of_library(
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\ncleanup = { ended_months = 24 }\n"
    ), @r#"
    warning: this amendment changes nothing
     --> libraries/peer.toml:2:1
      |
    2 | [[amendment]]
      | ^^^^^^^^^^^^^ without it every value would be the same on every day
      |
      = help: remove it, or check its date and `only`
    "#);
}

#[test]
fn an_amendment_that_matters_only_later_changes_something() {
    let files = |consortium| {
        load(&[
            ("consortium.toml", consortium),
            (
                "libraries/peer.toml",
                "library.code = \"peer\"\n[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\ncleanup.ended_months = 24\n",
            ),
        ])
        .diagnostics
        .warnings()
    };
    assert_eq!(files(""), 1);
    assert_eq!(files("[[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\ncleanup.ended_months = 12\n"), 0);
}

#[test]
fn an_amendment_that_no_subscription_gets_changes_nothing() {
    let amendment =
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly.category = \"youth\"\nsubscription.fee = 1\n";
    assert_eq!(warnings(&format!("subscriptions.a = {{}}\n{amendment}")), 1);
    assert_eq!(warnings(&format!("subscriptions.a.category = \"youth\"\n{amendment}")), 0);
}

#[test]
fn an_amendment_that_introduces_a_subscription_changes_something() {
    let amendment = "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nsubscriptions.a = {}\n";
    assert_eq!(warnings(amendment), 0);
    assert_eq!(warnings(&format!("subscriptions.a = {{}}\n{amendment}")), 1);
}

#[test]
fn an_amendment_without_keys_changes_nothing_even_if_enforced() {
    assert_snapshot!(told(&[
        ("consortium.toml", "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\nsubscription = {}\n"),
    ]), @r#"
    warning: this amendment changes nothing
     --> consortium.toml:1:1
      |
    1 | [[amendment]]
      | ^^^^^^^^^^^^^ it sets no key
      |
      = help: say what it changes, or remove it
    "#);
}

#[test]
fn an_enforced_amendment_to_what_already_holds_protects_it() {
    let loaded = load(&[
        (
            "consortium.toml",
            "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\ncleanup.ended_months = 24\n",
        ),
        ("libraries/peer.toml", "library.code = \"peer\"\n"),
    ]);
    assert!(loaded.diagnostics.is_empty());
}

#[test]
fn an_amendment_after_an_enforced_one_of_its_file_is_told_how_to_take_over() {
    assert_snapshot!(told(&[
        (
            "consortium.toml",
            "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\ncleanup.ended_months = 12\n\
             [[amendment]]\nfrom = 2023-07-01\nreason = \"r\"\ncleanup.ended_months = 36\n",
        ),
        ("libraries/peer.toml", "library.code = \"peer\"\n"),
    ]), @r#"
    warning: this amendment changes nothing
     --> consortium.toml:6:1
      |
    5 | cleanup.ended_months = 12
      |         ------------ this is enforced and stands
    6 | [[amendment]]
      | ^^^^^^^^^^^^^ without it every value would be the same on every day
      |
      = help: add enforce = true to the amendment to have it take over, or remove it
    "#);
}

#[test]
fn a_group_without_libraries_is_told() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        (
            "groups/noord.toml",
            "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\ncleanup.ended_months = 24\n",
        ),
    ]), @r#"
    warning: the group `noord` has no libraries
     --> groups/noord.toml:2:8
      |
    2 | code = "noord"
      |        ^^^^^^^ no library names this code
      |
      = help: write group = "noord" in the `[library]` table of its libraries, or remove the file
    "#);
}

#[test]
fn a_lapse_term_where_another_is_enforced_from_the_day_on_which_renewal_becomes_conditional_has_no_effect() {
    let consortium = "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\nonly = { holder = \"person\" }\n\
                      subscription = { renewal = \"conditional\", lapse_months = 24 }\n";
    let with = |library: &str| {
        told(&[
            ("consortium.toml", consortium),
            ("libraries/peer.toml", &format!("library.code = \"peer\"\n{library}")),
        ])
    };
    assert_snapshot!(with("[subscriptions.youth]\nrenewal = \"automatic\"\nlapse_months = 36\n"), @r#"
    warning: `subscriptions.youth.lapse_months` has no effect
     --> libraries/peer.toml:4:1
      |
    4 | lapse_months = 36
      | ^^^^^^^^^^^^ another term holds on every day on which its renewal is conditional
      |
     ::: consortium.toml:6:43
      |
    6 | subscription = { renewal = "conditional", lapse_months = 24 }
      |                                           ------------ this is enforced since 2022-07-01
      |
      = help: remove the line, or agree on a change of the enforced amendment
    "#);
    assert_snapshot!(with("[subscription]\nrenewal = \"automatic\"\nlapse_months = 36\n[subscriptions.youth]\n"), @r#"
    warning: `subscription.lapse_months` has no effect
     --> libraries/peer.toml:4:1
      |
    4 | lapse_months = 36
      | ^^^^^^^^^^^^ every subscription with conditional renewal has another term
      |
     ::: consortium.toml:6:43
      |
    6 | subscription = { renewal = "conditional", lapse_months = 24 }
      |                                           ------------ this is enforced since 2022-07-01
      |
      = help: remove the line, or agree on a change of the enforced amendment
    "#);
    assert_eq!(with("[subscriptions.youth]\nlapse_months = 36\n"), "", "it is conditional before too");
    assert_eq!(
        with("[subscriptions.school]\nholder = \"institution\"\nlapse_months = 36\n[subscriptions.youth]\n"),
        "",
        "it is not enforced for institutions"
    );
}

#[test]
fn a_value_that_every_lower_file_overrules_holds_on_no_day() {
    let with = |peer: &str| {
        told(&[
            ("consortium.toml", "[subscription]\nterm_months = 6\n"),
            ("libraries/peer.toml", &format!("library.code = \"peer\"\n{peer}")),
            (
                "libraries/riemst.toml",
                "library.code = \"riemst\"\n[subscription]\nterm_months = 12\n[subscriptions.a]\n",
            ),
        ])
    };
    assert_snapshot!(with("[subscriptions.a]\nterm_months = 24\n"), @r"
    warning: `subscription.term_months` holds on no day
     --> consortium.toml:2:1
      |
    2 | term_months = 6
      | ^^^^^^^^^^^ another value stands in its place on every day
      |
     ::: libraries/peer.toml:3:1
      |
    3 | term_months = 24
      | ----------- for example this one
      |
      = help: remove the line
    ");
    assert_eq!(with("[subscriptions.a]\nterm_months = 24\n[subscriptions.b]\n"), "", "one subscription gets it");
    assert_eq!(
        with("[subscriptions.a]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nsubscription.term_months = 24\n"),
        "",
        "it holds until the amendment"
    );
}

#[test]
fn the_consortiums_settings_hold_for_libraries_without_policy() {
    let library = "library.code = \"peer\"\ncleanup.ended_months = 12\n";
    assert_eq!(told(&[("consortium.toml", "cleanup.ended_months = 36\n"), ("libraries/peer.toml", library)]), "");
}

#[test]
fn a_value_of_a_group_that_its_libraries_overrule_holds_on_no_day() {
    let told = told(&[
        (
            "groups/noord.toml",
            "group = { code = \"noord\", kind = 2 }\n[cleanup]\nended_months = 12\nsettled_months = 12\n",
        ),
        ("consortium.toml", ""),
        ("libraries/peer.toml", "library = { code = \"peer\", group = \"noord\" }\n[cleanup]\nended_months = 36\n"),
    ]);
    assert_snapshot!(told, @r"
    warning: `cleanup.ended_months` holds on no day
     --> groups/noord.toml:3:1
      |
    3 | ended_months = 12
      | ^^^^^^^^^^^^ another value stands in its place on every day
      |
     ::: libraries/peer.toml:3:1
      |
    3 | ended_months = 36
      | ------------ for example this one
      |
      = help: remove the line
    ");
}

#[test]
fn one_key_of_an_amendment_may_hold_on_no_day_where_another_does() {
    assert_snapshot!(told_of_library(
        "[subscriptions.a]\nfee = 5\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nsubscription = { fee = 3, term_months = 6 }\n"
    ), @r"
    warning: `subscription.fee` holds on no day
     --> libraries/peer.toml:7:18
      |
    3 | fee = 5
      | --- for example this one
    ...
    7 | subscription = { fee = 3, term_months = 6 }
      |                  ^^^ another value stands in its place on every day
      |
      = help: remove the line
    ");
}

#[test]
fn an_only_that_matches_nothing_says_which_category_does_not_exist() {
    let amendment = |enforce: bool, only: &str| {
        let enforce = if enforce { "enforce = true\n" } else { "" };
        let amendment = format!(
            "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\n{enforce}only = {only}\nsubscription.lapse_months = 36\n"
        );
        let library = "library.code = \"peer\"\n[subscriptions.adult]\n[subscriptions.youth]\ncategory = \"youth\"\n";
        told(&[("consortium.toml", &amendment), ("libraries/peer.toml", library)])
    };
    assert_snapshot!(amendment(false, "{ category = \"yuoth\" }"), @r#"
    warning: `only` matches no subscription
     --> consortium.toml:4:21
      |
    4 | only = { category = "yuoth" }
      |                     ^^^^^^^ no subscription has the category `yuoth` from 2022-07-01 on
      |
      = help: did you mean `youth`?
    "#);
    assert_snapshot!(amendment(true, "{ category = \"seniors\", holder = \"person\" }"), @r#"
    warning: `only` matches no subscription
     --> consortium.toml:5:21
      |
    5 | only = { category = "seniors", holder = "person" }
      |                     ^^^^^^^^^ no subscription has the category `seniors` from 2022-07-01 on
      |
      = help: the categories are `adult`, `youth`
    "#);
    assert_snapshot!(amendment(true, "{ holder = \"institution\" }"), @r#"
    warning: `only` matches no subscription
     --> consortium.toml:5:19
      |
    5 | only = { holder = "institution" }
      |                   ^^^^^^^^^^^^^ no subscription has the holder `institution` from 2022-07-01 on
      |
      = help: the holders are `person`
    "#);
    assert_eq!(amendment(true, "{ category = \"youth\", holder = \"person\" }"), "");
}

#[test]
fn an_only_whose_holder_and_category_never_meet_is_told() {
    let told = told_of_library(
        "[subscriptions.adult]\n[subscriptions.school]\ncategory = \"school\"\nholder = \"institution\"\n[[amendment]]\n\
         from = 2022-07-01\nreason = \"r\"\nonly = { holder = \"person\", category = \"school\" }\nsubscription.fee = 1\n",
    );
    assert_snapshot!(told, @r#"
    warning: `only` matches no subscription
     --> libraries/peer.toml:9:40
      |
    9 | only = { holder = "person", category = "school" }
      |                                        ^^^^^^^^ no subscription has this holder and this category together from 2022-07-01 on
      |
      = help: check both, or leave one of them out
    "#);
}

#[test]
fn an_only_is_told_apart_from_the_other_tables_of_its_amendment() {
    let told = told_of_library(
        "[subscriptions.a]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { category = \"youth\" }\n\
         subscription.fee = 1\ncleanup.ended_months = 12\n",
    );
    assert_eq!(told.matches("warning").count(), 1, "{told}");
    assert!(told.contains("matches no subscription"), "{told}");
}
