//! Stage 3 of domain.md: a Mijn Bibliotheek profile, the patron's online account, has a term of its own.
//! Each reason to keep it is one function here, in the order in which the reasons are reported.

use crate::{
    Event, Listener, MembershipDecision, Patron, ProfileDecision, ProfileOutcome, ProfileReason, ProfileReasons, Rules,
    Term,
};

/// Decides the patron's profile, after stage 1 made `decided` of all the patron's memberships; none where there is no
/// profile date.
pub fn decide<L: Listener>(
    patron: &Patron<'_>,
    decided: &[MembershipDecision],
    rules: &Rules,
    listener: &mut L,
) -> Option<ProfileDecision> {
    let used = Term::new(patron.profile_last_active?, rules.profile_inactive_months);
    let mut reasons = ProfileReasons::default();
    let mut tried = |reason, holds, term| {
        listener.hear(|| Event::KeepProfile { reason, holds, term });
        reasons.add_if(reason, holds);
    };
    tried(ProfileReason::BadInput, bad_input(patron), None);
    tried(ProfileReason::Active, active(used, rules), Some(used));
    tried(ProfileReason::ValidMembership, valid_membership(decided), None);
    let outcome = if reasons.is_empty() { ProfileOutcome::Deleted } else { ProfileOutcome::Kept };
    Some(ProfileDecision { outcome, reasons })
}

/// `bad-input`: a row of this patron was rejected, so the facts are incomplete.
fn bad_input(patron: &Patron<'_>) -> bool {
    patron.held
}

/// `active`: the profile was active within `profile.inactive_months`. It is inactive where `profile_last_active` +
/// these months <= D.
fn active(used: Term, rules: &Rules) -> bool {
    !used.has_passed(rules.run)
}

/// `valid-membership`: some membership of the patron is valid after stage 1.
fn valid_membership(decided: &[MembershipDecision]) -> bool {
    decided.iter().any(MembershipDecision::is_valid)
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
