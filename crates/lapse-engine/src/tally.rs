//! Counts of the outcomes of a run at each library: what the summary says and the guards judge.

use std::collections::HashMap;

use crate::{
    Activity, Decisions, KeepReason, LibraryId, Membership, MembershipDecision, MembershipOutcome, MembershipReason,
    NamedId, Patron, RecordOutcome, SourceId, SubscriptionId,
};

/// The outcomes of a run, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By library, in the order of [`crate::Codes::libraries`], up to the last library with a row.
    pub libraries: Vec<LibraryTally>,
    /// Profiles, in the order of [`crate::ProfileOutcome`]; they belong to no library.
    pub profiles: [u64; 2],
    /// Memberships whose library or subscription is not in the policy.
    pub unknown: HashMap<(LibraryId, SubscriptionId), u64>,
    /// The memberships that are deregistered though their patrons ever had activity of a source: of each source, anywhere
    /// (no library) and, of those at a library, by patrons who had it there.
    pub resting: HashMap<(SourceId, Option<LibraryId>), u64>,
    /// What is odd about the decisions, whichever library they are about.
    pub oddities: Oddities,
    /// What keeps hold because something is not known.
    pub by_unknown: ByUnknown,
}

/// What keeps of the policy hold only because something is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByUnknown {
    /// Records, maybe beside other reasons, by library and the keeps that hold them so.
    pub records: HashMap<LibraryId, HashMap<Vec<NamedId>, u64>>,
    /// Memberships that would be deregistered, by library and the keep that is the reason why not.
    pub memberships: HashMap<(LibraryId, NamedId), u64>,
}

impl ByUnknown {
    /// Most runs know everything, so that this is not what takes time.
    #[cold]
    fn record(&mut self, library: LibraryId, keeps: Vec<NamedId>) {
        *self.records.entry(library).or_default().entry(keeps).or_default() += 1;
    }

    fn add_all_as(&mut self, other: &ByUnknown, library: impl Fn(LibraryId) -> LibraryId) {
        for (&at, counts) in &other.records {
            let here = self.records.entry(library(at)).or_default();
            for (keeps, count) in counts {
                *here.entry(keeps.clone()).or_default() += count;
            }
        }
        for (&(at, keep), count) in &other.memberships {
            *self.memberships.entry((library(at), keep)).or_default() += count;
        }
    }
}

/// Counts of what a person should know about the decisions, over all libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Records that the reason `accounts-unknown` holds, maybe beside others.
    pub accounts_unknown: u64,
    /// Records that nothing but `accounts-unknown` holds.
    pub accounts_unknown_alone: u64,
    /// Memberships that stay because nobody's activity is known, and for no other reason.
    pub activity_unknown: u64,
    /// Memberships that repeat an earlier row of the same patron, library, subscription and `valid_from`.
    pub repeated: u64,
    /// Memberships that are renewed over more than two terms.
    pub many_terms: u64,
    /// Patrons who are held for a row that was rejected.
    pub held: u64,
    /// Those of them who have no record, so that no `bad-input` says it.
    pub held_without_record: u64,
}

impl std::ops::AddAssign for Oddities {
    fn add_assign(&mut self, other: Oddities) {
        let Oddities {
            accounts_unknown,
            accounts_unknown_alone,
            activity_unknown,
            repeated,
            many_terms,
            held,
            held_without_record,
        } = other;
        self.accounts_unknown += accounts_unknown;
        self.accounts_unknown_alone += accounts_unknown_alone;
        self.activity_unknown += activity_unknown;
        self.repeated += repeated;
        self.many_terms += many_terms;
        self.held += held;
        self.held_without_record += held_without_record;
    }
}

/// Why a membership is expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    /// It had ended before.
    Earlier,
    /// It is past its end, and nothing renews it.
    NotRenewed,
    /// A later membership has taken its place.
    Succeeded,
    /// It is past its end, and the policy does not know it.
    NoPolicy,
}

impl Expired {
    /// Every cause, in the order of [`LibraryTally::expired`].
    pub const ALL: [Expired; 4] = [Expired::Earlier, Expired::NotRenewed, Expired::Succeeded, Expired::NoPolicy];

    /// The word of the tables for it: the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Expired::Earlier => MembershipReason::Ended.as_str(),
            Expired::NotRenewed => MembershipReason::NotRenewed.as_str(),
            Expired::Succeeded => MembershipReason::Succeeded.as_str(),
            Expired::NoPolicy => MembershipReason::NoPolicy.as_str(),
        }
    }

    /// The cause of a membership that is expired for this reason.
    const fn of(reason: MembershipReason) -> Expired {
        match reason {
            MembershipReason::Ended => Expired::Earlier,
            MembershipReason::Succeeded => Expired::Succeeded,
            MembershipReason::NoPolicy => Expired::NoPolicy,
            _ => Expired::NotRenewed,
        }
    }
}

/// The outcomes at one library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LibraryTally {
    /// Memberships, in the order of [`crate::MembershipOutcome`].
    pub memberships: [u64; 4],
    /// Memberships that were valid before the run: those that it deregisters, and those that stay valid
    /// ([`LibraryTally::stay_valid`]).
    pub valid_before: u64,
    /// Memberships with the outcome `valid` that start later. They were not valid before, and are counted apart.
    pub starts_later: u64,
    /// Expired memberships, in the order of [`Expired`].
    pub expired: [u64; 4],
    /// Records, in the order of [`crate::RecordOutcome`].
    pub records: [u64; 5],
}

impl Tally {
    /// Counts what was decided about one patron.
    pub fn add(&mut self, patron: &Patron<'_>, decisions: &Decisions) {
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            let library = self.library(membership.library);
            library.memberships[decided.outcome as usize] += 1;
            library.valid_before += u64::from(decided.was_valid());
            library.starts_later += u64::from(decided.is_valid() && !decided.started);
            match decided.outcome {
                MembershipOutcome::Expired => library.expired[Expired::of(decided.reason) as usize] += 1,
                MembershipOutcome::Deregistered => self.rests(patron),
                MembershipOutcome::Valid | MembershipOutcome::Renewed => self.odd(patron, decided),
            }
            if decided.unknown {
                self.held_by_unknown(membership.library, decided);
            }
            if decided.reason == MembershipReason::NoPolicy {
                *self.unknown.entry((membership.library, membership.subscription)).or_default() += 1;
            }
        }
        self.oddities.repeated += repeated(patron.memberships);
        self.oddities.held += u64::from(patron.held);
        self.oddities.held_without_record += u64::from(patron.held && decisions.records.is_empty());
        for record in &decisions.records {
            self.library(record.library).records[record.outcome as usize] += 1;
            if record.reasons.contains(KeepReason::AccountsUnknown) {
                let alone = record.reasons.iter().count() == 1
                    && decisions.extra_reasons(record.library).next().is_none()
                    && decisions.keeps_of(record.library).next().is_none();
                self.oddities.accounts_unknown += 1;
                self.oddities.accounts_unknown_alone += u64::from(alone);
            }
            if !decisions.keeps.is_empty() {
                self.kept_by_unknown(record.library, decisions);
            }
        }
        if let Some(profile) = decisions.profile {
            self.profiles[profile.outcome as usize] += 1;
        }
    }

    /// Counts what a membership that is deregistered rests on: each source of which the patron ever had activity, anywhere and
    /// at each library, wherever the membership is. Few are deregistered, so that this is not what takes time.
    #[cold]
    fn rests(&mut self, patron: &Patron<'_>) {
        for (index, row) in patron.activity.iter().enumerate() {
            let earlier = &patron.activity[..index];
            if !earlier.iter().any(|other| other.source == row.source) {
                *self.resting.entry((row.source, None)).or_default() += 1;
            }
            let is_same = |other: &Activity| (other.source, other.library) == (row.source, row.library);
            if row.library.is_some() && !earlier.iter().any(is_same) {
                *self.resting.entry((row.source, row.library)).or_default() += 1;
            }
        }
    }

    /// Counts a membership that stays only because something is not known.
    #[cold]
    fn held_by_unknown(&mut self, library: LibraryId, decided: &MembershipDecision) {
        if let Some(keep) = decided.named {
            *self.by_unknown.memberships.entry((library, keep)).or_default() += 1;
        }
    }

    /// Counts a record that keeps hold because something is not known.
    #[cold]
    fn kept_by_unknown(&mut self, library: LibraryId, decisions: &Decisions) {
        let unknown = decisions.keeps_of(library).filter(|keep| keep.unknown);
        let unknown: Vec<NamedId> = unknown.map(|keep| keep.keep).collect();
        if !unknown.is_empty() {
            self.by_unknown.record(library, unknown);
        }
    }

    fn odd(&mut self, patron: &Patron<'_>, decided: &MembershipDecision) {
        let unknown = decided.reason == MembershipReason::ActivityUnknown && decided.extra.is_none() && !patron.held;
        self.oddities.activity_unknown += u64::from(unknown);
        self.oddities.many_terms += u64::from(decided.many_terms);
    }

    fn library(&mut self, library: LibraryId) -> &mut LibraryTally {
        let index = library.index();
        if index >= self.libraries.len() {
            self.libraries.resize(index + 1, LibraryTally::default());
        }
        &mut self.libraries[index]
    }

    /// Adds the counts of another part of the same run, with the same codes.
    pub fn add_all(&mut self, other: &Tally) {
        self.add_all_as(other, |library| library, |subscription| subscription, |source| source);
    }

    /// Adds the counts of another part of the same run, whose codes have other numbers here.
    pub fn add_all_as(
        &mut self,
        other: &Tally,
        library: impl Fn(LibraryId) -> LibraryId,
        subscription: impl Fn(SubscriptionId) -> SubscriptionId,
        source: impl Fn(SourceId) -> SourceId,
    ) {
        for (index, counts) in other.libraries.iter().enumerate() {
            *self.library(library(LibraryId::new(index))) += *counts;
        }
        for (count, other) in self.profiles.iter_mut().zip(other.profiles) {
            *count += other;
        }
        for (&(at, to), count) in &other.unknown {
            *self.unknown.entry((library(at), subscription(to))).or_default() += count;
        }
        for (&(of, at), count) in &other.resting {
            *self.resting.entry((source(of), at.map(&library))).or_default() += count;
        }
        self.oddities += other.oddities;
        self.by_unknown.add_all_as(&other.by_unknown, library);
    }

    /// All libraries together.
    pub fn total(&self) -> LibraryTally {
        let mut total = LibraryTally::default();
        for library in &self.libraries {
            total += *library;
        }
        total
    }
}

impl LibraryTally {
    /// The memberships with this outcome.
    pub fn memberships(&self, outcome: MembershipOutcome) -> u64 {
        self.memberships[outcome as usize]
    }

    /// The memberships that stay valid: valid or renewed, and started. Those that the run deregisters apart, they are those that
    /// were valid before it.
    pub fn stay_valid(&self) -> u64 {
        self.memberships(MembershipOutcome::Valid) + self.memberships(MembershipOutcome::Renewed) - self.starts_later
    }

    /// The records that are archived, deleted or made anonymous.
    pub fn removed(&self) -> u64 {
        let gone = self.records(RecordOutcome::Deleted) + self.records(RecordOutcome::Anonymised);
        self.records(RecordOutcome::Archived) + gone
    }

    /// The records with this outcome.
    pub fn records(&self, outcome: RecordOutcome) -> u64 {
        self.records[outcome as usize]
    }
}

impl std::ops::AddAssign for LibraryTally {
    fn add_assign(&mut self, other: LibraryTally) {
        for (count, other) in self.memberships.iter_mut().zip(other.memberships) {
            *count += other;
        }
        self.valid_before += other.valid_before;
        self.starts_later += other.starts_later;
        for (count, other) in self.expired.iter_mut().zip(other.expired) {
            *count += other;
        }
        for (count, other) in self.records.iter_mut().zip(other.records) {
            *count += other;
        }
    }
}

/// The rows that repeat an earlier one of the same library, subscription and `valid_from`.
#[inline]
fn repeated(memberships: &[Membership]) -> u64 {
    if memberships.len() < 2 {
        return 0;
    }
    let what = |row: &Membership| (row.library, row.subscription, row.valid_from);
    let again =
        |(index, row): &(usize, &Membership)| memberships[..*index].iter().any(|earlier| what(earlier) == what(row));
    memberships.iter().enumerate().filter(again).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, RIEMST, YOUTH, active, day, decide, membership, on};
    use crate::{Activity, Status, SubscriptionRules, Told};

    #[test]
    fn what_starts_later_was_not_valid_before_the_run_even_where_the_policy_does_not_know_it() {
        let later = |library| Membership { valid_from: day("2023-01-01"), ..membership(library, "") };
        for (membership, valid_before) in [
            (later(PEER), 0),
            (later(NOWHERE), 0),
            (membership(PEER, "2023-01-01"), 1),
            (membership(NOWHERE, "2023-01-01"), 1),
            (membership(NOWHERE, "2021-01-01"), 0),
        ] {
            let memberships = [membership];
            let patron = Patron { memberships: &memberships, ..NOBODY };
            let mut tally = Tally::default();
            tally.add(&patron, &decide(patron, &on("2022-07-01", YOUTH)));
            assert_eq!(tally.total().valid_before, valid_before, "{membership:?}");
        }
    }

    fn tally(patron: Patron<'_>) -> Tally {
        let mut tally = Tally::default();
        tally.add(&patron, &decide(patron, &on("2022-07-01", YOUTH)));
        tally
    }

    #[test]
    fn a_deregistration_rests_on_each_source_that_the_patron_ever_had_wherever_the_rows_are() {
        let row = |library: Option<usize>, source| Activity {
            library: library.map(LibraryId::new),
            source: SourceId::new(source),
            last_active: day("2019-04-01"),
        };
        let activity = [row(Some(PEER), 0), row(Some(PEER), 0), row(None, 0), row(Some(RIEMST), 1)];
        let memberships = [membership(PEER, "2023-02-28")];
        let found = tally(Patron { memberships: &memberships, activity: &activity, ..NOBODY });
        let at = |source, library: Option<usize>| (SourceId::new(source), library.map(LibraryId::new));
        assert_eq!(
            found.resting,
            [(at(0, None), 1), (at(0, Some(PEER)), 1), (at(1, None), 1), (at(1, Some(RIEMST)), 1)].into()
        );
        let seen = [active("2022-06-30"), active("2019-04-01")];
        let stays = tally(Patron { memberships: &memberships, activity: &seen, ..NOBODY });
        assert!(stays.resting.is_empty(), "nothing is deregistered");
    }

    #[test]
    fn what_stays_valid_is_what_was_valid_before_without_the_deregistered() {
        let later = Membership { valid_from: day("2023-01-01"), ..membership(RIEMST, "") };
        let memberships = [membership(PEER, "2023-02-28"), membership(DEINZE, "2022-02-28"), later];
        let seen = [active("2022-06-30")];
        let total = tally(Patron { memberships: &memberships, activity: &seen, ..NOBODY }).total();
        assert_eq!((total.valid_before, total.stay_valid(), total.starts_later), (2, 2, 1));
        let total = tally(Patron { memberships: &memberships, ..NOBODY }).total();
        assert_eq!((total.valid_before, total.stay_valid(), total.starts_later), (2, 0, 1));
    }

    #[test]
    fn expired_tells_its_causes_apart() {
        let ended = Membership { status: Status::Deregistered, ..membership(PEER, "2021-01-01") };
        let memberships = [ended, membership(NOWHERE, "2021-01-01"), membership(DEINZE, "2021-01-01")];
        let paid = SubscriptionRules { free: false, renewal: lapse_policy::Renewal::None, ..YOUTH };
        let patron = Patron { memberships: &memberships, ..NOBODY };
        let mut tally = Tally::default();
        tally.add(&patron, &decide(patron, &on("2022-07-01", paid)));
        assert_eq!(tally.total().expired, [1, 1, 0, 1]);
    }

    #[test]
    fn a_row_that_is_there_twice_is_counted_once() {
        let other_day = Membership { valid_from: day("2019-03-02"), ..membership(PEER, "2023-02-28") };
        let memberships = [membership(PEER, "2023-02-28"), other_day, membership(PEER, ""), membership(RIEMST, "")];
        assert_eq!(tally(Patron { memberships: &memberships, ..NOBODY }).oddities.repeated, 1);
    }

    #[test]
    fn what_one_unknown_holds_alone_is_what_nothing_else_holds() {
        let nothing_told = Told::default();
        let memberships = [membership(PEER, "2023-02-28")];
        let known = tally(Patron { memberships: &memberships, ..NOBODY }).oddities;
        assert_eq!(known, Oddities::default());
        let patron = Patron { told: nothing_told, memberships: &memberships, ..NOBODY };
        let unknown = tally(patron).oddities;
        assert_eq!((unknown.activity_unknown, unknown.accounts_unknown, unknown.accounts_unknown_alone), (1, 1, 0));
        let held = tally(Patron { held: true, ..patron }).oddities;
        assert_eq!(held.activity_unknown, 0, "a rejected row keeps it too");
        assert_eq!((held.held, held.held_without_record), (1, 0));
        let nothing_left = tally(Patron { held: true, ..NOBODY }).oddities;
        assert_eq!((nothing_left.held, nothing_left.held_without_record), (1, 1));
        let ended = [Membership { status: Status::Deregistered, ..membership(PEER, "2019-12-31") }];
        let ended = tally(Patron { memberships: &ended, ..patron }).oddities;
        assert_eq!((ended.accounts_unknown, ended.accounts_unknown_alone), (1, 1));
    }
}
