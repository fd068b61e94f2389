//! The runs to come, one after the other, if nobody does anything: `counts` adds up what each decides, `letters` lists whose
//! membership will be deregistered, `text` and `json` show it. The walk itself is the engine's.

mod counts;
mod json;
mod letters;
mod text;

use std::path::Path;

use lapse_engine::forecast::{Assumption, Schedule, Span, WalkRoom, walk, walk_batch};
use lapse_engine::{Codes, ExtraError, LibraryId, MembershipOutcome, Patron, Tally};
use lapse_policy::{Amendment, Day, DayPolicy, Policy};
use lapse_tables::{Extract, Extras, in_batches};

use crate::plugins::Plugins;
use crate::runs::RunDays;
use crate::{Failure, attention};
use counts::{Categories, Counter};
pub use counts::{Course, Moment, Month};
pub use letters::Letter;

/// So many patrons are walked at a time by one thread.
const BATCH: usize = 4096;

/// What is asked of a forecast.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The day of the first run.
    pub from: Day,
    /// How many runs.
    pub months: usize,
    /// Who is assumed to be active again; none: nobody does anything.
    pub assumed: Option<Assumed>,
    /// List the memberships that so many of the runs will deregister.
    pub letters: Option<usize>,
    /// How many threads work.
    pub threads: usize,
}

/// The assumption that each month some of the active patrons are active again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// How many of a hundred.
    pub percent: f64,
    /// The same seed gives the same patrons.
    pub seed: u64,
}

/// The runs to come.
pub struct Forecast<'a> {
    /// By this policy.
    pub policy: &'a Policy,
    /// What was asked.
    pub request: Request,
    /// How many plugins take part.
    pub plugins: usize,
    /// The policy of each run, on its day.
    pub runs: Vec<DayPolicy>,
    /// The patrons, as they are before the first run.
    pub extract: Extract,
    /// What the runs bring.
    pub course: Course,
    /// The outcomes of the first run.
    pub first: Tally,
    /// Whose membership will be deregistered, where it was asked: by library, day and patron.
    pub letters: Vec<Letter>,
}

impl<'a> Forecast<'a> {
    /// Walks every patron of the tables in `data` through the runs.
    pub fn of(data: &Path, policy: &'a Policy, plugins: &Plugins, request: Request) -> Result<Forecast<'a>, Failure> {
        let (runs, changes) = runs(policy, request)?;
        let mut codes = Codes::of(&runs[0]);
        runs.iter().zip(&changes).filter(|(_, changes)| **changes).for_each(|(of_day, _)| codes.learn(of_day));
        let extract = Extract::read_with(data, request.from, codes, request.threads, &plugins.columns)?;
        let schedule = Schedule::new(runs.iter().zip(changes.iter().copied()), &extract.codes);
        let days: Vec<Day> = runs.iter().map(|of_day| of_day.date).collect();
        let categories = Categories::of(&runs, &changes, &extract.codes);
        let (counter, first, letters) = {
            let on: Option<Vec<_>> = runs.iter().map(|of_day| plugins.on(of_day)).collect();
            let rules: Option<Vec<_>> =
                on.as_ref().map(|on| on.iter().map(|on| on.rules(&extract.codes, &extract)).collect());
            let extra: Option<Vec<_>> = rules.as_ref().map(|rules| rules.iter().map(|rules| &**rules).collect());
            let walking =
                Walking { extract: &extract, schedule: &schedule, extra: extra.as_deref(), request, days: &days };
            walking.all(&categories)?
        };
        let letters = letters::in_order(letters, &extract.codes);
        let course = counter.into_course(&categories, &extract.codes, runs[0].libraries.len());
        Ok(Forecast { policy, request, plugins: plugins.named.len(), runs, extract, course, first, letters })
    }

    /// The amendments that take force between a month before the first run and the last one, by day.
    pub fn amendments(&self) -> Vec<(&str, &Amendment)> {
        let (from, until) = (self.request.from.add_months(-1), self.runs.last().map(|of_day| of_day.date));
        let within = |day: Day| from < day && until.is_some_and(|until| day <= until);
        let mut amendments: Vec<_> = self.policy.amendments().filter(|(_, amendment)| within(amendment.from)).collect();
        amendments.sort_by_key(|(file, amendment)| (amendment.from, *file));
        amendments
    }

    /// What else a person should look at, as of the first run.
    pub fn attention(&self) -> Vec<attention::Attention> {
        attention::of(&self.extract.rows, &self.first, &self.extract.codes, self.extract.faults)
    }
}

/// The policy of each run, on its day, and whether an amendment has taken force since the one before.
fn runs(policy: &Policy, request: Request) -> Result<(Vec<DayPolicy>, Vec<bool>), Failure> {
    let mut days = RunDays::after(policy, policy.on(request.from));
    let mut runs = vec![days.of_day.clone()];
    let mut changes = vec![false];
    while runs.len() < request.months {
        let Some(change) = days.advance() else {
            return Err(Failure::refused("the calendar ends before the last of these runs; ask for fewer --months"));
        };
        runs.push(days.of_day.clone());
        changes.push(change);
    }
    Ok((runs, changes))
}

/// What the threads need to know.
#[derive(Clone, Copy)]
struct Walking<'a> {
    extract: &'a Extract,
    schedule: &'a Schedule,
    /// The plugins' rules for each run, where there are plugins.
    extra: Option<&'a [&'a dyn lapse_engine::ExtraRules]>,
    request: Request,
    days: &'a [Day],
}

/// What one thread counts, and works in.
struct Worker {
    counter: Counter,
    first: Tally,
    room: WalkRoom,
}

impl Walking<'_> {
    fn all(&self, categories: &Categories) -> Result<(Counter, Tally, Vec<Letter>), ExtraError> {
        let extract = self.extract;
        let assumption = self.request.assumed.map(|Assumed { percent, seed }| Assumption {
            share: percent / 100.0,
            seed,
            sources: (0..extract.codes.sources.len()).map(lapse_engine::SourceId::new).collect(),
        });
        let new_counter = || Counter::new(self.days.len(), extract.codes.libraries.len(), categories.len());
        let new_worker = || Worker { counter: new_counter(), first: Tally::default(), room: WalkRoom::default() };
        let work = |worker: &mut Worker, batch: usize| {
            let Worker { counter, first, room } = worker;
            let mut letters = Vec::new();
            let indexes = batch * BATCH..extract.len().min((batch + 1) * BATCH);
            let mut take = |index: usize, patron: &Patron<'_>, span: &Span<'_>, archived: &mut Vec<LibraryId>| {
                counter.add(span, categories, self.days, archived);
                if span.runs.start == 0 {
                    first.add(patron, span.decisions);
                }
                self.letters(index, span, &mut letters);
            };
            let Some(extra) = self.extra else {
                let mut archived = Vec::new();
                for index in indexes {
                    let patron = extract.patron(index);
                    archived.clear();
                    let assumption = assumption.as_ref().map(|all| (all, number(extract.ids.get(index))));
                    walk(&patron, self.schedule, assumption, room, |span| {
                        take(index, &patron, span, &mut archived);
                    });
                }
                return Ok::<_, ExtraError>(letters);
            };
            let first = indexes.start;
            let numbers: Vec<u64> = indexes.clone().map(|index| number(extract.ids.get(index))).collect();
            let patrons: Vec<Patron<'_>> = indexes.map(|index| extract.patron(index)).collect();
            let assumption = assumption.as_ref().map(|all| (all, &*numbers));
            let mut archived = vec![Vec::new(); patrons.len()];
            walk_batch(first, &patrons, self.schedule, extra, assumption, |index, span| {
                take(first + index, &patrons[index], span, &mut archived[index]);
            })?;
            Ok(letters)
        };
        let batches = extract.len().div_ceil(BATCH);
        let (workers, letters) = in_batches(self.request.threads, batches, new_worker, work)?;
        let (mut counter, mut first) = (new_counter(), Tally::default());
        for worker in workers {
            counter.add_all(&worker.counter);
            first.add_all(&worker.first);
        }
        Ok((counter, first, letters.concat()))
    }

    /// Adds a letter for each membership that one of the runs deregisters within the time for letters.
    fn letters(&self, patron: usize, span: &Span<'_>, letters: &mut Vec<Letter>) {
        if span.runs.start >= self.request.letters.unwrap_or(0) {
            return;
        }
        for (membership, decided) in span.memberships.iter().zip(&span.decisions.memberships) {
            if decided.outcome == MembershipOutcome::Deregistered {
                letters.push(Letter {
                    patron,
                    library: membership.library,
                    subscription: membership.subscription,
                    on: self.days[span.runs.start],
                    last_activity: decided.last_activity,
                });
            }
        }
    }
}

/// The number by which an assumption knows a patron: of the id alone (FNV-1a), so that neither the order of the tables nor
/// the number of threads matters.
fn number(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
