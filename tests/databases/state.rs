//! A consortium in a SQLite database, and the state of its tables.

use std::collections::BTreeMap;

use crate::program::{Folder, Ran, root};

/// The sample consortium in `patrons.db`, with its policies beside it.
pub struct State {
    pub folder: Folder,
}

/// The four tables.
pub const TABLES: [&str; 4] = ["patrons", "memberships", "activity", "accounts"];

impl State {
    /// The sample data that we ship.
    pub fn of_sample() -> State {
        State::of(root().join("examples/data").to_str().unwrap())
    }

    /// A folder of tables, by the policies that we ship.
    pub fn of(data: &str) -> State {
        let state = State { folder: Folder::new() };
        let ran = state.folder.lapse(&["register", "init", "--from", data, "patrons.db"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        state
    }

    /// Runs a command in the folder, by the policies that we ship where it takes some.
    pub fn lapse(&self, words: &[&str]) -> Ran {
        let policies = root().join("policies");
        let mut words = words.to_vec();
        if matches!(words[0], "plan" | "apply" | "run" | "diff" | "explain" | "forecast" | "check")
            && words.get(1) != Some(&"show")
        {
            words.extend(["--policies", policies.to_str().unwrap()]);
        }
        self.folder.lapse(&words)
    }

    /// Makes a plan of the run of July 2022.
    pub fn plan(&self, out: &str) -> Ran {
        let ran = self.lapse(&["plan", "--data", "patrons.db", "--date", "2022-07-01", "--out", out]);
        assert!(matches!(ran.code, 0 | 3 | 4), "{}", ran.stderr);
        ran
    }

    pub fn apply(&self, plan: &str, words: &[&str]) -> Ran {
        let mut all = vec!["apply", plan, "--data", "patrons.db"];
        all.extend(words);
        self.lapse(&all)
    }

    pub fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.folder.path().join("patrons.db")).unwrap();
        database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        database
    }

    /// Does a statement, as another program would.
    pub fn others(&self, sql: &str) -> usize {
        self.database().execute(sql, []).unwrap()
    }

    /// The rows of a query, as texts.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let database = self.database();
        let mut prepared = database.prepare(sql).unwrap();
        let width = prepared.column_count();
        let text = |value: rusqlite::types::Value| match value {
            rusqlite::types::Value::Null => "null".to_owned(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        let rows = prepared.query_map([], |row| (0..width).map(|at| Ok(text(row.get(at)?))).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// One number.
    pub fn number(&self, sql: &str) -> u64 {
        self.rows(sql)[0][0].parse().unwrap()
    }

    /// The rows of the four tables and of what was taken out of them, each table sorted.
    pub fn tables(&self) -> BTreeMap<&'static str, Vec<Vec<String>>> {
        let mut tables: BTreeMap<_, _> = TABLES
            .into_iter()
            .map(|table| {
                let mut rows = self.rows(&format!("select * from {table}"));
                rows.sort();
                (table, rows)
            })
            .collect();
        for table in ["lapse_archive", "lapse_trash"] {
            let mut rows = self.rows(&format!("select patron_id, library, part, content from {table}"));
            rows.sort();
            tables.insert(table, rows);
        }
        tables
    }

    /// Fails unless the log is whole.
    pub fn log_is_whole(&self) {
        let ran = self.lapse(&["log", "verify", "--data", "patrons.db"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
}
