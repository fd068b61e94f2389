//! Small consortia: random policy files and tables, whose dates crowd around the thresholds, and a run over them.

use lapse_policy::{Day, Policy};
use lapse_tables::{Format, Options, OutDir, Progress, Table, push_csv_field};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::program::Folder;

/// The run day.
pub const RUN: &str = "2022-07-01";

/// The libraries of the policy, and one that it does not have.
const LIBRARIES: [&str; 4] = ["peer", "riemst", "bilzen", "genk"];

/// The subscriptions of every library, and one that none has.
const SUBSCRIPTIONS: [&str; 3] = ["youth", "adult", "senior"];

/// Policy files and what the tables say.
#[derive(Clone, Debug)]
pub struct Consortium {
    pub policies: Policies,
    pub data: Data,
}

/// The text of each policy file, by its path.
#[derive(Clone, Debug)]
pub struct Policies(Vec<(String, String)>);

/// The rows of each table of an extract, in the order of [`Table::ALL`] and of the columns of interface.md.
#[derive(Clone, Debug)]
pub struct Data {
    pub tables: [Vec<Vec<String>>; 4],
}

/// The rows of what a run writes.
pub struct Written {
    pub memberships: Vec<Vec<String>>,
    pub records: Vec<Vec<String>>,
    pub profiles: Vec<Vec<String>>,
    pub rejects: usize,
}

/// Up to thirty patrons in three libraries.
pub fn a_consortium() -> impl Strategy<Value = Consortium> {
    (some_policies(), vec(a_patron(), 2..30)).prop_map(|(policies, patrons)| {
        let mut tables: [Vec<Vec<String>>; 4] = Default::default();
        // The ids are out of order, so that the join must find rows in whatever order a table has them.
        for (number, patron) in patrons.into_iter().enumerate() {
            let id = format!("P{}", number * 5 % 32);
            for (table, rows) in tables.iter_mut().zip(patron) {
                table.extend(rows.into_iter().map(|row| std::iter::once(id.clone()).chain(row).collect()));
            }
        }
        Consortium { policies, data: Data { tables } }
    })
}

fn some_policies() -> impl Strategy<Value = Policies> {
    (select(&[1, 3][..]), vec(a_library(), 3)).prop_map(|(kind, libraries)| {
        let mut files = vec![
            ("policies/consortium.toml".into(), "[consortium]\nname = \"Three towns\"\n".into()),
            ("policies/groups/noord.toml".into(), format!("[group]\ncode = \"noord\"\nkind = {kind}\n")),
        ];
        for (code, text) in LIBRARIES.iter().zip(libraries) {
            files.push((format!("policies/libraries/{code}.toml"), format!("[library]\ncode = \"{code}\"\n{text}")));
        }
        Policies(files)
    })
}

fn a_library() -> impl Strategy<Value = String> {
    let months = || prop_oneof![Just(24), 1..40u32];
    (any::<bool>(), select(&["patron", "library"][..]), months(), months(), vec(a_subscription(), 2)).prop_map(
        |(in_group, scope, ended, settled, subscriptions)| {
            let group = if in_group { "group = \"noord\"\n" } else { "" };
            let subscriptions: Vec<String> = SUBSCRIPTIONS
                .iter()
                .zip(subscriptions)
                .map(|(code, settings)| format!("\n[subscriptions.{code}]\n{settings}"))
                .collect();
            format!(
                "{group}\n[activity]\nscope = \"{scope}\"\n\n[cleanup]\nended_months = {ended}\nsettled_months = \
                 {settled}\nblocks = [\"general\"]\n{}",
                subscriptions.concat()
            )
        },
    )
}

fn a_subscription() -> impl Strategy<Value = String> {
    let holder = prop_oneof![4 => Just("person"), 1 => Just("institution")];
    let renewal = prop_oneof![3 => Just("conditional"), 1 => Just("automatic"), 1 => Just("none")];
    let fee = prop_oneof![3 => Just("0.00"), 1 => Just("5.00")];
    (holder, renewal, fee, prop_oneof![Just(12), 1..30u32], prop_oneof![Just(24), 1..70u32]).prop_map(
        |(holder, renewal, fee, term, lapse)| {
            format!(
                "holder = \"{holder}\"\nrenewal = \"{renewal}\"\nfee = \"{fee}\"\nterm_months = {term}\nlapse_months = \
                 {lapse}\n"
            )
        },
    )
}

/// Days within two days of the run day, or of a day that is whole terms away from it.
fn a_day() -> impl Strategy<Value = Day> {
    let months = prop_oneof![Just(0), Just(-12), Just(-24), Just(12), -70..30];
    (months, -2..=2).prop_map(|(months, days)| RUN.parse::<Day>().unwrap().add_months(months).add_days(days))
}

fn a_date() -> impl Strategy<Value = String> {
    a_day().prop_map(|day| day.to_string())
}

fn maybe_a_date() -> impl Strategy<Value = String> {
    option::weighted(0.7, a_date()).prop_map(Option::unwrap_or_default)
}

/// The rows of a patron in each table, without the id.
fn a_patron() -> impl Strategy<Value = [Vec<Vec<String>>; 4]> {
    let patron = (maybe_a_date(), select(&["", "true", "false"][..]))
        .prop_map(|(profile, history)| vec![String::new(), profile, history.to_owned()]);
    let accounts = subsequence(LIBRARIES.to_vec(), 0..3)
        .prop_flat_map(|libraries| libraries.into_iter().map(an_account).collect::<Vec<_>>());
    (patron, vec(a_membership(), 0..4), vec(some_activity(), 0..4), accounts)
        .prop_map(|(patron, memberships, activity, accounts)| [vec![patron], memberships, activity, accounts])
}

fn a_library_code() -> impl Strategy<Value = &'static str> {
    prop_oneof![10 => select(&LIBRARIES[..3]), 1 => Just(LIBRARIES[3])]
}

fn a_membership() -> impl Strategy<Value = Vec<String>> {
    let status = prop_oneof![6 => select(&["", "active"][..]), 1 => Just("deregistered"), 1 => Just("cancelled")];
    let subscription = prop_oneof![10 => select(&SUBSCRIPTIONS[..2]), 1 => Just(SUBSCRIPTIONS[2])];
    (a_library_code(), subscription, a_day(), option::weighted(0.8, a_day()), status).prop_map(
        |(library, subscription, from, until, status)| {
            let until = until.map(|until| until.max(from).to_string()).unwrap_or_default();
            [library, subscription, &from.to_string(), &until, status].map(str::to_owned).to_vec()
        },
    )
}

fn some_activity() -> impl Strategy<Value = Vec<String>> {
    let library = prop_oneof![1 => Just(""), 2 => a_library_code()];
    (library, select(&["wise", "legacy", "sip2", "gate"][..]), a_date())
        .prop_map(|(library, source, date)| [library, source, &date].map(str::to_owned).to_vec())
}

fn an_account(library: &'static str) -> impl Strategy<Value = Vec<String>> {
    let amount = || prop_oneof![4 => Just(""), 3 => Just("0.00"), 1 => Just("0.01"), 1 => Just("12")];
    let blocks = prop_oneof![6 => Just(""), 1 => Just("internet"), 1 => Just("general"), 1 => Just("internet|general")];
    let items = prop_oneof![4 => Just(""), 2 => Just("0"), 1 => Just("3")];
    (amount(), amount(), blocks, items, option::weighted(0.3, a_date())).prop_map(
        move |(owed, credit, blocks, items, settled)| {
            [library, owed, credit, blocks, items, &settled.unwrap_or_default()].map(str::to_owned).to_vec()
        },
    )
}

impl Policies {
    /// What a run on the run day writes.
    pub fn run(&self, data: &Data, threads: usize) -> Written {
        self.run_with(data, RUN, false, threads)
    }

    /// What that run writes with `--changes-only`.
    pub fn run_changes_only(&self, data: &Data) -> Written {
        self.run_with(data, RUN, true, 2)
    }

    /// What a run on another day writes.
    pub fn run_on(&self, data: &Data, day: &str) -> Written {
        self.run_with(data, day, false, 2)
    }

    /// Writes the files into `folder`, as `name`.
    pub fn write(&self, folder: &Folder, name: &str) {
        for (path, text) in &self.0 {
            folder.write(&path.replacen("policies", name, 1), text);
        }
    }

    /// Adds to the file of the consortium.
    pub fn add_to_consortium(&mut self, text: &str) {
        self.0[0].1.push_str(text);
    }

    fn run_with(&self, data: &Data, day: &str, changes_only: bool, threads: usize) -> Written {
        let progress = Progress::default();
        let options = Options { changes_only, format: Format::Csv, threads, progress: &progress };
        let folder = Folder::new();
        self.write(&folder, "policies");
        data.write(&folder);
        let loaded = Policy::load(&folder.path().join("policies")).unwrap();
        let policy = loaded.policy.unwrap_or_else(|| panic!("{}", loaded.diagnostics.render(false)));
        let of_day = policy.on(day.parse().unwrap());
        let out = OutDir::claim(&folder.path().join("out")).unwrap();
        let data = lapse_tables::Folder::new(folder.path().join("data"));
        let run = lapse_tables::run(&data, &of_day, None, &out, options).unwrap();
        out.finish().unwrap();
        let rows = |table: &str| csv_rows(&folder.read(&format!("out/{table}.csv")));
        Written {
            memberships: rows("memberships"),
            records: rows("records"),
            profiles: rows("profiles"),
            rejects: run.seen.rejects.len(),
        }
    }
}

impl Data {
    /// Writes the tables into the folder `data`.
    pub fn write(&self, folder: &Folder) {
        for (table, rows) in Table::ALL.into_iter().zip(&self.tables) {
            let header = table.columns().iter().map(|column| column.name.to_owned()).collect();
            let mut text = Vec::new();
            for row in std::iter::once(&header).chain(rows) {
                assert_eq!(row.len(), header.len(), "{row:?}");
                for (index, field) in row.iter().enumerate() {
                    text.extend_from_slice(if index == 0 { b"" } else { b"," });
                    push_csv_field(&mut text, field);
                }
                text.push(b'\n');
            }
            folder.write(&format!("data/{}.csv", table.name()), text);
        }
    }
}

impl Written {
    /// The tables as the library system has them after it did what the run says: `data` is what the run read.
    pub fn carried_out(&self, data: &Data) -> Data {
        let [mut patrons, mut memberships, mut activity, mut accounts] = data.tables.clone();
        for patron in &mut patrons {
            if self.profiles.iter().any(|profile| profile[0] == patron[0] && profile[1] == "deleted") {
                patron[2].clear();
            }
        }
        // Both are in the order of the patrons, each patron's own in the order of the file.
        for (index, membership) in memberships.iter_mut().enumerate() {
            let decided = &self.memberships[index];
            assert_eq!(decided[..4], membership[..4]);
            membership[4].clone_from(&decided[6]);
            if decided[4] == "deregistered" {
                membership[5] = "deregistered".into();
            }
        }
        let goes = |record: &Vec<String>| ["deleted", "anonymised"].contains(&&*record[2]);
        let is_deleted = |row: &Vec<String>| self.records.iter().any(|record| record[0] == row[0] && goes(record));
        for table in [&mut memberships, &mut activity, &mut accounts] {
            table.retain(|row| !is_deleted(row));
        }
        Data { tables: [patrons, memberships, activity, accounts] }
    }
}

/// The rows of a table after its header.
pub fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}
