//! The steps in which a plugin is tried out, in the process that may crash: it is loaded, made with good and bad configs,
//! and asked about made-up patrons of a made-up consortium.

use std::io;
use std::path::Path;
use std::time::Duration;

use lapse_engine::{Batch, Codes, ExtraRules, ExtraVerdict, Patron, Rules, Silent, customer_run};
use lapse_policy::{Day, PluginTable};

use crate::binary::Binary;
use crate::host::Host;
use crate::library::PluginLibrary;
use crate::load_error::PluginError;
use crate::loading::Loading;
use crate::made_up::{MadeUp, MadeUpFacts};
use crate::made_up_policy::{day, policy};
use crate::protocol::Progress;
use crate::rules::HostRules;
use crate::spec::{Column, Grants, PluginSpec};
use crate::step_error::StepError;

/// How many patrons the largest batch has.
const MANY: usize = 10_000;
/// How many threads call at once.
const THREADS: usize = 4;
/// The day of most runs.
const RUN: &str = "2022-07-01";

/// Tells the host how it goes.
type Tell<'a> = dyn FnMut(&Progress) -> io::Result<()> + 'a;

/// Tries everything; gives up at the first step without which the others mean nothing.
pub(crate) fn run(file: &Path, config: &str, columns: &[String], tell: &mut Tell<'_>) -> io::Result<()> {
    let binary = Binary::read(file);
    let mut trial = Trial { tell };
    let library = trial.step("loads and describes itself", || {
        let binary = binary.as_ref().map_err(|error| StepError::Unreadable(error.to_string().into()))?;
        binary.check_links()?;
        Ok(PluginLibrary::open(&binary.path())?)
    })?;
    let (Some(library), Ok(binary)) = (library, &binary) else { return Ok(()) };
    (trial.tell)(&Progress::Described(library.description.clone()))?;
    let asked = trial.step("reads its columns", || asked(columns))?;
    let Some(asked) = asked else { return Ok(()) };
    let spec = PluginSpec {
        name: library.description.name.clone(),
        file: file.to_owned(),
        sha256: Some(binary.sha256().to_owned()),
        grants: Grants { keep_membership: true, keep_record: true, deregister: true },
        config: config.to_owned(),
        columns: asked,
        timeout: Duration::MAX,
        isolated: false,
        scope: vec![true; 2],
    };
    let loading = Loading::with_this_program(THREADS);
    let host = trial.step("makes an instance from its config", || {
        Host::load(vec![spec], &loading).map_err(|errors| {
            StepError::Unusable(errors.iter().map(|PluginError { why, .. }| why.to_string().into()).collect())
        })
    })?;
    trial.configs(&library, columns)?;
    let Some(host) = host else { return Ok(()) };
    trial.batches(&host)?;
    trial.step("ends its instances", || {
        drop(host);
        Ok(())
    })?;
    Ok(())
}

struct Trial<'a> {
    tell: &'a mut Tell<'a>,
}

impl Trial<'_> {
    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, StepError>) -> io::Result<Option<T>> {
        (self.tell)(&Progress::Begins(name.into()))?;
        match work() {
            Ok(done) => {
                (self.tell)(&Progress::Passed)?;
                Ok(Some(done))
            }
            Err(why) => {
                (self.tell)(&Progress::Failed(why))?;
                Ok(None)
            }
        }
    }

    fn configs(&mut self, library: &PluginLibrary, columns: &[String]) -> io::Result<()> {
        self.step("refuses a config with a key that it cannot know", || {
            match library.create("{\"no-such-key-anywhere\":1}", columns) {
                Ok(_) => Err(StepError::AcceptsUnknownKey),
                Err(_) => Ok(()),
            }
        })?;
        self.step("survives a config that is not a table", || {
            for config in ["", "null", "[]", "{", "\"\u{0}\u{e9}\"", &"[".repeat(10_000)] {
                // It may refuse it or make something of it.
                drop(library.create(config, columns));
            }
            Ok(())
        })?;
        self.step("survives columns that it did not ask for", || {
            drop(library.create("{}", &["patrons.one".into(), "accounts.two".into()]));
            Ok(())
        })?;
        Ok(())
    }

    fn batches(&mut self, host: &Host) -> io::Result<()> {
        let lapsed = day("2019-03-01");
        let many: Vec<MadeUp> = (0..MANY).map(MadeUp::any).collect();
        let nothing = MadeUp { memberships: Vec::new(), accounts: Vec::new(), ..MadeUp::any(0) };
        let only_account = MadeUp { memberships: Vec::new(), ..MadeUp::any(0) };
        let bare = MadeUp { id: String::new(), cell: String::new(), birth_date: None, ..MadeUp::any(1) };
        let long = MadeUp { id: "\u{e9}".repeat(5000), cell: "9".repeat(100_000), ..MadeUp::any(2) };
        self.step("no patrons", || judge(host, RUN, &[]).map(drop))?;
        self.step("one patron", || judge(host, RUN, &[MadeUp::at(lapsed, None)]).map(drop))?;
        self.step("patrons without memberships", || judge(host, RUN, &[nothing, only_account]).map(drop))?;
        self.step("empty and very long texts", || judge(host, RUN, &[bare, long]).map(drop))?;
        self.step("dates at the ends of the calendar", || {
            let patrons = [
                MadeUp::at(Day::MIN, Some(Day::MAX)),
                MadeUp::at(Day::MAX, None),
                MadeUp::at(Day::MIN, Some(Day::MIN)),
            ];
            for run in ["0001-01-01", RUN, "9999-12-31"] {
                judge(host, run, &patrons)?;
            }
            Ok(())
        })?;
        let first = self.step("10,000 patrons", || judge(host, RUN, &many))?;
        let Some(first) = first else { return Ok(()) };
        let same = |again: &[ExtraVerdict]| {
            if again == first { Ok(()) } else { Err(StepError::OtherVerdicts) }
        };
        self.step("the same batch twice gives the same verdicts", || same(&judge(host, RUN, &many)?))?;
        if host.plugins.iter().all(|plugin| plugin.pool.allows(THREADS)) {
            self.step("calls from four threads give the same verdicts", || {
                std::thread::scope(|scope| {
                    let calls: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| judge(host, RUN, &many))).collect();
                    calls.into_iter().try_for_each(|call| same(&call.join().unwrap_or(Err(StepError::Panicked))?))
                })
            })?;
        }
        Ok(())
    }
}

/// The columns as the policy would have them.
fn asked(columns: &[String]) -> Result<Vec<Column>, StepError> {
    let read = |(number, column): (usize, &String)| {
        let (table, name) = column.split_once('.')?;
        Some(Column { table: PluginTable::from_word(table)?, name: name.to_owned(), number })
    };
    let asked: Option<Vec<Column>> = columns.iter().enumerate().map(read).collect();
    asked.ok_or(StepError::ColumnUnknown)
}

/// Has the plugin judge patrons in a run on a day.
fn judge(host: &Host, run: &str, made_up: &[MadeUp]) -> Result<Vec<ExtraVerdict>, StepError> {
    let of_day = policy(day(run));
    let mut codes = Codes::of(&of_day);
    codes.libraries.intern("nowhere");
    codes.subscriptions.intern("unknown");
    for blocks in ["general", "general|internet"] {
        codes.blocks.intern(blocks);
    }
    let rules = Rules::new(&of_day, &codes);
    let patrons: Vec<Patron<'_>> = made_up.iter().map(MadeUp::patron).collect();
    let mut decided = Vec::new();
    for patron in &patrons {
        customer_run::decide(patron, &rules, &mut decided, &mut Silent);
    }
    let facts = MadeUpFacts(made_up);
    let mut verdicts = Vec::new();
    let batch = Batch { first: 0, patrons: &patrons, decided: &decided };
    HostRules::new(host, &of_day, &codes, &facts)
        .judge(&batch, &mut verdicts)
        .map_err(|error| StepError::NotJudged(error.to_string().into()))?;
    Ok(verdicts)
}
