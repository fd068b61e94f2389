//! What a comparison says of its made-up patrons is what `lapse explain` says of them: each witness is written as an extract,
//! and both policies explain it, from the first run after its latest fact on and on the day on which its outcomes differ.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use lapse_change::Comparison;
use lapse_engine::next_run;
use lapse_explain::{Story, explain};
use lapse_host::Plugins;
use lapse_policy::{Day, Policy};
use lapse_tables::Table;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};
use serde_json::Value;

use crate::program::Folder;
use crate::tables::consortium::Data;

/// The name of the witness in the extract; somebody else is there too, so that activity is known.
const WITNESS: &str = "W1";

/// A table of a policy file, a key, and its value as TOML has it.
type Setting = (&'static str, &'static str, &'static str);

/// What the consortium's file and that of each library may set.
const ANYWHERE: [Setting; 44] = [
    ("subscription", "renewal", "\"automatic\""),
    ("subscription", "renewal", "\"conditional\""),
    ("subscription", "renewal", "\"none\""),
    ("subscription", "lapse_months", "12"),
    ("subscription", "lapse_months", "25"),
    ("subscription", "lapse_months", "60"),
    ("subscription", "term_months", "6"),
    ("subscription", "term_months", "18"),
    ("subscription", "fee", "\"5.00\""),
    ("subscription", "holder", "\"institution\""),
    ("subscriptions.youth", "renewal", "\"automatic\""),
    ("subscriptions.youth", "renewal", "\"none\""),
    ("subscriptions.youth", "lapse_months", "1"),
    ("subscriptions.youth", "lapse_months", "48"),
    ("subscriptions.youth", "fee", "\"3.00\""),
    ("cleanup", "ended_months", "1"),
    ("cleanup", "ended_months", "12"),
    ("cleanup", "ended_months", "36"),
    ("cleanup", "settled_months", "6"),
    ("cleanup", "settled_months", "24"),
    ("cleanup", "settled_months", "60"),
    // A kind that is in neither list holds, so the lists change together.
    ("cleanup", "blocks", "[\"bailiff\"]\nblocks_ignored = [\"general\", \"internet\"]"),
    ("cleanup", "blocks", "[\"general\", \"internet\"]\nblocks_ignored = [\"bailiff\"]"),
    ("cleanup", "blocks", "[]\nblocks_ignored = [\"bailiff\", \"general\", \"internet\"]"),
    ("activity", "sources", "[\"wise\"]"),
    ("activity", "sources", "[\"sip2\", \"gate\"]"),
    ("activity", "scope", "\"library\""),
    ("activity", "scope", "\"patron\""),
    ("retention", "pseudonymise_days", "0"),
    ("retention", "pseudonymise_days", "400"),
    ("retention", "finance_months", "7"),
    ("retention", "finance_months", "84"),
    ("cleanup", "ended_months", "0"),
    ("cleanup", "settled_months", "0"),
    ("subscription", "grace_days", "45"),
    ("keeps.owes", "when", "{ owed = { at_least = \"20.00\" } }\nreason = \"Small debts\""),
    ("keeps.owes", "when", "{ owed = { over = 5 } }\nreason = \"Small debts\""),
    ("keeps.ended-recently", "when", "{ ended_on = { within_months = 3 } }\nreason = \"Sooner\""),
    ("keeps.seen", "when", "{ last_activity = { within_months = 30 } }\nreason = \"Seen\"\nreview = true"),
    ("keeps.seen", "when", "{ last_activity = { within_months = 36, round = \"month\" } }\nreason = \"Seen\""),
    ("keeps.young", "when", "{ age = { under = 18 } }\nreason = \"Young\"\nof = [\"membership\", \"record\"]"),
    ("ends.grown", "when", "{ age = { at_least = 18 } }\nreason = \"Grown\""),
    ("ends.grown", "when", "{ age = { at_least = 26 } }\nreason = \"Grown\"\nunless = { items = { over = 0 } }"),
    ("ends.long", "when", "{ begun_on = { past_days = 700 } }\nreason = \"Long\""),
];

/// What the consortium's file alone may set.
const OF_THE_CONSORTIUM: [Setting; 4] = [
    ("profile", "inactive_months", "6"),
    ("profile", "inactive_months", "48"),
    ("consortium", "run_day", "15"),
    ("consortium", "run_day", "28"),
];

const FILES: [&str; 3] = ["consortium.toml", "libraries/peer.toml", "libraries/riemst.toml"];

/// The settings of a file, and its amendments by their days.
#[derive(Clone, Debug, Default)]
struct File {
    settings: BTreeMap<(&'static str, &'static str), &'static str>,
    amendments: BTreeMap<&'static str, (bool, Setting)>,
}

/// The three files, and the kind of the libraries' group.
#[derive(Clone, Debug)]
struct Files(u8, [File; 3]);

impl Files {
    /// The policy; none where the files hold a mistake.
    fn load(&self) -> Option<Policy> {
        let mut texts = vec![("groups/noord.toml", format!("[group]\ncode = \"noord\"\nkind = {}\n", self.0))];
        for (name, file) in FILES.into_iter().zip(&self.1) {
            let mut tables: BTreeMap<&str, String> = BTreeMap::new();
            let code = name.trim_start_matches("libraries/").trim_end_matches(".toml");
            if code == name.trim_end_matches(".toml") {
                tables.insert("consortium", "name = \"Two towns\"\n".to_owned());
            } else {
                tables.insert("library", format!("code = \"{code}\"\ngroup = \"noord\"\n"));
                tables.insert("subscriptions.adult", String::new());
                tables.insert("subscriptions.youth", String::new());
            }
            for ((table, key), value) in &file.settings {
                let _ = writeln!(tables.entry(table).or_default(), "{key} = {value}");
            }
            let mut text = String::new();
            for (table, keys) in &tables {
                let _ = writeln!(text, "[{table}]\n{keys}");
            }
            for (from, (enforce, (table, key, value))) in &file.amendments {
                let _ = write!(
                    text,
                    "[[amendment]]\nfrom = {from}\nreason = \"A test\"\nenforce = {enforce}\n[amendment.{table}]\n{key} = \
                     {value}\n"
                );
            }
            texts.push((name, text));
        }
        Policy::from_texts(texts).unwrap().policy
    }
}

/// Two policies, of which the new one has one setting more or other, and perhaps an amendment.
fn a_pair() -> impl Strategy<Value = (Files, Files)> {
    let anywhere = || select(&ANYWHERE[..]);
    let amendment = || {
        let days = ["2021-03-01", "2022-07-01", "2022-07-02", "2022-07-20", "2023-01-01", "2024-01-01", "2024-02-29"];
        (select(days.to_vec()), any::<bool>(), anywhere())
    };
    let settings = || {
        vec(anywhere(), 0..4).prop_map(|all| {
            all.into_iter().map(|(table, key, value)| ((table, key), value)).collect::<BTreeMap<_, _>>()
        })
    };
    let amendments = || {
        vec(amendment(), 0..2).prop_map(|all| {
            all.into_iter().map(|(from, enforce, setting)| (from, (enforce, setting))).collect::<BTreeMap<_, _>>()
        })
    };
    let file = || (settings(), amendments()).prop_map(|(settings, amendments)| File { settings, amendments });
    let kind = select(vec![1, 3]);
    let change = prop_oneof![
        6 => (0..3_usize, anywhere()),
        1 => (Just(0_usize), select(&OF_THE_CONSORTIUM[..])),
    ];
    let more = proptest::option::weighted(0.4, (0..3_usize, amendment()));
    (kind, [file(), file(), file()], change, more).prop_map(|(kind, files, (place, (table, key, value)), more)| {
        let old = Files(kind, files);
        let mut new = old.clone();
        new.1[place].settings.insert((table, key), value);
        if let Some((place, (from, enforce, setting))) = more {
            new.1[place].amendments.insert(from, (enforce, setting));
        }
        (old, new)
    })
}

/// The witness as an extract with every column, and somebody else who is active.
fn extract(facts: &Value) -> (Folder, Option<Day>) {
    let mut data = Data { tables: Default::default() };
    let mut latest = None;
    for (table, rows) in Table::ALL.into_iter().zip(&mut data.tables) {
        let nothing = Value::Array(Vec::new());
        for row in facts.get(table.name()).unwrap_or(&nothing).as_array().unwrap() {
            let of_column = |name: &str| row.get(name).map_or("", |value| value.as_str().unwrap());
            let cells = table.columns()[1..].iter().map(|column| of_column(column.name).to_owned());
            rows.push(std::iter::once(WITNESS.to_owned()).chain(cells).collect::<Vec<_>>());
        }
        latest = latest.max(rows.iter().flatten().filter_map(|cell| cell.parse().ok()).max());
    }
    let [patrons, _, activity, _] = &mut data.tables;
    let empty = |id: &str, table: Table| {
        let cells = table.columns()[1..].iter().map(|_| String::new());
        std::iter::once(id.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    if patrons.is_empty() {
        patrons.push(empty(WITNESS, Table::Patrons));
    }
    patrons.push(empty("W2", Table::Patrons));
    activity.push(["W2", "", "wise", "2020-01-01"].map(str::to_owned).to_vec());
    let folder = Folder::new();
    data.write(&folder);
    (folder, latest)
}

fn told(policy: &Policy, day: Day, folder: &Folder) -> Story {
    let data = lapse_tables::Folder::new(folder.path().join("data"));
    explain(policy, &Plugins::none(), day, &data, WITNESS, 1).unwrap()
}

/// The outcomes of a record that stays.
const STAYS: [&str; 2] = ["kept", "review"];

/// What a witness may lose.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Membership,
    Record,
    Profile,
}

/// The first run at which the story takes away what is lost; none where it never does.
fn first(story: &Story, loss: Loss) -> Option<Day> {
    let now = match loss {
        Loss::Membership => story.why.memberships.iter().any(|told| told.outcome == "deregistered"),
        Loss::Record => !STAYS.contains(&story.why.records[0].outcome),
        Loss::Profile => story.why.profile.as_ref().is_some_and(|told| told.outcome == "deleted"),
    };
    if now {
        return Some(story.date.parse().unwrap());
    }
    let record = story.why.records.first().and_then(|record| record.library.as_deref()).unwrap_or_default();
    let record = format!("the record at {record} is ");
    let is_lost = |change: &String| match loss {
        Loss::Membership => change.contains(" is deregistered ("),
        Loss::Record => {
            change.strip_prefix(&record).is_some_and(|outcome| !STAYS.iter().any(|stays| outcome.starts_with(stays)))
        }
        Loss::Profile => change == "the Mijn Bibliotheek profile is deleted",
    };
    let run = story.later.runs.iter().find(|run| run.changes.iter().any(is_lost))?;
    Some(run.date.parse().unwrap())
}

/// Holds a witness against what both policies explain about it. Says whether it names first days.
fn hold_against_explain(old: &Policy, new: &Policy, witness: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (sentence, date) = (text(&witness["sentence"]), text(&witness["date"]).parse::<Day>().unwrap());
    let (folder, latest) = extract(&witness["facts"]);
    for (policy, side) in [(old, "before"), (new, "after")] {
        let story = told(policy, date, &folder);
        let rows = |table: &str| witness[side][table].as_array().unwrap().clone();
        let memberships: Vec<[String; 2]> =
            rows("memberships").iter().map(|row| [text(&row["outcome"]), text(&row["reason"])]).collect();
        let explained: Vec<[String; 2]> =
            story.why.memberships.iter().map(|told| [told.outcome.to_owned(), told.reasons.join(" ")]).collect();
        assert_eq!(memberships, explained, "{side}: {witness}");
        let outcome = |row: &Value| {
            let reasons: Vec<String> = row["reasons"].as_array().unwrap().iter().map(text).collect();
            (text(&row["outcome"]), reasons)
        };
        let told = |told: &lapse_explain::Chapter| (told.outcome.to_owned(), told.reasons.clone());
        let records: Vec<_> = rows("records").iter().map(outcome).collect();
        assert_eq!(records, story.why.records.iter().map(told).collect::<Vec<_>>(), "{side}: {witness}");
        let profile = Some(&witness[side]["profile"]).filter(|row| !row.is_null()).map(outcome);
        assert_eq!(profile, story.why.profile.as_ref().map(told), "{side}: {witness}");
    }
    let has = |words: &[&str]| words.iter().any(|words| sentence.contains(words));
    let (loss, goes, never) = if has(&[", is deregistered on ", ", is never deregistered; "]) {
        (Loss::Membership, ", is deregistered on ", ", is never deregistered; before, ")
    } else if has(&[": the record goes on ", ": the record never goes; "]) {
        (Loss::Record, ": the record goes on ", ": the record never goes; before, ")
    } else if has(&[": the profile goes on ", ": the profile never goes; "]) {
        (Loss::Profile, ": the profile goes on ", ": the profile never goes; before, ")
    } else {
        return false;
    };
    let [was, is] = [old, new].map(|policy| {
        let run_day = |latest: Day| policy.on(latest).consortium.run_day.value;
        let start = latest.map_or(date, |latest| next_run(latest, run_day(latest)).min(date));
        first(&told(policy, start, &folder), loss)
    });
    assert_ne!(was, is, "{witness}");
    let is = is.map_or_else(|| never.to_owned(), |is| format!("{goes}{}; before, ", is.in_english()));
    let (_, before) = sentence.split_once(&is).unwrap_or_else(|| panic!("`{is}` by explain, but {witness}"));
    match was {
        Some(was) => assert!(before.starts_with(&format!("on {}.", was.in_english())), "{was} by explain: {witness}"),
        None => assert!(["never.", "it had expired."].iter().any(|words| before.starts_with(words)), "{witness}"),
    }
    true
}

/// Compares the policies, holds each witness against what they explain, and says how many there are, and how many of them
/// name first days.
fn hold_all(old: &Policy, new: &Policy) -> [usize; 2] {
    let json = Comparison::of(old, new).unwrap().to_json("old", "new");
    let witnesses = json["witnesses"].as_array().unwrap();
    [witnesses.len(), witnesses.iter().filter(|witness| hold_against_explain(old, new, witness)).count()]
}

#[test]
fn explain_says_of_each_witness_what_its_sentence_says() {
    let config = ProptestConfig {
        cases: 60,
        rng_seed: RngSeed::Fixed(17),
        failure_persistence: None,
        source_file: Some(file!()),
        ..ProptestConfig::default()
    };
    let held = Cell::new([0, 0]);
    let pairs_hold = TestRunner::new(config).run(&a_pair(), |(old, new)| {
        let (Some(old), Some(new)) = (old.load(), new.load()) else {
            return Err(TestCaseError::reject("a mistake in the files"));
        };
        let ([witnesses, days], [more, of_them]) = (held.get(), hold_all(&old, &new));
        held.set([witnesses + more, days + of_them]);
        Ok(())
    });
    pairs_hold.unwrap_or_else(|failed| panic!("{failed}"));
    let [witnesses, days] = held.get();
    assert!(witnesses >= 60 && days >= 40, "{witnesses} witnesses, of which {days} name first days, show too little");
}

#[test]
fn the_record_of_a_made_up_patron_with_a_block_goes_on_the_day_that_explain_says() {
    let base = Files(1, Default::default());
    let mut changed = base.clone();
    let blocks = "[\"bailiff\"]\nblocks_ignored = [\"general\", \"internet\"]";
    changed.1[1].settings.insert(("cleanup", "blocks"), blocks);
    let (old, new) = (base.load().unwrap(), changed.load().unwrap());
    assert_eq!(hold_all(&old, &new), [1, 1]);
    let witnesses = Comparison::of(&old, &new).unwrap().witnesses;
    assert_eq!(
        witnesses[0].sentence,
        "A patron whose adult at peer was cancelled and ended on 31 December 2021, with a block of the kind general: the record \
         goes on 1 January 2024; before, never."
    );
}
