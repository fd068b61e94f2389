//! The actions of a batch done kind by kind, each statement for all patrons at once: a server that is asked for one after the
//! other keeps whoever asks waiting for most of the time. As soon as anything is refused the batch is rolled back, and done
//! patron by patron.

use super::act::{before_row, values_of, values_to_text};
use super::batch::{Batches, Done, Stopped, can_be_rolled_back};
use super::outside::Handed;
use crate::actions::{Action, ActionKind, Does};
use crate::database::{Connection, Values};
use crate::journal::{Outcome, Pass};
use crate::plan::{Planned, PlannedPatron};

/// An action that is to be done.
struct Job<'a> {
    kind: ActionKind,
    action: &'a Action,
    patron: &'a PlannedPatron,
    planned: &'a Planned,
    entry: u64,
    values: Values,
}

impl Batches<'_> {
    /// Does the actions about patrons; the numbers of their entries follow `before`.
    pub(super) fn together(
        &self,
        patrons: &[&PlannedPatron],
        pass: &Pass,
        before: u64,
        done: &mut Done,
    ) -> Result<(), Stopped> {
        let mut jobs = Vec::new();
        for patron in patrons {
            for planned in &patron.actions {
                let Some(kind) = planned.kind() else { continue };
                let Some(action) = self.database.register.actions.get(&kind) else { continue };
                let entry = before + done.entries.len() as u64 + 1;
                let outcome = if action.does.is_sql() { Outcome::Done } else { Outcome::Intended };
                done.entries.push(self.entry(patron, planned, outcome, "", pass));
                let values = values_of(patron, planned, self.run.run, &self.run.run_date, entry);
                jobs.push(Job { kind, action, patron, planned, entry, values });
            }
            self.is_done(done, patron);
        }
        let mut connection = self.database.shared.get();
        // A patron's own actions follow each other by kind.
        for kind in ActionKind::ALL {
            let mut of_kind: Vec<&mut Job<'_>> = jobs.iter_mut().filter(|job| job.kind == kind).collect();
            if let Some(action) = of_kind.first().map(|job| job.action) {
                do_kind(&mut **connection, action, &mut of_kind)?;
            }
        }
        for Job { action, patron, planned, entry, values, .. } in jobs {
            done.keep_before(entry, self.run.run, (patron, planned), values_to_text(&values), action.does.is_sql());
            if !action.does.is_sql() {
                done.handed.push(Handed { entry, kind: planned.action.clone(), values });
            }
        }
        Ok(())
    }
}

/// Does all actions of a kind.
fn do_kind(connection: &mut dyn Connection, action: &Action, jobs: &mut [&mut Job<'_>]) -> Result<(), Stopped> {
    let Does::Sql { before, statements, rows } = &action.does else { return Ok(()) };
    let mut all: Vec<Values> = jobs.iter().map(|job| job.values.clone()).collect();
    if let Some(before) = before {
        let found = connection.query_many(before, &all).map_err(can_be_rolled_back)?;
        for (values, found) in all.iter_mut().zip(&found) {
            before_row(values, found).map_err(|_| Stopped::Refused)?;
        }
    }
    for (place, statement) in statements.iter().enumerate() {
        let changed = connection.change_many(statement, &all).map_err(can_be_rolled_back)?;
        if place == 0 && changed.into_iter().any(|changed| !rows.allows(changed)) {
            return Err(Stopped::Refused);
        }
    }
    for (job, values) in jobs.iter_mut().zip(all) {
        job.values = values;
    }
    Ok(())
}
