//! `lapse show`: the policy of a library as it stands on a day, each value with where it came from and what it overrode.

use std::fmt::Write as _;

use lapse_change::compare::{entries_that_loosen, loosens};
use lapse_change::entries::{self, What};
use lapse_policy::provenance::{Provenance, of_plugin, of_releases, trail};
use lapse_policy::schema::Table;
use lapse_policy::{Day, DayPolicy, Entries, Key, Library, Plugin, Policy, Setting, Subscription};
use serde_json::{Map, Value, json};

use super::load;
use crate::cli::{Format, ShowArgs};
use crate::refusal::Refusal;
use crate::terminal::{FAINT, STRONG, WARNING};
use crate::{Done, Failure, terminal};

/// The tables that a library may set, apart from its subscriptions.
const TABLES: [Table; 4] = [Table::Activity, Table::Cleanup, Table::Retention, Table::Guards];

/// Shows the policy of a library, or of one of its subscriptions.
pub fn run(args: &ShowArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let day = load::day(&args.day);
    let of_day = policy.on(day);
    let library = find_library(&of_day, &args.library)?;
    let subscriptions = match &args.subscription {
        None => library.subscriptions.iter().collect(),
        Some(code) => vec![find_subscription(library, code)?],
    };
    let with_tables = args.subscription.is_none();
    let shown = Shown { policy: &policy, of_day: &of_day, library, subscriptions, with_tables };
    terminal::result(&match args.format.format {
        Format::Text => shown.to_text(),
        Format::Json => format!("{:#}\n", shown.to_json()),
    })?;
    Ok(Done::Well)
}

fn find_library<'a>(of_day: &'a DayPolicy, code: &str) -> Result<&'a Library, Refusal> {
    of_day.library(code).ok_or_else(|| {
        let group = of_day.groups.iter().position(|group| group.code == code);
        let members = of_day.libraries.iter().filter(|library| group.is_none() || library.group == group);
        let known: Vec<String> = members.map(|library| library.code.clone()).collect();
        let code = code.to_owned();
        match group {
            Some(_) => Refusal::GroupToShow { code, members: known },
            None => Refusal::NoLibraryToShow { near: nearest(&code, &known), code, known },
        }
    })
}

fn find_subscription<'a>(library: &'a Library, code: &str) -> Result<&'a Subscription, Refusal> {
    library.subscriptions.iter().find(|subscription| subscription.code == code).ok_or_else(|| {
        let known: Vec<String> = library.subscriptions.iter().map(|subscription| subscription.code.clone()).collect();
        Refusal::NoSubscriptionToShow {
            library: library.code.clone(),
            near: nearest(code, &known),
            code: code.to_owned(),
            known,
        }
    })
}

/// The code that was probably meant.
fn nearest(code: &str, codes: &[String]) -> Option<String> {
    lapse_policy::nearest(code, codes.iter().map(|code| &**code)).map(ToOwned::to_owned)
}

/// What is shown.
struct Shown<'a> {
    policy: &'a Policy,
    of_day: &'a DayPolicy,
    library: &'a Library,
    subscriptions: Vec<&'a Subscription>,
    with_tables: bool,
}

impl Shown<'_> {
    fn day(&self) -> Day {
        self.of_day.date
    }

    fn trail(&self, setting: Setting<'_>) -> Vec<Provenance> {
        trail(self.policy, self.day(), Some(&self.library.code), setting)
    }

    fn to_text(&self) -> String {
        let mut text = format!("{STRONG}{}{STRONG:#} ({})", self.library.name.value, self.library.code);
        if let Some(group) = self.library.group.map(|group| &self.of_day.groups[group]) {
            let kind = group.kind.value.number();
            let _ = write!(text, ", group {} ({}, kind {kind})", group.name.value, group.code);
        }
        let _ = writeln!(text, ", as it stands on {}", self.day());
        if self.subscriptions.is_empty() {
            let _ = writeln!(text, "\n{FAINT}no subscriptions{FAINT:#}");
        }
        for subscription in &self.subscriptions {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}: {}", subscription.code, subscription.name.value);
            for key in Table::Subscription.keys() {
                self.setting(Setting::of_subscription(key.key, &subscription.code), &mut text);
            }
        }
        for table in TABLES.iter().filter(|_| self.with_tables) {
            let _ = writeln!(text, "\n{STRONG}[{}]{STRONG:#}", table.as_str());
            for key in table.keys() {
                self.setting(Setting::of(key.key), &mut text);
            }
        }
        for (entry, loosens) in self.entries() {
            let (table, what) = named(&entry);
            let (table, mark) = (table.as_str(), mark(loosens));
            let _ = writeln!(text, "\n{STRONG}[{table}.{}]{STRONG:#}, {what}{mark}", entry.name);
            entry.keys.iter().for_each(|(name, trail)| lines(name, trail, "", &mut text));
        }
        let releases = self.releases();
        if !releases.is_empty() {
            let _ = writeln!(text, "\n{STRONG}Released from what is enforced{STRONG:#}{}", mark(true));
            for release in &releases {
                lines(&release.value, &[Provenance { value: String::new(), ..release.clone() }], "", &mut text);
            }
        }
        for plugin in self.plugins() {
            let _ = writeln!(text, "\n{STRONG}[plugins.{}]{STRONG:#}, named by the {}", plugin.name, plugin.layer);
            for (name, statement) in of_plugin(self.policy, &plugin) {
                let _ = writeln!(text, "  {name:<24}  {:<14}  {FAINT}{statement}{FAINT:#}", statement.value);
            }
        }
        text
    }

    /// The plugins that take part at this library.
    fn plugins(&self) -> Vec<Plugin> {
        let here = self.of_day.libraries.iter().position(|library| library.code == self.library.code);
        let takes_part = |plugin: &Plugin| here.is_some_and(|here| plugin.scope[here]);
        self.policy.plugins().into_iter().filter(|plugin| self.with_tables && takes_part(plugin)).collect()
    }

    fn setting(&self, setting: Setting<'_>, text: &mut String) {
        let trail = self.trail(setting);
        if let Some(name) = name_of(setting.key, &trail) {
            lines(name, &trail, &mark(loosens_here(setting.key, &trail)), text);
        }
    }

    /// The keeps, narrowings and ends of this library, each with whether it lets more go than if no file said anything.
    fn entries(&self) -> Vec<(entries::Shown, bool)> {
        if !self.with_tables {
            return Vec::new();
        }
        let Library { code, settings, .. } = self.library;
        let loosening =
            entries_that_loosen((self.of_day, &Entries::default()), (self.of_day, &settings.entries)).entries;
        let all = entries::shown(self.policy, self.day(), code, &settings.entries, &self.of_day.facts);
        let marked = |entry: entries::Shown| {
            let loosens = loosening.contains(&(named(&entry).0, entry.name.clone()));
            (entry, loosens)
        };
        all.into_iter().map(marked).collect()
    }

    /// What files no longer enforce for this library.
    fn releases(&self) -> Vec<Provenance> {
        if self.with_tables { of_releases(self.policy, self.day(), &self.library.code) } else { Vec::new() }
    }

    fn to_json(&self) -> Value {
        let subscriptions = self.subscriptions.iter().map(|subscription| {
            let code = &*subscription.code;
            let keys = Table::Subscription.keys().chain([Key::SubscriptionName.spec()]);
            let settings = keys.map(|key| {
                let trail = self.trail(Setting::of_subscription(key.key, code));
                (key.name.to_owned(), setting_to_json(&trail, code))
            });
            (code.to_owned(), Value::Object(settings.collect()))
        });
        let group = self.library.group.map(|group| {
            let group = &self.of_day.groups[group];
            json!({ "code": group.code, "name": group.name.value, "kind": group.kind.value.number() })
        });
        let mut value = json!({
            "date": self.day().to_string(),
            "library": { "code": self.library.code, "name": self.library.name.value },
            "group": group,
            "subscriptions": subscriptions.collect::<Map<_, _>>(),
        });
        for table in TABLES.iter().filter(|_| self.with_tables) {
            let settings = table.keys().filter_map(|key| {
                let trail = self.trail(Setting::of(key.key));
                let name = name_of(key.key, &trail)?;
                let mut setting = setting_to_json(&trail, "");
                if loosens_here(key.key, &trail) {
                    setting["loosens"] = true.into();
                }
                Some((name.to_owned(), setting))
            });
            value[table.as_str()] = Value::Object(settings.collect());
        }
        for (entry, loosens) in self.entries() {
            let (table, what) = named(&entry);
            let keys = entry.keys.iter().map(|(name, trail)| (name.clone(), setting_to_json(trail, "")));
            let keys: Map<_, _> = keys.collect();
            value[table.as_str()][&entry.name] = json!({ "what": what, "loosens": loosens, "keys": keys });
        }
        let releases = self.releases();
        if !releases.is_empty() {
            value["releases"] = json!(releases);
        }
        let plugins: Vec<Value> = self
            .plugins()
            .iter()
            .map(|plugin| {
                let keys =
                    of_plugin(self.policy, plugin).into_iter().map(|(name, said)| (name.to_owned(), json!(said)));
                let mut value = Value::Object(keys.collect());
                value["name"] = plugin.name.clone().into();
                value
            })
            .collect();
        if !plugins.is_empty() {
            value["plugins"] = plugins.into();
        }
        value
    }
}

/// The table in which an entry stands, and what it is.
fn named(entry: &entries::Shown) -> (Table, &'static str) {
    match entry.what {
        What::Keep => (Table::Keeps, "a keep"),
        What::Narrowing => (Table::Keeps, "narrows the built-in reason"),
        What::End => (Table::Ends, "an end"),
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

fn mark(loosens: bool) -> String {
    if loosens { format!(" {WARNING}(loosens){WARNING:#}") } else { String::new() }
}

/// Adds a line with the value and where it comes from, and below it a line for each value that it overrode.
fn lines(name: &str, trail: &[Provenance], mark: &str, text: &mut String) {
    for (index, statement) in trail.iter().enumerate() {
        if index == 0 {
            let _ = writeln!(text, "  {name:<24}  {:<14}  {FAINT}{statement}{FAINT:#}{mark}", statement.value);
        } else {
            let _ = writeln!(text, "  {FAINT}{:<24}  over {:<14}  {statement}{FAINT:#}", "", statement.value);
        }
    }
}

/// The statement that decides, with the others as `overrode`. Where nobody gave a name, the value is `or`.
fn setting_to_json(trail: &[Provenance], or: &str) -> Value {
    let (deciding, overrode) = trail.split_first().expect("a trail begins with the built-in value");
    let mut value = json!(deciding);
    if deciding.value.is_empty() && deciding.file.is_none() {
        value["value"] = or.into();
    }
    value["overrode"] = json!(overrode);
    value
}
