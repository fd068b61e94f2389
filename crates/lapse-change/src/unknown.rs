//! Codes that stand in the tables and not in the policy, told before anybody runs by it: those that nearly are a code of the
//! policy, whose rows a run rejects, and all others, which it takes as unknown. They are found as a run finds them, without its
//! plugins and without writing a decision.

use std::collections::BTreeMap;
use std::fmt;

use lapse_engine::{Attention, Codes, Decisions, ExtraError, Room, Rules, Tally, meant};
use lapse_policy::{DayPolicy, Policy, count};
use lapse_tables::{AskedColumn, Known, PatronBatch, Progress, RunError, Source, Table, Visit, Work, visit};

use crate::Summary;
use crate::decide::decide;

/// A code in a column of a table that the policy does not have on the day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownCode {
    /// The table.
    pub table: Table,
    /// The column.
    pub column: String,
    /// What stands there; of `blocks` one kind.
    pub code: String,
    /// The library at which it is unknown, for subscriptions and kinds of block.
    pub library: Option<String>,
    /// The code of the policy that is nearest, if one is near.
    pub near: Option<String>,
    /// It differs from that code by capitals or white space alone, so that a run rejects its rows and holds their patrons.
    pub is_slip: bool,
    /// How many rows have it.
    pub rows: u64,
}

impl fmt::Display for UnknownCode {
    /// One sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownCode { table, column, code, library, near, is_slip, rows } = self;
        write!(f, "{}, column `{column}`: ", table.name())?;
        if let (true, Some(near)) = (is_slip, near) {
            let rejected =
                count(*rows, "row is rejected and its patron held", "rows are rejected and their patrons held");
            write!(f, "`{code}` nearly is `{near}`, so that {rejected}; write it as `{near}`")
        } else {
            let at = library.as_ref().map(|library| format!(" at {library}")).unwrap_or_default();
            let rows = count(*rows, "row", "rows");
            write!(f, "the policy does not have `{code}`{at}: {rows}{}", meant(near.as_deref()))
        }
    }
}

/// The unknown codes of a source by a policy, whose values on the day are `of_day`: by table, column and code.
pub fn unknown_codes(
    source: &dyn Source,
    policy: &Policy,
    of_day: &DayPolicy,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<UnknownCode>, RunError> {
    let Visit { seen, workers } = visit(source, &Known::by(of_day), threads, progress, &Counting { of_day })?;
    let mut tally = Tally::default();
    for (worker, to) in &workers {
        tally.add_all_as(&worker.tally, |code| to.library(code), |code| to.subscription(code), |code| to.source(code));
    }
    let attention = Summary::of(policy, of_day.date, &seen, &tally).attention(of_day);
    let slips = seen.rejects.into_iter().filter(|reject| reject.near.is_some()).map(|reject| UnknownCode {
        table: reject.table,
        column: reject.column,
        code: reject.value,
        library: None,
        near: reject.near,
        is_slip: true,
        rows: 1,
    });
    let others = attention.into_iter().filter_map(|what| unknown(what, of_day));
    let mut all: BTreeMap<UnknownCode, u64> = BTreeMap::new();
    for code in slips.chain(others) {
        let rows = code.rows;
        *all.entry(UnknownCode { rows: 0, ..code }).or_default() += rows;
    }
    Ok(all.into_iter().map(|(code, rows)| UnknownCode { rows, ..code }).collect())
}

/// What needs attention as an unknown code, where it is one.
fn unknown(what: Attention, of_day: &DayPolicy) -> Option<UnknownCode> {
    let (table, column, code, library, near, rows) = match what {
        Attention::NoPolicy { library, subscription, memberships, near } => {
            let is_known = of_day.libraries.iter().any(|known| known.code == library);
            let (column, code, library) =
                if is_known { ("subscription", subscription, Some(library)) } else { ("library", library, None) };
            (Table::Memberships, column, code, library, near, memberships)
        }
        Attention::UnknownLibrary { table, library, rows, near } => {
            let table = Table::ALL.into_iter().find(|known| known.name() == table)?;
            (table, "library", library, None, near, rows)
        }
        Attention::UnknownSource { source, rows, near } => (Table::Activity, "source", source, None, near, rows),
        Attention::UnknownBlock { library, kind, rows, near } => {
            (Table::Accounts, "blocks", kind, Some(library), near, rows)
        }
        _ => return None,
    };
    Some(UnknownCode { table, column: column.to_owned(), code, library, near, is_slip: false, rows })
}

/// The work: decide as a run does, and only count.
struct Counting<'a> {
    of_day: &'a DayPolicy,
}

/// What one thread decides with, and what it counted.
struct Worker {
    rules: Rules,
    room: Room,
    decisions: Vec<Decisions>,
    tally: Tally,
}

impl Work for Counting<'_> {
    type Worker = Worker;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        &[]
    }

    fn one_by_one(&self) -> bool {
        true
    }

    fn new_worker(&self, codes: &Codes) -> Worker {
        Worker {
            rules: Rules::new(self.of_day, codes),
            room: Room::default(),
            decisions: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn work(&self, worker: &mut Worker, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        let Worker { rules, room, decisions, tally } = worker;
        rules.learn_blocks(batch.codes.blocks.texts());
        decide(batch.first, batch.patrons, rules, None, room, decisions)?;
        batch.patrons.iter().zip(&*decisions).for_each(|(patron, decided)| tally.add(patron, decided));
        Ok(())
    }
}
