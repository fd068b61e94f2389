//! The policy of a library as it stands on a day: each value with where it came from, what it overrode, and whether it lets
//! more go than the built-in one. `json` writes it for programs, and `not_there` says why there is none.

mod json;
mod not_there;
#[cfg(test)]
mod tests;

use lapse_policy::provenance::{self, Provenance, of_releases, trail};
use lapse_policy::schema::Table;
use lapse_policy::{DayPolicy, Entries, Group, Key, Library, Plugin, Policy, Setting, Subscription};

use crate::compare::{entries_that_loosen, loosens};
use crate::entries::{self, What};
pub use not_there::NotThere;

/// The tables that a library may set, apart from its subscriptions.
const TABLES: [Table; 4] = [Table::Activity, Table::Cleanup, Table::Retention, Table::Guards];

/// The policy of a library, or of one of its subscriptions.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The values of all libraries on the day.
    pub of_day: &'a DayPolicy,
    /// The library.
    pub library: &'a Library,
    /// Its subscriptions, or the one that is asked for.
    pub subscriptions: Vec<OfSubscription<'a>>,
    /// The other tables that it may set; none where a subscription is asked for, which holds for all below.
    pub tables: Vec<OfTable>,
    /// Its keeps, narrowings and ends.
    pub entries: Vec<OfEntry>,
    /// What files no longer enforce for it.
    pub releases: Vec<Provenance>,
    /// The plugins that take part at it.
    pub plugins: Vec<OfPlugin>,
}

/// A setting.
#[derive(Debug)]
pub struct Row {
    /// The name of its key.
    pub name: &'static str,
    /// The statement that decides, then those that it overrode; the built-in value is the last.
    pub trail: Vec<Provenance>,
    /// Whether it lets more go than the built-in value.
    pub loosens: bool,
}

/// The settings of a subscription.
#[derive(Debug)]
pub struct OfSubscription<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// Its settings, in the order of policy.md.
    pub rows: Vec<Row>,
    /// The statements about its name, the one that decides first.
    pub name: Vec<Provenance>,
}

/// The settings of a table.
#[derive(Debug)]
pub struct OfTable {
    /// The table.
    pub table: Table,
    /// Its settings, in the order of policy.md. What may be said in one of two units has a row for the one that it is said in.
    pub rows: Vec<Row>,
}

/// A keep, a narrowing or an end.
#[derive(Debug)]
pub struct OfEntry {
    /// What files say of it.
    pub entry: entries::Shown,
    /// Whether it lets more go than if no file said anything.
    pub loosens: bool,
}

/// A plugin.
#[derive(Debug)]
pub struct OfPlugin {
    /// The plugin.
    pub plugin: Plugin,
    /// Its keys that have a value, each with where it comes from.
    pub keys: Vec<(&'static str, Provenance)>,
}

impl<'a> Standing<'a> {
    /// The policy of the library with this code, or of one of its subscriptions; `of_day` are the values of the policy on the day.
    pub fn of(
        policy: &Policy,
        of_day: &'a DayPolicy,
        library: &str,
        subscription: Option<&str>,
    ) -> Result<Standing<'a>, NotThere> {
        let library = not_there::find_library(of_day, library)?;
        let rows_of = RowsOf { policy, of_day, library: &library.code };
        if let Some(code) = subscription {
            let subscriptions = vec![rows_of.subscription(not_there::find_subscription(library, code)?)];
            let (tables, entries, releases, plugins) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            return Ok(Standing { of_day, library, subscriptions, tables, entries, releases, plugins });
        }
        Ok(Standing {
            of_day,
            library,
            subscriptions: library
                .subscriptions
                .iter()
                .map(|subscription| rows_of.subscription(subscription))
                .collect(),
            tables: TABLES.iter().map(|&table| rows_of.table(table)).collect(),
            entries: rows_of.entries(&library.settings.entries),
            releases: of_releases(policy, of_day.date, &library.code),
            plugins: rows_of.plugins(),
        })
    }

    /// The group of the library, where it has one.
    pub fn group(&self) -> Option<&'a Group> {
        self.library.group.map(|group| &self.of_day.groups[group])
    }
}

impl OfEntry {
    /// The table in which it stands.
    pub fn table(&self) -> Table {
        table_of(&self.entry)
    }

    /// What it is, in words.
    pub fn what(&self) -> &'static str {
        match self.entry.what {
            What::Keep => "a keep",
            What::Narrowing => "narrows the built-in reason",
            What::End => "an end",
        }
    }
}

fn table_of(entry: &entries::Shown) -> Table {
    match entry.what {
        What::Keep | What::Narrowing => Table::Keeps,
        What::End => Table::Ends,
    }
}

/// Finds the rows of a library.
struct RowsOf<'a> {
    policy: &'a Policy,
    of_day: &'a DayPolicy,
    library: &'a str,
}

impl RowsOf<'_> {
    fn trail(&self, setting: Setting<'_>) -> Vec<Provenance> {
        trail(self.policy, self.of_day.date, Some(self.library), setting)
    }

    fn row(&self, setting: Setting<'_>) -> Option<Row> {
        let trail = self.trail(setting);
        let name = name_of(setting.key, &trail)?;
        Some(Row { name, loosens: loosens_here(setting.key, &trail), trail })
    }

    fn subscription<'s>(&self, subscription: &'s Subscription) -> OfSubscription<'s> {
        let of = |key| Setting::of_subscription(key, &subscription.code);
        let rows = Table::Subscription.keys().filter_map(|key| self.row(of(key.key))).collect();
        OfSubscription { subscription, rows, name: self.trail(of(Key::SubscriptionName)) }
    }

    fn table(&self, table: Table) -> OfTable {
        OfTable { table, rows: table.keys().filter_map(|key| self.row(Setting::of(key.key))).collect() }
    }

    fn entries(&self, entries: &Entries) -> Vec<OfEntry> {
        let Self { policy, of_day, library } = *self;
        let loosening = entries_that_loosen((of_day, &Entries::default()), (of_day, entries)).entries;
        let all = entries::shown(policy, of_day.date, library, entries, &of_day.facts).into_iter();
        let marked = |entry: entries::Shown| {
            let loosens = loosening.contains(&(table_of(&entry), entry.name.clone()));
            OfEntry { entry, loosens }
        };
        all.map(marked).collect()
    }

    fn plugins(&self) -> Vec<OfPlugin> {
        let here = self.of_day.libraries.iter().position(|library| library.code == self.library);
        let takes_part = |plugin: &Plugin| here.is_some_and(|here| plugin.scope[here]);
        let plugins = self.policy.plugins().into_iter().filter(takes_part);
        plugins.map(|plugin| OfPlugin { keys: provenance::of_plugin(self.policy, &plugin), plugin }).collect()
    }
}

/// The name of a key; none where it is said in another unit.
fn name_of(key: Key, trail: &[Provenance]) -> Option<&'static str> {
    let in_months =
        || trail.first().is_some_and(|deciding| deciding.key.ends_with(Key::PseudonymiseMonths.spec().name));
    let is_shown = match key {
        Key::PseudonymiseDays => !in_months(),
        Key::PseudonymiseMonths => in_months(),
        _ => true,
    };
    is_shown.then(|| key.spec().name)
}

/// Whether a value lets more go than the built-in one, which stands at the end of its trail.
fn loosens_here(key: Key, trail: &[Provenance]) -> bool {
    let [deciding, .., built_in] = trail else { return false };
    loosens(key, &built_in.value, &deciding.value)
}
