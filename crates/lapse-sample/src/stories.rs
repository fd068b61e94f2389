//! What patrons go through: each story ends in what a run decides on its day, and is told in rows.

use lapse_engine::Status;
use lapse_policy::DayPolicy;

use super::chance::{Chance, Weighted};
use super::draft::{AccountRow, Draft};
use super::kinds::Kind;
use super::places::{Place, Places};
use super::roster::{self, Role};
use super::runs::{Runs, Span};

/// What happens to a patron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// Is a member, and comes.
    Stays,
    /// The same, and the term of the membership has ended since the last run.
    Ends,
    /// Has not been seen for longer than the lapse term.
    Lapses,
    /// Is a member from a later day on.
    StartsLater,
    /// Was a member until not long ago.
    Left,
    /// Was a member until some day that nobody wrote down.
    LeftSomeDay,
    /// Was a member, so long ago that the record goes in this run.
    Leaves,
    /// Was a member long ago, and something is still open.
    LeavesOpen(Open),
    /// Was a member here long ago, and is one elsewhere.
    Moved,
    /// The same, elsewhere in a group of kind 3.
    MovedInGroup,
    /// Is a member, and has an account where they never were one.
    Visitor,
    /// Had nothing but a profile, which goes in this run.
    ProfileOnly,
    /// Is a member, also of a library that the policy does not know.
    UnknownLibrary,
    /// Is a member, and was one by a subscription that the policy does not know.
    UnknownSubscription,
    /// Was seen by a clock that runs ahead.
    SeenTomorrow,
}

/// What may be open with a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// Costs.
    Owes,
    /// Money that the library has to give back.
    Credit,
    /// A block that holds the record.
    Blocked,
    /// Items in possession.
    Items,
    /// Costs that were settled not long ago.
    Settled,
}

impl Open {
    /// Everything.
    pub const ALL: [Open; 5] = [Open::Owes, Open::Credit, Open::Blocked, Open::Items, Open::Settled];
}

/// How often each happens, beside the others.
const USUAL: [(u32, Story); 16] = [
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
    /// Whether it can happen to one who has `place`.
    pub fn fits(self, place: &Place, places: &Places) -> bool {
        match self {
            Story::Lapses => place.kind == Kind::Lapsing,
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

/// Tells the stories of patrons, one after the other; the scenes that they are made of are in [`super::scenes`].
pub struct Teller<'p> {
    pub(super) places: &'p Places,
    pub(super) runs: Runs,
    pub(super) profile_months: u32,
    pub(super) chance: Chance,
    pub(super) draft: Draft<'p>,
    /// The libraries that have a regular, whom every source has just seen: no activity there is older than guards like.
    pub(super) has_regular: Vec<bool>,
    anywhere: Weighted<usize>,
    usual: Weighted<Story>,
    /// What must happen to somebody.
    roster: std::vec::IntoIter<Role<'p>>,
    told: u32,
}

impl<'p> Teller<'p> {
    /// About patrons of `places` under `policy`.
    pub fn new(policy: &DayPolicy, places: &'p Places, mut chance: Chance) -> Teller<'p> {
        Teller {
            places,
            runs: Runs::around(policy.date, policy.consortium.run_day.value),
            profile_months: policy.consortium.profile_inactive_months.value,
            anywhere: places.weighted(|_| true),
            usual: Weighted::new(USUAL),
            roster: roster::cast(places, &mut chance).into_iter(),
            has_regular: vec![false; places.homes.len()],
            told: 0,
            draft: Draft::default(),
            chance,
        }
    }

    /// The rows of the next patron. Every tenth plays a role of the roster, until all have been played.
    pub fn next(&mut self) -> &Draft<'p> {
        self.draft.clear();
        self.told += 1;
        let role = if self.told.is_multiple_of(10) { self.roster.next() } else { None };
        let Role { story, place, bad_row } = role.unwrap_or_else(|| self.usual_role());
        self.person(place);
        self.tell(story, place);
        if let Some(bad_row) = bad_row {
            self.spoil(bad_row, place);
        }
        &self.draft
    }

    fn usual_role(&mut self) -> Role<'p> {
        let index = self.anywhere.draw(&mut self.chance).expect("there is a place");
        let place = &self.places.all[index];
        let mut story = self.usual.draw(&mut self.chance).expect("there are stories");
        if !self.has_regular[place.library] {
            self.has_regular[place.library] = true;
            self.seen_by_all(place);
            story = Story::Stays;
        }
        let story = if story.fits(place, self.places) { story } else { Story::Stays };
        Role { story, place, bad_row: None }
    }

    fn tell(&mut self, story: Story, place: &'p Place) {
        let Runs { run, previous, .. } = self.runs;
        let places = self.places;
        let home = places.home(place);
        match story {
            Story::Stays => self.member_here_and_elsewhere(place, self.current(place)),
            Story::Ends => self.member_here_and_elsewhere(place, Span(previous, run)),
            Story::Lapses => self.lapses(place),
            Story::StartsLater => self.starts_later(place),
            Story::Left => self.left_lately(place),
            Story::LeftSomeDay => {
                self.left_lately(place);
                for row in &mut self.draft.memberships {
                    (row.until, row.status) = (None, Status::Cancelled);
                }
            }
            Story::Leaves => {
                self.left(place, self.runs.just_passed(home.ended_months), true);
                if self.chance.per_mille(250) {
                    self.closed_account(place.library);
                }
            }
            Story::LeavesOpen(open) => {
                self.left(place, self.long_ago(home.ended_months), true);
                self.open_account(place.library, open);
            }
            Story::Moved => {
                self.left(place, self.runs.just_passed(home.ended_months), false);
                let elsewhere = places.home_outside(place.library, &mut self.chance);
                match elsewhere.and_then(|library| places.place_at(library, place, &mut self.chance)) {
                    Some(there) => self.member(there, self.current(there)),
                    None => self.unknown(&places.unknown_library, &place.subscription, run),
                }
            }
            Story::MovedInGroup => {
                self.left(place, self.long_ago(home.ended_months), false);
                let neighbours = places.neighbours(place);
                let neighbour = self.chance.one(&neighbours);
                if let Some(there) = neighbour.and_then(|&library| places.place_at(library, place, &mut self.chance)) {
                    self.member(there, self.current(there));
                }
            }
            Story::Visitor => {
                self.member(place, self.current(place));
                let elsewhere = places.another_home(place.library, &mut self.chance);
                let library = elsewhere.map_or(&places.unknown_library, |library| &places.homes[library].code);
                self.draft.accounts.push(AccountRow::clear(library));
            }
            Story::ProfileOnly => self.profile(self.runs.just_passed(self.profile_months)),
            Story::UnknownLibrary => {
                self.member(place, self.current(place));
                self.unknown(&places.unknown_library, &place.subscription, run);
            }
            Story::UnknownSubscription => {
                self.member(place, self.current(place));
                self.unknown(&home.code, &places.unknown_subscription, self.runs.months_ago(12));
            }
            Story::SeenTomorrow => {
                self.member(place, self.current(place));
                let ahead = Span(run.next(), run.add_months(12));
                let on = ahead.draw(&mut self.chance);
                self.visit(place.library, on);
                self.draft.profile = Some(on);
            }
        }
    }
}
