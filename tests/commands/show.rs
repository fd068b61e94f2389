//! `lapse show`: the policy of a library on a day, with where each value comes from and what it overrode.

use serde_json::{Value, json};

use super::{PEER, two_towns};

/// The line of `text` that begins with `name`, and the line after it.
fn setting<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(name));
    (lines.next().expect(name), lines.next().unwrap_or_default())
}

#[test]
fn show_gives_each_value_of_a_subscription_its_file_and_line() {
    let ran = two_towns().lapse(&["show", "peer", "youth", "--date", "2022-06-01"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("Bibliotheek Peer (peer), as it stands on 2022-06-01\n"), "{}", ran.stdout);
    let (value, over) = setting(&ran.stdout, "lapse_months");
    assert_eq!(value.split_whitespace().collect::<Vec<_>>(), ["lapse_months", "60", "libraries/peer.toml:7"]);
    assert_eq!(over.split_whitespace().collect::<Vec<_>>(), ["over", "24", "built-in", "default"]);
    assert!(setting(&ran.stdout, "holder").0.ends_with("built-in default"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("adult:") && !ran.stdout.contains("[cleanup]"), "only what was asked: {}", ran.stdout);
}

#[test]
fn show_tells_the_amendment_that_overrides_and_what_it_overrode() {
    let ran = two_towns().lapse(&["show", "peer", "youth", "--date", "2022-07-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (value, over) = setting(&ran.stdout, "lapse_months");
    let words: Vec<&str> = value.split_whitespace().collect();
    assert_eq!(words[..2], ["lapse_months", "24"]);
    assert!(
        value.ends_with("consortium.toml:12, amendment of 2022-07-01, enforced: Renewal becomes conditional"),
        "{value}"
    );
    assert_eq!(over.split_whitespace().collect::<Vec<_>>(), ["over", "60", "libraries/peer.toml:7"]);
}

#[test]
fn show_of_a_library_gives_every_subscription_and_table() {
    let ran = two_towns().lapse(&["show", "peer", "--date", "2022-07-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for heading in
        ["\nyouth: ", "\nadult: Volwassenen\n", "\n[activity]\n", "\n[cleanup]\n", "\n[retention]\n", "\n[guards]\n"]
    {
        assert!(ran.stdout.contains(heading), "{heading:?} is not in: {}", ran.stdout);
    }
}

#[test]
fn show_names_the_group_of_a_library() {
    let folder = two_towns();
    folder.write("policies/groups/noord.toml", "[group]\ncode = \"noord\"\nname = \"Noord\"\nkind = 3\n");
    folder.write("policies/libraries/peer.toml", PEER.replacen("\n\n[sub", "\ngroup = \"noord\"\n\n[sub", 1));
    let ran = folder.lapse(&["show", "peer", "--date", "2022-07-01"]);
    assert!(ran.stdout.starts_with("Bibliotheek Peer (peer), group Noord (noord, kind 3)"), "{}", ran.stdout);
}

#[test]
fn show_gives_programs_the_same_as_json() {
    let ran = two_towns().lapse(&["show", "peer", "youth", "--date", "2022-07-01", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(shown["date"], "2022-07-01");
    assert_eq!(shown["library"], json!({ "code": "peer", "name": "Bibliotheek Peer" }));
    assert_eq!(shown["group"], Value::Null);
    let lapse_months = &shown["subscriptions"]["youth"]["lapse_months"];
    assert_eq!(
        [&lapse_months["value"], &lapse_months["layer"], &lapse_months["file"], &lapse_months["line"]],
        [&json!("24"), &json!("consortium"), &json!("consortium.toml"), &json!(12)]
    );
    assert_eq!(
        lapse_months["amendment"],
        json!({ "from": "2022-07-01", "reason": "Renewal becomes conditional", "enforced": true })
    );
    let overrode = lapse_months["overrode"].as_array().unwrap();
    assert_eq!(overrode.iter().map(|value| &value["value"]).collect::<Vec<_>>(), ["60", "24"]);
    assert_eq!(overrode[0]["file"], "libraries/peer.toml");
    assert_eq!(overrode[1]["layer"], "built-in");
    assert_eq!(shown["subscriptions"].as_object().unwrap().len(), 1);
}

#[test]
fn a_misspelt_library_gets_the_nearest_name() {
    let ran = two_towns().lapse(&["show", "pear"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: the policy has no library `pear`; did you mean `peer`?\n");
}

#[test]
fn a_library_like_no_other_gets_no_guess() {
    let ran = two_towns().lapse(&["show", "antwerpen"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: the policy has no library `antwerpen`; there are peer, riemst\n");
}

#[test]
fn a_subscription_like_no_other_gets_the_list_of_those_that_there_are() {
    let ran = two_towns().lapse(&["show", "peer", "museum", "--date", "2022-07-01"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: peer has no subscription `museum` on this day; there are adult, youth\n");
}

#[test]
fn the_code_of_a_group_gets_its_libraries() {
    let folder = two_towns();
    folder.write("policies/groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 2\n");
    folder.write("policies/libraries/peer.toml", PEER.replacen("\n\n[sub", "\ngroup = \"noord\"\n\n[sub", 1));
    let ran = folder.lapse(&["show", "noord"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: `noord` is a group, not a library; its libraries are peer\n");
}

#[test]
fn of_many_libraries_only_the_first_are_listed() {
    let folder = two_towns();
    for number in 10..40 {
        folder.write(&format!("policies/libraries/{number}.toml"), format!("library.code = \"town-{number}\"\n"));
    }
    let ran = folder.lapse(&["show", "antwerpen"]);
    assert!(ran.stderr.ends_with(", town-26, town-27 and 12 more\n"), "{}", ran.stderr);
}

#[test]
fn a_misspelt_subscription_gets_the_nearest_name_of_that_library() {
    let ran = two_towns().lapse(&["show", "peer", "yuoth", "--date", "2022-07-01"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: peer has no subscription `yuoth` on this day; did you mean `youth`?\n");
}

#[test]
fn show_of_policies_with_errors_points_to_check() {
    let folder = two_towns();
    folder.write("policies/libraries/peer.toml", "[library]\n");
    let ran = folder.lapse(&["show", "riemst"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("`lapse check --policies policies` shows them"), "{}", ran.stderr);
}
