//! Facts, keeps, ends and narrowings as people meet them: what `explain` tells of them, what case files say of them, which
//! cases their bounds imply, and which of their tests no case exercises. `keeps/` holds a policy with one of each.

use std::fs;

use crate::program::{Folder, Ran, root};

/// A folder with the policy, the data and the cases of `keeps/`.
fn folder() -> Folder {
    let folder = Folder::new();
    let from = root().join("tests/keeps");
    for part in ["policies", "policies/libraries", "data", "cases"] {
        for entry in fs::read_dir(from.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap();
                folder.write(&format!("{part}/{name}"), fs::read(&path).unwrap());
            }
        }
    }
    folder
}

fn explain(folder: &Folder, patron: &str) -> Ran {
    folder.lapse(&["explain", patron, "--data", "data", "--date", "2022-07-01"])
}

#[test]
fn a_story_tells_the_test_the_value_the_days_and_the_line() {
    let folder = folder();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("keeps/stories");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for patron in ["P1", "P2", "P3", "P4"] {
        let ran = explain(&folder, patron);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        settings.bind(|| insta::assert_snapshot!(patron, ran.stdout));
    }
}

#[test]
fn why_nobody_knows_a_value_is_told_apart() {
    let folder = folder();
    let told = |folder: &Folder, patron: &str, part: &str| {
        let ran = explain(folder, patron);
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    };
    told(&folder, "P1", "How many holds is not known (accounts.open_holds is empty): what is not known keeps.");
    told(&folder, "P2", "The age is not known (patrons.birth_date is empty): what is not known ends nothing.");
    told(&folder, "P3", "Holds: 0, since there is no account here; only more than 0 keeps.");
    let accounts = folder.read("data/accounts.csv").replace("open_holds", "holds_open_now");
    folder.write("data/accounts.csv", accounts);
    let lacking = "How many holds is not known (the table accounts does not have the column open_holds): what is not known keeps.";
    told(&folder, "P4", lacking);
    folder.write("data/activity.csv", "patron_id,source,last_active\n");
    let loan = "The latest loan is not known (the tables have no usable activity of anybody): what is not known keeps.";
    told(&folder, "P4", loan);
}

#[test]
fn a_later_run_looks_at_what_a_later_policy_asks_for() {
    let folder = folder();
    let policy = folder.read("policies/consortium.toml");
    let amendment = "[[amendment]]\nfrom = 2023-01-01\nreason = \"Nobody important goes\"\n\
                     keeps.important = { when = { vip = true } }\n";
    let policy = policy.replace("[keeps.web-vips]", "[keeps.web-vips]\nactive = false");
    folder.write("policies/consortium.toml", format!("{policy}\n{amendment}"));
    folder.write("data/accounts.csv", "patron_id,library,owed,credit,blocks,items,open_holds\nP1,peer,,,,,0\n");
    let ran = explain(&folder, "P1");
    // The youth ends in September, and two years later only the keep of the amendment holds the record.
    assert!(ran.stdout.contains("is deregistered (end/eighteen)"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("is deleted"), "{}", ran.stdout);
    folder.write("data/patrons.csv", "patron_id,birth_date,letter_sent,vip\nP1,2004-06-30,2022-06-15,false\n");
    let ran = explain(&folder, "P1");
    assert!(ran.stdout.contains("is deleted"), "{}", ran.stdout);
}

#[test]
fn the_cases_of_each_construct_come_out_as_they_say() {
    let ran = folder().lapse(&["test", "cases"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    for part in ["tests             15 of 16", "keeps.web-vips: when.vip not so", "rules of stage 1  5 of 10"] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
}

#[test]
fn the_boundary_cases_have_every_test_decide_both_ways_and_are_written_the_same_again() {
    let folder = folder();
    let ran = folder.lapse(&["cases", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = folder.lapse(&["test", "tests/cases"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("tests             16 of 16"), "{}", ran.stdout);
    assert_eq!(folder.lapse(&["cases", "--all", "--check"]).code, 0);
    let text = folder.read("tests/cases/peer.boundary.toml");
    for name in [
        "keeps.owes on 2024-01-01: owed 19.99",
        "keeps.owes on 2024-01-01: owed 20.00",
        "keeps.owes on 2024-01-01: owed 20.01",
        "keeps.open-holds on 2024-01-01: holds 0",
        "keeps.open-holds on 2024-01-01: holds 1",
        "keeps.open-holds on 2024-01-01: holds unknown",
        "ends.eighteen on 2024-01-01: born unknown",
        "keeps.summer on 2024-07-01: run_month 7",
        "its grace ends on 2024-01-01",
    ] {
        assert!(text.contains(name), "{name} is not in {text}");
    }
}

#[test]
fn a_misspelt_fact_or_reason_of_a_case_is_a_mistake_with_the_nearest_name() {
    let folder = folder();
    let cases = folder.read("cases/keeps.toml");
    let cases = cases.replace("open_holds = 1", "open_hold = 1").replace("\"keep/summer\"", "\"keep/sumer\"");
    folder.write("cases/keeps.toml", cases);
    let ran = folder.lapse(&["test", "cases/keeps.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in [
        "unknown key `open_hold` in a row of `accounts`",
        "did you mean `open_holds`?",
        "`membership_reason` is never `keep/sumer`",
        "did you mean `keep/summer`?",
    ] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn rules_of_ends_and_of_grace_count_only_where_the_policy_has_them() {
    let folder = folder();
    folder.write("policies/consortium.toml", "[consortium]\nname = \"Two towns\"\n");
    folder.write("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n[subscriptions.adult]\n");
    let case = "library = \"peer\"\ndate = 2022-07-01\n[[case]]\nname = \"x\"\n\
                memberships = [{ subscription = \"adult\", valid_from = 2022-01-01 }]\nexpect = { record = \"kept\" }\n";
    folder.write("cases/one.toml", case);
    let ran = folder.lapse(&["test", "cases/one.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("no case  rule: 1, 2, 3, 4, 6, 9, 10\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("tests "), "{}", ran.stdout);
}

#[test]
fn a_slip_of_a_facts_column_left_the_fact_unknown_without_a_word() {
    let folder = folder();
    let accounts = folder.read("data/accounts.csv");
    folder.write("data/accounts.csv", accounts.replace("open_holds", "open_hold"));
    let slip = "there is no column `open_holds`, but `open_hold`, which nearly is its name; write it as `open_holds`, or \
                say --ignore-column open_hold if it is another\n";
    let run = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];
    for ran in [folder.lapse(&run), explain(&folder, "P1")] {
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("accounts.csv") && ran.stderr.ends_with(slip), "{}", ran.stderr);
    }
    let check = ["check", "--data", "data", "--date", "2022-07-01"];
    let ran = folder.lapse(&check);
    assert_eq!((ran.code, ran.stdout), (1, format!("error: data/accounts.csv: {slip}")));
    let ignored = |args: &[&str]| folder.lapse(&[args, &["--ignore-column", "open_hold"]].concat());
    assert_eq!(ignored(&check).code, 0);
    let ran = ignored(&run);
    assert!(ran.stderr.contains("holds"), "{}", ran.stderr);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    // Columns that nothing in force looks at are not read, so that none can be meant.
    let policy = folder.read("policies/consortium.toml");
    folder
        .write("policies/consortium.toml", policy.replace("[keeps.open-holds]", "[keeps.open-holds]\nactive = false"));
    assert_eq!(folder.lapse(&check).code, 0);
}

#[test]
fn a_source_that_a_fact_names_was_told_as_one_that_no_policy_counts() {
    let folder = folder();
    let check = ["check", "--data", "data", "--date", "2022-07-01"];
    assert_eq!(folder.lapse(&check).stdout, "");
    let run = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];
    assert!(!folder.lapse(&run).stderr.contains("no policy counts"));
    folder.write("data/activity.csv", folder.read("data/activity.csv") + "P3,laon,2022-03-10\n");
    let told = "warning: activity, column `source`: the policy does not have `laon`: 1 row; did you mean `loan`?\n";
    assert_eq!(folder.lapse(&check).stdout, told);
    assert!(folder.lapse(&run).stderr.contains("1 row of activity is of a source that no policy counts"));
}

#[test]
fn a_reason_whose_column_is_missing_was_called_not_known_and_answered_no() {
    let folder = folder();
    folder.write("data/accounts.csv", folder.read("data/accounts.csv").replace("items", "number_of_things"));
    let ran = explain(&folder, "P2");
    let told =
        "  items                 no   The accounts table does not have the column, so by itself this holds nobody.\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    assert!(ran.stdout.contains("  accounts-unknown      yes  The accounts table lacks a column"), "{}", ran.stdout);
}
