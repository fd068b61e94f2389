//! A second, naive reading of "What a value is on day D", compared with the resolver on random policies.
//! It knows nothing of TOML, targets or sorting: it overlays maps, file by file, as the text of policy.md does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::{day, load};
use crate::{Fee, Holder, Renewal};

/// The keys of a subscription table, as written.
type Keys = BTreeMap<&'static str, &'static str>;

#[derive(Clone, Debug, Default)]
struct Tables {
    all: Keys,
    one: BTreeMap<&'static str, Keys>,
    ended_months: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Change {
    enforce: bool,
    only: Option<(&'static str, &'static str)>,
    tables: Tables,
}

#[derive(Clone, Debug)]
struct File {
    own: Tables,
    /// One amendment at most a day.
    changes: BTreeMap<&'static str, Change>,
}

const DAYS: [&str; 3] = ["2020-02-29", "2021-01-01", "2022-07-01"];
const CODES: [&str; 3] = ["adult", "school", "youth"];

fn keys() -> impl Strategy<Value = Keys> {
    let months = ["1", "6", "12", "24"];
    let any = |values: &'static [&'static str]| proptest::option::weighted(0.3, proptest::sample::select(values));
    (
        any(&["\"person\"", "\"institution\""]),
        any(&["\"adult\"", "\"youth\""]),
        any(&["0", "5"]),
        any(&["\"automatic\"", "\"conditional\"", "\"none\""]),
        proptest::option::weighted(0.3, proptest::sample::select(months.to_vec())),
    )
        .prop_map(|(holder, category, fee, renewal, lapse)| {
            let named = [
                ("holder", holder),
                ("category", category),
                ("fee", fee),
                ("renewal", renewal),
                ("lapse_months", lapse),
            ];
            named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
        })
}

fn tables() -> impl Strategy<Value = Tables> {
    let one = proptest::collection::btree_map(proptest::sample::select(CODES.to_vec()), keys(), 0..3);
    let ended = proptest::option::weighted(0.3, proptest::sample::select(vec!["6", "12", "36"]));
    (keys(), one, ended).prop_map(|(all, one, ended_months)| Tables { all, one, ended_months })
}

fn file(enforces: bool) -> impl Strategy<Value = File> {
    let only = prop_oneof![
        2 => Just(None),
        1 => Just(Some(("holder", "\"person\""))),
        1 => Just(Some(("category", "\"youth\""))),
    ];
    let change = (any::<bool>(), only, tables()).prop_map(move |(enforce, only, mut tables)| {
        if only.is_some() {
            for keys in tables.one.values_mut().chain([&mut tables.all]) {
                keys.remove("holder");
                keys.remove("category");
            }
        }
        Change { enforce: enforce && enforces, only, tables }
    });
    let changes = proptest::collection::btree_map(proptest::sample::select(DAYS.to_vec()), change, 0..3);
    (tables(), changes).prop_map(|(own, changes)| File { own, changes })
}

fn written(head: &str, file: &File) -> String {
    let mut text = head.to_owned();
    let inline =
        |keys: &Keys| keys.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ");
    let tables = |text: &mut String, tables: &Tables| {
        writeln!(text, "subscription = {{ {} }}", inline(&tables.all)).unwrap();
        for (code, keys) in &tables.one {
            writeln!(text, "subscriptions.{code} = {{ {} }}", inline(keys)).unwrap();
        }
        if let Some(months) = tables.ended_months {
            writeln!(text, "cleanup.ended_months = {months}").unwrap();
        }
    };
    tables(&mut text, &file.own);
    for (from, change) in &file.changes {
        writeln!(text, "[[amendment]]\nfrom = {from}\nreason = \"r\"").unwrap();
        if change.enforce {
            writeln!(text, "enforce = true").unwrap();
        }
        if let Some((name, value)) = change.only {
            writeln!(text, "only = {{ {name} = {value} }}").unwrap();
        }
        tables(&mut text, &change.tables);
    }
    text
}

/// The changes of a file that hold on a day, in date order.
fn holding<'a>(file: &'a File, date: &'a str) -> impl Iterator<Item = &'a Change> {
    file.changes.range(..=date).map(|(_, change)| change)
}

/// The keys of a subscription on a day. `marks` are its holder and category; none while these are being found.
fn resolved(files: &[&File; 3], date: &str, code: &str, marks: Option<(&str, &str)>) -> Keys {
    let applies = |change: &Change| match (change.only, marks) {
        (None, _) => true,
        (Some(("holder", wanted)), Some((holder, _))) => wanted == holder,
        (Some((_, wanted)), Some((_, category))) => wanted == category,
        (Some(_), None) => false,
    };
    let mut keys = Keys::from([
        ("holder", "\"person\""),
        ("category", "\"adult\""),
        ("fee", "0"),
        ("renewal", "\"conditional\""),
        ("lapse_months", "24"),
    ]);
    for file in files {
        keys.extend(&file.own.all);
        holding(file, date).filter(|change| applies(change)).for_each(|change| keys.extend(&change.tables.all));
    }
    for file in files {
        keys.extend(file.own.one.get(code).into_iter().flatten());
        holding(file, date).for_each(|change| keys.extend(change.tables.one.get(code).into_iter().flatten()));
    }
    for file in [files[1], files[0]] {
        let enforced = || holding(file, date).filter(|change| change.enforce);
        enforced().filter(|change| applies(change)).for_each(|change| keys.extend(&change.tables.all));
        enforced().for_each(|change| keys.extend(change.tables.one.get(code).into_iter().flatten()));
    }
    keys
}

fn ended_months(files: &[&File; 3], date: &str) -> String {
    let mut months = "24";
    for file in files {
        months = file.own.ended_months.unwrap_or(months);
        holding(file, date).for_each(|change| months = change.tables.ended_months.unwrap_or(months));
    }
    for file in [files[1], files[0]] {
        let enforced = holding(file, date).filter(|change| change.enforce);
        enforced.for_each(|change| months = change.tables.ended_months.unwrap_or(months));
    }
    months.to_owned()
}

/// Whether a lower file's amendment sets what a higher file enforces from that day or an earlier one on, as policy.md says it.
fn conflicts(files: &[&File; 3]) -> bool {
    let sets = |tables: &Tables| -> Vec<(&'static str, &'static str)> {
        let all = tables.all.keys().map(|&key| ("", key));
        let one = tables.one.iter().flat_map(|(&code, keys)| keys.keys().map(move |&key| (code, key)));
        all.chain(one).chain(tables.ended_months.map(|_| ("", "ended_months"))).collect()
    };
    (0..2).any(|high| {
        files[high].changes.iter().filter(|(_, change)| change.enforce).any(|(from, enforced)| {
            files[high + 1..].iter().flat_map(|file| file.changes.range(*from..)).any(|(_, change)| {
                sets(&enforced.tables).iter().any(|(code, key)| {
                    sets(&change.tables).iter().any(|(lower, name)| key == name && (code.is_empty() || code == lower))
                })
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn the_resolver_agrees_with_a_naive_reading_of_the_text(
        consortium in file(true),
        group in file(true),
        library in file(false),
    ) {
        let files = [&consortium, &group, &library];
        let loaded = load(&[
            ("consortium.toml", &written("", &consortium)),
            ("groups/g.toml", &written("group = { code = \"g\", kind = 2 }\n", &group)),
            ("libraries/l.toml", &written("library = { code = \"l\", group = \"g\" }\n", &library)),
        ]);
        let Some(policy) = loaded.policy else {
            prop_assert!(conflicts(&files), "{}", loaded.diagnostics.render(false));
            return Err(TestCaseError::reject("the enforced amendments are contradicted"));
        };
        for date in ["2020-02-28", DAYS[0], DAYS[1], "2022-06-30", DAYS[2]] {
            let today = policy.on(day(date));
            let library = &today.libraries[0];
            prop_assert_eq!(library.settings.cleanup.ended_months.value.to_string(), ended_months(&files, date));
            let exists = |code: &str| {
                files.iter().any(|file| {
                    file.own.one.contains_key(code)
                        || holding(file, date).any(|change| change.tables.one.contains_key(code))
                })
            };
            let expected: Vec<_> = CODES.into_iter().filter(|code| exists(code)).collect();
            let codes: Vec<_> = library.subscriptions.iter().map(|subscription| subscription.code.as_str()).collect();
            prop_assert_eq!(&codes, &expected);
            for found in &library.subscriptions {
                let first = resolved(&files, date, &found.code, None);
                let keys = resolved(&files, date, &found.code, Some((first["holder"], first["category"])));
                let word = |name| keys[name].trim_matches('"');
                prop_assert_eq!(Some(found.holder.value), Holder::from_word(word("holder")));
                prop_assert_eq!(found.category.value.as_str(), word("category"));
                prop_assert_eq!(found.fee.value, Fee { cents: 100 * word("fee").parse::<u64>().unwrap() });
                prop_assert_eq!(Some(found.renewal.value), Renewal::from_word(word("renewal")));
                prop_assert_eq!(found.lapse_months.value.to_string(), word("lapse_months"));
            }
        }
    }
}
