//! Decisions about a batch of patrons by one policy, with its plugins or without.

use lapse_engine::{Decisions, ExtraError, ExtraRules, Patron, Room, Rules, Silent, evaluate, evaluate_batch};

/// Decides about patrons into `decisions`. `first` is the place of the first of them among the facts that plugins look at.
pub(crate) fn decide(
    first: usize,
    patrons: &[Patron<'_>],
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    room: &mut Room,
    decisions: &mut Vec<Decisions>,
) -> Result<(), ExtraError> {
    decisions.resize(patrons.len(), Decisions::default());
    let Some(extra) = extra else {
        patrons.iter().zip(decisions).for_each(|(patron, decided)| evaluate(patron, rules, decided));
        return Ok(());
    };
    let keep = |index: usize, decided: &Decisions| decisions[index].clone_from(decided);
    evaluate_batch(first, patrons, rules, extra, room, &mut Silent, keep)
}
