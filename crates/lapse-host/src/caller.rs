//! Calling a plugin in one way, whether it runs in this process or in its own: a caller has memory to write facts into, and
//! an instance that reads them. A plugin whose calls may run in parallel has several callers.

use std::ops::Range;
use std::sync::Arc;

use lapse_engine::{Batch, ExtraVerdict, MembershipDecision};

use crate::batch::{BatchWriter, WrittenBatch};
use crate::binary::Binary;
use crate::description::{Description, Refusal};
use crate::ended::Stopped;
use crate::libraries::LibrariesAt;
use crate::library::Instance;
use crate::load_error::LoadError;
use crate::loading::Server;
use crate::process::PluginProcess;
use crate::region::Region;
use crate::spec::PluginSpec;
use crate::verdicts::{Objection, Rights};
use crate::writer::{Full, Writer};

/// Calls a plugin.
#[derive(Debug)]
pub(crate) struct Caller {
    region: Region,
    plugin: Plugin,
    /// The libraries that lie in the region: the number of their run, and where they lie.
    libraries: Option<(u64, LibrariesAt)>,
    /// Room for verdicts that are copied out of the region.
    copy: Vec<u8>,
}

#[derive(Debug)]
enum Plugin {
    InThisProcess(Arc<Instance>),
    InItsOwn(PluginProcess),
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
    /// A caller of an instance in this process.
    pub fn in_this_process(instance: Arc<Instance>) -> Result<Caller, LoadError> {
        Ok(Caller::of(region()?, Plugin::InThisProcess(instance)))
    }

    /// A caller of an instance in a process of its own, with what the plugin says it is, and whether its calls may run in
    /// parallel.
    pub fn start(
        server: &Server,
        binary: &Binary,
        spec: &PluginSpec,
    ) -> Result<(Caller, Description, bool), LoadError> {
        let region = region()?;
        let (mut process, description) = PluginProcess::start(server, binary, &region, spec.timeout)?;
        let parallel = process.create(&spec.config, &spec.column_names()).map_err(LoadError::no_instance)?;
        Ok((Caller::of(region, Plugin::InItsOwn(process)), description, parallel))
    }

    fn of(region: Region, plugin: Plugin) -> Caller {
        Caller { region, plugin, libraries: None, copy: Vec::new() }
    }

    /// Has the plugin judge the patrons of `range`; adds its verdicts.
    pub fn judge(
        &mut self,
        writer: &BatchWriter<'_>,
        rights: &Rights<'_>,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
        verdicts: &mut Vec<ExtraVerdict>,
    ) -> Result<(), Unjudged> {
        let written = self.write(writer, batch, range, decided).map_err(|Full| Unjudged::Full)?;
        if written.patrons.is_empty() && !writer.everywhere {
            return Ok(());
        }
        match &mut self.plugin {
            Plugin::InThisProcess(instance) => {
                instance.judge(self.region.address(), written.batch, written.verdicts).map_err(Stopped::Refused)
            }
            Plugin::InItsOwn(process) => process.decide(written.batch, written.verdicts),
        }
        .map_err(|stopped| Unjudged::Stopped(in_batch(stopped, &written)))?;
        rights.read(&written, batch, &self.region, &mut self.copy, verdicts).map_err(Unjudged::Objection)
    }

    fn write(
        &mut self,
        writer: &BatchWriter<'_>,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
    ) -> Result<WrittenBatch, Full> {
        let base = match &self.plugin {
            Plugin::InThisProcess(_) => self.region.address(),
            Plugin::InItsOwn(process) => process.address,
        };
        let libraries = match self.libraries {
            Some((run, libraries)) if run == writer.libraries.number => libraries,
            Some(_) | None => {
                let libraries = writer.libraries.write(&mut Writer::new(&mut self.region, base, 0), writer.scope)?;
                self.libraries = Some((writer.libraries.number, libraries));
                libraries
            }
        };
        writer.write(&mut self.region, base, &libraries, batch, range, decided)
    }
}

/// Names the patron by the place in the batch. The plugin named the place among the patrons that it got, which are those
/// in its scope.
fn in_batch(stopped: Stopped, written: &WrittenBatch) -> Stopped {
    match stopped {
        Stopped::Refused(Refusal { text, patron }) => {
            let patron = patron.and_then(|patron| written.patrons.get(patron as usize));
            let patron = patron.and_then(|patron| u32::try_from(patron.patron).ok());
            Stopped::Refused(Refusal { text, patron })
        }
        Stopped::Ended(ended) => Stopped::Ended(ended),
    }
}

fn region() -> Result<Region, LoadError> {
    Region::new().map_err(LoadError::NoMemory)
}
