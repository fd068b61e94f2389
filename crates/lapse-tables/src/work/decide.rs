//! The work of a run: every patron to the engine, and the decisions to rows of the three output tables.

use lapse_engine::{Codes, Decisions, ExtraError, Room, Rules, Silent, Tally, evaluate, evaluate_batch};
use lapse_policy::DayPolicy;

use super::contract::{Extras, PatronBatch, Work};
use crate::write::{Rows, Writer, Written};
use crate::{AskedColumn, codes};

/// Decides by a policy on its day, and by rules from outside where there are any.
pub(crate) struct Deciding<'a> {
    pub policy: &'a DayPolicy,
    pub extras: Option<&'a dyn Extras>,
    /// Leave out `valid`, `expired` and `kept` rows.
    pub changes_only: bool,
    /// How codes are written.
    pub written: Written,
}

/// What one thread decides with, and counts.
pub(crate) struct Decider<'a> {
    rules: Rules,
    writer: Writer<'a>,
    /// How many codes the rules and the writer know.
    known: usize,
    decisions: Decisions,
    room: Room,
    pub tally: Tally,
}

impl Decider<'_> {
    /// Makes the rules and the writer know the codes that were found since.
    #[inline]
    fn learn(&mut self, codes: &Codes) {
        let count = codes::count(codes);
        if count > self.known {
            self.known = count;
            self.learn_new(codes);
        }
    }

    #[cold]
    fn learn_new(&mut self, codes: &Codes) {
        self.rules.learn_blocks(codes.blocks.texts());
        self.writer.learn(codes.libraries.texts(), codes.subscriptions.texts());
    }
}

impl<'a> Work for Deciding<'a> {
    type Worker = Decider<'a>;
    type Rows = Rows;

    fn columns(&self) -> &[AskedColumn] {
        self.extras.map_or(&[], |extras| extras.columns())
    }

    /// Rules from outside are asked about many patrons at a time; without them a patron is decided as soon as it is read.
    fn one_by_one(&self) -> bool {
        self.extras.is_none()
    }

    fn new_worker(&self, codes: &Codes) -> Decider<'a> {
        Decider {
            rules: Rules::new(self.policy, codes),
            writer: Writer::new(codes, self.written, self.extras, self.changes_only),
            known: codes::count(codes),
            decisions: Decisions::default(),
            room: Room::default(),
            tally: Tally::default(),
        }
    }

    #[inline]
    fn work(&self, worker: &mut Decider<'a>, batch: &PatronBatch<'_>, rows: &mut Rows) -> Result<(), ExtraError> {
        worker.learn(batch.codes);
        let Decider { rules, writer, decisions, room, tally, .. } = worker;
        let Some(extras) = self.extras else {
            for (index, patron) in (batch.first..).zip(batch.patrons) {
                evaluate(patron, rules, decisions);
                tally.add(patron, decisions);
                writer.write(batch.facts.id(index), patron, decisions, rows);
            }
            return Ok(());
        };
        let extra = extras.rules(batch.codes, batch.facts);
        evaluate_batch(batch.first, batch.patrons, rules, &*extra, room, &mut Silent, |index, decisions| {
            let patron = &batch.patrons[index];
            tally.add(patron, decisions);
            writer.write(batch.facts.id(batch.first + index), patron, decisions, rows);
        })
    }

    fn end_of_step(&self, worker: &mut Decider<'a>, rows: &mut Rows) {
        worker.writer.seal(rows);
    }
}
