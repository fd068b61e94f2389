//! Carries a plan out, batch by batch, each in one transaction with its log and with how far the plan is, so that an apply that
//! is stopped at any moment goes on where it stopped. `batch` does one batch, `act` one action, `together` those of all
//! patrons of a batch, `outside` hands actions to other
//! programs and settles what became of them.

mod act;
mod batch;
mod outside;
mod together;

use std::collections::BTreeMap;
use std::time::Duration;

use lapse_engine::guards::{Consent, ConsentAt, Guard};
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::Known;

pub(crate) use act::{Refusal, do_all, values_from_text};
use batch::Batches;
pub use outside::{Settled, settle};

use crate::actions::ActionKind;
use crate::apply_error::ApplyError;
use crate::database::{Statement, Transaction, Value, Values};
use crate::journal::{Lease, Log, Pass, RunRow, Runs, days_between, now, secret};
use crate::opened::Database;
use crate::plan::{PlanFile, PlanTrip, Planned, PlannedPatron, Waiting, waiting};

/// How a plan is applied.
pub struct Applying<'a> {
    /// The plan.
    pub plan: &'a PlanFile,
    /// The policy in use now.
    pub policy: &'a Policy,
    /// The policy on the day of the plan's run.
    pub of_day: &'a DayPolicy,
    /// What a person answered for.
    pub consents: &'a [Consent],
    /// Whether what cannot be undone may be done.
    pub irreversible: bool,
    /// How many patrons are in a batch.
    pub batch: usize,
    /// How long to wait between batches.
    pub pause: Duration,
    /// Who runs the command, and where.
    pub who: &'a str,
    /// Whether to go on; asked after each batch.
    pub goes_on: &'a dyn Fn() -> bool,
    /// Gets to know how many patrons of the plan are done with.
    pub told: &'a dyn Fn(u64),
}

/// Somebody about whom not everything was done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The patron.
    pub patron: String,
    /// The libraries that it was about.
    pub libraries: Vec<String>,
    /// What was to be done.
    pub action: String,
    /// Why it was not.
    pub why: String,
}

/// What came of applying a plan.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The number of the run.
    pub run: u64,
    /// What was done now, by kind of action.
    pub done: BTreeMap<String, u64>,
    /// What was handed to other programs now, and not heard of yet.
    pub handed_over: BTreeMap<String, u64>,
    /// Of how many actions a program of the site gave no answer.
    pub unanswered: u64,
    /// How many actions an apply that was stopped was about to hand over, so that nobody knows whether it did.
    pub unheard: u64,
    /// What answers for the guards that still hold something, as it is typed.
    pub asked: Vec<String>,
    /// The patrons who are not as the plan had them.
    pub skipped: Vec<LeftOut>,
    /// What the database did not do.
    pub refused: Vec<LeftOut>,
    /// How many actions wait for consent.
    pub waiting: u64,
    /// How many actions cannot be undone, and were left for `--irreversible`.
    pub irreversible_left: u64,
    /// Whether something was done that can be undone.
    pub can_be_undone: bool,
    /// Whether it was stopped before the end.
    pub stopped: bool,
    /// The hash of the last batch of the log.
    pub log_head: String,
}

/// What is due: it does not wait, and may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    waiting: Waiting,
    irreversible: bool,
}

impl Due {
    fn holds(&self, database: &Database, planned: &Planned) -> bool {
        let allowed = |kind: ActionKind| self.irreversible || !database.register.is_irreversible(kind);
        !self.waiting.holds(planned) && planned.kind().is_some_and(allowed)
    }
}

impl Applying<'_> {
    /// Applies the plan, or goes on with it.
    pub fn apply(&self, database: &Database) -> Result<Applied, ApplyError> {
        self.check(database)?;
        let prefix = database.register.prefix();
        let lease = Lease::take(&mut **database.shared.get(), &prefix, self.who)?;
        let applied = self.under(database, &lease);
        // An error of the apply says more than one of giving back.
        let given_back = lease.give_back(&mut **database.shared.get());
        let applied = applied?;
        given_back?;
        Ok(applied)
    }

    /// Refuses a plan that is not of this policy, register and database, or that is too old.
    fn check(&self, database: &Database) -> Result<(), ApplyError> {
        let PlanFile { head, .. } = self.plan;
        let identity = database.identity()?;
        if head.policy != self.policy.fingerprint() {
            let policy = self.policy.fingerprint().to_owned();
            return Err(ApplyError::OtherPolicy { plan: head.policy.clone(), policy });
        }
        let prefix = database.register.prefix();
        if head.identity != identity {
            return Err(ApplyError::OtherPlace { plan: head.database.clone() });
        }
        if !(Log { prefix: &prefix }).has(&mut **database.shared.get(), &head.log_head)? {
            return Err(ApplyError::LogCutOff { place: database.register.address.clone() });
        }
        if head.register_fingerprint != database.register.fingerprint {
            return Err(ApplyError::OtherRegister);
        }
        let limit = database.register.max_plan_age_days;
        match days_between(&head.planned_at, &now()) {
            Some(days) if days <= i64::from(limit) => Ok(()),
            days => Err(ApplyError::OldPlan { days: days.unwrap_or(i64::MAX), limit }),
        }
    }

    /// What the first batch would do: each statement, and below it the values of its names.
    pub fn dry_run(&self, database: &Database) -> Result<String, ApplyError> {
        self.check(database)?;
        let due = self.due(&self.next_pass(None, 1));
        let mut text = String::new();
        for patron in self.plan.patrons(0)?.take(self.batch) {
            let patron = patron?;
            for planned in patron.actions.iter().filter(|planned| due.holds(database, planned)) {
                let action = planned.kind().and_then(|kind| database.register.actions.get(&kind));
                if let Some(action) = action {
                    text.push_str(&act::shown(action, &act::values_of(&patron, planned, 0, &self.plan.head.run, 0)));
                }
            }
        }
        Ok(text)
    }

    fn under(&self, database: &Database, lease: &Lease) -> Result<Applied, ApplyError> {
        let (run, passes) = self.run(database, lease)?;
        let mut applied = Applied { run: run.run, ..Applied::default() };
        let mut before = None;
        for pass in &passes {
            let due = self.due(pass);
            if !pass.ended {
                self.pass(database, lease, &run, pass.clone(), (before.as_ref(), &due), &mut applied)?;
            }
            before = Some(due);
        }
        let last = passes.last().map_or(0, |pass| pass.number);
        let next = self.next_pass(passes.last(), last + 1);
        let next_consents = next.consents.clone();
        let due = self.due(&next);
        if !applied.stopped && before.as_ref() != Some(&due) {
            let prefix = database.register.prefix();
            in_transaction(database, lease, || {
                Ok(Runs { prefix: &prefix }.begin_pass(&mut **database.shared.get(), run.run, &next)?)
            })?;
            self.pass(database, lease, &run, next, (before.as_ref(), &due), &mut applied)?;
        } else if !applied.stopped && passes.iter().all(|pass| pass.ended) {
            // Nothing new was allowed, and nothing was left of what was.
            self.count_left(database, &due, &mut applied)?;
            if applied.waiting == 0 && applied.irreversible_left == 0 {
                return Err(ApplyError::Applied { run: run.run });
            }
        }
        if !applied.stopped {
            applied.waiting = 0;
            applied.irreversible_left = 0;
            self.count_left(database, &due, &mut applied)?;
        }
        let can = |kind: &String| ActionKind::named(kind).is_some_and(|kind| !database.register.is_irreversible(kind));
        applied.can_be_undone = applied.done.keys().chain(applied.handed_over.keys()).any(can);
        let consents: Vec<Consent> = next_consents.iter().map(|text| read(text)).collect();
        let open = self.plan.end.guards.iter().filter(|trip| !trip.is_answered(&consents));
        applied.asked = open.map(PlanTrip::consent).collect();
        let prefix = database.register.prefix();
        let unheard =
            format!("select count(*) as number from {prefix}lapse_before where run = $run and settled is null");
        let values = Values::from([("run".to_owned(), run.run.into())]);
        let found = database.shared.get().query(&Statement::parse(&unheard), &values)?;
        applied.unheard = found.first().and_then(|number| number.parse().ok()).unwrap_or_default();
        applied.log_head = Log { prefix: &prefix }.head(&mut **database.shared.get())?.hash;
        Ok(applied)
    }

    /// What is left of the plan when a pass has ended.
    fn count_left(&self, database: &Database, due: &Due, applied: &mut Applied) -> Result<(), ApplyError> {
        let everything = Due { waiting: Waiting::default(), irreversible: true };
        if *due == everything {
            return Ok(());
        }
        for patron in self.plan.patrons(0)? {
            for planned in &patron?.actions {
                if due.waiting.holds(planned) {
                    applied.waiting += 1;
                } else if !due.holds(database, planned) {
                    applied.irreversible_left += 1;
                }
            }
        }
        Ok(())
    }

    /// The run of the plan, which is begun where it was not yet, and its passes so far.
    fn run(&self, database: &Database, lease: &Lease) -> Result<(RunRow, Vec<Pass>), ApplyError> {
        let prefix = database.register.prefix();
        let runs = Runs { prefix: &prefix };
        let begun = runs.by_plan(&mut **database.shared.get(), &self.plan.hash)?;
        if let Some(run) = begun {
            if let Some(at) = run.undone {
                return Err(ApplyError::WasUndone { run: run.run, at });
            }
            if let Some(at) = run.purged {
                return Err(ApplyError::WasPurged { run: run.run, at });
            }
            let passes = runs.passes(&mut **database.shared.get(), run.run)?;
            return Ok((run, passes));
        }
        let head = &self.plan.head;
        let texts = [
            ("plan", self.plan.hash.clone()),
            ("run_date", head.run.clone()),
            ("policy", head.policy.clone()),
            ("register", head.register_fingerprint.clone()),
            ("planned_at", head.planned_at.clone()),
            ("began", now()),
            ("secret", secret().map_err(ApplyError::NoRandom)?),
            ("summary", self.plan.end.summary.to_string()),
        ];
        let values: Values = texts.into_iter().map(|(name, text)| (name.to_owned(), Value::Text(text))).collect();
        let number = in_transaction(database, lease, || Ok(runs.add(&mut **database.shared.get(), &values)?))?;
        let run = runs.by_number(&mut **database.shared.get(), number)?.ok_or(ApplyError::NoRun { run: number })?;
        Ok((run, Vec::new()))
    }

    /// The pass that these consents ask for, beside those of the pass before.
    fn next_pass(&self, last: Option<&Pass>, number: u64) -> Pass {
        let mut consents = last.map(|pass| pass.consents.clone()).unwrap_or_default();
        for consent in self.consents.iter().map(written) {
            if !consents.contains(&consent) {
                consents.push(consent);
            }
        }
        let irreversible = self.irreversible || last.is_some_and(|pass| pass.irreversible);
        Pass { number, consents, irreversible, position: 0, ended: false }
    }

    /// What is due under the consents of a pass.
    fn due(&self, pass: &Pass) -> Due {
        let consents: Vec<Consent> = pass.consents.iter().map(|text| read(text)).collect();
        Due { waiting: waiting(&self.plan.end.guards, &consents), irreversible: pass.irreversible }
    }

    /// The consents that let an action be done, as they are typed; none where no guard was in its way.
    pub(crate) fn consent_to(&self, planned: &Planned, pass: &Pass) -> Option<String> {
        let in_its_way = |trip: &&PlanTrip| waiting(std::slice::from_ref(*trip), &[]).holds(planned);
        let trips: Vec<&PlanTrip> = self.plan.end.guards.iter().filter(in_its_way).collect();
        let trips = trips.iter();
        trips.clone().next()?;
        let typed = |text: &String| text.trim_end().replace('\t', ":");
        let answers = |text: &&String| trips.clone().any(|trip| trip.is_answered(&[read(text)]));
        Some(pass.consents.iter().filter(answers).map(typed).collect::<Vec<_>>().join(" "))
    }

    /// Does a pass, or what is left of it.
    fn pass(
        &self,
        database: &Database,
        lease: &Lease,
        run: &RunRow,
        mut pass: Pass,
        (before, due): (Option<&Due>, &Due),
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        // From now on what it does can be undone.
        in_transaction(database, lease, || {
            let prefix = database.register.prefix();
            Ok(Runs { prefix: &prefix }.mark(&mut **database.shared.get(), run.run, "began", &now())?)
        })?;
        let known = Known::by(self.of_day);
        let batches = Batches { applying: self, database, lease, run, known: &known, is_later: before.is_some() };
        let is_due = |planned: &Planned| {
            due.holds(database, planned) && before.is_none_or(|before| !before.holds(database, planned))
        };
        let mut patrons = self.plan.patrons(pass.position)?;
        let mut at_end = false;
        while !at_end {
            let mut batch: Vec<PlannedPatron> = Vec::new();
            let mut position = pass.position;
            while batch.len() < self.batch.max(1) {
                let Some(patron) = patrons.next() else {
                    at_end = true;
                    break;
                };
                let mut patron = patron?;
                position += 1;
                // What waits comes back in a later pass, which must know the patron as this one leaves them.
                let all = patron.actions.len();
                patron.actions.retain(is_due);
                if !patron.actions.is_empty() {
                    batch.push(PlannedPatron { number: position, comes_back: patron.actions.len() < all, ..patron });
                }
            }
            pass.position = position;
            pass.ended = at_end;
            batches.carry_out(&batch, &pass, applied)?;
            (self.told)(pass.position);
            if !at_end && !(self.goes_on)() {
                applied.stopped = true;
                return Ok(());
            }
            if !self.pause.is_zero() && !at_end {
                std::thread::sleep(self.pause);
            }
        }
        Ok(())
    }
}

/// Does something in a transaction under the lease.
fn in_transaction<T>(
    database: &Database,
    lease: &Lease,
    work: impl FnOnce() -> Result<T, ApplyError>,
) -> Result<T, ApplyError> {
    database.shared.get().begin(Transaction::Change)?;
    let beaten = lease.beat(&mut **database.shared.get());
    match beaten.and_then(|()| work()) {
        Ok(done) => {
            database.shared.get().commit()?;
            Ok(done)
        }
        Err(error) => {
            database.shared.get().roll_back();
            Err(error)
        }
    }
}

/// A consent as the database keeps it: where, then which guard, behind a character that no code has.
fn written(consent: &Consent) -> String {
    format!("{}\t{}", consent.at.as_str(), consent.guard.map_or("", Guard::as_str))
}

fn read(text: &str) -> Consent {
    let (at, guard) = text.split_once('\t').unwrap_or((text, ""));
    let at = match at {
        "all" => ConsentAt::All,
        "consortium" => ConsentAt::Consortium,
        code => ConsentAt::Library(code.to_owned()),
    };
    Consent { at, guard: Guard::ALL.into_iter().find(|known| known.as_str() == guard) }
}
