//! The stories that must happen to somebody in every data set, so that each outcome and each reason occurs that the policy
//! allows.

use crate::bad_row::{BAD_ROWS, BadRow};
use crate::chance::Chance;
use crate::kinds::Kind;
use crate::places::{Place, Places};
use crate::stories::{Open, Story};

/// A patron of whom it is known what happens to them.
pub struct Planned<'p> {
    /// What happens.
    pub story: Story,
    /// Where they are a member.
    pub place: &'p Place,
    /// The row about them that will be rejected.
    pub bad_row: Option<BadRow>,
}

/// The patrons that are required, as far as there is a place for their story. They are fewer than fifty, so that every
/// tenth of 500 patrons is enough.
pub fn required<'p>(places: &'p Places, chance: &mut Chance) -> Vec<Planned<'p>> {
    let mut planned = Vec::new();
    let mut add = |story: Story, kind: Option<Kind>, bad_row| {
        let fits = |place: &Place| story.fits(place, places) && kind.is_none_or(|kind| place.kind == kind);
        if let Some(index) = places.weighted(fits).draw(chance) {
            planned.push(Planned { story, place: &places.all[index], bad_row });
        }
    };
    for kind in Kind::ALL {
        add(Story::Stays, Some(kind), None);
        add(Story::Ends, Some(kind), None);
    }
    for story in [
        Story::Lapses,
        Story::StartsLater,
        Story::Left,
        Story::LeftSomeDay,
        Story::Leaves,
        Story::Moved,
        Story::MovedInGroup,
        Story::Visitor,
        Story::ProfileOnly,
        Story::UnknownLibrary,
        Story::UnknownLibrary,
        Story::UnknownSubscription,
        Story::UnknownSubscription,
        Story::SeenTomorrow,
        Story::SeenTomorrow,
    ] {
        add(story, None, None);
    }
    for open in Open::ALL {
        add(Story::LeavesOpen(open), None, None);
    }
    // A rejected row holds a patron whose membership would lapse, one who would be deleted, and one who stays.
    for (bad_row, story) in BAD_ROWS.into_iter().zip([Story::Lapses, Story::Leaves, Story::Stays].into_iter().cycle()) {
        let somewhere = places.all.iter().any(|place| story.fits(place, places));
        add(if somewhere { story } else { Story::Stays }, None, Some(bad_row));
    }
    planned
}
