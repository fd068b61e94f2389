//! A source that another crate implements may do what it must not: that is told, and brings nothing down.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use lapse_tables::source::{Field, Piece, Pieces, Records, Source, TableSource, Together};
use lapse_tables::{
    AskedColumn, Extract, Known, Memory, PatronFacts, PatronRows, Progress, Table, TableError, run_in_memory, trace,
};

use super::{options, policy};

/// A row: its part, its line, and its first fields.
type Row = (u32, u64, Vec<Field<'static>>);

/// A source of which one table gives these rows, piece by piece, and the others are as they must be.
struct Misbehaving {
    table: Table,
    pieces: Vec<Vec<Row>>,
    others: Memory,
    work: u64,
}

struct MisbehavingTable<'a> {
    parts: [Arc<str>; 2],
    pieces: &'a [Vec<Row>],
    work: u64,
}

struct Rows<'a> {
    rows: &'a [Row],
    done: bool,
}

impl Source for Misbehaving {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        if table != self.table {
            return self.others.table(table, asked);
        }
        let parts = ["one".into(), "two".into()];
        Ok(Some(Box::new(MisbehavingTable { parts, pieces: &self.pieces, work: self.work })))
    }
}

impl TableSource for MisbehavingTable<'_> {
    fn parts(&self) -> &[Arc<str>] {
        &self.parts
    }

    fn work(&self) -> u64 {
        self.work
    }

    fn pieces<'p>(&'p self, _: &'p Progress) -> Pieces<'p> {
        Box::new(self.pieces.iter().map(|rows| Ok(Box::new(Rows { rows, done: false }) as Box<dyn Piece>)))
    }
}

impl Piece for Rows<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let first = !std::mem::replace(&mut self.done, true);
        Ok(first.then(|| Box::new(Rows { rows: self.rows, done: false }) as Box<dyn Records<'_>>))
    }
}

impl<'a> Records<'a> for Rows<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        let part = self.rows.first().map_or(0, |row| row.0);
        together.fill(part, |fields| {
            let Some(((_, line, row), rest)) = self.rows.split_first().filter(|(row, _)| row.0 == part) else {
                return Ok(None);
            };
            fields.fill(Field::EMPTY);
            fields.iter_mut().zip(row).for_each(|(field, value)| *field = value.clone());
            self.rows = rest;
            Ok(Some(*line))
        })
    }
}

fn texts<const N: usize>(texts: [&'static str; N]) -> Vec<Field<'static>> {
    texts.into_iter().map(|text| Field::Text(text.into())).collect()
}

/// The fields of a row, of which one is a day.
fn with_day<const N: usize>(fields: [&'static str; N], slot: usize) -> Vec<Field<'static>> {
    let mut fields = texts(fields);
    fields[slot] = Field::Day("2022-05-05".parse().unwrap());
    fields
}

fn source(table: Table, pieces: Vec<Vec<Row>>) -> Misbehaving {
    let others = Memory::new().with_texts(Table::Patrons, [("patron_id", vec!["P1", "P2"])]).with_texts(
        Table::Memberships,
        [
            ("patron_id", vec!["P1", "P2"]),
            ("library", vec!["peer", "peer"]),
            ("subscription", vec!["youth", "youth"]),
            ("valid_from", vec!["2016-01-01", "2022-05-01"]),
        ],
    );
    Misbehaving { table, pieces, others, work: 1 }
}

/// What is told, however the rows are read.
fn told(source: &Misbehaving) -> String {
    let progress = Progress::default();
    let [one, two] = [1, 2].map(|threads| run_in_memory(source, &policy(), None, options(&progress, threads)));
    let told = one.err().expect("the source does not do what it must").to_string();
    assert_eq!(two.err().unwrap().to_string(), told);
    assert_eq!(trace(source, |id| id == "P1", 2).unwrap_err().to_string(), told);
    assert_eq!(PatronRows::find(source, "P1", &[], &Known::by(&policy()), 2).err().unwrap().to_string(), told);
    told
}

#[test]
fn a_day_among_texts_is_told_with_its_column_and_row() {
    let in_patrons = |slot| vec![vec![(0, 1, texts(["P1"])), (1, 4, with_day(["P2", "", "", ""], slot))]];
    let sentence = |column: &str| {
        format!("the source gives a day as the `{column}` of row 4, which is not a column of days; give it as text")
    };
    for (slot, column) in [(0, "patron_id"), (3, "loan_history")] {
        assert_eq!(told(&source(Table::Patrons, in_patrons(slot))), format!("patrons: {}", sentence(column)));
    }
    let progress = Progress::default();
    let fine = source(Table::Patrons, in_patrons(1));
    assert!(run_in_memory(&fine, &policy(), None, options(&progress, 1)).is_ok());
    for (table, columns) in
        [(Table::Memberships, &[0, 1, 2, 5][..]), (Table::Activity, &[0, 1, 2]), (Table::Accounts, &[0, 1, 2, 3, 4, 5])]
    {
        for &slot in columns {
            let row = with_day(["P1", "peer", "youth", "2016-01-01", "", "", ""], slot);
            let row = row.into_iter().take(table.columns().len()).collect();
            let told = told(&source(table, vec![vec![(0, 4, row)]]));
            assert_eq!(told, format!("{}: {}", table.name(), sentence(table.columns()[slot].name)));
        }
    }
}

#[test]
fn a_row_of_a_part_that_is_not_there_is_told() {
    let account = || texts(["P1", "peer", "-1"]);
    let told =
        told(&source(Table::Accounts, vec![vec![(0, 1, account()), (1, 1, account())], vec![(2, 9, account())]]));
    let expected =
        "accounts: the source says that row 9 is of part 2, but the table has 2 parts; count its parts from 0 on";
    assert_eq!(told, expected);
}

#[test]
fn rows_that_do_not_ascend_are_told_within_a_piece_and_between_two() {
    let account = |part, line| (part, line, texts(["P1", "peer"]));
    let sentence = |row: u64, before: u64| {
        format!(
            "accounts: the source gives row {row} after row {before}; give the rows of each part by ascending numbers, \
             part after part"
        )
    };
    for (pieces, row, before) in [
        (vec![vec![account(0, 5), account(0, 5)]], 5, 5),
        (vec![vec![account(0, 5), account(0, 4)]], 4, 5),
        (vec![vec![account(1, 1), account(0, 2)]], 2, 1),
        (vec![vec![account(0, 1), account(0, 2)], vec![], vec![account(0, 1)]], 1, 2),
    ] {
        assert_eq!(told(&source(Table::Accounts, pieces)), sentence(row, before));
    }
}

#[test]
fn a_day_in_a_column_that_is_asked_for_is_its_text() {
    let row =
        |id| vec![Field::Text(id), Field::EMPTY, Field::EMPTY, Field::EMPTY, Field::Day("2022-05-05".parse().unwrap())];
    let source = source(Table::Patrons, vec![vec![(0, 1, row("P1".into()))]]);
    let asked = [AskedColumn { table: Table::Patrons, name: "deceased_on".to_owned() }];
    let policy = policy();
    let extract = Extract::read_from(&source, &Known::by(&policy), 1, &asked).unwrap();
    assert_eq!(extract.asked(0, 0, 0), "2022-05-05");
}

#[test]
fn a_source_may_have_any_amount_of_work() {
    let mut source = source(Table::Patrons, vec![vec![(0, 1, texts(["P1"]))]]);
    source.work = u64::MAX;
    let progress = Progress::default();
    assert!(run_in_memory(&source, &policy(), None, options(&progress, 2)).is_ok());
}

#[test]
fn what_is_wrong_with_the_columns_of_a_batch_speaks_of_no_header() {
    let told = |names: &[&str], asked: &[String]| {
        let text = Arc::new(StringArray::from(vec!["P1"])) as ArrayRef;
        let batch = RecordBatch::try_from_iter(names.iter().map(|name| (*name, text.clone()))).unwrap();
        let memory = Memory::new().with(Table::Patrons, [batch]);
        memory.table(Table::Patrons, asked).err().unwrap().to_string()
    };
    assert_eq!(told(&["id"], &[]), "patrons: there is no column `patron_id`, which every row needs; add it");
    assert_eq!(
        told(&["patron_id", "patron_id"], &[]),
        "patrons: there are two columns `patron_id`; keep one of the two"
    );
    assert_eq!(
        told(&["patron_id"], &["deceased_on".to_owned()]),
        "patrons: there is no column `deceased_on`, which a plugin asks for; add it, or take it out of the plugin's `columns`"
    );
}
