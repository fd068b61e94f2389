//! The stories: what can happen to a patron, and so what the run decides about them. How often each story comes is here
//! too.

use crate::places::{Place, Places};

/// What happens to a patron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// They are a member, and come to the library.
    Stays,
    /// The same, and the term of their membership has ended since the last run.
    Ends,
    /// They are a member, and have not been seen for longer than the lapse term.
    Lapses,
    /// They are a member from a later day on.
    StartsLater,
    /// They were a member until not long ago.
    Left,
    /// They were a member until a day that nobody wrote down.
    LeftSomeDay,
    /// They were a member, so long ago that this run removes the record.
    Leaves,
    /// They were a member long ago, and something is still open.
    LeavesOpen(Open),
    /// They were a member here long ago, and are one elsewhere.
    Moved,
    /// The same, at another library of the same group of kind 3.
    MovedInGroup,
    /// They are a member, and have an account at a library where they never were one.
    Visitor,
    /// They have nothing but a profile, which this run deletes.
    ProfileOnly,
    /// They are a member, also of a library that the policy does not know.
    UnknownLibrary,
    /// They are a member, and were one by a subscription that the policy does not know.
    UnknownSubscription,
    /// They are a member, and were seen after the run day, as by a clock that is ahead.
    SeenTomorrow,
}

/// What may be open at a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// They owe costs.
    Owes,
    /// They have credit, which the library has to give back.
    Credit,
    /// They have a block that holds the record.
    Blocked,
    /// They have items of the library.
    Items,
    /// They settled their costs not long ago.
    Settled,
}

impl Open {
    /// All of them.
    pub const ALL: [Open; 5] = [Open::Owes, Open::Credit, Open::Blocked, Open::Items, Open::Settled];
}

/// How often each story comes, beside the others. Stories that are left out come only where they are required.
pub const USUAL: [(u32, Story); 16] = [
    (800, Story::Stays),
    (70, Story::Ends),
    (115, Story::Lapses),
    (4, Story::StartsLater),
    (60, Story::Left),
    (2, Story::LeftSomeDay),
    (22, Story::Leaves),
    (3, Story::LeavesOpen(Open::Owes)),
    (1, Story::LeavesOpen(Open::Credit)),
    (2, Story::LeavesOpen(Open::Blocked)),
    (3, Story::LeavesOpen(Open::Items)),
    (2, Story::LeavesOpen(Open::Settled)),
    (9, Story::Moved),
    (5, Story::MovedInGroup),
    (4, Story::Visitor),
    (3, Story::ProfileOnly),
];

impl Story {
    /// Whether it can happen to somebody who has `place`.
    pub fn fits(self, place: &Place, places: &Places) -> bool {
        match self {
            Story::Lapses => place.rules.can_lapse(),
            Story::LeavesOpen(Open::Blocked) => !places.home(place).holding_blocks.is_empty(),
            Story::MovedInGroup => !places.neighbours(place).is_empty(),
            Story::LeavesOpen(Open::Owes | Open::Credit | Open::Items | Open::Settled)
            | Story::Stays
            | Story::Ends
            | Story::StartsLater
            | Story::Left
            | Story::LeftSomeDay
            | Story::Leaves
            | Story::Moved
            | Story::Visitor
            | Story::ProfileOnly
            | Story::UnknownLibrary
            | Story::UnknownSubscription
            | Story::SeenTomorrow => true,
        }
    }
}
