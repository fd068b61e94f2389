//! What most commands need first: the policies, the day, the number of threads.

use std::io::ErrorKind;
use std::path::Path;

use chrono::Local;
use lapse_host::{Loading, Plugins};
use lapse_policy::{Day, LoadError, Loaded, Policy};

use crate::cli::{DateArgs, PolicyArgs, ThreadArgs, TrustedPluginArgs};
use crate::refusal::Refusal;
use crate::{Failure, terminal};

/// Loads the policies, which must be without errors. The number of warnings is printed on standard error.
pub fn policy(args: &PolicyArgs) -> Result<Policy, Failure> {
    let loaded = files(&args.policies)?;
    let Some(policy) = loaded.policy else {
        let number = loaded.diagnostics.errors();
        return Err(Refusal::PolicyErrors { policies: args.policies.clone(), number }.into());
    };
    let warnings = loaded.diagnostics.warnings() as u64;
    if warnings > 0 {
        let dir = args.policies.display();
        let warnings = terminal::count(warnings, "warning", "warnings");
        terminal::warn(&format!("the policies in {dir} have {warnings}; `lapse check --policies {dir}` shows them"));
    }
    Ok(policy)
}

/// Reads the files of a policy directory. Where there are none, the error says how to name them and how to begin some.
pub fn files(dir: &Path) -> Result<Loaded, Failure> {
    Policy::load(dir).map_err(|error| match &error {
        LoadError::Directory { source, .. } | LoadError::Consortium { source, .. }
            if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            Refusal::NoPolicies { error }.into()
        }
        LoadError::Directory { .. } | LoadError::Consortium { .. } | LoadError::Twice { .. } => error.into(),
    })
}

/// The plugins of a policy, for a command that runs their code only where the person who types it says so: it may be asked of
/// a change that brings a plugin and its pin along.
pub fn trusted_plugins(policy: &Policy, args: &TrustedPluginArgs) -> Result<Plugins, Failure> {
    if !args.trusted
        && let Some(plugin) = policy.plugins().into_iter().next()
    {
        return Err(Refusal::PluginsNotTrusted { plugin: plugin.name }.into());
    }
    Ok(Plugins::load(policy, &args.plugins.plugin_dir, &Loading::with_this_program(1))?)
}

/// The day that was asked for, or the first of this month.
pub fn day(args: &DateArgs) -> Day {
    args.date.unwrap_or_else(|| {
        let today = today();
        Day::new(today.year(), today.month(), 1).expect("every month has a first day")
    })
}

/// Today, by the clock of this computer.
pub fn today() -> Day {
    Day::try_from(Local::now().date_naive()).expect("the clock is before the year 10000")
}

/// Warns where `day` is not a day of the customer run.
pub fn announce_other_day(day: Day, run_day: u32) {
    if day.day_of_month() != run_day {
        terminal::warn(&format!(
            "{day} is not a day of the customer run, which is on day {run_day} of each month: this shows what would happen"
        ));
    }
}

/// The number of threads that was asked for, or one for each processor.
pub fn threads(args: &ThreadArgs) -> usize {
    match args.threads {
        Some(threads) => threads.into(),
        None => all_processors(),
    }
}

/// Who runs this command, and where: what leases and logs name.
pub fn who() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = named("LOGNAME").or_else(|| named("USER")).or_else(user_of_system);
    let user = user.unwrap_or_else(|| "somebody".to_owned());
    lapse_register::who_runs_this(&user)
}

/// The name of the user whose process this is, as the system has it: programs that start at a time have no other.
fn user_of_system() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    let id = ids.split_whitespace().next()?;
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let of_user = users.lines().find(|line| line.split(':').nth(2) == Some(id));
    Some(of_user.map_or_else(|| format!("user {id}"), |line| line.split(':').next().unwrap_or(id).to_owned()))
}

/// One thread for each processor.
pub fn all_processors() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}
