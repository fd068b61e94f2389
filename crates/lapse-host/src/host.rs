//! The plugins of a policy, loaded: each file read once and held against its pin, each plugin's description known, and its
//! first instance made.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lapse_engine::ExtraReason;

use crate::batch::Columns;
use crate::binary::Binary;
use crate::caller::{Caller, Pool};
use crate::child::Stopped;
use crate::loaded::{Description, Instance, Loaded};
use crate::spec::{About, HostError, PluginSpec};

/// How to load plugins.
#[derive(Clone, Debug)]
pub struct Loading {
    /// The program to start for the process of an isolated plugin.
    pub server: Server,
    /// How many calls of a plugin may run at once, where the plugin allows several.
    pub threads: usize,
}

/// The program that runs an isolated plugin: one whose `main` calls [`crate::serve_if_asked`] before anything else.
#[derive(Clone, Debug)]
pub enum Server {
    /// The program that is running.
    ThisProgram,
    /// Another one, such as the helper `lapse-plugin-server` that comes with this crate.
    Program(PathBuf),
}

impl Server {
    /// The file to start.
    pub(crate) fn path(&self) -> std::io::Result<PathBuf> {
        match self {
            // The file may have been replaced since this program was started; the kernel still has what is running.
            Server::ThisProgram if cfg!(target_os = "linux") => Ok("/proc/self/exe".into()),
            Server::ThisProgram => std::env::current_exe(),
            Server::Program(program) => Ok(program.clone()),
        }
    }
}

impl Loading {
    /// Loading where this very program runs isolated plugins.
    pub fn with_this_program(threads: usize) -> Loading {
        Loading { server: Server::ThisProgram, threads }
    }
}

/// The plugins of a policy, ready to be asked.
#[derive(Debug)]
pub struct Host {
    /// By name.
    pub(crate) plugins: Vec<Plugin>,
    /// The word of each reason of every plugin.
    pub(crate) words: Vec<String>,
    /// What to start for a plugin's process.
    program: PathBuf,
    /// How many calls of a plugin may run at once.
    threads: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Plugin {
    pub spec: PluginSpec,
    pub columns: Columns,
    pub description: Description,
    /// By their place in the description.
    pub reasons: Vec<ExtraReason>,
    pub pool: Pool,
    binary: Arc<Binary>,
    /// In this process, where the policy trusts it so far.
    here: Option<Arc<Instance>>,
}

impl Host {
    /// Loads every plugin, or tells everything that is wrong with them.
    pub fn load(specs: Vec<PluginSpec>, loading: &Loading) -> Result<Host, Vec<HostError>> {
        let program = loading.server.path().map_err(|error| {
            let sentence = format!("the program cannot find itself to start a process ({error})");
            let name = specs.first().map_or_else(String::new, |spec| spec.name.clone());
            vec![HostError { plugin: 0, name, about: About::File, sentence }]
        })?;
        let mut host = Host { plugins: Vec::new(), words: Vec::new(), program, threads: loading.threads };
        let mut errors = Vec::new();
        let mut specs: Vec<_> = specs.into_iter().enumerate().collect();
        specs.sort_by(|(_, one), (_, two)| one.name.cmp(&two.name));
        for (index, spec) in specs {
            let name = spec.name.clone();
            match host.load_one(spec) {
                Ok(plugin) => host.plugins.push(plugin),
                Err((about, sentence)) => errors.push(HostError { plugin: index, name, about, sentence }),
            }
        }
        errors.sort_by_key(|error| error.plugin);
        if errors.is_empty() { Ok(host) } else { Err(errors) }
    }

    fn load_one(&mut self, spec: PluginSpec) -> Result<Plugin, (About, String)> {
        let file = spec.file.display();
        let binary = Binary::read(&spec.file)
            .map(Arc::new)
            .map_err(|error| (About::File, format!("the file {file} cannot be read ({error}); check `file`")))?;
        check_pin(&spec, &binary)?;
        let columns = full_names(&spec);
        let of_file = |sentence| (About::File, sentence);
        let (caller, description, parallel, here) = if spec.isolated {
            let started = Caller::start(&self.program, &binary, &spec, &columns);
            let (caller, description, created) = started.map_err(of_file)?;
            (caller, description, created.map_err(refused)?, None)
        } else {
            let loaded = load_here(&binary).map_err(of_file)?;
            let created = loaded.create(&spec.config, &columns);
            let instance = Arc::new(created.map_err(|told| refused(Stopped::Told(told)))?);
            let caller = Caller::here(Arc::clone(&instance)).map_err(of_file)?;
            (caller, loaded.description.clone(), instance.parallel, Some(instance))
        };
        let reasons = description.reasons.iter().map(|reason| self.reason(&spec.name, reason)).collect::<Option<_>>();
        let reasons = reasons.ok_or_else(|| of_file("all plugins together have more than 65535 reasons".into()))?;
        let most = if parallel { self.threads.max(1) } else { 1 };
        let pool = Pool::new(caller, most);
        Ok(Plugin { columns: Columns::of(&spec.columns), spec, description, reasons, pool, binary, here })
    }

    /// The number of a reason's word.
    fn reason(&mut self, plugin: &str, reason: &str) -> Option<ExtraReason> {
        let word = format!("{plugin}/{reason}");
        let index = self.words.iter().position(|known| *known == word).unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        });
        ExtraReason::new(index)
    }

    /// One more caller of a plugin.
    pub(crate) fn another(&self, plugin: &Plugin) -> Result<Caller, String> {
        let Plugin { spec, binary, here, .. } = plugin;
        if let Some(instance) = here {
            return Caller::here(Arc::clone(instance));
        }
        let (caller, _, created) = Caller::start(&self.program, binary, spec, &full_names(spec))?;
        created.map_err(|stopped| refused(stopped).1)?;
        Ok(caller)
    }

    /// What each plugin says of itself, in name order, with the name that the policy gives it.
    pub fn descriptions(&self) -> impl Iterator<Item = (&PluginSpec, &Description)> {
        self.plugins.iter().map(|plugin| (&plugin.spec, &plugin.description))
    }
}

/// Holds a plugin's bytes against its pin.
fn check_pin(spec: &PluginSpec, binary: &Binary) -> Result<(), (About, String)> {
    let found = binary.sha256();
    let file = spec.file.display();
    match &spec.sha256 {
        Some(pinned) if pinned.eq_ignore_ascii_case(found) => Ok(()),
        Some(_) => Err((
            About::Pin(found.to_owned()),
            format!(
                "the file {file} is not the one that is pinned; its SHA-256 is {found}: where that is the plugin you mean, \
                 put it into `sha256`"
            ),
        )),
        None => Err((
            About::Pin(found.to_owned()),
            format!("the file {file} is not pinned; add the line sha256 = \"{found}\" once you trust it"),
        )),
    }
}

/// The libraries in this process, by SHA-256. None is ever unloaded, so each is loaded once, whoever asks.
static HERE: Mutex<BTreeMap<String, Arc<Loaded>>> = Mutex::new(BTreeMap::new());

fn load_here(binary: &Arc<Binary>) -> Result<Arc<Loaded>, String> {
    let mut here = HERE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = here.get(binary.sha256()) {
        return Ok(Arc::clone(loaded));
    }
    // The loader knows libraries by their path, which names an open file: it must never come to name another.
    std::mem::forget(Arc::clone(binary));
    let loaded = Arc::new(Loaded::open(&binary.path())?);
    here.insert(binary.sha256().to_owned(), Arc::clone(&loaded));
    Ok(loaded)
}

fn full_names(spec: &PluginSpec) -> Vec<String> {
    spec.columns.iter().map(|column| format!("{}.{}", column.table, column.name)).collect()
}

/// Why an instance was not made.
fn refused(stopped: Stopped) -> (About, String) {
    match stopped {
        Stopped::Told(told) => (About::Config, format!("it refuses its config: {}", told.text)),
        Stopped::Ended(what) => (About::File, format!("it {what} while it read its config; tell its author")),
    }
}
