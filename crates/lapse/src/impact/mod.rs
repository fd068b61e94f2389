//! Whom a change of policy hits: both policies decide about the same patrons in one pass, and what comes out otherwise is
//! counted. `moved` has the patrons who move, `decider` the policy line behind each move, `text` and `json` show the counts.

mod decider;
mod json;
mod moved;
mod text;

use std::path::Path;

use lapse_engine::guards::{self, Trip};
use lapse_engine::{
    AgeBand, Codes, Decisions, ExtraError, ExtraRules, MoveTally, Moves, Patron, Room, Rules, Silent, Tally, evaluate,
    evaluate_batch, moved,
};
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{AskedColumn, Extract, Extras, PatronFacts, in_batches};

use crate::Failure;
use crate::plugins::{Plugins, PluginsOn};
pub use decider::Deciders;
pub use moved::{Moved, What};

/// So many patrons are decided at a time by one thread.
const BATCH: usize = 4096;

/// One of the two policies.
pub struct Side<'a> {
    /// What it is called.
    pub name: &'a str,
    /// On every day.
    pub policy: &'a Policy,
    /// On the day of the run.
    pub of_day: &'a DayPolicy,
    /// Its plugins.
    pub plugins: &'a Plugins,
}

/// What two policies make of the same patrons.
pub struct Impact<'a> {
    /// The old policy, then the new one.
    pub sides: [Side<'a>; 2],
    /// The patrons.
    pub extract: Extract,
    /// The moves.
    pub tally: MoveTally,
    /// The outcomes by the new policy.
    pub new: Tally,
    /// The guards that trip by the new policy.
    pub trips: Vec<Trip>,
    /// The patrons who move, in the order of the tables; none unless they are asked for.
    pub moved: Vec<Moved>,
}

/// How to look for it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Keep the patrons who move.
    pub with_patrons: bool,
    /// How many threads work.
    pub threads: usize,
}

impl<'a> Impact<'a> {
    /// Decides about every patron of the tables in `data` by both policies, of the same day.
    pub fn of(data: &Path, sides: [Side<'a>; 2], options: Options) -> Result<Impact<'a>, Failure> {
        let [old, new] = &sides;
        let day = new.of_day.date;
        // The new policy's codes come first, as its guards and its plugins need them.
        let mut codes = Codes::of(new.of_day);
        codes.learn(old.of_day);
        let columns = Columns::of([old.plugins, new.plugins]);
        let extract = Extract::read_with(data, day, codes, options.threads, &columns.all)?;
        let (tally, new_tally, moved) = {
            let rules = sides.each_ref().map(|side| Rules::new(side.of_day, &extract.codes));
            let on = sides.each_ref().map(|side| side.plugins.on(side.of_day));
            if on[0].is_some() && !same_libraries(old.of_day, new.of_day) {
                return Err(Failure::refused(format!(
                    "the plugins of {} cannot be asked beside {}, which has other libraries; compare the change of \
                     libraries for itself",
                    old.name, new.name
                )));
            }
            let facts = columns.numbers.each_ref().map(|numbers| Renumbered { extract: &extract, numbers });
            let ask = |side: usize| {
                let on: Option<&PluginsOn<'_>> = on[side].as_ref();
                on.map(|on| on.rules(&extract.codes, &facts[side]))
            };
            let extra = [ask(0), ask(1)];
            let judges = [0, 1].map(|side| Judge { rules: &rules[side], extra: extra[side].as_deref() });
            decide(&extract, &judges, day, options)?
        };
        let trips = guards::judge(new.of_day, &extract.codes, &new_tally, &extract.newest);
        Ok(Impact { sides, extract, tally, new: new_tally, trips, moved })
    }

    /// Nobody comes out otherwise.
    pub fn is_none(&self) -> bool {
        let total = self.tally.total();
        total.moved_memberships() + total.moved_records() + moved(&self.tally.total_profiles()) == 0
    }

    /// Each library that the tables name with its moves: the new policy's, then others by code.
    pub fn libraries(&self) -> Vec<(&str, Moves)> {
        let codes = self.extract.codes.libraries.texts();
        let mut libraries: Vec<_> = codes.zip(self.tally.libraries()).collect();
        let known = self.sides[1].of_day.libraries.len().min(libraries.len());
        libraries[known..].sort_unstable_by_key(|&(code, _)| code);
        libraries.retain(|(_, moves)| *moves != Moves::default());
        libraries
    }

    /// Each subscription that the tables name, by the codes of library and subscription.
    pub fn subscriptions(&self) -> Vec<(&str, &str, Moves)> {
        let codes = &self.extract.codes;
        let mut subscriptions: Vec<_> = self
            .tally
            .subscriptions
            .iter()
            .map(|(&(library, subscription), &memberships)| {
                let moves = Moves { memberships, ..Moves::default() };
                (codes.libraries.text(library), codes.subscriptions.text(subscription), moves)
            })
            .collect();
        subscriptions.sort_unstable_by_key(|&(library, subscription, _)| (library, subscription));
        subscriptions
    }

    /// Each category, by name; that of the new policy, or else of the old one. `None`: neither knows the subscription.
    pub fn categories(&self) -> Vec<(Option<&str>, Moves)> {
        let mut categories: std::collections::BTreeMap<Option<&str>, Moves> = std::collections::BTreeMap::new();
        for (library, subscription, moves) in self.subscriptions() {
            let [old, new] = self.sides.each_ref().map(|side| category(side.of_day, library, subscription));
            *categories.entry(new.or(old)).or_default() += moves;
        }
        categories.into_iter().collect()
    }

    /// Each age band.
    pub fn ages(&self) -> impl Iterator<Item = (AgeBand, Moves, [[u64; 2]; 2])> {
        AgeBand::ALL
            .iter()
            .zip(self.tally.ages)
            .zip(self.tally.profiles)
            .map(|((&age, moves), profiles)| (age, moves, profiles))
    }
}

fn same_libraries(one: &DayPolicy, other: &DayPolicy) -> bool {
    one.libraries.iter().map(|library| &library.code).eq(other.libraries.iter().map(|library| &library.code))
}

/// The category of a subscription, where the policy has it.
fn category<'p>(of_day: &'p DayPolicy, library: &str, subscription: &str) -> Option<&'p str> {
    // Both are sorted by code.
    let library = of_day.libraries.binary_search_by(|here| (*here.code).cmp(library)).ok()?;
    let subscriptions = &of_day.libraries[library].subscriptions;
    let subscription = subscriptions.binary_search_by(|one| (*one.code).cmp(subscription)).ok()?;
    Some(&subscriptions[subscription].category.value)
}

/// The columns that the plugins of both policies ask for, each once.
struct Columns {
    all: Vec<AskedColumn>,
    /// For each side, the place among all of each column that it asks for.
    numbers: [Vec<usize>; 2],
}

impl Columns {
    fn of(sides: [&Plugins; 2]) -> Columns {
        let mut all: Vec<AskedColumn> = Vec::new();
        let numbers = sides.map(|plugins| {
            let place = |column: &AskedColumn| {
                all.iter().position(|known| known == column).unwrap_or_else(|| {
                    all.push(column.clone());
                    all.len() - 1
                })
            };
            plugins.columns.iter().map(place).collect()
        });
        Columns { all, numbers }
    }
}

/// The facts about patrons for one side, which numbers the columns that its own plugins ask for.
struct Renumbered<'a> {
    extract: &'a Extract,
    numbers: &'a [usize],
}

impl PatronFacts for Renumbered<'_> {
    fn id(&self, patron: usize) -> &str {
        self.extract.id(patron)
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.extract.birth_date(patron)
    }

    fn asked(&self, column: usize, patron: usize, row: usize) -> &str {
        self.extract.asked(self.numbers[column], patron, row)
    }
}

/// What decides on one side.
struct Judge<'a> {
    rules: &'a Rules,
    extra: Option<&'a dyn ExtraRules>,
}

impl Judge<'_> {
    /// Decides about a batch of patrons, of whom the first has this place among all.
    fn decide(
        &self,
        first: usize,
        patrons: &[Patron<'_>],
        room: &mut Room,
        decisions: &mut [Decisions],
    ) -> Result<(), ExtraError> {
        let Some(extra) = self.extra else {
            patrons.iter().zip(decisions).for_each(|(patron, decided)| evaluate(patron, self.rules, decided));
            return Ok(());
        };
        let keep = |index: usize, decided: &Decisions| decisions[index].clone_from(decided);
        evaluate_batch(first, patrons, self.rules, extra, room, &mut Silent, keep)
    }
}

/// What one thread counts, and works in.
struct Worker {
    tally: MoveTally,
    new: Tally,
    room: Room,
    decisions: [Vec<Decisions>; 2],
}

fn decide(
    extract: &Extract,
    judges: &[Judge<'_>; 2],
    day: Day,
    options: Options,
) -> Result<(MoveTally, Tally, Vec<Moved>), ExtraError> {
    // Without plugins a patron is still in the cache for the second policy; they are asked about many at a time.
    let step = if judges.iter().any(|judge| judge.extra.is_some()) { BATCH } else { 1 };
    let new_worker = || Worker {
        tally: MoveTally::default(),
        new: Tally::default(),
        room: Room::default(),
        decisions: [vec![Decisions::default(); step], vec![Decisions::default(); step]],
    };
    let work = |worker: &mut Worker, batch: usize| {
        let mut moved = Vec::new();
        let mut patrons: Vec<Patron<'_>> = Vec::with_capacity(step);
        let end = extract.len().min((batch + 1) * BATCH);
        for first in (batch * BATCH..end).step_by(step) {
            patrons.clear();
            patrons.extend((first..end.min(first + step)).map(|index| extract.patron(index)));
            for (judge, decisions) in judges.iter().zip(&mut worker.decisions) {
                judge.decide(first, &patrons, &mut worker.room, decisions)?;
            }
            let [old, new] = &worker.decisions;
            for (((index, patron), old), new) in (first..).zip(&patrons).zip(old).zip(new) {
                let age = AgeBand::of(extract.birth_date(index), day);
                worker.tally.add(patron, age, old, new);
                worker.new.add(patron, new);
                if options.with_patrons {
                    moved::find(index, patron, old, new, &mut moved);
                }
            }
        }
        Ok(moved)
    };
    let (workers, moved) = in_batches(options.threads, extract.len().div_ceil(BATCH), new_worker, work)?;
    let (mut tally, mut new) = (MoveTally::default(), Tally::default());
    for worker in workers {
        tally.add_all(&worker.tally);
        new.add_all(&worker.new);
    }
    Ok((tally, new, moved.concat()))
}
