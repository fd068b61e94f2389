//! The places where somebody can be a member: each subscription of each library in the policy of the run day, with how
//! many patrons have it beside others.

use lapse_engine::{SubscriptionRules, recognising_group};
use lapse_policy::{DayPolicy, Library, Settings, Subscription};

use crate::chance::{Chance, Weighted};
use crate::field::{Field, field, unused};
use crate::kinds::{Holders, Kind};
use crate::sources::Sources;

/// One subscription of one library.
#[derive(Debug)]
pub struct Place {
    /// The index of its library.
    pub library: usize,
    /// Its code.
    pub subscription: Field,
    /// What becomes of its memberships in time.
    pub kind: Kind,
    /// Who has it.
    pub holders: Holders,
    /// What the rules say about it.
    pub rules: SubscriptionRules,
}

/// One library.
#[derive(Debug)]
pub struct Home {
    /// Its code.
    pub code: Field,
    /// How large it is beside the others, in no particular unit.
    size: u32,
    /// The other libraries of its group of kind 3, with subscriptions.
    neighbours: Vec<usize>,
    /// The months without a membership after which a record may be removed.
    pub ended_months: u32,
    /// The months for which settled costs hold a record.
    pub settled_months: u32,
    /// Values of `blocks` that hold a record.
    pub holding_blocks: Vec<Field>,
    /// A block that holds no record; empty where there is none.
    pub other_block: Field,
    /// A source that was active within this number of days before the run has not stopped for the library's guard, nor for
    /// the consortium's.
    pub fresh_days: u32,
    /// The indexes of its places.
    places: Vec<usize>,
}

/// Every place of a policy.
pub struct Places {
    /// The libraries that have subscriptions, in the policy's order.
    pub homes: Vec<Home>,
    /// Their subscriptions.
    pub all: Vec<Place>,
    /// What records activity.
    pub sources: Sources,
    /// A library that the policy does not know.
    pub unknown_library: Field,
    /// A subscription that no library has.
    pub unknown_subscription: Field,
    by_size: Weighted<usize>,
}

impl Places {
    /// The places of `policy`. `chance` decides which libraries are large.
    pub fn of(policy: &DayPolicy, chance: &mut Chance) -> Places {
        let with_places: Vec<&Library> =
            policy.libraries.iter().filter(|library| !library.subscriptions.is_empty()).collect();
        let mut places = Vec::new();
        let mut homes = Vec::new();
        for (index, (library, size)) in with_places.iter().zip(sizes(with_places.len(), chance)).enumerate() {
            let first = places.len();
            places.extend(library.subscriptions.iter().map(|subscription| Place::of(index, subscription)));
            homes.push(Home::of(library, size, policy, &with_places, (first..places.len()).collect()));
        }
        let subscriptions = with_places.iter().flat_map(|library| &library.subscriptions);
        Places {
            sources: Sources::of(policy, &with_places),
            by_size: Weighted::new(homes.iter().map(|home: &Home| home.size).zip(0..)),
            unknown_library: field(&unused("elders", &policy.libraries.iter().map(|library| &*library.code))),
            unknown_subscription: field(&unused(
                "season-ticket",
                &subscriptions.map(|subscription| &*subscription.code),
            )),
            homes,
            all: places,
        }
    }

    /// The library of a place.
    pub fn home(&self, place: &Place) -> &Home {
        &self.homes[place.library]
    }

    /// The places of a library.
    pub fn at(&self, library: usize) -> impl Iterator<Item = &Place> {
        self.homes[library].places.iter().map(|&index| &self.all[index])
    }

    /// The places that `fits` accepts, each weighted by how many patrons have it.
    pub fn weighted(&self, fits: impl Fn(&Place) -> bool) -> Weighted<usize> {
        let mut weights = vec![0; self.all.len()];
        for home in &self.homes {
            for &place in &home.places {
                let holders = self.all[place].holders;
                let sharing = home.places.iter().map(|&other| self.all[other].holders);
                let sum: u32 = sharing.filter(|other| other.share() == holders.share()).map(Holders::weight).sum();
                weights[place] = (home.size * holders.share() * holders.weight() / sum).max(1);
            }
        }
        let fitting = |index: &usize| fits(&self.all[*index]);
        Weighted::new((0..self.all.len()).filter(fitting).map(|index| (weights[index], index)))
    }

    /// Another library, often one of the same group of kind 3; `None` where there is only one library.
    pub fn another_home(&self, home: usize, chance: &mut Chance) -> Option<usize> {
        if let Some(&neighbour) = chance.one(&self.homes[home].neighbours)
            && chance.per_mille(700)
        {
            return Some(neighbour);
        }
        self.home_where(chance, |other| other != home)
    }

    /// A library outside the group of kind 3; `None` where there is none.
    pub fn home_outside(&self, home: usize, chance: &mut Chance) -> Option<usize> {
        let neighbours = &self.homes[home].neighbours;
        self.home_where(chance, |other| other != home && !neighbours.contains(&other))
    }

    /// A library that `fits` accepts, a large one more often than a small one; `None` where it accepts none.
    fn home_where(&self, chance: &mut Chance, fits: impl Fn(usize) -> bool) -> Option<usize> {
        if !(0..self.homes.len()).any(&fits) {
            return None;
        }
        loop {
            let home = self.by_size.draw(chance)?;
            if fits(home) {
                return Some(home);
            }
        }
    }

    /// A place at another library for somebody who has `place`: the first of these that the library has. An adult of the
    /// same group takes a subscription for some adults; then come the same holders, adults, and any persons.
    pub fn place_at(&self, library: usize, place: &Place, chance: &mut Chance) -> Option<&Place> {
        chance.one(&self.counterparts(library, place)).copied()
    }

    /// The other libraries of the group of kind 3 that have a subscription for somebody who has `place`.
    pub fn neighbours(&self, place: &Place) -> Vec<usize> {
        let neighbours = self.home(place).neighbours.iter().copied();
        neighbours.filter(|&library| !self.counterparts(library, place).is_empty()).collect()
    }

    fn counterparts(&self, library: usize, place: &Place) -> Vec<&Place> {
        let special = self.home(place).neighbours.contains(&library) && place.holders == Holders::Adults;
        let first_choice = if special { Holders::Some } else { place.holders };
        let person = place.holders.are_persons();
        let rank = |other: &Place| {
            let has = other.holders;
            let adults = person && has == Holders::Adults;
            let choices = [has == first_choice, has == place.holders, adults, person && has.are_persons()];
            choices.into_iter().position(|fits| fits)
        };
        let best = self.at(library).filter_map(rank).min();
        self.at(library).filter(|other| best.is_some() && rank(other) == best).collect()
    }
}

impl Place {
    fn of(library: usize, subscription: &Subscription) -> Place {
        let rules = SubscriptionRules::from(subscription);
        Place {
            library,
            subscription: field(&subscription.code),
            kind: Kind::of(&rules),
            holders: Holders::of(subscription),
            rules,
        }
    }
}

impl Home {
    fn of(library: &Library, size: u32, policy: &DayPolicy, all: &[&Library], places: Vec<usize>) -> Home {
        let group = recognising_group(policy, library);
        let is_neighbour = |other: &Library| group.is_some() && other.group == group && other.code != library.code;
        let cleanup = &library.settings.cleanup;
        let blocks = cleanup.blocks.value.iter().map(|block| &**block);
        // A kind in neither list holds; without one that does not, accounts have no other block.
        let mut ignored = cleanup.blocks_ignored.value.iter().filter(|kind| !cleanup.blocks.value.contains(kind));
        let other_block = ignored.next().map_or("", String::as_str);
        let both = blocks.clone().next().filter(|_| !other_block.is_empty());
        let both = both.map(|block| [block, other_block].join("|"));
        let source_age = |settings: &Settings| settings.guards.max_source_age_days.value;
        Home {
            code: field(&library.code),
            size,
            neighbours: (0..all.len()).filter(|&other| is_neighbour(all[other])).collect(),
            ended_months: cleanup.ended_months.value,
            settled_months: cleanup.settled_months.value,
            holding_blocks: blocks.chain(both.as_deref()).map(field).collect(),
            other_block: field(other_block),
            fresh_days: source_age(&library.settings).min(source_age(&policy.consortium.settings)).max(1),
            places,
        }
    }
}

/// A few libraries are large and most are small: from the largest on, their sizes fall like 1/3, 1/4, 1/5.
fn sizes(libraries: usize, chance: &mut Chance) -> Vec<u32> {
    let mut sizes: Vec<u32> = (3..).map(|divisor| (3000 / divisor).max(1)).take(libraries).collect();
    chance.shuffle(&mut sizes);
    sizes
}
