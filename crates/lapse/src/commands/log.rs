//! `lapse log`: what was done in a database, and whether the log of it is whole.

use lapse_register::{ApplyError, Purpose, Verified};

use crate::cli::{LogArgs, LogCommand};
use crate::{Done, Failure, data, terminal, text};

/// Lists runs or entries, or looks through the whole log.
pub fn run(args: &LogArgs) -> Result<Done, Failure> {
    let data = match (&args.verify, &args.data) {
        (Some(LogCommand::Verify(of)), _) => &of.data,
        (None, Some(data)) => data,
        (None, None) => unreachable!("the command line asks for it"),
    };
    let database = data::database(data, Purpose::Read)?;
    if args.verify.is_some() {
        let verified = database.verify_log()?;
        terminal::result(&text::plan::verified(&verified))?;
        return Ok(if matches!(verified, Verified::Whole { .. }) { Done::Well } else { Done::FoundErrors });
    }
    if args.patron.is_none() && args.run.is_none() {
        terminal::result(&text::plan::status(&database.status()?))?;
        return Ok(Done::Well);
    }
    if let Some(run) =
        args.run.filter(|&run| database.runs_told().is_ok_and(|runs| runs.iter().all(|told| told.run != run)))
    {
        return Err(ApplyError::NoRun { run }.into());
    }
    let mut printed = Ok(());
    let mut found = false;
    database.entries(args.run, args.patron.as_deref(), &mut |entry| {
        found = true;
        printed = terminal::result(&text::plan::entry(&entry));
        printed.is_ok()
    })?;
    printed?;
    if !found {
        return Err(ApplyError::nothing("the log has nothing", args.patron.as_deref(), None).into());
    }
    Ok(Done::Well)
}
