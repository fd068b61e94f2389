//! The plugins of a policy, loaded: each file read once and compared with its pin, each plugin's description known, and its
//! first instance made.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use lapse_engine::ExtraReason;

use crate::batch::Columns;
use crate::binary::Binary;
use crate::caller::Caller;
use crate::description::Description;
use crate::ended::Stopped;
use crate::library::{Instance, PluginLibrary};
use crate::library_error::LibraryError;
use crate::load_error::{LoadError, PluginError};
use crate::loading::Loading;
use crate::pool::Pool;
use crate::spec::PluginSpec;

/// The plugins of a policy, ready to be asked.
#[derive(Debug)]
pub(crate) struct Host {
    /// In the order of their names.
    pub plugins: Vec<HostedPlugin>,
    /// The word of each reason of every plugin.
    words: Vec<String>,
    /// Where each stands among them.
    places: HashMap<String, usize>,
    loading: Loading,
}

/// A plugin that was loaded.
#[derive(Debug)]
pub(crate) struct HostedPlugin {
    pub spec: PluginSpec,
    pub columns: Columns,
    pub description: Description,
    /// The reasons in the order of the description.
    pub reasons: Vec<ExtraReason>,
    pub pool: Pool,
    binary: Arc<Binary>,
    /// The instance in this process, for a plugin that the policy does not isolate.
    in_this_process: Option<Arc<Instance>>,
}

impl Host {
    /// Loads every plugin, or gives everything that is wrong with them.
    pub fn load(specs: Vec<PluginSpec>, loading: &Loading) -> Result<Host, Vec<PluginError>> {
        let mut host =
            Host { plugins: Vec::new(), words: Vec::new(), places: HashMap::new(), loading: loading.clone() };
        let mut errors = Vec::new();
        let mut specs: Vec<_> = specs.into_iter().enumerate().collect();
        specs.sort_by(|(_, one), (_, two)| one.name.cmp(&two.name));
        for (index, spec) in specs {
            let name = spec.name.clone();
            match host.load_one(spec) {
                Ok(plugin) => host.plugins.push(plugin),
                Err(why) => errors.push(PluginError { plugin: index, name, why }),
            }
        }
        errors.sort_by_key(|error| error.plugin);
        if errors.is_empty() { Ok(host) } else { Err(errors) }
    }

    fn load_one(&mut self, spec: PluginSpec) -> Result<HostedPlugin, LoadError> {
        let binary = Arc::new(checked_file(&spec)?);
        let (caller, description, parallel, in_this_process) = if spec.isolated {
            let (caller, description, parallel) = Caller::start(&self.loading.server, &binary, &spec)?;
            (caller, description, parallel, None)
        } else {
            let library = load_into_this_process(&binary)?;
            let created = library.create(&spec.config, &spec.column_names());
            let created = created.map_err(|refusal| LoadError::no_instance(Stopped::Refused(refusal)))?;
            let instance = Arc::new(created);
            let caller = Caller::in_this_process(Arc::clone(&instance))?;
            (caller, library.description.clone(), instance.parallel, Some(instance))
        };
        let reasons = description.reasons.iter().map(|reason| self.reason(&spec.name, reason)).collect::<Option<_>>();
        let reasons = reasons.ok_or(LoadError::TooManyReasons)?;
        let most = if parallel { self.loading.threads.max(1) } else { 1 };
        let pool = Pool::new(caller, most);
        let columns = Columns::of(&spec.columns);
        Ok(HostedPlugin { spec, columns, description, reasons, pool, binary, in_this_process })
    }

    /// The number of a reason's word. Files that name the same plugin share its words.
    fn reason(&mut self, plugin: &str, reason: &str) -> Option<ExtraReason> {
        let word = format!("{plugin}/{reason}");
        let index = *self.places.entry(word).or_insert_with_key(|word| {
            self.words.push(word.clone());
            self.words.len() - 1
        });
        ExtraReason::new(index)
    }

    /// Makes one more caller of a plugin.
    pub fn another(&self, plugin: &HostedPlugin) -> Result<Caller, LoadError> {
        match &plugin.in_this_process {
            Some(instance) => Caller::in_this_process(Arc::clone(instance)),
            None => Caller::start(&self.loading.server, &plugin.binary, &plugin.spec).map(|(caller, ..)| caller),
        }
    }

    /// The word for a reason in the tables: `plugin-name/reason`.
    pub fn word(&self, reason: ExtraReason) -> &str {
        &self.words[reason.index()]
    }
}

/// Checks the file of every plugin, and runs nothing of it.
pub(crate) fn check_files(specs: &[PluginSpec]) -> Result<(), Vec<PluginError>> {
    let checked = specs.iter().enumerate().filter_map(|(plugin, spec)| {
        let why = checked_file(spec).err()?;
        Some(PluginError { plugin, name: spec.name.clone(), why })
    });
    let errors: Vec<PluginError> = checked.collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The file of a plugin, which is the one that the policy pins and brings in no other.
fn checked_file(spec: &PluginSpec) -> Result<Binary, LoadError> {
    let binary = Binary::read(&spec.file).map_err(|error| LoadError::Unreadable { file: spec.file.clone(), error })?;
    check_pin(spec, &binary)?;
    binary.check_links()?;
    Ok(binary)
}

/// Compares a plugin's bytes with its pin.
fn check_pin(spec: &PluginSpec, binary: &Binary) -> Result<(), LoadError> {
    let (file, found) = (spec.file.clone(), binary.sha256().to_owned());
    match &spec.sha256 {
        Some(pinned) if pinned.eq_ignore_ascii_case(&found) => Ok(()),
        Some(_) => Err(LoadError::OtherPin { file, found }),
        None => Err(LoadError::NotPinned { file, found }),
    }
}

/// The libraries in this process, by SHA-256. None is ever unloaded, so that each is loaded once, whoever asks for it.
static IN_THIS_PROCESS: Mutex<BTreeMap<String, Arc<PluginLibrary>>> = Mutex::new(BTreeMap::new());

fn load_into_this_process(binary: &Arc<Binary>) -> Result<Arc<PluginLibrary>, LibraryError> {
    let mut loaded = IN_THIS_PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = loaded.get(binary.sha256()) {
        return Ok(Arc::clone(library));
    }
    // The system's loader knows libraries by their path, which names an open file: that path must never name another file.
    std::mem::forget(Arc::clone(binary));
    let library = Arc::new(PluginLibrary::open(&binary.path())?);
    loaded.insert(binary.sha256().to_owned(), Arc::clone(&library));
    Ok(library)
}
