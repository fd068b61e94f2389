//! The plugins of a policy: their files found, loaded and handed the facts of an extract. What is wrong with one is told at
//! the line of the policy that is to blame.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lapse_engine::{Codes, ExtraReason, ExtraRules};
use lapse_host::{About, Column, Facts, Grants, Host, HostError, HostRules, Loading, PluginSpec};
use lapse_policy::{
    AssignmentId, Day, DayPolicy, Isolation, Loaded, Origin, Plugin, PluginColumn, PluginTable, Policy,
};
use lapse_tables::{AskedColumn, Extract, Extras, PatronFacts, Table};

use crate::Failure;
use crate::cli::PluginArgs;

/// The plugins of a policy, ready to be asked.
pub struct Plugins {
    /// As the policy names them, by name.
    pub named: Vec<Plugin>,
    /// The columns of the tables that they ask for.
    pub columns: Vec<AskedColumn>,
    /// None where there is no plugin.
    host: Option<Host>,
}

impl Plugins {
    /// No plugin.
    pub fn none() -> Plugins {
        Plugins { named: Vec::new(), columns: Vec::new(), host: None }
    }

    /// Loads the plugins of a policy. Where one cannot be used, nothing is run at all.
    pub fn load(policy: &Policy, args: &PluginArgs, threads: usize) -> Result<Plugins, Failure> {
        let named = policy.plugins();
        let columns = columns(&named);
        if named.is_empty() {
            return Ok(Plugins { named, columns, host: None });
        }
        match load(policy, &named, &columns, args, threads) {
            Ok(host) => Ok(Plugins { named, columns, host: Some(host) }),
            Err(errors) => Err(refusal(policy, &named, &errors)),
        }
    }

    /// What the engine asks in a run by the policy of a day over an extract that has the columns asked for; none where
    /// there is no plugin.
    pub fn rules<'a>(&'a self, of_day: &'a DayPolicy, extract: &'a Extract) -> Option<HostRules<'a, FactsOf<'a>>> {
        self.host.as_ref().map(|host| host.rules(of_day, &extract.codes, FactsOf(extract)))
    }

    /// The same for a run that has not read its tables yet.
    pub fn on<'a>(&'a self, of_day: &'a DayPolicy) -> Option<PluginsOn<'a>> {
        Some(PluginsOn { plugins: self, host: self.host.as_ref()?, of_day })
    }

    /// The plugin that gave a reason about something at a library, by its place there; the nearest to the library first.
    pub fn that_gave(&self, rules: &dyn ExtraRules, reason: ExtraReason, library: usize) -> Option<&Plugin> {
        let name = rules.word(reason).split_once('/')?.0;
        let takes_part = |plugin: &&Plugin| plugin.scope.get(library).copied().unwrap_or(false);
        self.named.iter().rev().filter(|plugin| plugin.name == name).find(takes_part)
    }

    /// Each plugin with the version that it says it has.
    pub fn versions(&self) -> impl Iterator<Item = (&PluginSpec, &str)> {
        let described = self.host.iter().flat_map(Host::descriptions);
        described.map(|(spec, description)| (spec, &*description.version))
    }
}

/// The plugins of a policy, of which there is one at least, on the day of a run.
pub struct PluginsOn<'a> {
    plugins: &'a Plugins,
    host: &'a Host,
    of_day: &'a DayPolicy,
}

impl Extras for PluginsOn<'_> {
    fn columns(&self) -> &[AskedColumn] {
        &self.plugins.columns
    }

    fn rules<'a>(&'a self, codes: &'a Codes, facts: &'a dyn PatronFacts) -> Box<dyn ExtraRules + 'a> {
        Box::new(self.host.rules(self.of_day, codes, FactsOf(facts)))
    }

    fn word(&self, reason: ExtraReason) -> &str {
        self.host.word(reason)
    }
}

/// The facts about patrons as plugins get to know them.
pub struct FactsOf<'a>(&'a dyn PatronFacts);

impl Facts for FactsOf<'_> {
    fn id(&self, patron: usize) -> &str {
        self.0.id(patron)
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.0.birth_date(patron)
    }

    fn column(&self, column: usize, patron: usize, row: usize) -> &str {
        self.0.asked(column, patron, row)
    }
}

/// Adds what is wrong with the plugins of a policy to what is wrong with its files.
pub fn check(loaded: &mut Loaded, args: &PluginArgs) {
    let Some(policy) = &loaded.policy else { return };
    let named = policy.plugins();
    if named.is_empty() {
        return;
    }
    let Err(errors) = load(policy, &named, &columns(&named), args, 1) else { return };
    for HostError { plugin, name, about, sentence } in errors {
        let Some(at) = blamed(&named[plugin], &about) else { continue };
        match about {
            About::Pin(found) => {
                let (message, label) = match &named[plugin].sha256 {
                    Some(_) => ("is pinned to another file", "this is not the SHA-256 of the file as it is"),
                    None => ("is not pinned", "a run does not load it without `sha256`"),
                };
                let help = format!("once you trust the file, put this line into the table: sha256 = \"{found}\"");
                loaded.add_error(at, &format!("the plugin `{name}` {message}"), label, Some(help));
            }
            About::File | About::Config | About::Columns => {
                loaded.add_error(at, &format!("the plugin `{name}` cannot be used"), &sentence, None);
            }
        }
    }
}

/// The assignment that an error is about.
fn blamed(plugin: &Plugin, about: &About) -> Option<AssignmentId> {
    let of = |origin: Origin| match origin {
        Origin::File(id) => Some(id),
        Origin::BuiltIn => None,
    };
    let precisely = match about {
        About::File => None,
        About::Pin(_) => plugin.sha256.as_ref().and_then(|pin| of(pin.origin)),
        About::Config => of(plugin.config.origin),
        About::Columns => of(plugin.columns.origin),
    };
    precisely.or_else(|| of(plugin.file.origin))
}

/// The first error at its line, and how many more there are.
fn refusal(policy: &Policy, named: &[Plugin], errors: &[HostError]) -> Failure {
    let Some(first) = errors.first() else { return Failure::refused("the plugins cannot be used") };
    let place = blamed(&named[first.plugin], &first.about).map(|id| policy.assignment(id));
    let file = |file: &str| policy.path().map_or_else(|| PathBuf::from(file), |path| path.join(file));
    let place = place.map(|at| format!("{}:{}: ", file(at.file).display(), at.line)).unwrap_or_default();
    let more = match errors.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more: `lapse check` shows them)"),
    };
    Failure::refused(format!("{place}{first}{more}"))
}

/// Every column that some plugin asks for, once.
fn columns(named: &[Plugin]) -> Vec<AskedColumn> {
    let mut columns: Vec<AskedColumn> = Vec::new();
    for column in named.iter().flat_map(|plugin| &plugin.columns.value) {
        let asked = AskedColumn { table: table(column.table), name: column.name.clone() };
        if !columns.contains(&asked) {
            columns.push(asked);
        }
    }
    columns
}

/// Whether a column is one that lapse reads by itself.
fn of_every_extract(column: &PluginColumn) -> bool {
    table(column.table).columns().iter().any(|known| known.name == column.name)
}

fn table(table: PluginTable) -> Table {
    match table {
        PluginTable::Patrons => Table::Patrons,
        PluginTable::Memberships => Table::Memberships,
        PluginTable::Accounts => Table::Accounts,
    }
}

fn load(
    policy: &Policy,
    named: &[Plugin],
    asked: &[AskedColumn],
    args: &PluginArgs,
    threads: usize,
) -> Result<Host, Vec<HostError>> {
    let mut specs = Vec::new();
    let mut errors = Vec::new();
    for (index, plugin) in named.iter().enumerate() {
        match spec(policy, plugin, asked, args) {
            Ok(spec) => specs.push(spec),
            Err((about, sentence)) => {
                errors.push(HostError { plugin: index, name: plugin.name.clone(), about, sentence });
            }
        }
    }
    let with_this_program = Loading::with_this_program(threads);
    let loading = with_this_program.map_err(|error| {
        let sentence = format!("the program cannot find itself to start a process ({error})");
        vec![HostError { plugin: 0, name: named[0].name.clone(), about: About::File, sentence }]
    })?;
    if !errors.is_empty() {
        return Err(errors);
    }
    Host::load(specs, loading)
}

fn spec(
    policy: &Policy,
    plugin: &Plugin,
    asked: &[AskedColumn],
    args: &PluginArgs,
) -> Result<PluginSpec, (About, String)> {
    if let Some(column) = plugin.columns.value.iter().find(|column| of_every_extract(column)) {
        let sentence = format!(
            "it gets `{column}` without asking; take it out of `columns`, which is for columns that the tables have beyond those that lapse reads"
        );
        return Err((About::Columns, sentence));
    }
    let file = find(policy.path(), &args.plugin_dir, &plugin.file.value).map_err(|sentence| (About::File, sentence))?;
    let number = |wanted: &AskedColumn| asked.iter().position(|column| column == wanted);
    let columns = plugin.columns.value.iter().filter_map(|column| {
        let wanted = AskedColumn { table: table(column.table), name: column.name.clone() };
        Some(Column { table: column.table, number: number(&wanted)?, name: wanted.name })
    });
    Ok(PluginSpec {
        name: plugin.name.clone(),
        file,
        sha256: plugin.sha256.as_ref().map(|pin| pin.value.clone()),
        grants: Grants::from(&plugin.grants.value[..]),
        config: plugin.config.value.clone(),
        columns: columns.collect(),
        timeout: Duration::from_secs(plugin.timeout_seconds.value.into()),
        isolated: plugin.isolation.value == Isolation::Process,
        scope: plugin.scope.clone(),
    })
}

/// The file that `file` of a policy means: `summer_grace` is `libsummer_grace.so`, or what this system calls it, in the
/// folder `plugins` of the policy directory or else in one of `--plugin-dir`.
fn find(policies: Option<&Path>, plugin_dirs: &[PathBuf], file: &str) -> Result<PathBuf, String> {
    let given = Path::new(file);
    let endings = [".so", ".dylib", ".dll"];
    let path = match given.file_name().and_then(|name| name.to_str()) {
        Some(name) if !endings.iter().any(|ending| name.ends_with(ending)) => {
            let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            given.with_file_name(format!("{prefix}{name}{suffix}"))
        }
        _ => given.to_owned(),
    };
    let own = policies.map(|policies| policies.join("plugins"));
    let dirs: Vec<&Path> = own.iter().chain(plugin_dirs).map(PathBuf::as_path).collect();
    // An absolute path stays as it is when it is joined.
    dirs.iter().map(|dir| dir.join(&path)).find(|path| path.is_file()).ok_or_else(|| {
        let dirs: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
        let looked =
            if path.is_absolute() || dirs.is_empty() { String::new() } else { format!(" in {}", dirs.join(" or ")) };
        format!("there is no file {}{looked}; put it there, or name its folder as --plugin-dir", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_library_of_this_system_in_the_first_folder_that_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let (policies, other) = (dir.path().join("policies"), dir.path().join("other"));
        let library = |name: &str| format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        for (folder, name) in
            [(policies.join("plugins"), library("a")), (other.clone(), library("a")), (other.join("c"), library("b"))]
        {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(name), "").unwrap();
        }
        let found = |file: &str| find(Some(&policies), std::slice::from_ref(&other), file);
        assert_eq!(found("a"), Ok(policies.join("plugins").join(library("a"))));
        assert_eq!(found("c/b"), Ok(other.join("c").join(library("b"))));
        assert_eq!(found(&format!("c/{}", library("b"))), Ok(other.join("c").join(library("b"))));
        let absolute = other.join("c/b");
        assert_eq!(found(absolute.to_str().unwrap()), Ok(other.join("c").join(library("b"))));
        let told = found("none").unwrap_err();
        assert!(
            told.starts_with(&format!("there is no file {} in ", library("none"))) && told.contains("other"),
            "{told}"
        );
    }
}
