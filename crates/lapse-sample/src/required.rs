//! What must happen to somebody in every data set, so that each outcome and each reason occurs that the policy allows.

use super::bad_row::{BAD_ROWS, BadRow};
use super::chance::Chance;
use super::kinds::Kind;
use super::places::{Place, Places};
use super::stories::{Open, Story};

/// A story with the place where it happens.
pub struct Role<'p> {
    /// What happens.
    pub story: Story,
    /// To one who has this.
    pub place: &'p Place,
    /// And the row about it that will be rejected.
    pub bad_row: Option<BadRow>,
}

/// All roles, each where there is a place for it. They are fewer than fifty: every tenth of 500 patrons.
pub fn cast<'p>(places: &'p Places, chance: &mut Chance) -> Vec<Role<'p>> {
    let mut cast = Vec::new();
    let mut add = |story: Story, kind: Option<Kind>, bad_row| {
        let fits = |place: &Place| story.fits(place, places) && kind.is_none_or(|kind| place.kind == kind);
        if let Some(index) = places.weighted(fits).draw(chance) {
            cast.push(Role { story, place: &places.all[index], bad_row });
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
    // Would lapse, would be deleted, stays as it is: a rejected row holds each of them.
    for (bad_row, story) in BAD_ROWS.into_iter().zip([Story::Lapses, Story::Leaves, Story::Stays].into_iter().cycle()) {
        let somewhere = places.all.iter().any(|place| story.fits(place, places));
        add(if somewhere { story } else { Story::Stays }, None, Some(bad_row));
    }
    cast
}
