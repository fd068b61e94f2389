//! Whom a change of policy hits: both policies decide about the same patrons in one pass, and every outcome that differs is
//! counted. `moved` has the patrons whose outcome differs, `decider` finds the line of the policy behind each move,
//! `breakdown` divides the moves for people, `json` and `moves_file` write the result.

mod breakdown;
mod by_entry;
mod decided;
mod decider;
mod json;
mod moved;
mod moves_file;
mod words;

use std::borrow::Cow;

use lapse_engine::guards::Trip;
use lapse_engine::{AgeBand, Codes, Decisions, ExtraError, MoveTally, Moves, Room, Rules, Tally, moved};
use lapse_host::{Plugins, PluginsOn};
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{
    AskedColumn, CodeSlips, Extras, Known, PatronBatch, PatronFacts, Progress, Source, Visit, Work, visit,
};

use crate::decide::decide;
use crate::{ChangeError, Summary};
pub use breakdown::{Breakdown, Part};
pub use decider::Deciders;
pub use moved::{Moved, RecordSide, What};
pub use words::Words;

/// One of the two policies.
pub struct Side<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The policy over all days.
    pub policy: &'a Policy,
    /// Its values on the day of the run.
    pub of_day: &'a DayPolicy,
    /// Its plugins.
    pub plugins: &'a Plugins,
}

/// What two policies make of the same patrons.
pub struct Impact<'a> {
    /// The old policy, then the new one.
    pub sides: [Side<'a>; 2],
    /// Every code that the tables use, the new policy's first.
    pub codes: Codes,
    /// The counts of moves from outcome to outcome.
    pub tally: MoveTally,
    /// What a run by the new policy comes to.
    pub summary: Summary,
    /// The guards that trip by the new policy.
    pub trips: Vec<Trip>,
    /// The patrons who move, in the order of the tables; none unless they are asked for.
    pub moved: Vec<Moved>,
}

/// How to work out an impact.
#[derive(Clone, Copy, Debug)]
pub struct Options<'p> {
    /// Whether to keep the patrons who move, which takes memory for each of them.
    pub with_patrons: bool,
    /// How many threads work.
    pub threads: usize,
    /// Gets to know how far the work is.
    pub progress: &'p Progress,
}

impl<'a> Impact<'a> {
    /// Has both policies decide about every patron of a source, on the same day.
    pub fn of(source: &dyn Source, sides: [Side<'a>; 2], options: Options<'_>) -> Result<Impact<'a>, ChangeError> {
        let [old, new] = &sides;
        if !old.plugins.named.is_empty() && !same_libraries(old.of_day, new.of_day) {
            return Err(ChangeError::OtherLibraries { old: old.name.to_owned(), new: new.name.to_owned() });
        }
        let day = new.of_day.date;
        // The codes of the new policy come first, because its plugins know libraries by these numbers.
        let known = Known::of(day, [new.of_day, old.of_day]);
        let work = Deciding {
            sides: &sides,
            known: &known,
            on: sides.each_ref().map(|side| side.plugins.on(side.of_day)),
            columns: Columns::of([old.plugins, new.plugins]),
            with_patrons: options.with_patrons,
        };
        let Visit { seen, workers } = visit(source, &known, options.threads, options.progress, &work)?;
        let (mut tally, mut of_new, mut moved) = (MoveTally::default(), Tally::default(), Vec::new());
        for (worker, to) in workers {
            tally.add_all_as(&worker.tally, |code| to.library(code), |code| to.subscription(code));
            of_new.add_all_as(
                &worker.new,
                |code| to.library(code),
                |code| to.subscription(code),
                |code| to.source(code),
            );
            moved.extend(worker.moved.into_iter().map(|(place, moved)| (place, moved.renumbered(&to))));
        }
        // A stable sort leaves the moves of one batch in their order.
        moved.sort_by_key(|&(place, _)| place);
        let moved = moved.into_iter().map(|(_, moved)| moved).collect();
        drop(work);
        let summary = Summary::of(new.policy, day, &seen, &of_new).with_tables(source)?;
        let trips = summary.trips(new.of_day);
        Ok(Impact { sides, codes: seen.codes, tally, summary, trips, moved })
    }

    /// Whether no outcome differs.
    pub fn is_none(&self) -> bool {
        let total = self.tally.total();
        total.moved_memberships() + total.moved_records() + moved(&self.tally.total_profiles()) == 0
    }

    /// Each library that the tables name with its moves: those of the new policy in its order, then others by code.
    pub fn libraries(&self) -> Vec<(&str, Moves)> {
        let codes = self.codes.libraries.texts();
        let mut libraries: Vec<_> = codes.zip(self.tally.libraries()).collect();
        let known = self.sides[1].of_day.libraries.len().min(libraries.len());
        libraries[known..].sort_unstable_by_key(|&(code, _)| code);
        libraries.retain(|(_, moves)| *moves != Moves::default());
        libraries
    }

    /// Each subscription that the tables name, by the codes of library and subscription.
    pub fn subscriptions(&self) -> Vec<(&str, &str, Moves)> {
        let codes = &self.codes;
        let mut subscriptions: Vec<_> = self
            .tally
            .subscriptions
            .iter()
            .map(|(&(library, subscription), &moves)| {
                (codes.libraries.text(library), codes.subscriptions.text(subscription), moves)
            })
            .collect();
        subscriptions.sort_unstable_by_key(|&(library, subscription, _)| (library, subscription));
        subscriptions
    }

    /// Each category by name with its moves. A subscription has the category of the new policy or else of the old one; it has
    /// none where neither policy knows it.
    pub fn categories(&self) -> Vec<(Option<&str>, Moves)> {
        let mut categories: std::collections::BTreeMap<Option<&str>, Moves> = std::collections::BTreeMap::new();
        for (library, subscription, moves) in self.subscriptions() {
            let [old, new] = self.sides.each_ref().map(|side| category(side.of_day, library, subscription));
            *categories.entry(new.or(old)).or_default() += moves;
        }
        categories.into_iter().collect()
    }

    /// Each age band with its moves, and with those of profiles.
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
    // Libraries and subscriptions are sorted by code.
    let library = of_day.libraries.binary_search_by(|here| (*here.code).cmp(library)).ok()?;
    let subscriptions = &of_day.libraries[library].subscriptions;
    let subscription = subscriptions.binary_search_by(|one| (*one.code).cmp(subscription)).ok()?;
    Some(&subscriptions[subscription].category.value)
}

/// The columns that the plugins of both policies ask for, each once.
struct Columns {
    all: Vec<AskedColumn>,
    /// For each side, where each column that it asks for stands in `all`.
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

/// The facts about patrons for the plugins of one side, which know the columns by their own numbers.
struct Renumbered<'a> {
    facts: &'a dyn PatronFacts,
    numbers: &'a [usize],
}

impl PatronFacts for Renumbered<'_> {
    fn id(&self, patron: usize) -> &str {
        self.facts.id(patron)
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.facts.birth_date(patron)
    }

    fn asked(&self, column: usize, patron: usize, row: usize) -> &str {
        self.facts.asked(self.numbers[column], patron, row)
    }
}

/// The work on the patrons: both policies decide about each.
struct Deciding<'a> {
    sides: &'a [Side<'a>; 2],
    /// What both policies know, the new one first.
    known: &'a Known,
    /// The plugins of each side, where the side has some.
    on: [Option<PluginsOn<'a>>; 2],
    columns: Columns,
    with_patrons: bool,
}

/// What one thread needs for decisions, and what it has counted.
struct Worker<'a> {
    rules: [Rules; 2],
    /// The codes that only one of the policies takes for slips; none where both know the same.
    slips: Option<CodeSlips<'a>>,
    tally: MoveTally,
    new: Tally,
    /// What moves, each with the place of its batch.
    moved: Vec<((usize, usize), Moved)>,
    room: Room,
    decisions: [Vec<Decisions>; 2],
}

impl<'a> Work for Deciding<'a> {
    type Worker = Worker<'a>;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        &self.columns.all
    }

    fn new_worker(&self, codes: &Codes) -> Worker<'a> {
        Worker {
            rules: self.sides.each_ref().map(|side| Rules::new(side.of_day, codes)),
            slips: self.known.slips(),
            tally: MoveTally::default(),
            new: Tally::default(),
            moved: Vec::new(),
            room: Room::default(),
            decisions: Default::default(),
        }
    }

    fn work(&self, worker: &mut Worker<'a>, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        worker.rules.iter_mut().for_each(|rules| rules.learn_blocks(batch.codes.blocks.texts()));
        let facts = self.columns.numbers.each_ref().map(|numbers| Renumbered { facts: batch.facts, numbers });
        let ask = |side: usize| self.on[side].as_ref().map(|on| on.rules(batch.codes, &facts[side]));
        let extra = [ask(0), ask(1)];
        // Without plugins both policies decide about one patron while its facts are in the cache. Plugins are asked about many
        // patrons at a time, because each call costs.
        let step = if extra.iter().any(Option::is_some) { batch.patrons.len() } else { 1 };
        // A row with a code that one policy takes for a slip stays, so that both decide about the same rows; it holds its patron.
        let mut patrons_of = |known: usize| match &mut worker.slips {
            Some(slips) => slips.hold(known, batch.codes, batch.patrons),
            None => Cow::Borrowed(batch.patrons),
        };
        let [of_new, of_old] = [patrons_of(0), patrons_of(1)];
        let chunks = of_old.chunks(step.max(1)).zip(of_new.chunks(step.max(1)));
        for (start, (of_old, of_new)) in (batch.first..).step_by(step.max(1)).zip(chunks) {
            let sides = [of_old, of_new].into_iter().zip(&worker.rules).zip(&extra).zip(&mut worker.decisions);
            for (((patrons, rules), extra), decisions) in sides {
                decide(start, patrons, rules, extra.as_deref(), &mut worker.room, decisions)?;
            }
            let [old, new] = &worker.decisions;
            for (((index, patron), old), new) in (start..).zip(of_new).zip(old).zip(new) {
                let age = AgeBand::of(batch.facts.birth_date(index), worker.rules[0].run);
                worker.tally.add(patron, age, old, new);
                worker.new.add(patron, new);
                if self.with_patrons {
                    moved::find(batch.facts.id(index), patron, old, new, |moved| {
                        worker.moved.push((batch.place, moved));
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
