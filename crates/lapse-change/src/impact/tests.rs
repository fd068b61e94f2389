//! The patrons of a comparison come from any source: tables in memory are compared as the same tables in files.

use std::fs;

use lapse_host::Plugins;
use lapse_policy::{Day, Policy};
use lapse_tables::{Folder, Format, Memory, Progress, Source, Table};
use tempfile::tempdir;

use super::*;

/// Five patrons of Peer, who were active at different times.
const TABLES: [(Table, &[&[&str]]); 3] = [
    (
        Table::Patrons,
        &[&["patron_id", "birth_date"], &["1", "2010-05-01"], &["2", ""], &["3", ""], &["4", "1950-01-01"], &["5", ""]],
    ),
    (
        Table::Memberships,
        &[
            &["patron_id", "library", "subscription", "valid_from", "valid_until"],
            &["1", "peer", "adult", "2020-01-01", ""],
            &["2", "peer", "adult", "2020-12-31", ""],
            &["3", "peer", "adult", "2021-07-01", ""],
            &["4", "peer", "adult", "2021-06-30", "2022-06-30"],
            &["5", "genk", "adult", "2019-01-01", ""],
        ],
    ),
    (Table::Activity, &[&["patron_id", "source", "last_active"], &["1", "wise", "2019-12-31"]]),
];

fn in_memory() -> Memory {
    TABLES.into_iter().fold(Memory::new(), |memory, (table, rows)| {
        let column = |(number, &name)| (name, rows[1..].iter().map(|row| row[number]).collect());
        memory.with_texts(table, rows[0].iter().enumerate().map(column))
    })
}

/// A policy by which memberships lapse after so many months.
fn policy(lapse_months: u32) -> Policy {
    let consortium = "[consortium]\nname = \"One town\"\n[activity]\nsources = [\"wise\"]\n".to_owned();
    let library = format!(
        "[library]\ncode = \"peer\"\n[subscriptions.adult]\nname = \"Adults\"\nrenewal = \"conditional\"\n\
         lapse_months = {lapse_months}\n"
    );
    let loaded = Policy::from_texts([("consortium.toml", consortium), ("libraries/peer.toml", library)]).unwrap();
    let told = loaded.diagnostics.render(false);
    loaded.policy.expect(&told)
}

/// The counts of what moves from one policy to the other, and the file that lists the patrons.
fn compared(source: &dyn Source, policies: &[Policy; 2], threads: usize) -> (serde_json::Value, Vec<u8>) {
    with_impact(source, policies, threads, |impact| (impact.to_json(), impact.moves_file(Format::Csv)))
}

fn with_impact<T>(source: &dyn Source, policies: &[Policy; 2], threads: usize, look: impl Fn(&Impact) -> T) -> T {
    let of_day = policies.each_ref().map(|policy| policy.on(Day::new(2022, 7, 1).unwrap()));
    let plugins = Plugins::none();
    let side = |number: usize| Side {
        name: ["old", "new"][number],
        policy: &policies[number],
        of_day: &of_day[number],
        plugins: &plugins,
    };
    let options = Options { with_patrons: true, threads, progress: &Progress::default() };
    look(&Impact::of(source, [side(0), side(1)], options).unwrap())
}

#[test]
fn tables_in_memory_are_compared_as_those_in_files() {
    let dir = tempdir().unwrap();
    for (table, rows) in TABLES {
        let lines: Vec<String> = rows.iter().map(|row| row.join(",") + "\n").collect();
        fs::write(dir.path().join(format!("{}.csv", table.name())), lines.concat()).unwrap();
    }
    let policies = [policy(24), policy(12)];
    let of_files = compared(&Folder::new(dir.path()), &policies, 1);
    for threads in [1, 3] {
        assert_eq!(compared(&in_memory(), &policies, threads), of_files);
    }
    let moves = String::from_utf8(of_files.1).unwrap();
    let patrons: Vec<&str> = moves.lines().skip(1).filter_map(|line| line.split_once(',')).map(|(id, _)| id).collect();
    // Patron 1 lapses under both policies, and patron 5 under none, since no policy has Genk. Exactly 12 months ago is not yet more than 12.
    assert_eq!(patrons, ["2", "4"]);
}

#[test]
fn the_rows_of_a_breakdown_add_up_and_parts_without_a_move_are_counted() {
    with_impact(&in_memory(), &[policy(24), policy(12)], 1, |impact| {
        // Patron 2 has no end, and patron 4 would have been renewed.
        let moves = ["valid -> deregistered", "renewed -> deregistered"].map(|kind| (kind.to_owned(), 1));
        assert_eq!(impact.totals()[0], ("memberships", moves.to_vec()));
        let breakdowns = impact.breakdowns();
        let titles: Vec<&str> = breakdowns.iter().map(|breakdown| breakdown.title).collect();
        assert_eq!(titles, ["By library", "By category", "By subscription", "By age"]);
        for Breakdown { title, header, rows, .. } in &breakdowns {
            let (all, parts) = rows.split_last().unwrap();
            let moves = |part: &Part| part.counts[2..].to_vec();
            let sums = parts.iter().map(moves).reduce(|sums, part| sums.iter().zip(part).map(|(a, b)| a + b).collect());
            assert_eq!(sums, Some(moves(all)), "{title}");
            assert!(rows.iter().all(|part| part.cells().len() == header.len()), "{title}");
        }
        // Nobody at Genk moves, whose subscription no policy has.
        assert_eq!(breakdowns[0].left_out(), "1 without a move left out");
    });
}
