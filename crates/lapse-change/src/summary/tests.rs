//! What holds of summaries: whatever stands in an extract, those of its parts add up to that of the whole, and the guards
//! are judged on the sum.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lapse_engine::guards::{Guard, Place};
use lapse_policy::Policy;
use lapse_tables::{Folder, Format, Options, OutDir, Progress, WholeCause};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::{TempDir, tempdir};

use super::*;

/// Two libraries with guards that trip early.
fn policy(dir: &Path) -> Policy {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    fs::create_dir_all(dir.join("libraries")).unwrap();
    write(
        "consortium.toml",
        "[consortium]\nname = \"Two towns\"\n[activity]\nsources = [\"wise\"]\n[guards]\nmax_deregistered_percent = 5\n",
    );
    for code in ["bilzen", "peer"] {
        let subscription = "[subscriptions.youth]\nname = \"Youth\"\nrenewal = \"conditional\"\nlapse_months = 24\n";
        write(&format!("libraries/{code}.toml"), &format!("[library]\ncode = \"{code}\"\n{subscription}"));
    }
    let loaded = Policy::load(dir).unwrap();
    let told = loaded.diagnostics.render(false);
    loaded.policy.expect(&told)
}

const HEADERS: [&str; 4] = [
    "patron_id,profile_last_active",
    "patron_id,library,subscription,valid_from,valid_until",
    "patron_id,library,source,last_active",
    "patron_id,library,owed,blocks",
];

/// The rows of one patron in each table, without the id.
type Rows4 = [Vec<String>; 4];

fn a_day() -> impl Strategy<Value = &'static str> {
    select(&["2015-01-01", "2020-06-30", "2021-01-01", "2022-06-30", "2022-07-01", "2023-02-28", "2022-02-30"][..])
}

fn a_library() -> impl Strategy<Value = &'static str> {
    select(&["bilzen", "bilzen", "peer", "peer", "genk"][..])
}

fn rows_of_a_patron() -> impl Strategy<Value = Rows4> {
    let optional_day = || prop_oneof![Just(""), a_day()];
    let patrons = vec(optional_day().prop_map(str::to_owned), 0..3usize);
    let memberships = (a_library(), select(&["youth", "youth", "senior"][..]), a_day(), optional_day())
        .prop_map(|(library, code, from, until)| format!("{library},{code},{from},{until}"));
    let activity = (a_library(), select(&["wise", "wise", "legacy", "gate"][..]), a_day())
        .prop_map(|(library, source, day)| format!("{library},{source},{day}"));
    let accounts = (a_library(), select(&["", "1.50", "-1"][..]), select(&["", "general", "lost|general"][..]))
        .prop_map(|(library, owed, blocks)| format!("{library},{owed},{blocks}"));
    (patrons, vec(memberships, 0..4), vec(activity, 0..3), vec(accounts, 0..2))
        .prop_map(|(patrons, memberships, activity, accounts)| [patrons, memberships, activity, accounts])
}

/// The summary of a run over the patrons with these numbers.
fn summary(policy: &Policy, patrons: &[(usize, &Rows4)]) -> Summary {
    let (data, out) = (tempdir().unwrap(), tempdir().unwrap());
    for (table, header) in Table::ALL.iter().zip(HEADERS) {
        let mut text = format!("{header}\n");
        for (number, rows) in patrons {
            for row in &rows[*table as usize] {
                let _ = writeln!(text, "P{number},{row}");
            }
        }
        fs::write(data.path().join(table.name()).with_extension("csv"), text).unwrap();
    }
    let progress = Progress::default();
    let options = Options { changes_only: false, format: Format::Csv, threads: 1, progress: &progress };
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let out = OutDir::claim(out.path()).unwrap();
    let run = lapse_tables::run(&Folder::new(data.path()), &of_day, None, &out, options).unwrap();
    let gaps = lapse_tables::gaps(&Folder::new(data.path())).unwrap();
    // Whether tables are sorted is not said of a sum.
    Summary { gaps, read_whole: None, ..Summary::of(policy, of_day.date, &run.seen, &run.tally) }
}

fn loaded() -> (TempDir, Policy) {
    let dir = tempdir().unwrap();
    let policy = policy(dir.path());
    (dir, policy)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_parts_of_an_extract_add_up_to_the_whole(patrons in vec((rows_of_a_patron(), 0..3usize), 0..60)) {
        let (_dir, policy) = loaded();
        // What an extract tells of nobody it does not deny of one patron, so that each part has a usable row of activity.
        let seen: Rows4 = [vec![String::new()], vec![], vec!["peer,wise,2022-06-01".to_owned()], vec![]];
        let mut patrons = patrons;
        patrons.extend((0..3).map(|part| (seen.clone(), part)));
        let numbered: Vec<(usize, &Rows4)> = patrons.iter().map(|(rows, _)| rows).enumerate().collect();
        let whole = summary(&policy, &numbered);
        let mut sum = Summary::default();
        for part in 0..3 {
            let of_part = numbered.iter().filter(|(number, _)| patrons[*number].1 == part);
            sum.add_part(&summary(&policy, &of_part.copied().collect::<Vec<_>>())).unwrap();
        }
        prop_assert_eq!(&sum, &whole);
        let of_day = policy.on("2022-07-01".parse().unwrap());
        prop_assert_eq!(sum.trips(&of_day), whole.trips(&of_day));
        let [of_sum, of_whole] = [&sum, &whole].map(|summary| summary.to_json(&policy, &of_day, std::iter::empty()));
        prop_assert_eq!(of_sum, of_whole);
    }
}

#[test]
fn guards_are_judged_on_the_sum_of_parts_that_are_each_too_small_to_judge() {
    let (_dir, policy) = loaded();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let inactive: Rows4 = [
        vec![String::new()],
        vec!["peer,youth,2015-01-01,2023-02-28".to_owned()],
        vec!["peer,wise,2020-06-30".to_owned()],
        vec![],
    ];
    let patrons: Vec<(usize, &Rows4)> = (0..20).map(|number| (number, &inactive)).collect();
    let percentages = |summary: &Summary| {
        let trips = summary.trips(&of_day).into_iter();
        trips.filter(|trip| trip.what.guard() == Guard::Deregistered).map(|trip| trip.place).collect::<Vec<_>>()
    };
    let [mut sum, other] = [&patrons[..10], &patrons[10..]].map(|part| summary(&policy, part));
    assert_eq!([percentages(&sum), percentages(&other)], [vec![], vec![]]);
    sum.add_part(&other).unwrap();
    assert_eq!(percentages(&sum), [Place::Consortium, Place::Library("peer".to_owned())]);
}

#[test]
fn the_row_that_made_tables_be_read_whole_is_named_where_it_is_a_row() {
    let (_dir, policy) = loaded();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let keys = |cause: WholeCause| {
        let why = ReadWhole { table: Table::Patrons, file: "patrons.csv".into(), cause };
        let summary = Summary { read_whole: Some(why), ..summary(&policy, &[]) };
        let json: serde_json::Value =
            serde_json::from_str(&summary.to_json(&policy, &of_day, std::iter::empty())).unwrap();
        json["read_whole"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(WholeCause::NotSorted { line: 7 }), ["cause", "file", "line", "table"]);
    assert_eq!(keys(WholeCause::Packed), ["cause", "file", "table"]);
}

#[test]
fn a_part_of_another_run_is_not_added() {
    let (_dir, policy) = loaded();
    let inactive: Rows4 = [vec![String::new()], vec!["peer,youth,2015-01-01,2023-02-28".to_owned()], vec![], vec![]];
    let part = summary(&policy, &[(1, &inactive)]);
    let OfRun { policy: fingerprint, day } = part.of_run.clone().unwrap();
    let other_day = OfRun { policy: fingerprint, day: day.add_months(1) };
    let other_policy = OfRun { policy: "0123456789abcdef".to_owned(), day };
    for other in [other_day, other_policy] {
        let mut sum = part.clone();
        let told = sum.add_part(&Summary { of_run: Some(other), ..part.clone() }).unwrap_err();
        assert_eq!(Some(&told.sum), part.of_run.as_ref());
        assert_eq!(sum, part);
    }
    let of_run = |policy: &str| OfRun { policy: policy.to_owned(), day };
    assert_eq!(
        OtherRun { sum: of_run("0123456789abcdef"), part: of_run("fedcba9876543210") }.to_string(),
        "a part of the run of 2022-07-01 by the policy fedcba987654 cannot be added to the run of 2022-07-01 by the policy \
         0123456789ab; add up parts of one run only"
    );
}

#[test]
fn codes_that_no_policy_has_stand_below_one_sentence() {
    let (_dir, policy) = loaded();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let unknown: Rows4 = [
        vec![String::new()],
        vec!["peer,youht,2021-01-01,".to_owned(), "genk,youth,2021-01-01,".to_owned()],
        vec!["peer,wise,2022-06-01".to_owned()],
        vec![],
    ];
    let summary = summary(&policy, &[(1, &unknown), (2, &unknown)]);
    let concerns = summary.concerns(&of_day);
    let of_memberships = concerns.iter().find(|concern| concern.what == "4 memberships have no policy").unwrap();
    assert_eq!(of_memberships.lines, ["youth at genk: 2", "youht at peer: 2; did you mean `youth`?"]);
    assert_eq!((&of_memberships.also, of_memberships.rejects), (&None, None));
}

#[test]
fn rejected_rows_are_told_with_the_patrons_whom_they_hold() {
    let (_dir, policy) = loaded();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let spoilt: Rows4 = [
        vec![String::new()],
        vec!["peer,youth,2022-02-30,".to_owned(); 2],
        vec!["peer,wise,2022-06-01".to_owned()],
        vec![],
    ];
    let concerns = summary(&policy, &[(1, &spoilt)]).concerns(&of_day);
    let of_rows = concerns.iter().find(|concern| concern.rejects == Some(Rejects::Holding)).unwrap();
    assert_eq!(of_rows.what, "2 rows were rejected and their patrons held");
    assert_eq!(of_rows.also.as_deref(), Some("1 patron is held, 1 of them without a record"));
}
