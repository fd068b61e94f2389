//! What must hold of any run over tables, whatever the consortium: random policies and patrons, with dates around the
//! thresholds, from CSV text to CSV text. The tests of `lapse-engine` say what must hold of the decisions on one patron.

pub mod consortium;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use consortium::{Consortium, Data, a_consortium, csv_rows};

/// The rows of an output table of one patron, in their order.
fn of<'a>(patron: &str, rows: &'a [Vec<String>]) -> Vec<&'a Vec<String>> {
    rows.iter().filter(|row| row[0] == patron).collect()
}

fn sorted(rows: &[Vec<String>]) -> Vec<&Vec<String>> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort();
    rows
}

/// `rows` in the order of `keys`.
fn shuffled(rows: &[Vec<String>], keys: &[u32]) -> Vec<Vec<String>> {
    let mut keyed: Vec<_> = keys.iter().cycle().zip(rows).collect();
    keyed.sort_by_key(|&(key, _)| key);
    keyed.into_iter().map(|(_, row)| row.clone()).collect()
}

/// `rows` with the patrons mixed in the order of `keys`, and each patron's own rows in the order that they had.
fn interleaved(rows: &[Vec<String>], keys: &[u32]) -> Vec<Vec<String>> {
    let mut left: BTreeMap<&str, std::vec::IntoIter<&Vec<String>>> = BTreeMap::new();
    for row in rows {
        left.entry(&row[0]).or_insert_with(|| of(&row[0], rows).into_iter());
    }
    let mixed = shuffled(rows, keys);
    mixed.iter().map(|row| left.get_mut(&*row[0]).unwrap().next().unwrap().clone()).collect()
}

/// A row of a patron that cannot be used: its table, and its fields after the id.
fn a_bad_row() -> impl Strategy<Value = (usize, Vec<&'static str>)> {
    prop_oneof![
        Just((1, vec!["peer", "youth", "soon", "", ""])),
        Just((1, vec!["peer", "youth", "2020-01-02", "2020-01-01", ""])),
        Just((1, vec!["", "youth", "2020-01-01", "", ""])),
        Just((1, vec!["peer", "youth", "2020-01-01", "", "gone"])),
        Just((2, vec!["", "wise", "2022-02-30"])),
        Just((2, vec!["", "", "2022-02-20"])),
        Just((3, vec!["bilzen", "-1", "", "", "", ""])),
        Just((3, vec!["bilzen", "", "", "", "x", ""])),
        Just((3, vec!["", "", "", "", "", ""])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_and_the_number_of_threads_do_not_matter(
        consortium in a_consortium(), keys in vec(any::<u32>(), 40), threads in 2..8usize,
    ) {
        let Consortium { policies, data } = consortium;
        let expected = policies.run(&data, 1);
        let [patrons, memberships, activity, accounts] = &data.tables;
        let mixed = Data { tables: [
            patrons.clone(),
            interleaved(memberships, &keys),
            shuffled(activity, &keys[1..]),
            shuffled(accounts, &keys[2..]),
        ] };
        let got = policies.run(&mixed, threads);
        prop_assert_eq!(&expected.memberships, &got.memberships);
        prop_assert_eq!(&expected.profiles, &got.profiles);
        // The records of libraries that have only an account follow in the order of the accounts.
        prop_assert_eq!(sorted(&expected.records), sorted(&got.records));
    }

    #[test]
    fn the_order_of_patrons_is_that_of_the_output_and_nothing_else(
        consortium in a_consortium(), keys in vec(any::<u32>(), 12),
    ) {
        let Consortium { policies, data } = consortium;
        let expected = policies.run(&data, 2);
        let mut turned = data.clone();
        turned.tables[0] = shuffled(&data.tables[0], &keys);
        let got = policies.run(&turned, 2);
        let in_order = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
            turned.tables[0].iter().flat_map(|patron| of(&patron[0], rows)).cloned().collect()
        };
        prop_assert_eq!(in_order(&expected.memberships), got.memberships);
        prop_assert_eq!(in_order(&expected.records), got.records);
        prop_assert_eq!(in_order(&expected.profiles), got.profiles);
    }

    #[test]
    fn a_patron_comes_out_alone_as_among_others(consortium in a_consortium(), which in any::<Index>()) {
        let Consortium { policies, mut data } = consortium;
        let id = which.get(&data.tables[0])[0].clone();
        let mut alone = Data { tables: data.tables.each_ref().map(|table| of(&id, table).into_iter().cloned().collect()) };
        // Whether any activity is known is not the patron's own matter.
        for data in [&mut data, &mut alone] {
            data.tables[0].push(["somebody", "", "", ""].map(str::to_owned).into());
            data.tables[2].push(["somebody", "", "wise", "2022-01-01"].map(str::to_owned).into());
        }
        let (among_others, alone) = (policies.run(&data, 2), policies.run(&alone, 1));
        prop_assert_eq!(of(&id, &among_others.memberships), of(&id, &alone.memberships));
        prop_assert_eq!(of(&id, &among_others.records), of(&id, &alone.records));
        prop_assert_eq!(of(&id, &among_others.profiles), of(&id, &alone.profiles));
    }

    #[test]
    fn every_membership_every_record_and_every_profile_has_one_row(consortium in a_consortium()) {
        let Consortium { policies, data } = consortium;
        let result = policies.run(&data, 2);
        let [patrons, memberships, _, accounts] = &data.tables;
        let expected: Vec<&[String]> =
            patrons.iter().flat_map(|patron| of(&patron[0], memberships)).map(|row| &row[..4]).collect();
        prop_assert_eq!(expected, result.memberships.iter().map(|row| &row[..4]).collect::<Vec<_>>());
        let mut records: Vec<&[String]> = Vec::new();
        for patron in patrons {
            let mut of_patron: Vec<&[String]> = Vec::new();
            for row in of(&patron[0], memberships).into_iter().chain(of(&patron[0], accounts)) {
                if !of_patron.contains(&&row[..2]) {
                    of_patron.push(&row[..2]);
                }
            }
            records.extend(of_patron);
        }
        prop_assert_eq!(records, result.records.iter().map(|row| &row[..2]).collect::<Vec<_>>());
        let with_profile: Vec<&String> = patrons.iter().filter(|row| !row[2].is_empty()).map(|row| &row[0]).collect();
        prop_assert_eq!(with_profile, result.profiles.iter().map(|row| &row[0]).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_open_at_a_library_keeps_its_record(consortium in a_consortium()) {
        let Consortium { policies, data } = consortium;
        let result = policies.run(&data, 2);
        for account in &data.tables[3] {
            let [_, _, owed, credit, blocks, items, _] = &account[..] else { unreachable!("seven columns") };
            let zero = |number: &String| number.chars().all(|c| c == '0' || c == '.');
            let blocked = blocks.split('|').any(|kind| kind == "general");
            if zero(owed) && zero(credit) && zero(items) && !blocked {
                continue;
            }
            let record = result.records.iter().find(|row| row[..2] == account[..2]).unwrap();
            prop_assert_eq!(&record[2], "kept", "{:?}", account);
            let says = |reason: &str| record[3].split(' ').any(|word| word == reason);
            prop_assert_eq!(says("owes"), !zero(owed));
            prop_assert_eq!(says("credit"), !zero(credit));
            prop_assert_eq!(says("items"), !zero(items));
            prop_assert_eq!(says("blocked"), blocked);
        }
    }

    #[test]
    fn a_bad_row_holds_its_patron_and_touches_nobody_else(
        consortium in a_consortium(), which in any::<Index>(), place in any::<Index>(), (table, fields) in a_bad_row(),
    ) {
        let Consortium { policies, data } = consortium;
        let expected = policies.run(&data, 2);
        let id = which.get(&data.tables[0])[0].clone();
        let mut spoilt = data.clone();
        let rows = &mut spoilt.tables[table];
        let row = std::iter::once(id.as_str()).chain(fields).map(str::to_owned).collect();
        rows.insert(place.index(rows.len() + 1), row);
        let got = policies.run(&spoilt, 2);
        prop_assert_eq!(got.rejects, 1);
        let others = |rows: &[Vec<String>]| -> Vec<Vec<String>> { rows.iter().filter(|row| row[0] != id).cloned().collect() };
        prop_assert_eq!(others(&expected.memberships), others(&got.memberships));
        prop_assert_eq!(others(&expected.records), others(&got.records));
        prop_assert_eq!(others(&expected.profiles), others(&got.profiles));
        prop_assert!(of(&id, &got.memberships).iter().all(|row| row[4] != "deregistered"));
        for row in of(&id, &got.records) {
            prop_assert!(row[2] == "kept" && row[3].starts_with("bad-input"), "{:?}", row);
        }
        for row in of(&id, &got.profiles) {
            prop_assert!(row[1] == "kept" && row[2].starts_with("bad-input"), "{:?}", row);
        }
    }

    #[test]
    fn a_second_run_on_the_tables_that_the_first_leaves_changes_nothing(consortium in a_consortium()) {
        let Consortium { policies, mut data } = consortium;
        // A membership that starts on the run day and lapses on it ends before it starts, and the next run would reject its row.
        data.tables[1].retain(|row| row[3] != consortium::RUN);
        let first = policies.run(&data, 2);
        let after = first.carried_out(&data);
        let second = policies.run(&after, 2);
        prop_assert_eq!(second.rejects, 0);
        for row in &second.memberships {
            prop_assert!(row[4] != "deregistered" && row[4] != "renewed", "{:?}", row);
        }
        let stays: Vec<_> = first.records.iter().filter(|row| row[2] != "deleted").collect();
        prop_assert_eq!(stays, second.records.iter().collect::<Vec<_>>());
        prop_assert!(second.profiles.iter().all(|row| row[1] == "kept" && first.profiles.contains(row)));
        prop_assert_eq!(second.carried_out(&after).tables, after.tables);
    }

    #[test]
    fn what_changes_only_leaves_out_is_what_stays(consortium in a_consortium()) {
        let Consortium { policies, data } = consortium;
        let all = policies.run(&data, 2);
        let changes = policies.run_changes_only(&data);
        let changed = |rows: &[Vec<String>], outcome: usize| -> Vec<Vec<String>> {
            let stays = |row: &&Vec<String>| !["valid", "expired", "kept"].contains(&&*row[outcome]);
            rows.iter().filter(stays).cloned().collect()
        };
        prop_assert_eq!(changed(&all.memberships, 4), changes.memberships);
        prop_assert_eq!(changed(&all.records, 2), changes.records);
        prop_assert_eq!(changed(&all.profiles, 1), changes.profiles);
    }
}

#[test]
fn the_tables_here_are_read_as_they_are_written() {
    assert_eq!(csv_rows("a,b\n1,\"x,y\"\n"), [["1", "x,y"]]);
}
