//! What a run decides about one patron, and its reasons in the words of the tables.

use lapse_policy::Day;

use crate::{
    ExtraReason, KeepReasons, LibraryId, MembershipOutcome, MembershipReason, NamedId, ProfileOutcome, ProfileReason,
    ProfileReasons, RecordOutcome,
};

/// The customer run's decision on one membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipDecision {
    /// What happens.
    pub outcome: MembershipOutcome,
    /// Why, by the built-in rules.
    pub reason: MembershipReason,
    /// The keep or the end that is the reason, where it is one of them.
    pub named: Option<NamedId>,
    /// Whether that keep holds because something is not known.
    pub unknown: bool,
    /// Why, where a plugin's verdict changed what the built-in rules decided.
    pub extra: Option<ExtraReason>,
    /// The last valid day after the run; none where there is no end, or an unknown one.
    pub valid_until: Option<Day>,
    /// The last activity that was compared; none where no activity counts.
    pub last_activity: Option<Day>,
    /// The membership has started: `valid_from <= D`.
    pub started: bool,
    /// The membership is renewed over more than two terms, which somebody should look at.
    pub many_terms: bool,
}

impl MembershipDecision {
    /// Valid after stage 1 (domain.md): the membership is valid after the run, or starts later.
    pub fn is_valid(&self) -> bool {
        match self.outcome {
            MembershipOutcome::Valid | MembershipOutcome::Renewed => true,
            MembershipOutcome::Deregistered | MembershipOutcome::Expired => false,
        }
    }

    /// Active after the run: the membership is valid or renewed, and it has started.
    pub fn is_active(&self) -> bool {
        self.is_valid() && self.started
    }

    /// Valid before the run (policy.md, "Guards"): a renewing membership goes on until a run ends it.
    pub fn was_valid(&self) -> bool {
        match self.outcome {
            MembershipOutcome::Valid => self.started,
            MembershipOutcome::Renewed | MembershipOutcome::Deregistered => true,
            MembershipOutcome::Expired => false,
        }
    }

    /// The reason as the tables write it; `named` gives the word of a keep or an end, and `word` that of a plugin.
    pub fn reason_in_words<'w>(
        &self,
        named: impl FnOnce(NamedId) -> &'w str,
        word: impl FnOnce(ExtraReason) -> &'w str,
    ) -> &'w str {
        match (self.extra, self.named) {
            (Some(reason), _) => word(reason),
            (None, Some(entry)) => named(entry),
            (None, None) => self.reason.as_str(),
        }
    }
}

/// The cleanup's decision on one patron's record at one library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordDecision {
    /// The library.
    pub library: LibraryId,
    /// What happens.
    pub outcome: RecordOutcome,
    /// Why it is kept, by the built-in rules; plugins may keep it too ([`Decisions::extra_keeps`]).
    pub reasons: KeepReasons,
    /// Activity before this day is pseudonymised; none where the patron keeps loan history or the record is deleted.
    pub pseudonymise_before: Option<Day>,
    /// Finance rows before this day are deleted; none where the record is.
    pub purge_finance_before: Option<Day>,
}

impl RecordDecision {
    /// The reasons as the tables write them: those of the built-in rules, then those of keeps, which are `keeps`, then those
    /// of plugins, which are `extra` and for which `word` gives the words; or the one word of a record that nothing holds here.
    pub fn reasons_in_words<'w>(
        &self,
        keeps: impl Iterator<Item = &'w str>,
        extra: impl Iterator<Item = ExtraReason>,
        word: impl Fn(ExtraReason) -> &'w str,
    ) -> impl Iterator<Item = &'w str> {
        let clear = match self.outcome {
            RecordOutcome::Kept | RecordOutcome::Review => None,
            RecordOutcome::Archived | RecordOutcome::Deleted | RecordOutcome::Anonymised => {
                Some(self.outcome.clear_reason())
            }
        };
        let built_in = self.reasons.iter().map(|reason| -> &'w str { reason.as_str() });
        built_in.chain(keeps).chain(extra.map(word)).chain(clear)
    }
}

/// The decision on one Mijn Bibliotheek profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileDecision {
    /// What happens.
    pub outcome: ProfileOutcome,
    /// Why it is kept; empty unless it is.
    pub reasons: ProfileReasons,
}

impl ProfileDecision {
    /// The reasons as the tables write them; or the one word of a profile that is deleted.
    pub fn reasons_in_words(&self) -> impl Iterator<Item = &'static str> {
        let deleted = match self.outcome {
            ProfileOutcome::Kept => None,
            ProfileOutcome::Deleted => Some(ProfileOutcome::DELETED_REASON),
        };
        self.reasons.iter().map(ProfileReason::as_str).chain(deleted)
    }
}

/// A keep that holds a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordKeep {
    /// The library of the record.
    pub library: LibraryId,
    /// The keep.
    pub keep: NamedId,
    /// Whether it holds because something is not known.
    pub unknown: bool,
}

/// Everything that a run decides about one patron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// One for each membership, in the patron's order.
    pub memberships: Vec<MembershipDecision>,
    /// One for each library, by first appearance in memberships, then in accounts.
    pub records: Vec<RecordDecision>,
    /// The records that keeps of the policy keep, by the name of the keep.
    pub keeps: Vec<RecordKeep>,
    /// The records that plugins keep, each with a reason, in the plugins' name order.
    pub extra_keeps: Vec<(LibraryId, ExtraReason)>,
    /// None where the patron has no profile date.
    pub profile: Option<ProfileDecision>,
}

impl Decisions {
    /// The plugins' reasons to keep the record at a library, which come after the built-in ones.
    pub fn extra_reasons(&self, library: LibraryId) -> impl Iterator<Item = ExtraReason> {
        self.extra_keeps.iter().filter(move |&&(there, _)| there == library).map(|&(_, reason)| reason)
    }

    /// The keeps that hold the record at a library, by name, which come after the built-in reasons.
    pub fn keeps_of(&self, library: LibraryId) -> impl Iterator<Item = RecordKeep> {
        self.keeps.iter().filter(move |keep| keep.library == library).copied()
    }

    /// Whether the patron's records are deleted: everywhere at once, or not at all.
    pub fn delete_the_patron(&self) -> bool {
        self.records.iter().any(|record| record.outcome.removes_the_patron())
    }

    pub(crate) fn clear(&mut self) {
        self.memberships.clear();
        self.records.clear();
        self.keeps.clear();
        self.extra_keeps.clear();
        self.profile = None;
    }
}
