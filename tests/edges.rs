//! The edges of real data: what exports look like, and what must never delete anyone. Each test is named for what broke, and
//! runs the program on the smallest extract that shows it, by the policy of a consortium with one library.

mod absent;
mod codes;
mod memberships;
mod rows;

use crate::program::{Folder, Ran};

const CONSORTIUM: &str =
    "[consortium]\nname = \"Test\"\n\n[subscription]\nrenewal = \"conditional\"\n\n[activity]\nsources = [\"wise\"]\n";
const LIBRARY: &str =
    "[library]\ncode = \"a\"\n\n[subscriptions.adult]\n\n[subscriptions.paid]\nfee = \"10.00\"\nrenewal = \"none\"\n";

const MEMBERSHIPS: &str = "patron_id,library,subscription,valid_from,valid_until,status\n";
const ACTIVITY: &str = "patron_id,library,source,last_active\n";
const ACCOUNTS: &str = "patron_id,library,owed,credit,blocks,items,settled_on\n";

const RUN: &str = "2022-07-01";

/// An extract of these patrons and of `somebody`, whose activity is known. Every table has every column, and no row of the
/// patrons yet.
fn extract(patrons: &[&str]) -> Folder {
    let folder = Folder::with(&[("policies/consortium.toml", CONSORTIUM), ("policies/libraries/a.toml", LIBRARY)]);
    let patrons = patrons.join("\n") + "\n";
    folder.write("data/patrons.csv", format!("patron_id\nsomebody\n{patrons}"));
    folder.write("data/memberships.csv", MEMBERSHIPS);
    folder.write("data/activity.csv", format!("{ACTIVITY}somebody,,wise,2022-06-15\n"));
    folder.write("data/accounts.csv", ACCOUNTS);
    folder
}

/// Adds rows at the end of a table.
fn add(folder: &Folder, table: &str, rows: &[&str]) {
    let name = format!("data/{table}.csv");
    let rows = rows.join("\n") + "\n";
    folder.write(&name, folder.read(&name) + &rows);
}

fn run(folder: &Folder, date: &str) -> Ran {
    let ran = folder.lapse(&["run", "--data", "data", "--date", date, "--out", "out"]);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    ran
}

/// The rows of a patron in a table that the run wrote, each from this column on.
fn written(folder: &Folder, table: &str, patron: &str, from: usize) -> Vec<String> {
    let text = folder.read(&format!("out/{table}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[0] == patron);
    rows.map(|row| row.iter().skip(from).collect::<Vec<_>>().join(" ")).collect()
}

/// The outcome, the reason and the last valid day of each membership of a patron.
fn memberships(folder: &Folder, patron: &str) -> Vec<String> {
    let rows = written(folder, "memberships", patron, 4).into_iter();
    rows.map(|row| row.rsplit_once(' ').expect("the last column is the last activity").0.to_owned()).collect()
}

/// The outcome and the reasons of the patron's record at the library.
fn record(folder: &Folder, patron: &str) -> String {
    let rows = written(folder, "records", patron, 2);
    let [row] = rows.as_slice() else { panic!("{patron} has {} records", rows.len()) };
    row.rsplitn(3, ' ').last().expect("before the two cut-offs").to_owned()
}

/// The table, the column, the value and the problem of each rejected row.
fn rejects(folder: &Folder) -> Vec<String> {
    let text = folder.read("out/rejects.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| format!("{} {} {:?} {}", &row[0], &row[2], &row[3], &row[4])).collect()
}
