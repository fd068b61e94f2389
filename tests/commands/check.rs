//! `lapse check`: it prints its findings as its result, in text or JSON, and ends with exit code 1 where there are errors.

use serde_json::{Value, json};

use super::{PEER, two_towns, with_data};
use crate::program::{Folder, root};

#[test]
fn check_finds_nothing_wrong_with_the_policies_that_we_ship() {
    let folder = Folder::new();
    for policies in ["policies", "examples/koha-sample/policies"] {
        let ran = folder.lapse(&["check", "--policies", root().join(policies).to_str().unwrap()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{policies}: {}", ran.stderr);
    }
}

#[test]
fn check_says_on_standard_error_that_nothing_is_wrong() {
    let ran = two_towns().lapse(&["check"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", "policies: no errors, no warnings\n"));
}

#[test]
fn check_points_at_the_misspelt_key_and_names_the_nearest() {
    let folder = two_towns();
    folder.write("policies/libraries/peer.toml", PEER.replace("category", "catgory"));
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("libraries/peer.toml:6:1"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`category`"), "{}", ran.stdout);
    assert!(ran.stderr.contains("1 error"), "{}", ran.stderr);
}

#[test]
fn an_amendment_of_the_year_21_held_from_ever_on() {
    let folder = two_towns();
    let amendment = "\n[[amendment]]\nfrom = 0021-07-01\nreason = \"Council\"\nsubscriptions.youth.lapse_months = 12\n";
    folder.write("policies/libraries/peer.toml", format!("{PEER}{amendment}"));
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    for part in ["`from` is a date before 1900", "expected 1900-01-01 to 9999-12-31", "did you mean 2021-07-01?"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
}

#[test]
fn check_shows_the_errors_of_all_files_in_one_go() {
    let folder = two_towns();
    folder.write("policies/libraries/peer.toml", PEER.replace("category", "catgory"));
    folder.write("policies/libraries/riemst.toml", "[library]\ncode = \"riemst\"\ngroup = \"noord\"\n");
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    for file in ["libraries/peer.toml:6:1", "libraries/riemst.toml:3:9"] {
        assert!(ran.stdout.contains(file), "{file}: {}", ran.stdout);
    }
    assert!(ran.stderr.contains("2 errors"), "{}", ran.stderr);
}

#[test]
fn warnings_are_shown_and_are_no_errors() {
    let folder = two_towns();
    folder.write("policies/groups/empty.toml", "[group]\ncode = \"empty\"\nkind = 2\n");
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("warning") && ran.stdout.contains("groups/empty.toml"), "{}", ran.stdout);
    assert!(ran.stderr.contains("no errors, 1 warning"), "{}", ran.stderr);
}

#[test]
fn check_gives_programs_each_finding_with_its_place() {
    let folder = two_towns();
    folder.write("policies/libraries/peer.toml", PEER.replace("category", "catgory"));
    let ran = folder.lapse(&["check", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["errors"], 1);
    assert_eq!(report["warnings"], 0);
    assert_eq!(report["policy_fingerprint"], Value::Null);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    let finding = &findings[0];
    assert_eq!(
        [&finding["file"], &finding["line"], &finding["column"], &finding["severity"]],
        [&json!("libraries/peer.toml"), &json!(6), &json!(1), &json!("error")]
    );
    assert!(finding["message"].as_str().unwrap().contains("catgory"), "{finding}");
}

#[test]
fn check_gives_programs_the_fingerprint_of_policies_without_errors() {
    let fingerprint = |folder: &Folder| {
        let ran = folder.lapse(&["check", "--format", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        report["policy_fingerprint"].as_str().expect("a fingerprint").to_owned()
    };
    let folder = two_towns();
    let before = fingerprint(&folder);
    assert_eq!(before, fingerprint(&two_towns()), "the same policies have the same one");
    folder.write("policies/libraries/peer.toml", PEER.replace("60", "61"));
    assert_ne!(before, fingerprint(&folder), "and others have another");
}

#[test]
fn policies_that_are_not_there_cannot_be_checked() {
    for ran in [Folder::new().lapse(&["check"]), two_towns().lapse(&["check", "--policies", "nowhere"])] {
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}

#[test]
fn a_directory_without_its_option_is_told_the_option() {
    let ran = two_towns().lapse(&["check", "policies"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("write --policies policies"), "{}", ran.stderr);
}

#[test]
fn no_consortium_toml_names_the_option_and_the_command_that_begins_one() {
    let folder = Folder::with(&[("here/libraries/peer.toml", PEER)]);
    for words in [&["check"][..], &["check", "--policies", "here"], &["show", "peer", "--policies", "here"]] {
        let ran = folder.lapse(words);
        assert_eq!(ran.code, 2, "{words:?}");
        for part in ["there is none", "--policies", "`lapse init`"] {
            assert!(ran.stderr.contains(part), "{words:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn an_empty_consortium_toml_is_no_policy() {
    let folder = two_towns();
    folder.write("policies/consortium.toml", "");
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("this file has no `[consortium]`"), "{}", ran.stdout);
    assert_eq!(folder.lapse(&["show", "peer"]).code, 2);
}

#[test]
fn a_file_of_windows_names_its_likely_encoding() {
    let folder = two_towns();
    folder.write("policies/libraries/peer.toml", [PEER.as_bytes(), b"# Zui\xebn\n"].concat());
    let ran = folder.lapse(&["check"]);
    assert_eq!(ran.code, 1);
    for part in ["libraries/peer.toml:13:6", "`\u{eb}` in Windows-1252", "save it with the encoding UTF-8"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
    let utf_16: Vec<u8> = PEER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("policies/libraries/peer.toml", utf_16);
    let ran = folder.lapse(&["check"]);
    assert!(ran.stderr.contains("1 error"), "{}", ran.stderr);
    assert!(ran.stdout.contains("looks like UTF-16"), "{}", ran.stdout);
}

/// The tables with codes that nearly are those of the policy, and others.
fn with_slips() -> Folder {
    let folder = with_data();
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from\nP1,peer,Youth,2019-03-01\nP2,peer,Youth,2019-03-01\n\
         P2,peer,yuoth,2019-03-01\nP3,elsewhere,youth,2019-03-01\n",
    );
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,Wise,2022-06-01\nP1,kiosk,2022-06-01\n");
    folder.write(
        "data/accounts.csv",
        "patron_id,library,owed,credit,blocks,items,settled_on\nP1,peer,,,genral|internet,,\n",
    );
    folder
}

const SLIPS: &str = "\
warning: memberships, column `library`: the policy does not have `elsewhere`: 1 row
warning: memberships, column `subscription`: `Youth` nearly is `youth`, so that 2 rows are rejected and their patrons held; write it as `youth`
warning: memberships, column `subscription`: the policy does not have `yuoth` at peer: 1 row; did you mean `youth`?
warning: activity, column `source`: `Wise` nearly is `wise`, so that 1 row is rejected and its patron held; write it as `wise`
warning: activity, column `source`: the policy does not have `kiosk`: 1 row
warning: accounts, column `blocks`: the policy does not have `genral` at peer: 1 row; did you mean `general`?
";

#[test]
fn codes_in_the_data_that_nearly_match_one_of_the_policy_were_told_by_a_run_alone() {
    let folder = with_slips();
    let ran = folder.lapse(&["check", "--data", "data", "--date", "2022-07-01"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, SLIPS), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("data: no errors, 6 warnings\n"), "{}", ran.stderr);
    let ran = folder.lapse(&["check", "--data", "data", "--date", "2022-07-01", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["warnings"], 0, "those of the policies");
    assert_eq!(
        report["data"]["codes"][2],
        json!({
            "table": "memberships", "column": "subscription", "code": "yuoth", "library": "peer", "rows": 1,
            "near": "youth", "rejected": false,
        })
    );
    assert_eq!(report["data"]["columns"], json!([]));
}

#[test]
fn check_finds_every_code_of_our_own_data_in_our_policies() {
    let root = root();
    let [policies, data] = ["policies", "examples/data"].map(|name| root.join(name).to_str().unwrap().to_owned());
    let ran = Folder::new().lapse(&["check", "--policies", &policies, "--data", &data, "--date", "2022-07-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("nearly is"), "{}", ran.stdout);
}

#[test]
fn slips_of_column_names_are_told_for_all_tables_at_once_and_the_codes_all_the_same() {
    let folder = with_slips();
    for (name, from, to) in [("memberships", "valid_from", "valid_from,stauts"), ("accounts", "owed", "owde")] {
        let name = format!("data/{name}.csv");
        let text = folder.read(&name).replacen(from, to, 1);
        folder.write(&name, if name.contains("memberships") { text.replace("-01\n", "-01,\n") } else { text });
    }
    let check = ["check", "--data", "data", "--date", "2022-07-01"];
    let ran = folder.lapse(&check);
    let slip = |file: &str, column: &str, name: &str| {
        format!(
            "error: data/{file}.csv: there is no column `{column}`, but `{name}`, which nearly is its name; write it as \
             `{column}`, or say --ignore-column {name} if it is another\n"
        )
    };
    let told = slip("memberships", "status", "stauts") + &slip("accounts", "owed", "owde") + SLIPS;
    assert_eq!((ran.code, ran.stdout), (1, told));
    assert!(ran.stderr.ends_with("data: 2 errors, 6 warnings\n"), "{}", ran.stderr);
    let ran = folder.lapse(&[&check[..], &["--ignore-column", "stauts", "--ignore-column", "owde"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, SLIPS));
}

#[test]
fn the_data_are_checked_through_a_register_too_and_not_by_policies_with_errors() {
    let folder = with_slips();
    for name in ["patrons", "memberships"] {
        folder.write(&format!("data/{name}.txt"), folder.read(&format!("data/{name}.csv")).replace(',', ";"));
    }
    folder.write(
        "data/register.toml",
        "[files]\ndelimiter = \";\"\n[tables.patrons]\nfile = \"patrons.txt\"\n[tables.memberships]\nfile = \"memberships.txt\"\n",
    );
    let check = ["check", "--data", "data/register.toml", "--date", "2022-07-01"];
    let ran = folder.lapse(&check);
    let memberships: String = SLIPS.split_inclusive('\n').take(3).collect();
    assert_eq!((ran.code, ran.stdout), (0, memberships), "{}", ran.stderr);
    folder.write("policies/libraries/peer.toml", PEER.replace("category", "catgory"));
    let ran = folder.lapse(&check);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.ends_with("not looked at, because the policies have errors; mend them first\n"),
        "{}",
        ran.stderr
    );
    let ran = folder.lapse(&["check", "--date", "2022-07-01"]);
    assert_eq!(ran.code, 2, "a day without data says nothing: {}", ran.stderr);
}
