//! The edge cases on which a plugin is tried out, in this process: made-up patrons of a made-up consortium.

use std::io;
use std::path::Path;
use std::time::Duration;

use lapse_engine::{
    Account, Batch, Codes, ExtraRules, ExtraVerdict, LibraryId, Membership, Patron, Rules, Silent, Status,
    SubscriptionId, customer_run,
};
use lapse_policy::{
    Activity, Cleanup, Consortium, Day, DayPolicy, Fee, Group, GroupKind, Guards, Holder, Library, Origin, PluginTable,
    Renewal, Retention, Scope, Settings, Sourced, Subscription,
};
use lapse_tables::PatronFacts;

use crate::binary::Binary;
use crate::conformance::Told;
use crate::host::{Host, Loading};
use crate::loaded::Loaded;
use crate::spec::{Column, Grants, HostError, PluginSpec};

/// So many patrons are many.
const MANY: usize = 10_000;
/// So many threads are several.
const THREADS: usize = 4;
const RUN: &str = "2022-07-01";

type Tell<'a> = dyn FnMut(&Told) -> io::Result<()> + 'a;

/// Tries everything; gives up at the first step without which the others mean nothing.
pub(crate) fn run(file: &Path, config: &str, columns: &[String], tell: &mut Tell<'_>) -> io::Result<()> {
    let mut trial = Trial { tell };
    let binary = Binary::read(file);
    let loaded = trial.step("loads and describes itself", || {
        let binary = binary.as_ref().map_err(|error| format!("the file cannot be read ({error})"))?;
        Loaded::open(&binary.path())
    })?;
    let (Some(loaded), Ok(binary)) = (loaded, &binary) else { return Ok(()) };
    (trial.tell)(&Told::Described(loaded.description.clone()))?;
    let asked = trial.step("reads its columns", || asked(columns))?;
    let Some(asked) = asked else { return Ok(()) };
    let spec = PluginSpec {
        name: loaded.description.name.clone(),
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
            let sentences: Vec<String> = errors.into_iter().map(|HostError { sentence, .. }| sentence).collect();
            sentences.join("; ")
        })
    })?;
    trial.configs(&loaded, columns)?;
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
    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, String>) -> io::Result<Option<T>> {
        (self.tell)(&Told::Begins(name.to_owned()))?;
        match work() {
            Ok(done) => {
                (self.tell)(&Told::Passed)?;
                Ok(Some(done))
            }
            Err(why) => {
                (self.tell)(&Told::Failed(why))?;
                Ok(None)
            }
        }
    }

    fn configs(&mut self, loaded: &Loaded, columns: &[String]) -> io::Result<()> {
        self.step("refuses a config with a key that it cannot know", || {
            match loaded.create("{\"no-such-key-anywhere\":1}", columns) {
                Ok(_) => Err("it accepts one, so that a misspelt key would go unnoticed".into()),
                Err(_) => Ok(()),
            }
        })?;
        self.step("survives a config that is no table", || {
            for config in ["", "null", "[]", "{", "\"\u{0}\u{e9}\"", &"[".repeat(10_000)] {
                // It may refuse it or make something of it.
                drop(loaded.create(config, columns));
            }
            Ok(())
        })?;
        self.step("survives columns that it did not ask for", || {
            drop(loaded.create("{}", &["patrons.one".into(), "accounts.two".into()]));
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
            if again == first { Ok(()) } else { Err("the verdicts are not the same as before".to_owned()) }
        };
        self.step("the same batch twice gives the same verdicts", || same(&judge(host, RUN, &many)?))?;
        if host.plugins.iter().all(|plugin| plugin.pool.allows(THREADS)) {
            self.step("calls from four threads give the same verdicts", || {
                std::thread::scope(|scope| {
                    let calls: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| judge(host, RUN, &many))).collect();
                    calls
                        .into_iter()
                        .try_for_each(|call| same(&call.join().unwrap_or_else(|_| Err("a call panicked".into()))?))
                })
            })?;
        }
        Ok(())
    }
}

/// The columns as the policy would have them.
fn asked(columns: &[String]) -> Result<Vec<Column>, String> {
    let read = |(number, column): (usize, &String)| {
        let (table, name) = column.split_once('.')?;
        Some(Column { table: PluginTable::from_word(table)?, name: name.to_owned(), number })
    };
    let asked: Option<Vec<Column>> = columns.iter().enumerate().map(read).collect();
    asked.ok_or_else(|| "each is a table and a column, such as patrons.deceased_on".into())
}

/// Has the plugin judge patrons in a run on a day.
fn judge(host: &Host, run: &str, made_up: &[MadeUp]) -> Result<Vec<ExtraVerdict>, String> {
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
    let facts = Those(made_up);
    let mut verdicts = Vec::new();
    let batch = Batch { first: 0, patrons: &patrons, decided: &decided };
    host.rules(&of_day, &codes, &facts).judge(&batch, &mut verdicts).map_err(|error| error.to_string())?;
    Ok(verdicts)
}

/// A made-up patron.
struct MadeUp {
    id: String,
    birth_date: Option<Day>,
    held: bool,
    memberships: Vec<Membership>,
    accounts: Vec<Account>,
    /// The text of every column.
    cell: String,
}

impl MadeUp {
    /// One of very many, each a little different.
    fn any(number: usize) -> MadeUp {
        let pick = |of: usize, salt: usize| (number.wrapping_mul(2_654_435_761).wrapping_add(salt * 40_503) >> 7) % of;
        let month = |salt| day("2015-01-31").add_months(i32::try_from(pick(100, salt)).unwrap_or(0));
        let membership = |salt: usize| Membership {
            library: LibraryId::new(pick(3, salt)),
            subscription: SubscriptionId::new(pick(3, salt + 1)),
            valid_from: month(salt + 2),
            valid_until: (pick(3, salt + 3) > 0).then(|| month(salt + 2).add_months(12)),
            status: Status::ALL[pick(9, salt + 4).saturating_sub(6)],
        };
        let account = |library| Account {
            library: LibraryId::new(library),
            owes: pick(2, 90) == 0,
            has_credit: pick(3, 91) == 0,
            has_items: pick(4, 92) == 0,
            blocks: (pick(3, 93) == 0).then(|| lapse_engine::BlocksId::new(pick(2, 94))),
            settled_on: (pick(2, 95) == 0).then(|| month(96)),
        };
        let cells = ["", "0", "3", "2022-05-03", "9999-12-31", "not a date", "-1.5"];
        MadeUp {
            id: format!("P{number:05}"),
            birth_date: (pick(5, 1) > 0).then(|| month(2).add_months(-240)),
            held: pick(20, 3) == 0,
            memberships: (0..pick(4, 4)).map(|nth| membership(10 * nth + 5)).collect(),
            accounts: (0..pick(3, 5)).map(account).collect(),
            cell: cells[pick(cells.len(), 6)].into(),
        }
    }

    /// With every date at these.
    fn at(from: Day, until: Option<Day>) -> MadeUp {
        let membership = Membership {
            library: LibraryId::new(0),
            subscription: SubscriptionId::new(0),
            valid_from: from,
            valid_until: until,
            status: Status::Active,
        };
        let account = Account {
            library: LibraryId::new(1),
            owes: true,
            has_credit: false,
            has_items: false,
            blocks: None,
            settled_on: until,
        };
        MadeUp {
            id: "P".into(),
            birth_date: Some(from),
            held: false,
            memberships: vec![membership],
            accounts: vec![account],
            cell: from.to_string(),
        }
    }

    fn patron(&self) -> Patron<'_> {
        Patron {
            held: self.held,
            profile_last_active: self.birth_date,
            keeps_history: true,
            memberships: &self.memberships,
            activity: &[],
            accounts: &self.accounts,
        }
    }
}

struct Those<'a>(&'a [MadeUp]);

impl PatronFacts for Those<'_> {
    fn id(&self, patron: usize) -> &str {
        &self.0[patron].id
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.0[patron].birth_date
    }

    fn asked(&self, _: usize, patron: usize, _: usize) -> &str {
        &self.0[patron].cell
    }
}

fn day(text: &str) -> Day {
    text.parse().expect("a day that is written here")
}

/// Two libraries of a group of kind 3, each with a subscription for youth and one for adults.
fn policy(date: Day) -> DayPolicy {
    let library = |code: &str| Library {
        code: code.into(),
        name: sourced(format!("Bibliotheek {code}")),
        group: Some(0),
        settings: settings(),
        subscriptions: vec![subscription("youth", 0), subscription("adult", 500)],
    };
    DayPolicy {
        date,
        consortium: Consortium {
            name: sourced("Two towns".into()),
            run_day: sourced(1),
            profile_inactive_months: sourced(24),
            settings: settings(),
        },
        groups: vec![Group {
            code: "noord".into(),
            name: sourced("Noord".into()),
            kind: sourced(GroupKind::RecognisesMemberships),
        }],
        libraries: vec![library("peer"), library("riemst")],
    }
}

fn subscription(code: &str, cents: u64) -> Subscription {
    Subscription {
        code: code.into(),
        name: sourced(code.into()),
        holder: sourced(Holder::Person),
        category: sourced(code.into()),
        fee: sourced(Fee { cents }),
        renewal: sourced(Renewal::Conditional),
        term_months: sourced(12),
        lapse_months: sourced(24),
    }
}

fn settings() -> Settings {
    Settings {
        activity: Activity { sources: sourced(vec!["wise".into()]), scope: sourced(Scope::Patron) },
        cleanup: Cleanup {
            ended_months: sourced(24),
            settled_months: sourced(24),
            blocks: sourced(vec!["general".into()]),
        },
        retention: Retention { pseudonymise_days: sourced(90), finance_months: sourced(120) },
        guards: Guards {
            max_deregistered_percent: sourced(20),
            max_removed_percent: sourced(10),
            max_source_age_days: sourced(35),
        },
    }
}

fn sourced<T>(value: T) -> Sourced<T> {
    Sourced { value, origin: Origin::BuiltIn }
}
