//! A second, naive reading of how a keep is merged, enforced and released, compared with the resolver on random policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::{day, load};
use crate::{Entries, Keep, KeepOf, Test};

/// What a table says of the keep: its keys as written.
type Keys = BTreeMap<&'static str, &'static str>;

#[derive(Clone, Debug)]
struct File {
    own: Keys,
    /// One amendment at most a day, with whether it is enforced.
    changes: BTreeMap<&'static str, (bool, Keys)>,
    /// From when on the file lets the library go.
    release: Option<&'static str>,
}

const DAYS: [&str; 4] = ["2020-02-29", "2021-01-01", "2022-07-01", "2023-01-01"];

fn keys() -> impl Strategy<Value = Keys> {
    let any = |values: &'static [&'static str]| proptest::option::weighted(0.4, proptest::sample::select(values));
    (
        any(&["true", "false"]),
        any(&["true", "false"]),
        any(&["[\"record\"]", "[\"record\", \"membership\"]"]),
        any(&["{ under = 12 }", "{ under = 18 }", "\"none\""]),
    )
        .prop_map(|(review, active, of, age)| {
            let named = [("review", review), ("active", active), ("of", of), ("when.age", age)];
            named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
        })
}

fn file(enforces: bool) -> impl Strategy<Value = File> {
    let change = (any::<bool>(), keys()).prop_map(move |(enforce, keys)| (enforce && enforces, keys));
    let changes = proptest::collection::btree_map(proptest::sample::select(DAYS.to_vec()), change, 0..3);
    let release = proptest::option::weighted(0.5, proptest::sample::select(DAYS.to_vec()));
    (keys(), changes, release).prop_map(move |(own, changes, release)| File {
        own,
        changes,
        release: release.filter(|_| enforces),
    })
}

fn written(head: &str, file: &File) -> String {
    let mut text = head.to_owned();
    let say = |text: &mut String, keys: &Keys| {
        for (name, value) in keys {
            writeln!(text, "keeps.k.{name} = {value}").unwrap();
        }
    };
    say(&mut text, &file.own);
    for (from, (enforce, keys)) in &file.changes {
        writeln!(text, "[[amendment]]\nfrom = {from}\nreason = \"r\"\nenforce = {enforce}").unwrap();
        say(&mut text, keys);
    }
    if let Some(from) = file.release {
        let release = "release = { libraries = [\"peer\"], keys = [\"keeps.k\"] }";
        writeln!(text, "[[amendment]]\nfrom = {from}\nreason = \"r\"\n{release}").unwrap();
    }
    text
}

/// The keys of the keep on a day: what counts is laid over what lies below it, as policy.md says it.
fn resolved(files: &[&File; 3], date: &str) -> Keys {
    let enforces = |file: &File, from: &str, enforce: bool| {
        enforce && from <= date && file.release.is_none_or(|release| release > date)
    };
    let freezes = |file: &&&File| {
        file.changes.iter().any(|(from, (enforce, keys))| enforces(file, from, *enforce) && !keys.is_empty())
    };
    let counting = files.iter().position(|file| freezes(&file)).map_or(3, |frozen| frozen + 1);
    let mut merged = Keys::new();
    for file in &files[..counting] {
        merged.extend(file.own.clone());
        for (from, (enforce, keys)) in file.changes.range(..=date) {
            if !enforces(file, from, *enforce) {
                merged.extend(keys.clone());
            }
        }
    }
    for file in files[..counting].iter().rev() {
        for (from, (enforce, keys)) in &file.changes {
            if enforces(file, from, *enforce) {
                merged.extend(keys.clone());
            }
        }
    }
    merged
}

/// What the naive reading says, as the values of a keep.
fn told(keys: &Keys) -> (bool, bool, Vec<KeepOf>, Option<Test>) {
    let of = match keys.get("of") {
        Some(&"[\"record\", \"membership\"]") => vec![KeepOf::Record, KeepOf::Membership],
        _ => vec![KeepOf::Record],
    };
    let under = match keys.get("when.age") {
        Some(&"{ under = 12 }") => Some(12),
        Some(&"{ under = 18 }") => Some(18),
        _ => None,
    };
    let test = under.map(|under| Test::Age { at_least: None, under: Some(under) });
    (keys.get("review") == Some(&"true"), keys.get("active") != Some(&"false"), of, test)
}

fn values(keep: &Keep) -> (bool, bool, Vec<KeepOf>, Option<Test>) {
    let test = keep.entry.when.first().map(|test| test.test.value.clone());
    (keep.review.value, keep.entry.active.value, keep.of.value.clone(), test)
}

fn merged(files: [&File; 3], date: &str) -> Option<Entries> {
    let consortium =
        written("consortium.name = \"T\"\nkeeps.k.reason = \"r\"\nkeeps.k.only.category = \"x\"\n", files[0]);
    let group = written("group = { code = \"noord\", kind = 2 }\n", files[1]);
    let library =
        written("library = { code = \"peer\", group = \"noord\" }\n", files[2]).replace("enforce = false\n", "");
    let loaded =
        load(&[("consortium.toml", &consortium), ("groups/noord.toml", &group), ("libraries/peer.toml", &library)]);
    Some(loaded.policy?.on(day(date)).libraries.swap_remove(0).settings.entries)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_keep_is_what_the_naive_reading_makes_of_it(
        consortium in file(true),
        group in file(true),
        library in file(false),
        date in proptest::sample::select(vec!["2020-01-01", "2020-02-29", "2022-07-01", "2022-12-31", "2023-01-01"]),
    ) {
        let files = [&consortium, &group, &library];
        let Some(entries) = merged(files, date) else { return Err(TestCaseError::reject("a lower file sets what is enforced")) };
        prop_assert_eq!(values(&entries.keeps[0]), told(&resolved(&files, date)));
    }

    #[test]
    fn no_file_below_an_enforced_entry_changes_it(mut consortium in file(true), lower in file(false), other in file(false)) {
        consortium.changes.insert("2020-02-29", (true, [("active", "true")].into()));
        consortium.release = None;
        let below = |mut file: File| {
            // What a lower file says from that day on would be an error.
            file.changes.clear();
            file
        };
        let (lower, other) = (below(lower), below(other));
        let [one, two] = [(&lower, &other), (&other, &lower)].map(|(group, library)| {
            merged([&consortium, group, library], "2022-07-01").map(|entries| values(&entries.keeps[0]))
        });
        prop_assert!(one.is_some());
        prop_assert_eq!(one, two);
    }
}
