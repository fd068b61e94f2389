//! What is found out about all rows once they are read: what is noted of them, and who is held for a row that nearly has
//! their id.

use std::convert::Infallible;

use lapse_engine::{Account, Activity, Codes, Membership};

use super::by_patron::ByPatron;
use super::ids::Ids;
use crate::codes::Renumberings;
use crate::nearly::{Nearly, left_of_strays};
use crate::noted::Noted;
use crate::parallel::in_batches;
use crate::tables::patrons::PatronRow;
use crate::{Known, Reject};

/// Notes all usable rows.
pub(super) fn note_all(
    known: &Known,
    codes: &Codes,
    memberships: &ByPatron<Membership>,
    activity: &ByPatron<Activity>,
    accounts: &ByPatron<Account>,
    threads: usize,
) -> Noted {
    let new_worker = || Noted::new(known);
    let memberships: Vec<&[Membership]> = memberships.blocks().collect();
    let activity: Vec<&[Activity]> = activity.blocks().collect();
    let accounts: Vec<&[Account]> = accounts.blocks().collect();
    let noted = in_batches(threads, memberships.len(), new_worker, |noted, block| {
        for row in memberships[block] {
            noted.membership(row);
        }
        for row in activity[block] {
            noted.activity(row);
        }
        for row in accounts[block] {
            noted.account(row);
        }
        Ok::<(), Infallible>(())
    });
    let (workers, _) = match noted {
        Ok(noted) => noted,
        Err(never) => match never {},
    };
    let mut all = new_worker();
    // All threads knew all codes.
    let none = Codes::default();
    let same = Renumberings::of(workers.iter().map(|_| &none), &mut codes.clone());
    for (noted, same) in workers.iter().zip(&same) {
        all.add(noted, same);
    }
    all
}

/// Holds the patrons whose ids some rows nearly have, and says so of these rows.
pub(super) fn hold_nearly(ids: &Ids, patrons: &mut [PatronRow], rejects: &mut [Reject]) {
    let strays = left_of_strays(rejects);
    if strays.len() == 0 {
        return;
    }
    let mut nearly = Nearly::default();
    for (id, patron) in ids.iter().zip(patrons) {
        if let Some(left) = strays.near(id) {
            patron.held = true;
            nearly.add(left, id.to_owned());
        }
    }
    nearly.tell(rejects);
}
