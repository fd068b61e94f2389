//! How `explain` listens in: each rule that is tried is told to a listener, with what it compared.
//! The silent listener costs nothing, since events are made only for those who want them.

use lapse_policy::Day;

use crate::{ExtraReason, KeepReason, LibraryId, MembershipReason, ProfileReason, Verdict};

/// Hears each rule as it is tried.
pub trait Listener {
    /// `event` makes the event for a listener that wants it.
    fn hear(&mut self, event: impl FnOnce() -> Event);
}

/// Hears nothing.
pub struct Silent;

impl Listener for Silent {
    #[inline]
    fn hear(&mut self, _: impl FnOnce() -> Event) {}
}

impl Listener for Vec<Event> {
    fn hear(&mut self, event: impl FnOnce() -> Event) {
        self.push(event());
    }
}

/// A number of months counted from a day: what most rules compare with the run day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From which day.
    pub since: Day,
    /// How many months.
    pub months: u32,
    /// The day that is so many months later.
    pub until: Day,
}

impl Term {
    /// `months` from `since`.
    pub fn new(since: Day, months: u32) -> Term {
        Term { since, months, until: since.add_months(months.cast_signed()) }
    }
}

/// A rule of stage 1: a row of its table in domain.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// 1: library or subscription is not in the policy.
    NotInPolicy = 1,
    /// 2: the status is not active.
    NotActive = 2,
    /// 3: valid from a later day.
    StartsLater = 3,
    /// 4: a person's free, conditional membership, inactive for more than the lapse term.
    Lapses = 4,
    /// 5: the end lies ahead, or there is none.
    NotPastItsEnd = 5,
    /// 6: past its end, and renewal is automatic, or conditional and free.
    Renews = 6,
    /// 7: past its end otherwise.
    NotRenewed = 7,
}

/// A rule was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The activity that counts for a membership was looked up.
    LastActivity {
        /// Which membership of the patron.
        membership: usize,
        /// The date that counts; none where there was none.
        last_activity: Option<Day>,
    },
    /// A row of stage 1 was tried.
    Row {
        /// Which membership of the patron.
        membership: usize,
        /// Which row.
        row: Row,
        /// Whether it applies; the first that does decides.
        applies: bool,
    },
    /// Within row 4: a reason why it does not apply was tried.
    NotLapsed {
        /// Which membership of the patron.
        membership: usize,
        /// The reason.
        reason: MembershipReason,
        /// Whether it holds; the first that does is the one reported.
        holds: bool,
        /// The inactivity that `active` compared.
        term: Option<Term>,
    },
    /// A reason to keep a record was tried.
    Keep {
        /// Which record.
        library: LibraryId,
        /// The reason.
        reason: KeepReason,
        /// Whether it holds.
        holds: bool,
        /// The months that it compared.
        term: Option<Term>,
    },
    /// A plugin had its say.
    Extra {
        /// What it said, and of what.
        verdict: Verdict,
        /// Its reason.
        reason: ExtraReason,
        /// Whether that changed something, or holds a record.
        applies: bool,
    },
    /// A reason to keep the profile was tried.
    KeepProfile {
        /// The reason.
        reason: ProfileReason,
        /// Whether it holds.
        holds: bool,
        /// The months that it compared.
        term: Option<Term>,
    },
}
