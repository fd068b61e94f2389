//! Patron after patron: a story for each, told to the maker of rows step by step.

use std::vec::IntoIter;

use lapse_engine::Status;
use lapse_policy::DayPolicy;

use crate::chance::{Chance, Weighted};
use crate::draft::{AccountRow, Draft};
use crate::maker::Maker;
use crate::places::{Place, Places};
use crate::required::{Planned, required};
use crate::runs::{Runs, Span};
use crate::stories::{Story, USUAL};

/// Every tenth patron gets a required story, until all of those are used.
const REQUIRED_EVERY: u32 = 10;

/// Makes patrons, one after the other.
pub struct Patrons<'p> {
    maker: Maker<'p>,
    anywhere: Weighted<usize>,
    usual: Weighted<Story>,
    required: IntoIter<Planned<'p>>,
    made: u32,
}

impl<'p> Patrons<'p> {
    /// Patrons of `places` under `policy`.
    pub fn new(policy: &DayPolicy, places: &'p Places, mut chance: Chance) -> Patrons<'p> {
        Patrons {
            anywhere: places.weighted(|_| true),
            usual: Weighted::new(USUAL),
            required: required(places, &mut chance).into_iter(),
            made: 0,
            maker: Maker::new(policy, places, chance),
        }
    }

    /// The rows of the next patron.
    pub fn next(&mut self) -> &Draft<'p> {
        self.maker.draft.clear();
        self.made += 1;
        let required = if self.made.is_multiple_of(REQUIRED_EVERY) { self.required.next() } else { None };
        let Planned { story, place, bad_row } = required.unwrap_or_else(|| self.usual());
        self.maker.person(place);
        tell(&mut self.maker, story, place);
        if let Some(bad_row) = bad_row {
            self.maker.spoil(bad_row, place);
        }
        &self.maker.draft
    }

    /// A story that comes about by chance.
    fn usual(&mut self) -> Planned<'p> {
        let Maker { places, chance, .. } = &mut self.maker;
        let index = self.anywhere.draw(chance).expect("there is a place");
        let place = &places.all[index];
        let mut story = self.usual.draw(chance).expect("there are stories");
        if !self.maker.has_regular[place.library] {
            self.maker.has_regular[place.library] = true;
            self.maker.seen_by_all(place);
            story = Story::Stays;
        }
        let story = if story.fits(place, self.maker.places) { story } else { Story::Stays };
        Planned { story, place, bad_row: None }
    }
}

/// Makes the rows that a story comes to.
fn tell<'p>(maker: &mut Maker<'p>, story: Story, place: &'p Place) {
    let Runs { run, previous, .. } = maker.runs;
    let places = maker.places;
    let home = places.home(place);
    match story {
        Story::Stays => maker.member_here_and_elsewhere(place, maker.current(place)),
        Story::Ends => maker.member_here_and_elsewhere(place, Span(previous, run)),
        Story::Lapses => maker.lapses(place),
        Story::StartsLater => maker.starts_later(place),
        Story::Left => maker.left_lately(place),
        Story::LeftSomeDay => {
            maker.left_lately(place);
            for row in &mut maker.draft.memberships {
                (row.until, row.status) = (None, Status::Cancelled);
            }
        }
        Story::Leaves => {
            maker.left(place, maker.runs.just_passed(home.ended_months), true);
            if maker.chance.per_mille(250) {
                maker.closed_account(place.library);
            }
        }
        Story::LeavesOpen(open) => {
            maker.left(place, maker.long_ago(home.ended_months), true);
            maker.open_account(place.library, open);
        }
        Story::Moved => {
            maker.left(place, maker.runs.just_passed(home.ended_months), false);
            let elsewhere = places.home_outside(place.library, &mut maker.chance);
            match elsewhere.and_then(|library| places.place_at(library, place, &mut maker.chance)) {
                Some(there) => maker.member(there, maker.current(there)),
                None => maker.unknown(&places.unknown_library, &place.subscription, run),
            }
        }
        Story::MovedInGroup => {
            maker.left(place, maker.long_ago(home.ended_months), false);
            let neighbours = places.neighbours(place);
            let neighbour = maker.chance.one(&neighbours);
            if let Some(there) = neighbour.and_then(|&library| places.place_at(library, place, &mut maker.chance)) {
                maker.member(there, maker.current(there));
            }
        }
        Story::Visitor => {
            maker.member(place, maker.current(place));
            let elsewhere = places.another_home(place.library, &mut maker.chance);
            let library = elsewhere.map_or(&places.unknown_library, |library| &places.homes[library].code);
            maker.draft.accounts.push(AccountRow::clear(library));
        }
        Story::ProfileOnly => maker.profile(maker.runs.just_passed(maker.profile_months)),
        Story::UnknownLibrary => {
            maker.member(place, maker.current(place));
            maker.unknown(&places.unknown_library, &place.subscription, run);
        }
        Story::UnknownSubscription => {
            maker.member(place, maker.current(place));
            maker.unknown(&home.code, &places.unknown_subscription, maker.runs.months_ago(12));
        }
        Story::SeenTomorrow => {
            maker.member(place, maker.current(place));
            let ahead = Span(run.next(), run.add_months(12));
            let on = ahead.draw(&mut maker.chance);
            maker.visit(place.library, on);
            maker.draft.profile = Some(on);
        }
    }
}
