//! The runs to come, one after the other, if nobody does anything. The engine has each patron walk through the runs; `counter`
//! adds up what each run decides, `letters` lists the memberships that will be deregistered, and `json` writes the result.

mod categories;
mod counter;
mod counts;
mod json;
mod letters;

use lapse_engine::forecast::{Assumption, Schedule, Span, WalkRoom, walk, walk_batch};
use lapse_engine::guards::Trip;
use lapse_engine::{Codes, ExtraError, RunDays, SourceId, Tally};
use lapse_host::{Plugins, PluginsOn};
use lapse_policy::{Amendment, Day, DayPolicy, Policy};
use lapse_tables::{AskedColumn, Extras, Known, PatronBatch, Progress, Source, Visit, Work, visit};

use crate::{ChangeError, Summary};
use categories::Categories;
use counter::{Before, Counter};
pub use counts::{Counts, Moment, Month};
pub use letters::Letter;

/// What is asked of a forecast.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The day of the first run.
    pub from: Day,
    /// The number of runs.
    pub months: usize,
    /// Who is assumed to be active again; none where nobody is.
    pub assumed: Option<Assumed>,
    /// The number of runs whose deregistrations are listed, so that letters can be sent; none where nobody asks.
    pub letters: Option<usize>,
    /// The number of threads that work.
    pub threads: usize,
}

/// The assumption that each month some of the active patrons are active again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// How many of a hundred patrons.
    pub percent: f64,
    /// The same seed gives the same patrons.
    pub seed: u64,
}

/// The runs to come.
pub struct Forecast<'a> {
    /// The policy over all days.
    pub policy: &'a Policy,
    /// What was asked of it.
    pub request: Request,
    /// The number of plugins that take part.
    pub plugins: usize,
    /// The values of the policy on the day of each run.
    pub runs: Vec<DayPolicy>,
    /// Every code that the tables use, the policy's first.
    pub codes: Codes,
    /// The counts of what the runs decide.
    pub counts: Counts,
    /// What the first run comes to.
    pub first_run: Summary,
    /// The guards that trip in the first run, a table without a row among them: what follows rests on the same extract.
    pub trips: Vec<Trip>,
    /// The memberships that will be deregistered, by library, day and patron; none unless letters are asked for.
    pub letters: Vec<Letter>,
}

impl<'a> Forecast<'a> {
    /// Has every patron of a source walk through the runs.
    pub fn of(
        source: &dyn Source,
        policy: &'a Policy,
        plugins: &Plugins,
        request: Request,
        progress: &Progress,
    ) -> Result<Forecast<'a>, ChangeError> {
        let (runs, changes) = runs(policy, request)?;
        let others = runs.iter().zip(&changes).filter(|(_, change)| **change).map(|(of_day, _)| of_day);
        let known = Known::by(&runs[0]).with_codes_of(others);
        let base = known.codes();
        let work = Walking {
            schedule: Schedule::new(runs.iter().zip(changes.iter().copied()), base),
            categories: Categories::of(&runs, &changes, base),
            days: runs.iter().map(|of_day| of_day.date).collect(),
            on: runs.iter().map(|of_day| plugins.on(of_day)).collect(),
            columns: &plugins.columns,
            letters: request.letters.unwrap_or(0),
            assumption: request.assumed.map(|Assumed { percent, seed }| Assumption {
                share: percent / 100.0,
                seed,
                sources: (0..base.sources.len()).map(SourceId::new).collect(),
            }),
        };
        let Visit { seen, workers } = visit(source, &known, request.threads, progress, &work)?;
        let mut counter = Counter::new(runs.len(), work.categories.len());
        let (mut first, mut letters) = (Tally::default(), Vec::new());
        for (worker, to) in workers {
            counter.add_all_as(&worker.counter, |code| to.library(code));
            first.add_all_as(
                &worker.first,
                |code| to.library(code),
                |code| to.subscription(code),
                |code| to.source(code),
            );
            letters.extend(worker.letters.into_iter().map(|(place, letter)| (place, letter.renumbered(&to))));
        }
        let letters = letters::in_order(letters, &seen.codes);
        let counts = counter.into_counts(&work.categories, &seen.codes, runs[0].libraries.len());
        drop(work);
        let plugins = plugins.named.len();
        let first_run = Summary::of(policy, request.from, &seen, &first).with_tables(source)?;
        let trips = first_run.trips(&runs[0]);
        Ok(Forecast { policy, request, plugins, runs, codes: seen.codes, counts, first_run, trips, letters })
    }

    /// What is assumed of the patrons, as the beginning of what follows from it.
    pub fn premise(&self) -> String {
        let premise = match self.request.assumed {
            None => "If nobody does anything".to_owned(),
            Some(Assumed { percent, seed }) => {
                format!("If {percent}% of the active patrons are active again each month (seed {seed})")
            }
        };
        match self.plugins {
            0 => premise + ":",
            1 => premise + ", and by what 1 plugin says in each run:",
            plugins => format!("{premise}, and by what {plugins} plugins say in each run:"),
        }
    }

    /// The amendments that take force between a month before the first run and the last one, by day.
    pub fn amendments(&self) -> Vec<(&str, &Amendment)> {
        let (from, until) = (self.request.from.add_months(-1), self.runs.last().map(|of_day| of_day.date));
        let within = |day: Day| from < day && until.is_some_and(|until| day <= until);
        let mut amendments: Vec<_> = self.policy.amendments().filter(|(_, amendment)| within(amendment.from)).collect();
        amendments.sort_by_key(|(file, amendment)| (amendment.from, *file));
        amendments
    }
}

/// The policy of each run, on its day, and whether an amendment has taken force since the one before.
fn runs(policy: &Policy, request: Request) -> Result<(Vec<DayPolicy>, Vec<bool>), ChangeError> {
    let mut days = RunDays::after(policy, policy.on(request.from));
    let mut runs = vec![days.of_day.clone()];
    let mut changes = vec![false];
    while runs.len() < request.months {
        let Some(change) = days.advance() else {
            return Err(ChangeError::CalendarEnds);
        };
        runs.push(days.of_day.clone());
        changes.push(change);
    }
    Ok((runs, changes))
}

/// The work: each patron walks through the runs.
struct Walking<'a> {
    schedule: Schedule,
    categories: Categories,
    days: Vec<Day>,
    /// The plugins of each run; none where there are no plugins.
    on: Option<Vec<PluginsOn<'a>>>,
    columns: &'a [AskedColumn],
    /// The number of runs whose deregistrations are listed.
    letters: usize,
    assumption: Option<Assumption>,
}

/// What one thread needs for the walk, and what it has counted.
struct Worker {
    schedule: Schedule,
    counter: Counter,
    first: Tally,
    room: WalkRoom,
    /// Letters, each with the place of its batch.
    letters: Vec<((usize, usize), Letter)>,
}

impl Work for Walking<'_> {
    type Worker = Worker;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        self.columns
    }

    fn new_worker(&self, _: &Codes) -> Worker {
        Worker {
            schedule: self.schedule.clone(),
            counter: Counter::new(self.days.len(), self.categories.len()),
            first: Tally::default(),
            room: WalkRoom::default(),
            letters: Vec::new(),
        }
    }

    fn work(&self, worker: &mut Worker, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        let Worker { schedule, counter, first, room, letters } = worker;
        schedule.learn_blocks(batch.codes);
        let mut take = |index: usize, span: &Span<'_>, before: &mut Before| {
            counter.add(span, &self.categories, before);
            if span.runs.start == 0 {
                first.add(&batch.patrons[index], span.decisions);
            }
            if span.runs.start < self.letters {
                let id = batch.facts.id(batch.first + index);
                letters::find(id, self.days[span.runs.start], span, |letter| letters.push((batch.place, letter)));
            }
        };
        let number = |index: usize| number(batch.facts.id(batch.first + index));
        let Some(on) = &self.on else {
            let mut before = Before::default();
            for (index, patron) in batch.patrons.iter().enumerate() {
                before.clear();
                let assumption = self.assumption.as_ref().map(|all| (all, number(index)));
                walk(patron, schedule, assumption, room, |span| take(index, span, &mut before));
            }
            return Ok(());
        };
        let extra: Vec<_> = on.iter().map(|on| on.rules(batch.codes, batch.facts)).collect();
        let extra: Vec<_> = extra.iter().map(|rules| &**rules).collect();
        let numbers: Vec<u64> = (0..batch.patrons.len()).map(number).collect();
        let assumption = self.assumption.as_ref().map(|all| (all, &*numbers));
        let mut before = vec![Before::default(); batch.patrons.len()];
        walk_batch(batch.first, batch.patrons, schedule, &extra, assumption, |index, span| {
            take(index, span, &mut before[index]);
        })
    }
}

/// The number by which an assumption knows a patron. It depends on the id alone (FNV-1a), so that neither the order of the
/// tables nor the number of threads matters.
fn number(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
