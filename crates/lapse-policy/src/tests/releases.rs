//! What an enforced keep or end forbids, and what a release allows.

use insta::assert_snapshot;

use super::told;

const PEER: &str = "library.code = \"peer\"\n[subscriptions.youth]\ncategory = \"youth\"\n[subscriptions.adult]\n";

const FROZEN: &str = "[[amendment]]\nfrom = 2022-07-01\nreason = \"e\"\nenforce = true\n\
    keeps.young = { when = { age = { under = 12 } } }\nsubscription.lapse_months = 24\n";

#[test]
fn an_amendment_of_a_frozen_entry_is_shown_the_release_that_would_allow_it() {
    assert_snapshot!(told(&[
        ("consortium.toml", FROZEN),
        ("libraries/peer.toml", &format!("{PEER}[[amendment]]\nfrom = 2027-01-01\nreason = \"c\"\nkeeps.young = {{ review = true }}\n")),
    ]), @r#"
    error: `keeps.young` is enforced by the consortium since 2022-07-01
     --> libraries/peer.toml:8:17
      |
    8 | keeps.young = { review = true }
      |                 ^^^^^^ this amendment of 2027-01-01 cannot set it
      |
     ::: consortium.toml:5:26
      |
    5 | keeps.young = { when = { age = { under = 12 } } }
      |                          --- enforced here since 2022-07-01
      |
      = help: remove the key, or agree on a change of the enforced amendment; once those who decide there agree, these lines in `consortium.toml` allow it:
              [[amendment]]
              from = 2027-01-01
              reason = "Who decided it, and when"
              release = { libraries = ["peer"], keys = ["keeps.young"] }
    "#);
}

/// The consortium's file with a release from 2027 on.
fn released(release: &str) -> String {
    format!("{FROZEN}[[amendment]]\nfrom = 2027-01-01\nreason = \"board\"\nrelease = {{ {release} }}\n")
}

#[test]
fn what_is_released_can_be_set_from_that_day_on_and_not_before() {
    let consortium = released("libraries = [\"peer\"], keys = [\"keeps.young\", \"subscriptions.youth.lapse_months\"]");
    let told_of = |from: &str| {
        let library = format!(
            "{PEER}[[amendment]]\nfrom = {from}\nreason = \"c\"\nkeeps.young = {{ review = true }}\nsubscriptions.youth = {{ lapse_months = 36 }}\n"
        );
        told(&[("consortium.toml", &consortium), ("libraries/peer.toml", &library)])
    };
    assert_eq!(told_of("2027-01-01"), "");
    assert_eq!(told_of("2026-12-31").matches("is enforced by the consortium since 2022-07-01").count(), 2);
}

#[test]
fn a_release_of_one_subscription_does_not_release_all() {
    let library =
        format!("{PEER}[[amendment]]\nfrom = 2027-01-01\nreason = \"c\"\nsubscription = {{ lapse_months = 36 }}\n");
    let consortium = released("libraries = [\"peer\"], keys = [\"subscriptions.youth.lapse_months\"]");
    let told = told(&[("consortium.toml", &consortium), ("libraries/peer.toml", &library)]);
    assert!(told.starts_with("error: `subscription.lapse_months` is enforced by the consortium"), "{told}");
}

#[test]
fn a_group_may_set_what_is_released_for_all_its_libraries() {
    let group = "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2027-01-01\nreason = \"g\"\nsubscription.lapse_months = 36\n";
    let told_of = |libraries: &str| {
        told(&[
            (
                "consortium.toml",
                &released(&format!("libraries = [{libraries}], keys = [\"subscription.lapse_months\"]")),
            ),
            ("groups/noord.toml", group),
            ("libraries/olen.toml", "library = { code = \"olen\", group = \"noord\" }\n[subscriptions.a]\n"),
            ("libraries/peer.toml", "library = { code = \"peer\", group = \"noord\" }\n[subscriptions.a]\n"),
        ])
    };
    assert_eq!(told_of("\"olen\", \"peer\""), "");
    let told = told_of("\"olen\"");
    assert!(
        told.contains("release = { libraries = [\"olen\", \"peer\"], keys = [\"subscription.lapse_months\"] }"),
        "{told}"
    );
}

#[test]
fn a_release_names_what_is_there_and_sets_nothing_itself() {
    assert_snapshot!(told(&[
        ("consortium.toml", &format!("{}cleanup.ended_months = 12\n", released("libraries = [\"per\"], keys = [\"subscription.lapse_month\", \"keeps.young.when\", \"consortium.run_day\", \"clenup.blocks\", \"subscriptions.a\"]"))),
        ("libraries/peer.toml", &format!("{PEER}[[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nrelease = {{ libraries = [\"peer\"], keys = [\"cleanup.blocks\"] }}\n")),
    ]), @r#"
    error: this file has no `[consortium]`
     --> consortium.toml:1:1
      |
    1 | [[amendment]]
      | ^ expected `[consortium]` in consortium.toml
      |
      = help: add `[consortium]` with its `name`; a file without it is no policy

    error: unknown library `per`
      --> consortium.toml:10:26
       |
    10 | release = { libraries = ["per"], keys = ["subscription.lapse_month", "keeps.young.when", "consortium.run_day", "clenup.blocks", "sub...
       |                          ^^^^^ no file in `libraries/` has this code
       |
       = help: did you mean `peer`?

    error: `subscription.lapse_month` cannot be released
      --> consortium.toml:10:42
       |
    10 | ...["per"], keys = ["subscription.lapse_month", "keeps.young.when", "consortium.run_day", "clenup.blocks", "subscriptions.a"] }
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ expected a key that a library may set, such as `subscription.holder`
       |
       = help: did you mean `subscription.lapse_months`?

    error: `keeps.young.when` cannot be released
      --> consortium.toml:10:70
       |
    10 | release = { libraries = ["per"], keys = ["subscription.lapse_month", "keeps.young.when", "consortium.run_day", "clenup.blocks", "sub...
       |                                                                      ^^^^^^^^^^^^^^^^^^ expected `keeps.NAME`
       |
       = help: a keep or end is released as a whole: "keeps.young"

    error: `consortium.run_day` cannot be released
      --> consortium.toml:10:90
       |
    10 | ...g.when", "consortium.run_day", "clenup.blocks", "subscriptions.a"] }
       |             ^^^^^^^^^^^^^^^^^^^^ expected a key such as `subscription.lapse_months`, `keeps.NAME` or `cleanup.ended_months`
       |
       = help: only what a library may set can be enforced against it, and released

    error: `clenup.blocks` cannot be released
      --> consortium.toml:10:112
       |
    10 | ....run_day", "clenup.blocks", "subscriptions.a"] }
       |               ^^^^^^^^^^^^^^^ expected a key such as `subscription.lapse_months`, `keeps.NAME` or `cleanup.ended_months`
       |
       = help: did you mean `cleanup`?

    error: `subscriptions.a` cannot be released
      --> consortium.toml:10:129
       |
    10 | ..."consortium.run_day", "clenup.blocks", "subscriptions.a"] }
       |                                           ^^^^^^^^^^^^^^^^^ expected `subscriptions.CODE.KEY`

    error: an amendment with `release` cannot set `cleanup`
      --> consortium.toml:11:1
       |
    11 | cleanup.ended_months = 12
       | ^^^^^^^ it only lets libraries go
       |
       = help: set `cleanup` in an amendment of its own

    error: `release` does not belong in a library's file
     --> libraries/peer.toml:8:1
      |
    8 | release = { libraries = ["peer"], keys = ["cleanup.blocks"] }
      | ^^^^^^^ only the file that enforces may let libraries go
      |
      = help: remove the line: no file is below a library's
    "#);
}

#[test]
fn a_release_of_what_is_not_enforced_is_a_warning() {
    assert_snapshot!(told(&[
        ("consortium.toml", &released("libraries = [\"peer\"], keys = [\"keeps.old\", \"subscription.fee\", \"subscription.lapse_months\"]")),
        ("libraries/peer.toml", PEER),
    ]), @r#"
    warning: `keeps.old` is released, but not enforced
      --> consortium.toml:10:43
       |
    10 | release = { libraries = ["peer"], keys = ["keeps.old", "subscription.fee", "subscription.lapse_months"] }
       |                                           ^^^^^^^^^^^ no amendment of this file enforces this entry
       |
       = help: remove it, or put the release into the file that enforces

    warning: `subscription.fee` is released, but not enforced
      --> consortium.toml:10:56
       |
    10 | release = { libraries = ["peer"], keys = ["keeps.old", "subscription.fee", "subscription.lapse_months"] }
       |                                                        ^^^^^^^^^^^^^^^^^^ no amendment of this file enforces this key
       |
       = help: remove it, or put the release into the file that enforces
    "#);
}

#[test]
fn a_group_releases_only_its_own_libraries() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        ("groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2022-01-01\nreason = \"e\"\nenforce = true\ncleanup.ended_months = 36\n\
            [[amendment]]\nfrom = 2023-01-01\nreason = \"r\"\nrelease = { libraries = [\"peer\"], keys = [\"cleanup.ended_months\"] }\n"),
        ("libraries/olen.toml", "library = { code = \"olen\", group = \"noord\" }\n"),
        ("libraries/peer.toml", PEER),
    ]), @r#"
    error: the library `peer` is not in this group
      --> groups/noord.toml:12:26
       |
    12 | release = { libraries = ["peer"], keys = ["cleanup.ended_months"] }
       |                          ^^^^^^ a group lets go only its own libraries
       |
       = help: remove it, or put the release into the file that enforces
    "#);
}

#[test]
fn a_group_enforces_an_entry_against_its_libraries() {
    assert_snapshot!(told(&[
        ("consortium.toml", ""),
        ("groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 2\n[[amendment]]\nfrom = 2020-01-01\nreason = \"e\"\nenforce = true\nkeeps.old = { when = { age = { under = 12 } } }\n"),
        ("libraries/peer.toml", "library = { code = \"peer\", group = \"noord\" }\n[subscriptions.youth]\n[keeps.old]\nreason = \"r\"\nonly.category = \"adult\"\n\
            [[amendment]]\nfrom = 2019-01-01\nreason = \"r\"\nkeeps.old = { review = true }\n[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\nkeeps.old = { active = false }\n"),
    ]), @r#"
    error: `keeps.old` is enforced by the group since 2020-01-01
      --> libraries/peer.toml:13:15
       |
    13 | keeps.old = { active = false }
       |               ^^^^^^ this amendment of 2021-01-01 cannot set it
       |
      ::: groups/noord.toml:8:24
       |
     8 | keeps.old = { when = { age = { under = 12 } } }
       |                        --- enforced here since 2020-01-01
       |
       = help: remove the key, or agree on a change of the enforced amendment; once those who decide there agree, these lines in `groups/noord.toml` allow it:
               [[amendment]]
               from = 2021-01-01
               reason = "Who decided it, and when"
               release = { libraries = ["peer"], keys = ["keeps.old"] }
    "#);
}

#[test]
fn a_library_that_says_more_of_an_entry_before_there_is_one_is_told() {
    assert_snapshot!(told(&[
        ("consortium.toml", FROZEN),
        ("libraries/peer.toml", &format!("{PEER}[keeps.young]\nreview = true\n")),
    ]), @r#"
    error: `keeps.young` has none of `when`, `unless` and `only`
     --> libraries/peer.toml:5:8
      |
    5 | [keeps.young]
      |        ^^^^^ it would keep everybody, so that nothing is ever removed
      |
      = help: say whom it keeps: `when = { owed = { over = 0 } }`, or `only = { category = "web" }`
    "#);
}
