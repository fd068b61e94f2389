//! The plugins of a policy: loaded as the policy says, and asked about patrons in a run. What is wrong with one is reported
//! at the line of the policy that is to blame.

use std::path::PathBuf;

use lapse_engine::{Codes, ExtraReason, ExtraRules};
use lapse_policy::{AssignmentId, DayPolicy, Loaded, Origin, Plugin, Policy};
use lapse_tables::{AskedColumn, Extract, Extras, PatronFacts};

use crate::from_policy;
use crate::host::{Host, check_files};
use crate::libraries::MadeLibraries;
use crate::load_error::{PluginError, PluginKey, Shown};
use crate::loading::Loading;
use crate::rules::HostRules;
use crate::spec::PluginSpec;

/// The plugins of a policy, ready to be asked.
#[derive(Debug)]
pub struct Plugins {
    /// The plugins as the policy names them, in the order of their names.
    pub named: Vec<Plugin>,
    /// The columns of the tables that they ask for, each once.
    pub columns: Vec<AskedColumn>,
    /// None where there is no plugin.
    host: Option<Host>,
}

/// Why the plugins of a policy cannot be used: the first error, at its line of the policy.
#[derive(Debug, thiserror::Error)]
#[error("{}{first}{}", self.place(), self.and_more())]
pub struct PluginsError {
    /// The first error.
    pub first: Box<PluginError>,
    /// The file and the line of the policy that are to blame for it.
    pub at: Option<(PathBuf, usize)>,
    /// How many more errors there are.
    pub more: usize,
}

impl PluginsError {
    fn place(&self) -> String {
        self.at.as_ref().map(|(file, line)| format!("{}:{line}: ", file.display())).unwrap_or_default()
    }

    fn and_more(&self) -> String {
        match self.more {
            0 => String::new(),
            more => format!(" (and {more} more: `lapse check` shows them)"),
        }
    }
}

impl Plugins {
    /// The plugins of a policy that has none.
    pub fn none() -> Plugins {
        Plugins { named: Vec::new(), columns: Vec::new(), host: None }
    }

    /// Loads the plugins of a policy, whose files lie in its folder `plugins` or else in one of `dirs`. Where one cannot
    /// be used, none is.
    pub fn load(policy: &Policy, dirs: &[PathBuf], loading: &Loading) -> Result<Plugins, PluginsError> {
        let named = policy.plugins();
        let columns = from_policy::columns(&named);
        if named.is_empty() {
            return Ok(Plugins { named, columns, host: None });
        }
        match specs(policy, &named, &columns, dirs).and_then(|specs| Host::load(specs, loading)) {
            Ok(host) => Ok(Plugins { named, columns, host: Some(host) }),
            Err(errors) => Err(refusal(policy, &named, errors)),
        }
    }

    /// What the engine asks in a run by the policy of a day over an extract that has the columns asked for; none where
    /// there is no plugin.
    pub fn rules<'a>(&'a self, of_day: &'a DayPolicy, extract: &'a Extract) -> Option<HostRules<'a>> {
        self.host.as_ref().map(|host| HostRules::new(host, of_day, &extract.codes, extract))
    }

    /// The same for a run that has not read its tables yet.
    pub fn on<'a>(&'a self, of_day: &'a DayPolicy) -> Option<PluginsOn<'a>> {
        Some(PluginsOn { plugins: self, host: self.host.as_ref()?, libraries: MadeLibraries::new(of_day) })
    }

    /// The plugin that gave a reason about something at a library, by its place there; the nearest to the library first.
    pub fn that_gave(&self, rules: &dyn ExtraRules, reason: ExtraReason, library: usize) -> Option<&Plugin> {
        let name = rules.word(reason).split_once('/')?.0;
        let takes_part = |plugin: &&Plugin| plugin.scope.get(library).copied().unwrap_or(false);
        self.named.iter().rev().filter(|plugin| plugin.name == name).find(takes_part)
    }

    /// Each plugin with the version that it says it has, in the order of their names.
    pub fn versions(&self) -> impl Iterator<Item = (&PluginSpec, &str)> {
        let loaded = self.host.iter().flat_map(|host| &host.plugins);
        loaded.map(|plugin| (&plugin.spec, &*plugin.description.version))
    }
}

/// The plugins of a policy that has at least one, on the day of a run.
pub struct PluginsOn<'a> {
    plugins: &'a Plugins,
    host: &'a Host,
    libraries: MadeLibraries<'a>,
}

impl Extras for PluginsOn<'_> {
    fn columns(&self) -> &[AskedColumn] {
        &self.plugins.columns
    }

    fn rules<'a>(&'a self, codes: &'a Codes, facts: &'a dyn PatronFacts) -> Box<dyn ExtraRules + 'a> {
        Box::new(HostRules::with(self.host, &self.libraries, codes, facts))
    }

    fn word(&self, reason: ExtraReason) -> &str {
        self.host.word(reason)
    }
}

/// The columns that the plugins of a policy ask for, each once. Nothing of the plugins is run.
pub fn asked_columns(policy: &Policy) -> Vec<AskedColumn> {
    from_policy::columns(&policy.plugins())
}

/// Adds what is wrong with the plugins of a policy to what is wrong with its files. The plugins lie where
/// [`Plugins::load`] looks for them. Without `loading` nothing of them is run: their files are compared with their pins.
pub fn check_plugins(loaded: &mut Loaded, dirs: &[PathBuf], loading: Option<&Loading>) {
    let Some(policy) = &loaded.policy else { return };
    let named = policy.plugins();
    if named.is_empty() {
        return;
    }
    let specs = specs(policy, &named, &from_policy::columns(&named), dirs);
    let checked = specs.and_then(|specs| match loading {
        Some(loading) => Host::load(specs, loading).map(drop),
        None => check_files(&specs),
    });
    let Err(errors) = checked else { return };
    for error in errors {
        let Some(at) = blamed(&named[error.plugin], error.why.key()) else { continue };
        let Shown { message, label, help } = error.shown();
        loaded.add_error(at, &message, &label, help);
    }
}

/// The assignment of a plugin's key; that of its file where the key has no line of its own.
fn blamed(plugin: &Plugin, key: PluginKey) -> Option<AssignmentId> {
    let of = |origin: Origin| match origin {
        Origin::File(id) => Some(id),
        Origin::BuiltIn => None,
    };
    let precisely = match key {
        PluginKey::File => None,
        PluginKey::Sha256 => plugin.sha256.as_ref().and_then(|pin| of(pin.origin)),
        PluginKey::Config => of(plugin.config.origin),
        PluginKey::Columns => of(plugin.columns.origin),
    };
    precisely.or_else(|| of(plugin.file.origin))
}

/// The first error at its line, and how many more there are.
fn refusal(policy: &Policy, named: &[Plugin], mut errors: Vec<PluginError>) -> PluginsError {
    let first = Box::new(errors.remove(0));
    let at = blamed(&named[first.plugin], first.why.key()).map(|id| policy.assignment(id));
    let file = |file: &str| policy.path().map_or_else(|| PathBuf::from(file), |path| path.join(file));
    let at = at.map(|at| (file(at.file), at.line));
    PluginsError { first, at, more: errors.len() }
}

/// What the host loads. Where that fails, there is at least one error.
fn specs(
    policy: &Policy,
    named: &[Plugin],
    asked: &[AskedColumn],
    dirs: &[PathBuf],
) -> Result<Vec<PluginSpec>, Vec<PluginError>> {
    let mut specs = Vec::new();
    let mut errors = Vec::new();
    for (index, plugin) in named.iter().enumerate() {
        match from_policy::spec(policy, plugin, asked, dirs) {
            Ok(spec) => specs.push(spec),
            Err(why) => errors.push(PluginError { plugin: index, name: plugin.name.clone(), why }),
        }
    }
    if errors.is_empty() { Ok(specs) } else { Err(errors) }
}
