//! The extra rules of a batch, which plugins bring: how they are asked, and what follows from their verdicts.
//! Between stages 1 and 2 verdicts on memberships change what the customer run decided; verdicts on records add reasons
//! to keep them. Keep wins over deregister, and no verdict takes away what the built-in rules keep.

use std::error::Error;
use std::fmt;

use crate::customer_run::{self, end_of_deregistered, kept};
use crate::{
    Decisions, Event, ExtraReason, ExtraVerdict, Listener, MembershipDecision, MembershipOutcome, MembershipReason,
    Patron, Rules, Verdict,
};

/// Rules from outside, asked about many patrons at once.
pub trait ExtraRules: Sync {
    /// Adds the verdicts on the patrons of a batch, the rules in their name order.
    fn judge(&self, batch: &Batch<'_>, verdicts: &mut Vec<ExtraVerdict>) -> Result<(), ExtraError>;

    /// The word for a reason in the tables: `plugin-name/reason`.
    fn word(&self, reason: ExtraReason) -> &str;
}

/// Patrons, with what the customer run decided about their memberships.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The place of the first of them among all patrons.
    pub first: usize,
    /// The patrons.
    pub patrons: &'a [Patron<'a>],
    /// The decisions on the memberships of all of them, patron after patron.
    pub decided: &'a [MembershipDecision],
}

/// The extra rules did not judge a batch, which ends the run. Whoever implements them says why, in one sentence and
/// with a type of its own ([`ExtraError::why`]).
#[derive(Debug)]
pub struct ExtraError(Box<dyn Error + Send + Sync>);

impl ExtraError {
    /// The error of whoever implements the rules.
    pub fn new(why: impl Into<Box<dyn Error + Send + Sync>>) -> ExtraError {
        ExtraError(why.into())
    }

    /// Why the batch was not judged; `downcast_ref` gives it with its facts.
    pub fn why(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for ExtraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ExtraError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Applies the verdicts on one patron to what stage 1 decided.
pub(crate) fn apply<L: Listener>(
    patron: &Patron<'_>,
    rules: &Rules,
    verdicts: &[ExtraVerdict],
    decisions: &mut Decisions,
    listener: &mut L,
) {
    for (index, (membership, decided)) in patron.memberships.iter().zip(&mut decisions.memberships).enumerate() {
        let first = |wanted| verdicts.iter().find(|given| given.verdict == wanted).map(|given| given.reason);
        let keep = first(Verdict::KeepMembership(index));
        let deregister = first(Verdict::Deregister(index)).filter(|_| may_end(patron, decided));
        // A keep of the policy wins over a plugin that ends, as that of a plugin does.
        let held_by = deregister.filter(|_| keep.is_none());
        if let Some(held_by) = held_by.and_then(|_| customer_run::keep(patron, index, rules, decided.last_activity)) {
            (decided.reason, decided.named) = (MembershipReason::Keep, Some(held_by));
            continue;
        }
        match (decided.outcome, keep, deregister) {
            (MembershipOutcome::Deregistered, Some(reason), _) => {
                (decided.outcome, decided.valid_until) = kept(membership, rules.library(membership.library), rules.run);
                decided.extra = Some(reason);
            }
            // A keep wins over what holds a patron with a rejected row as well.
            (MembershipOutcome::Valid | MembershipOutcome::Renewed, Some(reason), ends)
                if ends.is_some() || decided.reason == MembershipReason::BadInput =>
            {
                decided.extra = Some(reason);
            }
            (MembershipOutcome::Valid | MembershipOutcome::Renewed, None, Some(reason)) => {
                decided.outcome = MembershipOutcome::Deregistered;
                decided.valid_until = Some(end_of_deregistered(rules.run));
                decided.extra = Some(reason);
            }
            (MembershipOutcome::Deregistered, None, _)
            | (MembershipOutcome::Valid | MembershipOutcome::Renewed | MembershipOutcome::Expired, _, _) => {}
        }
    }
    for &ExtraVerdict { patron: _, verdict, reason } in verdicts {
        let applies = match verdict {
            Verdict::KeepMembership(index) | Verdict::Deregister(index) => {
                decisions.memberships[index].extra == Some(reason)
            }
            Verdict::KeepRecord(library) => {
                // Two instances of one plugin may say the same.
                if !decisions.extra_keeps.contains(&(library, reason)) {
                    decisions.extra_keeps.push((library, reason));
                }
                true
            }
        };
        listener.hear(|| Event::Extra { verdict, reason, applies });
    }
}

/// Whether a plugin can end a membership. It cannot end that of a held patron, whose facts are incomplete, nor one that
/// the policy does not know, which every run leaves as it is, nor one that has not begun, nor one that was cancelled, which
/// goes on until its end.
fn may_end(patron: &Patron<'_>, decided: &MembershipDecision) -> bool {
    let begun_and_known = !matches!(
        decided.reason,
        MembershipReason::NoPolicy | MembershipReason::StartsLater | MembershipReason::Cancelled
    );
    !patron.held && begun_and_known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, YOUTH, active, day, membership, on};
    use crate::{LibraryId, Membership, MembershipReason, RecordOutcome, Room, Silent, Status, evaluate_batch};

    /// Says the same of every batch.
    struct Says(Vec<ExtraVerdict>);

    impl ExtraRules for Says {
        fn judge(&self, _: &Batch<'_>, verdicts: &mut Vec<ExtraVerdict>) -> Result<(), ExtraError> {
            verdicts.extend(&self.0);
            Ok(())
        }

        fn word(&self, reason: ExtraReason) -> &str {
            ["a/one", "b/two"][reason.index()]
        }
    }

    fn says(patron: usize, verdict: Verdict, reason: usize) -> ExtraVerdict {
        ExtraVerdict { patron, verdict, reason: ExtraReason::new(reason).unwrap() }
    }

    fn decide(patrons: &[Patron<'_>], verdicts: Vec<ExtraVerdict>) -> Vec<Decisions> {
        let mut all = Vec::new();
        let rules = on("2022-07-01", YOUTH);
        let each = |_, decisions: &Decisions| all.push(decisions.clone());
        evaluate_batch(0, patrons, &rules, &Says(verdicts), &mut Room::default(), &mut Silent, each).unwrap();
        all
    }

    /// Outcome, end and the number of the plugin's reason for one membership.
    fn judged(membership: Membership, held: bool, verdicts: &[(Verdict, usize)]) -> (String, String, Option<usize>) {
        let activity = [active(if membership.status == Status::Active { "2010-01-01" } else { "2022-06-01" })];
        let patron = Patron { held, memberships: &[membership], activity: &activity, ..NOBODY };
        let verdicts = verdicts.iter().map(|&(verdict, reason)| says(0, verdict, reason)).collect();
        let decided = decide(&[patron], verdicts)[0].memberships[0];
        let until = decided.valid_until.map(|day| day.to_string()).unwrap_or_default();
        (decided.outcome.to_string(), until, decided.extra.map(ExtraReason::index))
    }

    const KEEP: Verdict = Verdict::KeepMembership(0);
    const END: Verdict = Verdict::Deregister(0);

    fn is(outcome: &str, until: &str, reason: Option<usize>) -> (String, String, Option<usize>) {
        (outcome.into(), until.into(), reason)
    }

    #[test]
    fn keep_undoes_a_deregistration_by_inactivity() {
        let lapsed = |until| judged(membership(PEER, until), false, &[(KEEP, 1)]);
        assert_eq!(lapsed("2023-02-28"), is("valid", "2023-02-28", Some(1)));
        assert_eq!(lapsed(""), is("valid", "", Some(1)));
        assert_eq!(lapsed("2022-07-01"), is("valid", "2022-07-01", Some(1)));
        assert_eq!(lapsed("2022-06-30"), is("renewed", "2023-06-30", Some(1)));
        assert_eq!(judged(membership(PEER, ""), false, &[]), is("deregistered", "2022-06-30", None));
    }

    #[test]
    fn keep_wins_over_deregister_whatever_their_order() {
        for verdicts in [[(KEEP, 0), (END, 1)], [(END, 0), (KEEP, 1)]] {
            let keeping = verdicts.iter().find(|(verdict, _)| *verdict == KEEP).map(|&(_, reason)| reason);
            assert_eq!(judged(membership(PEER, ""), false, &verdicts), is("valid", "", keeping));
        }
    }

    #[test]
    fn deregister_ends_what_goes_on_the_day_before_the_run() {
        let memberships = [membership(PEER, ""), membership(DEINZE, "2022-06-30")];
        let activity = [active("2022-06-01")];
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        let verdicts = vec![says(0, Verdict::Deregister(0), 0), says(0, Verdict::Deregister(1), 1)];
        let decisions = &decide(&[patron], verdicts)[0];
        for (decided, reason) in decisions.memberships.iter().zip([0, 1]) {
            assert_eq!(decided.outcome, MembershipOutcome::Deregistered);
            assert_eq!(decided.valid_until, Some(day("2022-06-30")));
            assert_eq!(decided.extra.map(ExtraReason::index), Some(reason));
        }
        assert_eq!(decisions.records[0].outcome, RecordOutcome::Kept);
    }

    #[test]
    fn what_deregister_cannot_end_stays_as_it_is() {
        let ended = |membership, held| judged(membership, held, &[(END, 0)]);
        assert_eq!(ended(membership(PEER, "2023-01-01"), true), is("valid", "2023-01-01", None));
        assert_eq!(ended(membership(NOWHERE, ""), false), is("valid", "", None));
        let later = Membership { valid_from: day("2022-07-02"), ..membership(PEER, "") };
        assert_eq!(ended(later, false), is("valid", "", None));
        let cancelled = Membership { status: Status::Cancelled, ..membership(PEER, "2022-01-01") };
        assert_eq!(ended(cancelled, false), is("expired", "2022-01-01", None));
        assert_eq!(ended(membership(PEER, ""), false), is("deregistered", "2022-06-30", None));
    }

    #[test]
    fn keep_does_not_bring_back_what_had_ended() {
        let cancelled = Membership { status: Status::Cancelled, ..membership(PEER, "2022-01-01") };
        assert_eq!(judged(cancelled, false, &[(KEEP, 0)]), is("expired", "2022-01-01", None));
    }

    #[test]
    fn a_record_that_a_plugin_keeps_is_kept_with_its_reasons_once_each() {
        let gone = |library| Membership { status: Status::Cancelled, ..membership(library, "2010-01-01") };
        let memberships = [gone(PEER), gone(DEINZE)];
        let patron = Patron { memberships: &memberships, ..NOBODY };
        let keep = Verdict::KeepRecord(LibraryId::new(DEINZE));
        let verdicts = vec![says(1, keep, 0), says(1, keep, 1), says(1, keep, 0)];
        let all = decide(&[patron, patron], verdicts);
        let outcomes = |decisions: &Decisions| decisions.records.iter().map(|r| r.outcome).collect::<Vec<_>>();
        assert_eq!(outcomes(&all[0]), [RecordOutcome::Deleted, RecordOutcome::Deleted]);
        assert_eq!(outcomes(&all[1]), [RecordOutcome::Archived, RecordOutcome::Kept]);
        let reasons =
            |library| all[1].extra_reasons(LibraryId::new(library)).map(ExtraReason::index).collect::<Vec<_>>();
        assert_eq!((reasons(PEER), reasons(DEINZE)), (vec![], vec![0, 1]));
    }

    #[test]
    fn without_verdicts_a_batch_is_decided_as_each_patron_alone() {
        let memberships = [membership(PEER, "2022-06-30"), membership(DEINZE, "")];
        let activity = [active("2022-01-01")];
        let profile_last_active = Some(day("2020-01-01"));
        let patrons = [
            Patron { memberships: &memberships, profile_last_active, ..NOBODY },
            NOBODY,
            Patron { memberships: &memberships[1..], activity: &activity, ..NOBODY },
        ];
        let alone: Vec<Decisions> =
            patrons.iter().map(|&patron| crate::example::decide(patron, &on("2022-07-01", YOUTH))).collect();
        assert_eq!(decide(&patrons, Vec::new()), alone);
        assert_eq!(alone[0].memberships[0].reason, MembershipReason::Inactive);
    }
}
