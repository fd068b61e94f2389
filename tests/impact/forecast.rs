//! `lapse forecast`: each run starts from what the run before left.

use std::collections::{BTreeMap, BTreeSet};

use lapse_policy::Day;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::diff::MEMBERSHIPS;
use super::sum;
use crate::formats::{csv_table, ndjson_rows, parquet_rows};
use crate::plugin_files::{rust_plugin, table};
use crate::program::{Folder, Ran};
use crate::tables::consortium::{Data, RUN, Written, a_consortium, csv_rows};

fn forecast(folder: &Folder, words: &[&str]) -> Ran {
    forecast_from(folder, RUN, words)
}

fn forecast_from(folder: &Folder, first: &str, words: &[&str]) -> Ran {
    let ran = folder.lapse(&[&["forecast", "--data", "data", "--from", first], words].concat());
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    ran
}

fn json(folder: &Folder, words: &[&str]) -> Value {
    serde_json::from_str(&forecast(folder, &[&["--format", "json"], words].concat()).stdout).unwrap()
}

/// The days of the runs: the first, then each run day after it.
fn days(first: &str, run_day: u32, months: usize) -> Vec<String> {
    let first: Day = first.parse().unwrap();
    let runs = (0..).map(|month| first.add_months(month));
    let runs = runs.map(|month| Day::new(month.year(), month.month(), run_day).unwrap()).filter(|&run| run > first);
    std::iter::once(first).chain(runs).take(months).map(|day| day.to_string()).collect()
}

/// How many rows have each value in a column, of those at a library.
fn counted(rows: &[Vec<String>], library: Option<&str>, outcome: usize) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| library.is_none_or(|code| row[1] == code)) {
        *counts.entry(row[outcome].clone()).or_default() += 1;
    }
    counts
}

fn told(counts: &Value) -> BTreeMap<String, u64> {
    let counts = counts.as_object().unwrap().iter().map(|(word, count)| (word.clone(), count.as_u64().unwrap()));
    counts.filter(|&(_, count)| count > 0).collect()
}

/// The rows that have one of these outcomes. A row is known by the cells before its outcome, and by its number among the
/// rows that share those cells.
fn with<'r>(rows: &'r [Vec<String>], outcome: usize, words: &[&str]) -> BTreeSet<(&'r [String], usize)> {
    let mut alike: BTreeMap<&[String], usize> = BTreeMap::new();
    let numbered = rows.iter().map(|row| {
        let number = alike.entry(&row[..outcome]).or_default();
        *number += 1;
        (row, *number)
    });
    let wanted = numbered.filter(|(row, _)| words.contains(&&*row[outcome]));
    wanted.map(|(row, number)| (&row[..outcome], number)).collect()
}

/// Removes the memberships that start on the day of a run: one that lapses on that day ends before it starts, and the next
/// run by hand would reject its row.
fn without_those_who_start_on_a_run(data: &mut Data, days: &[String]) {
    data.tables[1].retain(|row| !days.contains(&row[3]));
}

fn is_what_runs_by_hand_say(forecast: &Value, by_hand: &[Written]) -> Result<(), TestCaseError> {
    let runs = forecast["runs"].as_array().unwrap();
    prop_assert_eq!(runs.len(), by_hand.len());
    let mut before: Option<&Written> = None;
    let mut active_before = forecast["valid_before"].as_u64().unwrap();
    for (run, written) in runs.iter().zip(by_hand) {
        // Each active membership stays active, expires or is deregistered. Only those that start later, or that an amendment
        // revives, are added.
        let [active, expired, deregistered] = ["/active", "/newly_expired", "/memberships/deregistered"]
            .map(|place| run["total"].pointer(place).and_then(Value::as_u64).unwrap());
        let accounted = active + expired + deregistered;
        prop_assert!(if before.is_none() { accounted == active_before } else { accounted >= active_before }, "{run}");
        active_before = active;
        let libraries = run["libraries"].as_object().unwrap();
        let places = libraries.iter().map(|(code, counts)| (Some(code.as_str()), counts));
        for (library, counts) in places.chain([(None, &run["total"])]) {
            prop_assert_eq!(
                told(&counts["memberships"]),
                counted(&written.memberships, library, 4),
                "{:?}",
                run["date"]
            );
            prop_assert_eq!(told(&counts["records"]), counted(&written.records, library, 2), "{:?}", run["date"]);
        }
        prop_assert_eq!(told(&run["total"]["profiles"]), counted(&written.profiles, None, 1), "{:?}", run["date"]);
        let of_libraries: BTreeSet<&str> =
            written.memberships.iter().chain(&written.records).map(|row| &*row[1]).collect();
        prop_assert!(of_libraries.iter().all(|code| libraries.contains_key(*code)));
        if let Some(before) = before {
            let of_both = |old: &[Vec<String>], new: &[Vec<String>], outcome, [from, to]: [&[&str]; 2]| {
                let count = with(old, outcome, from).intersection(&with(new, outcome, to)).count();
                Some(count as u64)
            };
            let expired = [&["valid", "renewed"][..], &["expired"]];
            let newly_expired = of_both(&before.memberships, &written.memberships, 4, expired);
            prop_assert_eq!(run["total"]["newly_expired"].as_u64(), newly_expired, "{:?}", run["date"]);
            let archived = [&["kept", "review"][..], &["archived"]];
            let newly_archived = of_both(&before.records, &written.records, 2, archived);
            prop_assert_eq!(run["total"]["newly_archived"].as_u64(), newly_archived, "{:?}", run["date"]);
        }
        let of_runs = MEMBERSHIPS.map(|outcome| format!("/memberships/{outcome}"));
        for place in of_runs.iter().map(String::as_str).chain(["/active", "/newly_expired"]) {
            let total = run["total"].pointer(place).and_then(Value::as_u64).unwrap();
            prop_assert_eq!(sum(&run["libraries"], place), total);
            prop_assert_eq!(sum(&run["categories"], place), total);
            let of_both = libraries.values().map(|library| sum(&library["categories"], place)).sum::<u64>();
            prop_assert_eq!(of_both, total);
        }
        for place in ["/records/kept", "/records/review", "/records/archived", "/records/deleted", "/newly_archived"] {
            let total = run["total"].pointer(place).and_then(Value::as_u64).unwrap();
            prop_assert_eq!(sum(&run["libraries"], place), total);
        }
        before = Some(written);
    }
    Ok(())
}

/// Amendments that take force while the forecast runs: one between two runs or on the day of one, and one that revives
/// memberships that have expired.
const AMENDMENTS: [&str; 2] = [
    "\n[[amendment]]\nfrom = 2022-10-15\nreason = \"Everything changes\"\nenforce = true\n\
     subscription = { renewal = \"conditional\", lapse_months = 12, category = \"all\" }\n\
     cleanup = { ended_months = 6 }\n",
    "\n[[amendment]]\nfrom = 2022-12-01\nreason = \"And again\"\nenforce = true\n\
     subscription = { renewal = \"automatic\", fee = \"1.00\" }\nactivity = { scope = \"library\" }\n",
];

/// Keeps, ends and narrowings whose tests turn with the run day or with what a run leaves.
const ENTRIES: [&str; 5] = [
    "",
    "\n[keeps.summer]\nreason = \"Summer\"\nof = [\"membership\"]\nwhen = { run_month = [7, 8, 11] }\n\
     [keeps.winter]\nreason = \"Winter\"\nunless = { run_month = [9, 10] }\nreview = true\n",
    "\n[keeps.ended-recently]\nreason = \"Three months\"\nwhen = { ended_on = { within_months = 3 } }\n\
     [keeps.seen]\nreason = \"Seen\"\nreview = true\nwhen = { last_activity = { within_months = 20, round = \"month\" } }\n\
     [[amendment]]\nfrom = 2000-01-01\nreason = \"Grace\"\nenforce = true\nsubscription = { grace_days = 40 }\n",
    "\n[ends.long]\nreason = \"Long\"\nwhen = { begun_on = { past_months = 30, round = \"year\" } }\n\
     [keeps.new]\nreason = \"New\"\nof = [\"record\", \"membership\"]\nwhen = { begun_on = { within_days = 900 } }\n\
     [cleanup]\nremoval = \"anonymise\"\n",
    "\n[keeps.settled-recently]\nreason = \"Ten days\"\n\
     when = { settled_on = { within_days = 10, after = \"last_activity\" } }\n\
     [ends.ahead]\nreason = \"Idle\"\nwhen = { last_activity = { past_days = 500 } }\nunless = { run_month = [10] }\n\
     [[amendment]]\nfrom = 2022-09-15\nreason = \"Ends\"\nsubscription = { grace_days = 100 }\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn many_runs_are_those_runs_by_hand(
        consortium in a_consortium(), months in 1..9usize, amended in 0..3usize, held in 0..4usize,
        first in select(&[RUN, "2022-06-17", "2024-02-29"][..]), run_day in select(&[1, 15, 28][..]),
        entries in select(&ENTRIES[..]),
    ) {
        let (mut policies, mut data) = (consortium.policies, consortium.data);
        policies.add_to_consortium(&format!("run_day = {run_day}\nyear_starts = \"09-01\"\n"));
        policies.add_to_consortium(entries);
        AMENDMENTS[..amended].iter().for_each(|amendment| policies.add_to_consortium(amendment));
        let days = days(first, run_day, months);
        without_those_who_start_on_a_run(&mut data, &days);
        // Every run rejects this row, and so holds the patron.
        let bad = |patron: &Vec<String>| vec![patron[0].clone(), "peer".into(), "wise".into(), "never".into()];
        let of_held: Vec<Vec<String>> = data.tables[0].iter().take(held).map(bad).collect();
        let held = of_held.len();
        data.tables[2].extend(of_held);
        let folder = Folder::new();
        policies.write(&folder, "policies");
        data.write(&folder);
        let words = ["--format", "json", "--months", &months.to_string()];
        let forecast = serde_json::from_str(&forecast_from(&folder, first, &words).stdout).unwrap();
        let mut by_hand = Vec::new();
        for day in &days {
            let written = policies.run_on(&data, day);
            prop_assert_eq!(written.rejects, held);
            data = written.carried_out(&data);
            by_hand.push(written);
        }
        is_what_runs_by_hand_say(&forecast, &by_hand)?;
    }

    #[test]
    fn one_run_is_a_run(consortium in a_consortium()) {
        let folder = Folder::new();
        consortium.policies.write(&folder, "policies");
        consortium.data.write(&folder);
        let forecast = json(&folder, &["--months", "1"]);
        is_what_runs_by_hand_say(&forecast, &[consortium.policies.run(&consortium.data, 2)])?;
    }

    #[test]
    fn a_letter_goes_to_each_membership_that_will_be_deregistered(consortium in a_consortium(), months in 1..9usize) {
        let folder = Folder::new();
        consortium.policies.write(&folder, "policies");
        consortium.data.write(&folder);
        let months = months.to_string();
        let forecast = json(&folder, &["--months", "12", "--letters", &months, "--letters-out", "letters.csv"]);
        let mut letters: BTreeMap<(String, String), u64> = BTreeMap::new();
        let rows = csv_rows(&folder.read("letters.csv"));
        for row in &rows {
            *letters.entry((row[0].clone(), row[1].clone())).or_default() += 1;
        }
        prop_assert_eq!(forecast["letters"].as_u64(), Some(rows.len() as u64));
        prop_assert!(rows.is_sorted_by_key(|row| (&row[0], &row[1])));
        let mut expected = BTreeMap::new();
        for run in &forecast["runs"].as_array().unwrap()[..months.parse().unwrap()] {
            for (code, counts) in run["libraries"].as_object().unwrap() {
                let deregistered = counts["memberships"]["deregistered"].as_u64().unwrap();
                if deregistered > 0 {
                    expected.insert((code.clone(), run["date"].as_str().unwrap().to_owned()), deregistered);
                }
            }
        }
        prop_assert_eq!(letters, expected);
    }

    #[test]
    fn who_is_assumed_to_be_active_depends_on_the_seed_alone(consortium in a_consortium(), threads in 2..5usize) {
        let folder = Folder::new();
        consortium.policies.write(&folder, "policies");
        let mut data = consortium.data;
        data.write(&folder);
        let words = ["--assume-activity", "30%", "--seed", "7", "--threads"];
        let one = json(&folder, &[&words[..], &["1"]].concat());
        prop_assert_eq!(&one, &json(&folder, &[&words[..], &[&threads.to_string()]].concat()));
        data.tables[0].reverse();
        data.write(&folder);
        prop_assert_eq!(&one, &json(&folder, &[&words[..], &["1"]].concat()));
        // A patron who is active again each month lapses only in the first run, which starts from the data as it is.
        let all = json(&folder, &["--assume-activity", "100%"]);
        let runs = all["runs"].as_array().unwrap();
        let lapses = runs[1..].iter().map(|run| run["total"]["memberships"]["deregistered"].as_u64().unwrap());
        let starting = data.tables[1].iter().any(|row| row[3].as_str() > RUN);
        prop_assert!(starting || lapses.sum::<u64>() == 0);
    }
}

/// A youth who was last seen on 15 October 2020.
fn youth() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", "[consortium]\nname = \"One town\"\n"),
        ("policies/libraries/peer.toml", "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n"),
        ("data/patrons.csv", "patron_id,profile_last_active\nP1,2020-01-01\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until\nP1,peer,youth,2015-01-01,2022-08-10\n",
        ),
        ("data/activity.csv", "patron_id,library,source,last_active\nP1,peer,wise,2020-10-15\n"),
    ])
}

#[test]
fn a_forecast_reads_run_by_run() {
    let folder = youth();
    folder.write("policies/consortium.toml", "[consortium]\nname = \"One town\"\n".to_owned() + AMENDMENTS[0]);
    let ran = forecast(&folder, &["--months", "5", "--letters", "4", "--letters-out", "letters.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = "One town, 5 runs from 2022-07-01 on: 1 patron\n\n  If nobody does anything:\n\n         \
        run  active  renewed  deregistered  expired  | archived  deleted  | profiles deleted\n  \
        2022-07-01       1        0             0        0           0        0                   0\n  \
        2022-08-01       1        0             0        0           0        0                   0\n  \
        2022-09-01       1        1             0        0           0        0                   0\n  \
        2022-10-01       1        0             0        0           0        0                   0\n  \
        2022-11-01       0        0             1        0           0        0                   1\n";
    assert!(ran.stdout.starts_with(expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("  2022-10-15  Everything changes (consortium.toml:4)\n"), "{}", ran.stdout);
    assert_eq!(folder.read("letters.csv"), "library,deregistered_on,patron_id,subscription,last_activity\n");
    forecast(&folder, &["--months", "5", "--letters", "5", "--letters-out", "letters.csv"]);
    assert!(folder.read("letters.csv").ends_with("\npeer,2022-11-01,P1,youth,2020-10-15\n"));
}

#[test]
fn the_list_of_letters_has_the_same_rows_in_every_format() {
    let folder = youth();
    folder.write("data/patrons.csv", folder.read("data/patrons.csv") + "\"P, 2\",\n");
    folder.write(
        "data/memberships.csv",
        folder.read("data/memberships.csv") + "\"P, 2\",peer,youth,2015-01-01,2022-08-10\n",
    );
    for ending in ["csv", "ndjson", "parquet"] {
        forecast(&folder, &["--letters", "12", "--letters-out", &format!("letters.{ending}")]);
    }
    let (header, rows) = csv_table(&folder, "letters.csv");
    assert_eq!(rows[0], ["peer", "2022-07-01", "P, 2", "youth", ""], "nobody has seen the second patron");
    assert_eq!(rows.len(), 2);
    assert_eq!(ndjson_rows(&folder, "letters.ndjson", &header), rows);
    assert_eq!(parquet_rows(&folder, "letters.parquet"), rows);
}

#[test]
fn the_page_of_a_forecast_names_patrons_only_where_it_is_asked_to() {
    let folder = youth();
    forecast(&folder, &["--letters", "12", "--report", "forecast.html"]);
    let page = crate::report::text(&folder.read("forecast.html"));
    assert!(page.contains("1 letter can still be sent") && !page.contains("P1"), "{page}");
    forecast(&folder, &["--letters", "12", "--report", "forecast.html", "--with-patrons"]);
    assert!(folder.read("forecast.html").contains("P1"));
}

#[test]
fn plugins_are_asked_in_every_run() {
    let folder = youth();
    let lines = "grants = [\"keep-membership\"]\nconfig = { months = [11, 12] }\n";
    let plugin = table(&folder, "summer-grace", &rust_plugin("summer_grace"), lines);
    folder.write("policies/consortium.toml", format!("[consortium]\nname = \"One town\"\n{plugin}"));
    let told = json(&folder, &["--months", "9"]);
    let deregistered = told["runs"].as_array().unwrap().iter().map(|run| &run["total"]["memberships"]["deregistered"]);
    assert_eq!(deregistered.map(|count| count.as_u64().unwrap()).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert_eq!(told["plugins"], 1);
}

#[test]
fn a_forecast_that_makes_no_sense_is_refused() {
    let folder = youth();
    for (words, sentence) in [
        (&["--letters", "13", "--months", "12"][..], "ask for --months 13"),
        (&["--letters", "3", "--letters-out", "letters.txt"], "ends in .csv, .ndjson or .parquet"),
        (&["--letters-out", "letters.csv"], "--letters"),
        (&["--letters", "3", "--assume-activity", "10%"], "cannot be used with"),
        (&["--assume-activity", "0.1"], "write a percentage from 0% to 100%, such as 10%"),
        (&["--months", "0"], "1..=240"),
    ] {
        let ran = folder.lapse(&[&["forecast", "--data", "data", "--from", RUN], words].concat());
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(sentence), "{}", ran.stderr);
    }
    let ran = folder.lapse(&["forecast", "--data", "data", "--from", "9999-01-01", "--months", "24"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("the calendar ends"), "{}", ran.stderr);
    assert_eq!(folder.names("."), ["data", "policies"]);
}
