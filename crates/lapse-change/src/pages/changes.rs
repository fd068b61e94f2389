//! Whom a run takes something away from, for its page. The run itself keeps no patron in memory, so those who want this
//! list pay for reading the tables once more.

use lapse_engine::{Codes, Decisions, ExtraError, MembershipOutcome, Patron, RecordOutcome, Room, Rules};
use lapse_host::{Plugins, PluginsOn};
use lapse_policy::DayPolicy;
use lapse_report::data::{Change, Changed};
use lapse_tables::{AskedColumn, Extras, Known, PatronBatch, Progress, Source, Visit, Work, visit};

use crate::ChangeError;
use crate::decide::decide;

/// Every membership that a run over the tables of a source deregisters, and every record that it does not simply keep, in the
/// order of the tables.
pub fn changes(
    source: &dyn Source,
    of_day: &DayPolicy,
    plugins: &Plugins,
    threads: usize,
) -> Result<Vec<Change>, ChangeError> {
    let work = Listing { of_day, on: plugins.on(of_day), columns: &plugins.columns };
    let Visit { workers, .. } = visit(source, &Known::by(of_day), threads, &Progress::default(), &work)?;
    let mut changes: Vec<_> = workers.into_iter().flat_map(|(worker, _)| worker.changes).collect();
    // A stable sort leaves the changes of one batch in their order.
    changes.sort_by_key(|&(place, _)| place);
    Ok(changes.into_iter().map(|(_, change)| change).collect())
}

/// The work: list what a run takes away.
struct Listing<'a> {
    of_day: &'a DayPolicy,
    /// The plugins, where there are some.
    on: Option<PluginsOn<'a>>,
    columns: &'a [AskedColumn],
}

/// What one thread decides with, and what it found.
struct Worker {
    rules: Rules,
    room: Room,
    decisions: Vec<Decisions>,
    /// Each with the place of its batch.
    changes: Vec<((usize, usize), Change)>,
}

impl Work for Listing<'_> {
    type Worker = Worker;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        self.columns
    }

    fn new_worker(&self, codes: &Codes) -> Worker {
        Worker {
            rules: Rules::new(self.of_day, codes),
            room: Room::default(),
            decisions: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn work(&self, worker: &mut Worker, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        let Worker { rules, room, decisions, changes } = worker;
        rules.learn_blocks(batch.codes.blocks.texts());
        let extra = self.on.as_ref().map(|on| on.rules(batch.codes, batch.facts));
        decide(batch.first, batch.patrons, rules, extra.as_deref(), room, decisions)?;
        for ((index, patron), decided) in (batch.first..).zip(batch.patrons).zip(&*decisions) {
            find(batch.facts.id(index), patron, decided, batch.codes, |change| changes.push((batch.place, change)));
        }
        Ok(())
    }
}

/// Tells what the decisions take away from a patron.
fn find(id: &str, patron: &Patron<'_>, decisions: &Decisions, codes: &Codes, mut each: impl FnMut(Change)) {
    let mut change = |library, what| {
        each(Change { patron: id.to_owned(), library: codes.libraries.text(library).to_owned(), what });
    };
    for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
        match decided.outcome {
            MembershipOutcome::Deregistered => {
                let subscription = codes.subscriptions.text(membership.subscription).to_owned();
                let last_activity = decided.last_activity;
                change(membership.library, Changed::Deregistered { subscription, last_activity });
            }
            MembershipOutcome::Valid | MembershipOutcome::Renewed | MembershipOutcome::Expired => {}
        }
    }
    for record in &decisions.records {
        match record.outcome {
            RecordOutcome::Kept => {}
            RecordOutcome::Archived | RecordOutcome::Deleted | RecordOutcome::Review | RecordOutcome::Anonymised => {
                change(record.library, Changed::Record(record.outcome));
            }
        }
    }
}
