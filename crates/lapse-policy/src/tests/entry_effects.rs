//! Warnings for facts, keeps and ends that have no effect.

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
fn a_keep_that_is_as_policy_md_has_it_is_told_nothing() {
    assert_eq!(of_consortium(HOLDS), "");
}

#[test]
fn what_has_no_effect_is_a_warning() {
    assert_snapshot!(told(&[
        ("consortium.toml", &format!("{HOLDS}[facts.idle]\ntable = \"patrons\"\ncolumn = \"idle\"\ntype = \"flag\"\n\
            [keeps.web]\nreason = \"r\"\nonly.category = \"yuoth\"\n[keeps.both]\nreason = \"r\"\nonly = {{ category = \"youth\", subscription = \"adult\" }}\n\
            [keeps.many]\nreason = \"r\"\nwhen.holds.at_least = 5\n\
            [keeps.recent]\nreason = \"r\"\nwhen.ended_on.within_months = 24\n")),
        ("libraries/peer.toml", &format!("{PEER}[keeps.holds]\nunless.age = \"none\"\n[[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nkeeps.holds = {{ when = {{ holds = {{ over = 0 }} }} }}\n")),
    ]), @r#"
    warning: nothing uses the fact `idle`
     --> consortium.toml:9:1
      |
    9 | table = "patrons"
      | ^^^^^ no keep and no end looks at it
      |
      = help: remove it, or name it in `when` or `unless`

    warning: `only` of `keeps.web` matches no subscription
      --> consortium.toml:14:17
       |
    14 | only.category = "yuoth"
       |                 ^^^^^^^ no subscription where this holds has the category `yuoth`
       |
       = help: did you mean `youth`?

    warning: `only` of `keeps.both` matches no subscription
      --> consortium.toml:17:45
       |
    17 | only = { category = "youth", subscription = "adult" }
       |                                             ^^^^^^^ no subscription has all of this together
       |
       = help: check each of its keys, or leave one of them out

    warning: the keep `many` keeps nobody whom `holds` does not keep
      --> consortium.toml:18:8
       |
     5 | [keeps.holds]
       |        ----- the other
    ...
    18 | [keeps.many]
       |        ^^^^ wherever this holds, the other holds as well
       |
       = help: remove one of the two, or check what they look at

    warning: `ended-recently` holds these records already
      --> consortium.toml:23:6
       |
    23 | when.ended_on.within_months = 24
       |      ^^^^^^^^ `cleanup.ended_months` is as long as this, or longer
       |
       = help: remove the keep, or give it a longer term

    warning: `keeps.holds.unless.age` takes nothing away
     --> libraries/peer.toml:6:8
      |
    6 | unless.age = "none"
      |        ^^^ `none` is for what holds otherwise, and nothing would
      |
      = help: remove the line

    warning: this amendment changes nothing
     --> libraries/peer.toml:7:1
      |
    7 | [[amendment]]
      | ^^^^^^^^^^^^^ without it every value would be the same on every day
      |
      = help: remove it, or check its date and `only`
    "#);
}

#[test]
fn a_key_of_an_entry_that_another_overrules_on_every_day_is_told() {
    assert_snapshot!(told(&[
        ("consortium.toml", HOLDS),
        ("libraries/peer.toml", &format!("{PEER}[keeps.holds]\nwhen.holds.over = 2\n")),
    ]), @"");
}

#[test]
fn a_keep_is_implied_only_by_one_that_keeps_no_less() {
    let told_of = |keeps: &str| of_consortium(keeps).contains("keeps nobody whom");
    let base = "[keeps.a]\nreason = \"r\"\nwhen.owed.over = 20\n[keeps.b]\nreason = \"r\"\n";
    assert!(told_of(&format!("{base}when.owed.at_least = 10\n")));
    assert!(told_of(&format!("{base}when = {{ owed = {{ over = 30 }}, age.under = 12 }}\n")));
    assert!(!told_of(&format!("{base}when.credit.at_least = 10\n")));
    assert!(
        !told_of(&format!("{base}when.owed.at_least = 10\nunless.age.under = 12\n")),
        "the wider one has an exception"
    );
    assert!(
        !told_of(&format!("{base}when.owed.at_least = 10\nreview = true\n")),
        "the wider one is for a person to look at"
    );
    assert!(!told_of(&format!("{base}when.owed.at_least = 10\nof = [\"membership\"]\n")));
    assert!(!told_of(&format!("{base}when.owed.at_least = 10\nonly.category = \"youth\"\n")));
}

#[test]
fn an_only_that_matches_at_one_library_is_not_told() {
    let text = "[keeps.a]\nreason = \"r\"\nonly.category = \"youth\"\n";
    assert_eq!(
        told(&[
            ("consortium.toml", text),
            ("libraries/olen.toml", "library.code = \"olen\"\n[subscriptions.a]\n"),
            ("libraries/peer.toml", PEER),
        ]),
        ""
    );
}

#[test]
fn ended_recently_that_is_narrowed_covers_no_keep() {
    let text = "[keeps.a]\nreason = \"r\"\nwhen.ended_on.within_months = 12\n[keeps.ended-recently]\nreason = \"r\"\nwhen.age.under = 18\n";
    assert_eq!(of_consortium(text), "");
}

const DESK: &str = "library.code = \"peer\"\n[subscriptions.youth]\ncategory = \"youth\"\nrenewal = \"none\"\n";
const SPARES: &str = "[keeps.summer]\nreason = \"r\"\nof = [\"membership\"]\nwhen.run_month = [7, 8]\n";

#[test]
fn a_keep_of_memberships_that_nothing_ends_was_told_nothing() {
    assert_snapshot!(told(&[("consortium.toml", SPARES), ("libraries/peer.toml", DESK)]), @r#"
    warning: the keep `summer` spares no membership
     --> consortium.toml:3:6
      |
    3 | of = ["membership"]
      |      ^^^^^^^^^^^^^^ no end is about these memberships, and they do not lapse
      |
      = help: make it a keep of `record`, or remove it; what lapses is free, for persons, and has renewal = "conditional"
    "#);
}

#[test]
fn a_keep_of_memberships_that_something_may_end_is_told_nothing() {
    let is_told = |consortium: &str, library: &str| {
        told(&[("consortium.toml", consortium), ("libraries/peer.toml", library)]).contains("spares no membership")
    };
    assert!(is_told(SPARES, DESK));
    assert!(is_told(SPARES, &DESK.replace("none", "automatic")));
    assert!(is_told(SPARES, &format!("{}fee = 5\n", DESK.replace("none", "conditional"))));
    assert!(!is_told(SPARES, &DESK.replace("none", "conditional")), "it lapses");
    let later = "[[amendment]]\nfrom = 2030-01-01\nreason = \"r\"\nsubscription.renewal = \"conditional\"\n";
    assert!(!is_told(SPARES, &format!("{DESK}{later}").replace("renewal = \"none\"\n", "")), "it lapses from a day on");
    let end = "[ends.grown]\nreason = \"r\"\nwhen.age.at_least = 18\n";
    assert!(!is_told(&format!("{SPARES}{end}"), DESK), "an end ends it");
    let of_adults =
        format!("{DESK}[subscriptions.adult]\nrenewal = \"none\"\n[ends.grown]\nonly.category = \"adult\"\n");
    assert!(is_told(&format!("{SPARES}only.category = \"youth\"\n{end}"), &of_adults), "the end is about others");
    let plugin = "[plugins.more]\nfile = \"more\"\ngrants = [\"deregister\"]\n";
    assert!(!is_told(&format!("{SPARES}{plugin}"), DESK), "a plugin may end it");
    assert!(
        !is_told(&SPARES.replace("[\"membership\"]", "[\"record\", \"membership\"]"), DESK),
        "it keeps records too"
    );
    assert!(!is_told(&format!("{SPARES}active = false\n"), DESK), "it is not in force");
    assert!(!is_told(SPARES, "library.code = \"peer\"\n"), "there is no subscription");
}
