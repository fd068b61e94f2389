//! Data sets that the program makes up: the same seed gives the same data, and every kind of decision occurs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use lapse_engine::{KeepReason, MembershipOutcome, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome};
use serde_json::Value;

use crate::program::{Folder, Ran, root};

const TABLES: [&str; 4] = ["accounts.csv", "activity.csv", "memberships.csv", "patrons.csv"];
/// The rows that are wrong on purpose.
const BAD_ROWS: usize = 12;

/// Makes `patrons` patrons for a day, by the policies of a folder of the project.
fn sample(folder: &Folder, policies: &str, patrons: u32, date: &str, seed: u32, out: &str) -> Ran {
    let policies = root().join(policies);
    let (patrons, seed) = (patrons.to_string(), seed.to_string());
    let words = ["--patrons", &patrons, "--date", date, "--seed", &seed, "--out", out];
    folder.lapse(&[&["sample", "--policies", policies.to_str().unwrap()], &words[..]].concat())
}

/// Runs the program over the data set in `data`, with the output in `decided`.
fn run(folder: &Folder, policies: &str, date: &str) -> Ran {
    let policies = root().join(policies);
    folder.lapse(&[
        "run",
        "--policies",
        policies.to_str().unwrap(),
        "--data",
        "data",
        "--date",
        date,
        "--out",
        "decided",
    ])
}

/// The rows of a table, without its header.
fn rows(folder: &Folder, name: &str) -> Vec<Vec<String>> {
    let text = folder.read(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Every word of some columns.
fn words(rows: &[Vec<String>], columns: &[usize]) -> BTreeSet<String> {
    let cells = rows.iter().flat_map(|row| columns.iter().map(|&column| &row[column]));
    cells.flat_map(|cell| cell.split_whitespace()).map(str::to_owned).collect()
}

fn all_but<T: Display>(values: &[T], impossible: &[&str], others: &[&str]) -> BTreeSet<String> {
    let words = values.iter().map(T::to_string).chain(others.iter().map(ToString::to_string));
    words.filter(|word| !impossible.contains(&word.as_str())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = Folder::new();
    for (seed, out) in [(7, "one"), (7, "two"), (8, "three")] {
        let ran = sample(&folder, "policies", 300, "2022-07-01", seed, out);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        assert_eq!(folder.names(out), TABLES);
    }
    for table in TABLES {
        let [one, two, three] = ["one", "two", "three"].map(|out| folder.read(&format!("{out}/{table}")));
        assert!(one == two, "{table} differs under the same seed");
        assert!(one != three, "{table} is the same under another seed");
    }
}

#[test]
fn every_outcome_and_reason_that_the_policy_allows_occurs_among_500_patrons() {
    // Under the policies that we ship, persons have every mode of renewal until July 2022 and only one from then on.
    // What the sample does not make up: memberships that were cancelled or taken again, and an extract without a table.
    // The policies that we ship have no keeps, no ends and no days of grace.
    let not_made = ["cancelled", "succeeded", "activity-unknown", "accounts-unknown", "end", "keep", "grace"];
    for (date, impossible) in [("2022-06-01", ["paid", ""]), ("2022-07-01", ["automatic", "no-renewal"])] {
        let impossible = [&impossible[..], &not_made].concat();
        for seed in 1..=4 {
            let folder = Folder::new();
            sample(&folder, "policies", 500, date, seed, "data");
            let ran = run(&folder, "policies", date);
            assert_eq!(ran.code, 3, "{}", ran.stderr);

            let memberships = rows(&folder, "decided/memberships.csv");
            assert_eq!(words(&memberships, &[4]), all_but(MembershipOutcome::ALL, &[], &[]), "{date} {seed}");
            assert_eq!(words(&memberships, &[5]), all_but(MembershipReason::ALL, &impossible, &[]), "{date} {seed}");
            let records = rows(&folder, "decided/records.csv");
            assert_eq!(
                words(&records, &[2]),
                all_but(RecordOutcome::ALL, &["review", "anonymised"], &[]),
                "{date} {seed}"
            );
            let clear = [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason);
            assert_eq!(words(&records, &[3]), all_but(KeepReason::ALL, &not_made, &clear), "{date} {seed}");
            let profiles = rows(&folder, "decided/profiles.csv");
            assert_eq!(words(&profiles, &[1]), all_but(ProfileOutcome::ALL, &[], &[]), "{date} {seed}");
            let deleted = [ProfileOutcome::DELETED_REASON];
            assert_eq!(words(&profiles, &[2]), all_but(ProfileReason::ALL, &[], &deleted), "{date} {seed}");
            assert_eq!(rows(&folder, "decided/rejects.csv").len(), BAD_ROWS);
        }
    }
}

#[test]
fn no_source_looks_as_if_its_feed_had_stopped() {
    for (policies, date) in
        [("policies", "2022-07-01"), ("policies", "2026-01-15"), ("examples/koha-sample/policies", "2024-03-01")]
    {
        let folder = Folder::new();
        sample(&folder, policies, 500, date, 1, "data");
        run(&folder, policies, date);
        let summary: Value = serde_json::from_str(&folder.read("decided/summary.json")).unwrap();
        let trips = summary["guards"].as_array().unwrap();
        assert!(trips.iter().all(|trip| trip["guard"] != "max_source_age_days"), "{policies} {date}: {trips:#?}");
    }
}

#[test]
fn shares_are_plausible() {
    let folder = Folder::new();
    sample(&folder, "policies", 20_000, "2022-07-01", 1, "data");
    run(&folder, "policies", "2022-07-01");
    let summary: Value = serde_json::from_str(&folder.read("decided/summary.json")).unwrap();
    let number = |table: &str, outcome: &str| summary["total"][table][outcome].as_u64().unwrap();
    let all =
        |table: &str| -> u64 { summary["total"][table].as_object().unwrap().values().filter_map(Value::as_u64).sum() };
    let memberships = all("memberships");
    assert!((25_000..=27_500).contains(&memberships), "{memberships} memberships");
    let valid = number("memberships", "valid") + number("memberships", "renewed");
    assert!(valid * 100 > memberships * 75, "{valid} of {memberships} go on");
    let lapsed = number("memberships", "deregistered") * 1000 / memberships;
    assert!((30..=60).contains(&lapsed), "{lapsed} in a thousand lapse");
    let removed = (number("records", "archived") + number("records", "deleted")) * 1000 / all("records");
    assert!((20..=30).contains(&removed), "{removed} in a thousand records are removed");
}

#[test]
fn ids_are_unique_and_every_table_is_in_the_order_of_patrons() {
    let folder = Folder::new();
    sample(&folder, "policies", 500, "2022-07-01", 3, "data");
    let ids = |table: &str| -> Vec<String> {
        let mut ids: Vec<String> =
            rows(&folder, &format!("data/{table}")).into_iter().map(|row| row[0].clone()).collect();
        // One rejected row belongs to a patron who is not in the table of patrons.
        ids.retain(|id| id != "P000000");
        ids
    };
    let mut patrons = ids("patrons.csv");
    assert_eq!(patrons.len(), 501, "one patron's row is there twice, to be rejected");
    patrons.dedup();
    assert!((patrons.len(), &*patrons[0], &*patrons[499]) == (500, "P000001", "P000500") && patrons.is_sorted());
    for table in TABLES {
        assert!(ids(table).is_sorted(), "{table}");
    }
}

#[test]
fn the_young_are_young_and_nearly_nobody_was_seen_in_the_future() {
    let folder = Folder::new();
    let date = "2022-07-01";
    sample(&folder, "policies", 2000, date, 5, "data");
    let births: BTreeMap<String, String> =
        rows(&folder, "data/patrons.csv").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let members = rows(&folder, "data/memberships.csv");
    let young = members.iter().filter(|row| row[2] == "youth" && row[5] == "active").map(|row| &births[&row[0]]);
    let young: Vec<_> = young.filter(|birth| *birth != "1987-02-30").collect();
    assert!(young.len() > 200 && young.iter().all(|birth| ***birth > *"2004-07-01"));
    let activity = rows(&folder, "data/activity.csv");
    let ahead = activity.iter().filter(|row| row[3].as_str() > date && !row[3].contains('/')).count();
    assert!((1..=3).contains(&ahead), "{ahead} rows lie ahead");
}

#[test]
fn any_policy_and_any_day_long_after_1900_will_do() {
    let folder = Folder::with(&[
        (
            "lone/consortium.toml",
            "[consortium]\nname = \"Lone\"\n[cleanup]\nblocks = []\n[guards]\nmax_source_age_days = 0\n",
        ),
        (
            "lone/libraries/a.toml",
            "[library]\ncode = \"a,b\"\n[subscriptions.\"x\\\"y\"]\nholder = \"institution\"\nterm_months = 1200\n",
        ),
    ]);
    let lone = folder.path().join("lone");
    let koha = root().join("examples/koha-sample/policies");
    for (number, (policies, date)) in [
        (&lone, "2022-07-01"),
        (&lone, "2010-01-01"),
        (&lone, "9999-12-31"),
        (&koha, "2024-02-29"),
        (&koha, "2010-01-01"),
        (&koha, "9999-12-31"),
    ]
    .into_iter()
    .enumerate()
    {
        let (policies, data, out) = (policies.to_str().unwrap(), format!("data{number}"), format!("out{number}"));
        let words = ["--policies", policies, "--date", date, "--out"];
        let ran = folder.lapse(&[&["sample", "--patrons", "600"], &words[..], &[&data]].concat());
        assert_eq!(ran.code, 0, "{policies} {date}: {}", ran.stderr);
        let ran = folder.lapse(&[&["run", "--consent", "all", "--data", &data], &words[..], &[&out]].concat());
        assert_eq!(ran.code, 3, "{policies} {date}: {}", ran.stderr);
        let rejects = rows(&folder, &format!("{out}/rejects.csv"));
        assert_eq!(rejects.len(), BAD_ROWS, "{policies} {date}: {rejects:#?}");
    }
}

#[test]
fn no_patrons_give_tables_with_column_names_alone() {
    let folder = Folder::new();
    let ran = sample(&folder, "policies", 0, "2022-07-01", 1, "data");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for table in TABLES {
        assert_eq!(folder.read(&format!("data/{table}")).lines().count(), 1, "{table}");
    }
    let ran = run(&folder, "policies", "2022-07-01");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_as_it_is() {
    let folder = Folder::with(&[("data/notes.txt", "mine"), ("file", "mine")]);
    for (out, names) in [("data", vec!["notes.txt"]), ("file", vec![])] {
        let ran = sample(&folder, "policies", 10, "2022-07-01", 1, out);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert_eq!(folder.names(out), names);
    }
    let ran = sample(&folder, "policies", 10, "2022-07-01", 1, "data");
    assert!(ran.stderr.contains("holds notes.txt") && ran.stderr.contains("--out"), "{}", ran.stderr);
}

#[test]
fn what_an_interrupted_sample_left_is_replaced() {
    let folder = Folder::with(&[(".data.lapse-unfinished/new/patrons.csv", "patron_id\n")]);
    let ran = sample(&folder, "policies", 10, "2022-07-01", 1, "data");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(folder.names("data"), TABLES);
    assert_eq!(folder.names("."), ["data"]);
}

#[test]
fn policies_with_errors_or_without_libraries_or_subscriptions_are_refused() {
    let lone = "[consortium]\nname = \"Lone\"\n";
    let empty = "[library]\ncode = \"peer\"\n";
    for (consortium, library, said) in [
        ("[consortium]\nnam = \"Lone\"\n", empty, "lapse check"),
        (lone, "", "has no library"),
        (lone, empty, "has a subscription on 2022-07-01"),
    ] {
        let folder = Folder::with(&[("policies/consortium.toml", consortium)]);
        if !library.is_empty() {
            folder.write("policies/libraries/peer.toml", library);
        }
        let ran = folder.lapse(&["sample", "--patrons", "10", "--date", "2022-07-01", "--out", "data"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(folder.names("data"), Vec::<String>::new());
    }
}

#[test]
fn the_example_data_is_what_the_program_makes() {
    let folder = Folder::new();
    assert_eq!(sample(&folder, "policies", 2000, "2022-07-01", 7, "data").code, 0);
    for table in TABLES {
        let ours = std::fs::read_to_string(root().join("examples/data").join(table)).unwrap();
        assert!(
            ours == folder.read(&format!("data/{table}")),
            "examples/data/{table} is stale; examples/README.md says how to make it"
        );
    }
}
