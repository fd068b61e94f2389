//! One way to call a plugin, whether it runs in this process or in its own: memory to write facts into, and an instance
//! that reads them. A plugin whose calls may run in parallel has several.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use lapse_engine::{Batch, ExtraVerdict, MembershipDecision};

use crate::batch::{Full, Scribe, Sheet, Writer};
use crate::binary::Binary;
use crate::child::{Child, Stopped};
use crate::loaded::{Description, Instance, Told};
use crate::region::Region;
use crate::spec::PluginSpec;
use crate::verdicts::{Objection, Rights};
use crate::world::Tables;

/// Calls a plugin.
#[derive(Debug)]
pub(crate) struct Caller {
    region: Region,
    plugin: Plugin,
    /// The tables that lie in the region: of which world, and where.
    tables: Option<(u64, Tables)>,
    copy: Vec<u8>,
}

#[derive(Debug)]
enum Plugin {
    Here(Arc<Instance>),
    Child(Child),
}

/// Why a batch was not judged.
#[derive(Debug)]
pub(crate) enum Unjudged {
    /// Its facts do not fit into the memory.
    Full,
    /// The plugin gave no answer.
    Stopped(Stopped),
    /// The plugin's answer is not allowed.
    Objection(Objection),
}

impl Caller {
    /// An instance in this process. The library was loaded for good.
    pub fn here(instance: Arc<Instance>) -> Result<Caller, String> {
        Ok(Caller::of(region()?, Plugin::Here(instance)))
    }

    /// An instance in a process of its own; with what the plugin says of itself, and whether its calls may run in parallel.
    pub fn start(
        program: &Path,
        binary: &Binary,
        spec: &PluginSpec,
        columns: &[String],
    ) -> Result<(Caller, Description, Result<bool, Stopped>), String> {
        let region = region()?;
        let (mut child, description) = Child::start(program, binary, &region, spec.timeout)?;
        let created = child.create(&spec.config, columns);
        Ok((Caller::of(region, Plugin::Child(child)), description, created))
    }

    fn of(region: Region, plugin: Plugin) -> Caller {
        Caller { region, plugin, tables: None, copy: Vec::new() }
    }

    /// Has the plugin judge the patrons of `range`; adds its verdicts.
    pub fn judge(
        &mut self,
        scribe: &Scribe<'_>,
        rights: &Rights<'_>,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
        verdicts: &mut Vec<ExtraVerdict>,
    ) -> Result<(), Unjudged> {
        let sheet = self.write(scribe, batch, range, decided).map_err(|Full| Unjudged::Full)?;
        if sheet.patrons.is_empty() && !scribe.everywhere {
            return Ok(());
        }
        match &mut self.plugin {
            Plugin::Here(instance) => {
                instance.judge(self.region.address(), sheet.batch, sheet.verdicts).map_err(Stopped::Told)
            }
            Plugin::Child(child) => child.decide(sheet.batch, sheet.verdicts),
        }
        .map_err(|stopped| Unjudged::Stopped(in_batch(stopped, &sheet)))?;
        rights.read(&sheet, batch, &self.region, &mut self.copy, verdicts).map_err(Unjudged::Objection)
    }

    fn write(
        &mut self,
        scribe: &Scribe<'_>,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
    ) -> Result<Sheet, Full> {
        let base = match &self.plugin {
            Plugin::Here(_) => self.region.address(),
            Plugin::Child(child) => child.address,
        };
        let tables = match self.tables {
            Some((world, tables)) if world == scribe.world.number => tables,
            Some(_) | None => {
                let tables = scribe.world.write(&mut Writer::new(&mut self.region, base, 0), scribe.scope)?;
                self.tables = Some((scribe.world.number, tables));
                tables
            }
        };
        scribe.write(&mut self.region, base, &tables, batch, range, decided)
    }
}

/// With the patron by the place in the batch, of which the plugin got those in its scope.
fn in_batch(stopped: Stopped, sheet: &Sheet) -> Stopped {
    match stopped {
        Stopped::Told(Told { text, patron }) => {
            let written = patron.and_then(|patron| sheet.patrons.get(patron as usize));
            let patron = written.and_then(|written| u32::try_from(written.patron).ok());
            Stopped::Told(Told { text, patron })
        }
        Stopped::Ended(what) => Stopped::Ended(what),
    }
}

fn region() -> Result<Region, String> {
    Region::new().map_err(|error| format!("there is no memory to share with it ({error})"))
}

/// The callers of one plugin: as many as may work at once, made when they are first needed.
#[derive(Debug)]
pub(crate) struct Pool {
    callers: Mutex<Callers>,
    given_back: Condvar,
    most: usize,
}

#[derive(Debug)]
struct Callers {
    idle: Vec<Caller>,
    made: usize,
}

impl Pool {
    /// With the first caller.
    pub fn new(first: Caller, most: usize) -> Pool {
        let callers = Mutex::new(Callers { idle: vec![first], made: 1 });
        Pool { callers, given_back: Condvar::new(), most }
    }

    /// Whether so many may work at once.
    pub fn allows(&self, threads: usize) -> bool {
        self.most >= threads
    }

    /// Works with a caller that nobody else works with; `make` makes one more where that is allowed.
    pub fn with<R>(
        &self,
        make: impl FnOnce() -> Result<Caller, String>,
        work: impl FnOnce(&mut Caller) -> R,
    ) -> Result<R, String> {
        let mut caller = self.take(make)?;
        let result = work(&mut caller);
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).idle.push(caller);
        self.given_back.notify_one();
        Ok(result)
    }

    fn take(&self, make: impl FnOnce() -> Result<Caller, String>) -> Result<Caller, String> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(caller) = callers.idle.pop() {
                return Ok(caller);
            }
            if callers.made < self.most {
                callers.made += 1;
                drop(callers);
                return make();
            }
            callers = self.given_back.wait(callers).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
