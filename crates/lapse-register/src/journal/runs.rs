//! Which plans were begun, and how far each is. A plan may be applied several times, each time with more consent: each time
//! is a pass over it, which does what waited in the passes before.

use crate::database::{Connection, DatabaseError, Found, Statement, Values};

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunRow {
    pub run: u64,
    /// The hash of its plan.
    pub plan: String,
    pub run_date: String,
    pub began: String,
    pub undone: Option<String>,
    pub purged: Option<String>,
    /// The key of its pseudonyms; none once it was purged.
    pub secret: Option<String>,
}

/// A time over a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub number: u64,
    /// The consents, as they are typed, one a line.
    pub consents: Vec<String>,
    /// Whether what cannot be undone may be done.
    pub irreversible: bool,
    /// How many patrons of the plan are done with.
    pub position: u64,
    pub ended: bool,
}

/// The tables of runs.
pub(crate) struct Runs<'p> {
    pub prefix: &'p str,
}

impl Runs<'_> {
    /// A run by its number.
    pub fn by_number(&self, connection: &mut dyn Connection, run: u64) -> Result<Option<RunRow>, DatabaseError> {
        self.find(connection, "run = $run", &Values::from([("run".to_owned(), run.into())]))
            .map(|runs| runs.into_iter().next())
    }

    /// The run of a plan.
    pub fn by_plan(&self, connection: &mut dyn Connection, plan: &str) -> Result<Option<RunRow>, DatabaseError> {
        self.find(connection, "plan = $plan", &Values::from([("plan".to_owned(), plan.into())]))
            .map(|runs| runs.into_iter().next())
    }

    /// All runs, the first one first.
    pub fn all(&self, connection: &mut dyn Connection) -> Result<Vec<RunRow>, DatabaseError> {
        self.find(connection, "1 = 1", &Values::new())
    }

    fn find(
        &self,
        connection: &mut dyn Connection,
        condition: &str,
        values: &Values,
    ) -> Result<Vec<RunRow>, DatabaseError> {
        let select = format!(
            "select run, plan, run_date, began, undone, purged, secret from {}lapse_runs where {condition} order by run",
            self.prefix
        );
        let found = connection.query(&Statement::parse(&select), values)?;
        let row = |row: &Vec<Option<String>>| {
            let text = |at: usize| row.get(at).cloned().flatten();
            RunRow {
                run: text(0).and_then(|run| run.parse().ok()).unwrap_or_default(),
                plan: text(1).unwrap_or_default(),
                run_date: text(2).unwrap_or_default(),
                began: text(3).unwrap_or_default(),
                undone: text(4),
                purged: text(5),
                secret: text(6),
            }
        };
        Ok(found.rows.iter().map(row).collect())
    }

    /// Adds a run; `values` are those of its columns.
    pub fn add(&self, connection: &mut dyn Connection, values: &Values) -> Result<u64, DatabaseError> {
        let last = format!("select max(run) as run from {}lapse_runs", self.prefix);
        let last = connection.query(&Statement::parse(&last), &Values::new())?;
        let run = last.first().and_then(|run| run.parse::<u64>().ok()).unwrap_or(0) + 1;
        let mut values = values.clone();
        values.insert("run".to_owned(), run.into());
        let insert = format!(
            "insert into {}lapse_runs (run, plan, run_date, policy, register, planned_at, began, secret, summary) \
             values ($run, $plan, $run_date, $policy, $register, $planned_at, $began, $secret, $summary)",
            self.prefix
        );
        connection.change(&Statement::parse(&insert), &values)?;
        Ok(run)
    }

    /// The summary of the last run; none where nothing was ever done.
    pub fn last_summary(&self, connection: &mut dyn Connection) -> Result<Option<String>, DatabaseError> {
        let select = format!("select summary from {}lapse_runs order by run desc limit 1", self.prefix);
        Ok(connection.query(&Statement::parse(&select), &Values::new())?.first().map(str::to_owned))
    }

    /// Marks a run as undone or purged, at a moment.
    pub fn mark(&self, connection: &mut dyn Connection, run: u64, column: &str, at: &str) -> Result<(), DatabaseError> {
        let update = format!("update {}lapse_runs set {column} = $at where run = $run", self.prefix);
        let values = Values::from([("run".to_owned(), run.into()), ("at".to_owned(), at.into())]);
        connection.change(&Statement::parse(&update), &values).map(drop)
    }

    /// The passes of a run, the first one first.
    pub fn passes(&self, connection: &mut dyn Connection, run: u64) -> Result<Vec<Pass>, DatabaseError> {
        let select = format!(
            "select pass, consents, irreversible, position, ended from {}lapse_passes where run = $run order by pass",
            self.prefix
        );
        let values = Values::from([("run".to_owned(), run.into())]);
        let Found { rows, .. } = connection.query(&Statement::parse(&select), &values)?;
        let pass = |row: &Vec<Option<String>>| {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            Pass {
                number: text(0).parse().unwrap_or_default(),
                consents: text(1).lines().map(str::to_owned).collect(),
                irreversible: text(2) == "1",
                position: text(3).parse().unwrap_or_default(),
                ended: !text(4).is_empty(),
            }
        };
        Ok(rows.iter().map(pass).collect())
    }

    /// Begins a pass.
    pub fn begin_pass(&self, connection: &mut dyn Connection, run: u64, pass: &Pass) -> Result<(), DatabaseError> {
        let insert = format!(
            "insert into {}lapse_passes (run, pass, consents, irreversible, position) \
             values ($run, $pass, $consents, $irreversible, 0)",
            self.prefix
        );
        let values = Values::from([
            ("run".to_owned(), run.into()),
            ("pass".to_owned(), pass.number.into()),
            ("consents".to_owned(), pass.consents.join("\n").into()),
            ("irreversible".to_owned(), u64::from(pass.irreversible).into()),
        ]);
        connection.change(&Statement::parse(&insert), &values).map(drop)
    }

    /// Keeps how far a pass is, and at which moment it ended.
    pub fn keep_position(
        &self,
        connection: &mut dyn Connection,
        run: u64,
        pass: &Pass,
        at: &str,
    ) -> Result<(), DatabaseError> {
        let update = format!(
            "update {}lapse_passes set position = $position, ended = $ended where run = $run and pass = $pass",
            self.prefix
        );
        let values = Values::from([
            ("run".to_owned(), run.into()),
            ("pass".to_owned(), pass.number.into()),
            ("position".to_owned(), pass.position.into()),
            ("ended".to_owned(), pass.ended.then_some(at).into()),
        ]);
        connection.change(&Statement::parse(&update), &values).map(drop)
    }
}
