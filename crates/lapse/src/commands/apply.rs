//! `lapse apply`: carries a plan out in the database that it was made for, or goes on with it.

use std::time::Duration;

use lapse_engine::guards::Consent;
use lapse_register::{ApplyError, Applying, PlanFile, Purpose, settle};

use super::load;
use crate::cli::ApplyArgs;
use crate::{Done, Failure, data, interrupt, terminal, text};

/// Applies a plan.
pub fn run(args: &ApplyArgs) -> Result<Done, Failure> {
    let who = load::who();
    let Some(path) = args.plan.as_deref().filter(|_| !args.reconcile) else {
        let database = data::database(&args.database.data, Purpose::Act)?;
        let settled = settle(&database, &who)?;
        terminal::result(&text::plan::settled(settled))?;
        return Ok(if settled.unknown > 0 { Done::NeedsAttention } else { Done::Well });
    };
    let plan = PlanFile::open(path)?;
    let policy = load::policy(&args.policy)?;
    let day = plan.head.run.parse().map_err(|_| {
        let problem = "the day of this plan is no day; make a new plan";
        ApplyError::DamagedPlan { path: path.to_owned(), line: 1, problem }
    })?;
    let of_day = policy.on(day);
    let consents = args.consent.iter().map(|text| Consent::parse(text, &of_day)).collect::<Result<Vec<_>, _>>()?;
    let database = data::database(&args.database.data, Purpose::Act)?;
    let goes_on = interrupt::ends_between_batches();
    let told = |patrons: u64| text::plan::progress(patrons, plan.end.with_actions);
    let applying = Applying {
        plan: &plan,
        policy: &policy,
        of_day: &of_day,
        consents: &consents,
        irreversible: args.irreversible,
        batch: args.batch.try_into().unwrap_or(usize::MAX),
        pause: Duration::from_millis(args.pause_ms),
        who: &who,
        goes_on: &goes_on,
        told: &told,
    };
    if args.dry_run {
        terminal::result(&applying.dry_run(&database)?)?;
        return Ok(Done::Well);
    }
    let applied = applying.apply(&database)?;
    terminal::result(&text::plan::applied(&applied, &args.database.data))?;
    Ok(if applied.stopped {
        Done::Interrupted
    } else if applied.waiting > 0 {
        Done::GuardTrips
    } else if !applied.skipped.is_empty()
        || !applied.refused.is_empty()
        || applied.irreversible_left + applied.unanswered + applied.unheard > 0
    {
        Done::NeedsAttention
    } else {
        Done::Well
    })
}
