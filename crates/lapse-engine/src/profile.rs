//! Stage 3 of domain.md: a Mijn Bibliotheek profile, the patron's online account, has a term of its own.

use lapse_policy::Day;

use crate::listen::{Event, Listener, Term};
use crate::{Patron, ProfileDecision, ProfileOutcome, ProfileReason, ProfileReasons, Rules};

/// Decides the patron's profile; none where there is no profile date. `valid_anywhere`: some membership of the patron
/// is valid after stage 1.
pub fn decide<L: Listener>(
    patron: &Patron<'_>,
    valid_anywhere: bool,
    rules: &Rules,
    listener: &mut L,
) -> Option<ProfileDecision> {
    let term = Term::new(patron.profile_last_active?, rules.profile_inactive_months);
    let mut reasons = ProfileReasons::default();
    let mut tried = |reason, holds, term| {
        listener.hear(|| Event::KeepProfile { reason, holds, term });
        reasons.add_if(reason, holds);
    };
    tried(ProfileReason::BadInput, patron.held, None);
    tried(ProfileReason::Active, !is_inactive_for(term, rules.run), Some(term));
    tried(ProfileReason::ValidMembership, valid_anywhere, None);
    let outcome = if reasons.is_empty() { ProfileOutcome::Deleted } else { ProfileOutcome::Kept };
    Some(ProfileDecision { outcome, reasons })
}

/// **2 years inactive**: `profile_last_active + 24 months <= D`.
fn is_inactive_for(term: Term, run: Day) -> bool {
    term.until <= run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Membership;
    use crate::example::{NOBODY, PEER, YOUTH, day, decide, membership, on};

    fn of(last_active: &str, memberships: &[Membership], held: bool) -> String {
        let patron = Patron { held, profile_last_active: Some(day(last_active)), memberships, ..NOBODY };
        let profile = decide(patron, &on("2022-07-01", YOUTH)).profile.unwrap();
        let reasons = profile.reasons.iter().map(ProfileReason::as_str);
        std::iter::once(profile.outcome.as_str()).chain(reasons).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn two_years_inactive_to_the_day_is_inactive() {
        assert_eq!(of("2020-06-30", &[], false), "deleted");
        assert_eq!(of("2020-07-01", &[], false), "deleted");
        assert_eq!(of("2020-07-02", &[], false), "kept active");
    }

    #[test]
    fn a_valid_membership_or_a_rejected_row_keeps_a_profile() {
        let young = [Membership { valid_from: day("2022-01-01"), ..membership(PEER, "") }];
        let lapsing = [membership(PEER, "")];
        assert_eq!(of("2010-01-01", &young, false), "kept valid-membership");
        assert_eq!(of("2010-01-01", &lapsing, false), "deleted");
        assert_eq!(of("2010-01-01", &[], true), "kept bad-input");
        assert_eq!(of("2022-01-01", &young, true), "kept bad-input active valid-membership");
    }

    #[test]
    fn no_profile_date_no_decision() {
        assert_eq!(decide(NOBODY, &on("2022-07-01", YOUTH)).profile, None);
    }
}
