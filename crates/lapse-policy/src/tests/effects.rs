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
