//! How `explain` listens in: a listener hears each rule that is tried, with what the rule compared.
//! The silent listener costs nothing, since an event is made only for a listener that wants it.

use lapse_policy::{Day, KeepOf, TestedFact};

use crate::{
    EntryOf, ExtraReason, FactValue, KeepReason, LibraryId, MembershipReason, ProfileReason, Term, Truth, Verdict,
};

/// Hears each rule as it is tried.
pub trait Listener {
    /// `event` makes the event for a listener that wants it.
    fn hear(&mut self, event: impl FnOnce() -> Event);
}

/// A listener that wants no events.
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

/// A rule of stage 1, by its number in the table of domain.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Rule 1: the library or the subscription is not in the policy.
    NotInPolicy = 1,
    /// Rule 2: it was deregistered, or cancelled and is past its end.
    HasEnded = 2,
    /// Rule 3: the membership is valid from a later day.
    StartsLater = 3,
    /// Rule 4: it is past its end, and a later membership has taken its place.
    Succeeded = 4,
    /// Rule 5: an end applies.
    Ends = 5,
    /// Rule 6: a person's free, conditional membership has been inactive for more than the lapse term.
    Lapses = 6,
    /// Rule 7: the membership is not past its end, or has none.
    NotPastItsEnd = 7,
    /// Rule 8: the membership is past its end, and its days of grace are not over.
    Grace = 8,
    /// Rule 9: the membership is past its end, and its renewal is automatic, or conditional and free.
    Renews = 9,
    /// Rule 10: the membership is past its end otherwise.
    NotRenewed = 10,
}

impl Rule {
    /// Every rule, in the order in which they are tried.
    pub const ALL: [Rule; 10] = [
        Rule::NotInPolicy,
        Rule::HasEnded,
        Rule::StartsLater,
        Rule::Succeeded,
        Rule::Ends,
        Rule::Lapses,
        Rule::NotPastItsEnd,
        Rule::Grace,
        Rule::Renews,
        Rule::NotRenewed,
    ];

    /// Its number in the table.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The activity that counts for a membership was looked up.
    LastActivity {
        /// Which membership of the patron.
        membership: usize,
        /// The date that counts; none where no activity counts.
        last_activity: Option<Day>,
    },
    /// A rule of stage 1 was tried.
    Rule {
        /// Which membership of the patron.
        membership: usize,
        /// Which rule.
        rule: Rule,
        /// Whether it applies; the first that does decides.
        applies: bool,
    },
    /// A reason why rule 6 does not apply was tried.
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
        /// The library of the record.
        library: LibraryId,
        /// The reason.
        reason: KeepReason,
        /// Whether it holds.
        holds: bool,
        /// The months that it compared.
        term: Option<Term>,
    },
    /// A test of a keep, an end or a narrowing was tried.
    Tested {
        /// The entry that has it.
        entry: EntryOf,
        /// The library.
        library: LibraryId,
        /// Which membership of the patron it was tried on, where it was one.
        membership: Option<usize>,
        /// Whether it stands in `unless`.
        unless: bool,
        /// Its place there.
        index: usize,
        /// What was looked at.
        fact: TestedFact,
        /// Its value; of an age the date of birth.
        value: FactValue,
        /// The value with which `after` compares it.
        other: FactValue,
        /// Whether it is so.
        truth: Truth,
        /// The first day after the run on which it may come out otherwise.
        turns: Option<Day>,
    },
    /// A keep, an end or a narrowing was tried: a keep holds unless it is false, an end applies where it is true.
    Entry {
        /// Which.
        entry: EntryOf,
        /// What a keep keeps here: a keep of several things is tried for each. None of an end or a narrowing.
        of: Option<KeepOf>,
        /// The library.
        library: LibraryId,
        /// Which membership of the patron it is about; none for a record.
        membership: Option<usize>,
        /// Whether its `only` lets it be about this at all.
        about: bool,
        /// Whether `when` is so and `unless` is not.
        truth: Truth,
    },
    /// A plugin gave a verdict.
    Extra {
        /// What it says, and of what.
        verdict: Verdict,
        /// Its reason.
        reason: ExtraReason,
        /// Whether the verdict changes something, or holds a record.
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
