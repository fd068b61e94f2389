//! The way of a patron through the three stages, alone or in a batch with the verdicts of extra rules.

use crate::{
    Batch, Decisions, ExtraError, ExtraRules, ExtraVerdict, Listener, MembershipDecision, Patron, Rules, Silent,
    cleanup, customer_run, extra, profile,
};

/// Decides everything about one patron into `decisions`, which is emptied first and can be used again for the next.
pub fn evaluate(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions) {
    evaluate_heard(patron, rules, decisions, &mut Silent);
}

/// As [`evaluate`], while `listener` hears each rule that is tried.
pub fn evaluate_heard<L: Listener>(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions, listener: &mut L) {
    decisions.clear();
    customer_run::decide(patron, rules, &mut decisions.memberships, listener);
    after_the_run(patron, rules, &[], decisions, listener);
}

/// Decides everything about a batch of patrons, with the verdicts of `extra` on them; `each` gets the decisions on each
/// patron, with the patron's place in the batch. `first` is the place of the first of them among all patrons, by which
/// `extra` knows them. `room` can be used again for the next batch.
pub fn evaluate_batch<L: Listener>(
    first: usize,
    patrons: &[Patron<'_>],
    rules: &Rules,
    extra: &dyn ExtraRules,
    room: &mut Room,
    listener: &mut L,
    mut each: impl FnMut(usize, &Decisions),
) -> Result<(), ExtraError> {
    let Room { decided, verdicts, decisions } = room;
    decided.clear();
    verdicts.clear();
    for patron in patrons {
        customer_run::decide(patron, rules, decided, listener);
    }
    extra.judge(&Batch { first, patrons, decided }, verdicts)?;
    // The sort is stable, so that the verdicts on one patron stay in the order of the plugins.
    verdicts.sort_by_key(|verdict| verdict.patron);
    let (mut decided, mut verdicts) = (&decided[..], &verdicts[..]);
    for (index, patron) in patrons.iter().enumerate() {
        let of_patron = decided.split_off(..patron.memberships.len()).expect("a decision for each membership");
        let about = verdicts.iter().take_while(|verdict| verdict.patron == index).count();
        let about = verdicts.split_off(..about).expect("just counted");
        decisions.clear();
        decisions.memberships.extend_from_slice(of_patron);
        after_the_run(patron, rules, about, decisions, listener);
        each(index, decisions);
    }
    Ok(())
}

/// The memory that [`evaluate_batch`] works in.
#[derive(Debug, Default)]
pub struct Room {
    decided: Vec<MembershipDecision>,
    verdicts: Vec<ExtraVerdict>,
    decisions: Decisions,
}

/// Applies the verdicts on a patron, then decides stages 2 and 3.
fn after_the_run<L: Listener>(
    patron: &Patron<'_>,
    rules: &Rules,
    verdicts: &[ExtraVerdict],
    decisions: &mut Decisions,
    listener: &mut L,
) {
    if !verdicts.is_empty() {
        extra::apply(patron, rules, verdicts, decisions, listener);
    }
    cleanup::decide(patron, rules, decisions, listener);
    decisions.profile = profile::decide(patron, &decisions.memberships, rules, listener);
}
