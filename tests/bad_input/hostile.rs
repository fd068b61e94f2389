//! Whatever the bytes, reading them ends in facts or in a sentence: never in a panic, and never with a row lost.

use std::path::Path;

use lapse_policy::Policy;
use lapse_tables::{Extract, Known, Table};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{TABLES, good};
use crate::program::Folder;

fn read(folder: &Folder, threads: usize) -> Result<Extract, String> {
    let policy = Policy::load(&folder.path().join("policies")).unwrap().policy.unwrap();
    let run = "2022-07-01".parse().unwrap();
    let data: &Path = &folder.path().join("data");
    Extract::read(data, &Known::by(&policy.on(run)), threads).map_err(|error| error.to_string())
}

/// Reads the tables and checks what must hold of any tables.
fn assert_whole(folder: &Folder) {
    match read(folder, 2) {
        Err(sentence) => assert!(sentence.contains("data"), "the sentence names the file: {sentence}"),
        Ok(extract) => {
            let patrons = (0..extract.len()).map(|index| extract.patron(index));
            let mut used = [extract.len(), 0, 0, 0];
            for patron in patrons {
                used[Table::Memberships as usize] += patron.memberships.len();
                used[Table::Activity as usize] += patron.activity.len();
                used[Table::Accounts as usize] += patron.accounts.len();
            }
            for (table, rows) in Table::ALL.into_iter().zip(extract.rows) {
                let (used, rejected) = (used[table as usize] as u64, rows.rejected);
                match table {
                    // A row with an id makes its patron known, so it may count as both.
                    Table::Patrons => assert!(used + rejected >= rows.read && used <= rows.read, "{table:?}"),
                    Table::Memberships | Table::Activity | Table::Accounts => {
                        assert_eq!(used + rejected, rows.read, "{table:?}");
                    }
                }
                let of_table = extract.rejects.iter().filter(|reject| reject.table == table).count() as u64;
                assert_eq!(of_table, rejected, "one line for each row that was rejected");
            }
        }
    }
}

/// One change of a file: where it is, how many bytes it removes, and the bytes that it puts there.
fn a_change() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    let odd: &[&[u8]] = &[
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\r\n",
        b"\"\"",
        b"-",
        b"0",
        b"9",
        b"\xff",
        b"\xc3",
        b"\0",
        b"\xef\xbb\xbf",
        b"P1",
        b"x",
    ];
    let comes = prop_oneof![
        4 => proptest::sample::select(odd).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
        1 => Just(Vec::new()),
    ];
    (any::<Index>(), 0..4usize, comes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn good_tables_with_a_few_bytes_changed_lose_no_row(changes in vec((0..4usize, a_change()), 1..6)) {
        let folder = good();
        let mut files = TABLES.map(|(_, text)| text.as_bytes().to_vec());
        for (table, (at, goes, comes)) in changes {
            let file = &mut files[table];
            let start = at.index(file.len() + 1);
            let end = file.len().min(start + goes);
            file.splice(start..end, comes);
        }
        for ((table, _), file) in TABLES.iter().zip(&files) {
            folder.write(&format!("data/{table}.csv"), file);
        }
        assert_whole(&folder);
    }

    #[test]
    fn bytes_after_a_good_header_lose_no_row(table in 0..4usize, bytes in "([P12,\"\n\r0-9a-z]|peer|wise|2018-01-01|é|\u{feff}){0,80}") {
        let folder = good();
        let (table, text) = TABLES[table];
        let header = text.lines().next().unwrap();
        folder.write(&format!("data/{table}.csv"), format!("{header}\n{bytes}"));
        assert_whole(&folder);
    }

    #[test]
    fn random_bytes_are_told_and_nothing_else(table in 0..4usize, bytes in vec(any::<u8>(), 0..60)) {
        let folder = good();
        folder.write(&format!("data/{}.csv", TABLES[table].0), &bytes);
        let sentence = read(&folder, 1).map(|_| "read").unwrap_err();
        prop_assert!(sentence.contains(TABLES[table].0), "{}", sentence);
    }
}
