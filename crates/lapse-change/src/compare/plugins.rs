//! The plugins that differ between two policies: at which libraries each takes part, and with which settings. These differences
//! hold on every day, because amendments cannot change plugins. As with settings, it makes no difference which file names a
//! plugin.

use std::collections::{BTreeMap, BTreeSet};

use lapse_policy::provenance::of_plugin;
use lapse_policy::{Day, Key, Plugin, Policy};

use super::{Difference, Value};

type Of = (Key, fn(&Plugin) -> String);

const OF_PLUGIN: [Of; 7] = [
    (Key::PluginFile, |plugin| plugin.file.value.clone()),
    (Key::PluginSha256, |plugin| plugin.sha256.as_ref().map_or("not pinned".to_owned(), |pin| pin.value.clone())),
    (Key::PluginGrants, grants),
    (Key::PluginConfig, config),
    // The order matters, because a plugin gets the columns in it.
    (Key::PluginColumns, |plugin| words(&plugin.columns.value.iter().map(ToString::to_string).collect::<Vec<_>>())),
    (Key::PluginTimeoutSeconds, |plugin| plugin.timeout_seconds.value.to_string()),
    (Key::PluginIsolation, |plugin| plugin.isolation.value.to_string()),
];

/// The grants in alphabetical order, because their order in a file means nothing.
fn grants(plugin: &Plugin) -> String {
    let mut grants: Vec<String> = plugin.grants.value.iter().map(ToString::to_string).collect();
    grants.sort_unstable();
    words(&grants)
}

/// The configuration with its keys in order, because their order in a file means nothing.
fn config(plugin: &Plugin) -> String {
    let json = &plugin.config.value;
    serde_json::from_str::<serde_json::Value>(json).map_or_else(|_| json.clone(), |sorted| sorted.to_string())
}

fn words(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// A plugin at a library. Several files may name it, and each file makes an instance of its own; `instance` counts them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    library: String,
    plugin: String,
    instance: usize,
}

/// Every difference, by library, plugin and key. Libraries that only one policy has are left out.
pub(super) fn differences(old: &Policy, new: &Policy) -> Vec<Difference> {
    let plugins = [old, new].map(Policy::plugins);
    if plugins.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let libraries = [old, new].map(libraries);
    let [before, after] = [0, 1].map(|side| taking_part(&plugins[side], &libraries[side]));
    let subjects: BTreeSet<&Subject> = before.keys().chain(after.keys()).collect();
    let in_both = |code: &String| libraries.iter().all(|libraries| libraries.contains(code));
    let mut differences = Vec::new();
    for subject in subjects.into_iter().filter(|subject| in_both(&subject.library)) {
        match (before.get(subject), after.get(subject)) {
            (Some(one), Some(other)) => {
                for (key, text) in OF_PLUGIN.iter().filter(|(_, text)| text(one) != text(other)) {
                    let [before, after] = [(old, one), (new, other)].map(|(policy, plugin)| Value {
                        text: text(plugin),
                        by: of_plugin(policy, plugin)
                            .into_iter()
                            .find(|(name, _)| *name == key.spec().name)
                            .map(second),
                    });
                    let setting = format!("plugins.{}.{}", subject.plugin, key.spec().name);
                    differences.push(subject.difference(setting, before, after));
                }
            }
            (one, other) => {
                let setting = format!("plugins.{}", subject.plugin);
                differences.push(subject.difference(setting, part(old, one), part(new, other)));
            }
        }
    }
    differences
}

impl Subject {
    fn difference(&self, setting: String, before: Value, after: Value) -> Difference {
        let library = Some(self.library.clone());
        Difference {
            library,
            subscription: None,
            setting,
            entry: None,
            before,
            after,
            from: None,
            until: None,
            loosens: false,
        }
    }
}

/// Whether a plugin takes part, and what it may do.
fn part(policy: &Policy, plugin: Option<&&Plugin>) -> Value {
    match plugin {
        Some(plugin) => Value {
            text: format!("takes part, may {}", grants(plugin)),
            by: of_plugin(policy, plugin).into_iter().next().map(second),
        },
        None => Value { text: "takes no part".to_owned(), by: None },
    }
}

fn second<A, B>((_, second): (A, B)) -> B {
    second
}

/// The codes of the libraries, which are the same on every day.
fn libraries(policy: &Policy) -> Vec<String> {
    policy.on(Day::MAX).libraries.into_iter().map(|library| library.code).collect()
}

fn taking_part<'a>(plugins: &'a [Plugin], libraries: &[String]) -> BTreeMap<Subject, &'a Plugin> {
    let mut all = BTreeMap::new();
    for (at, library) in libraries.iter().enumerate() {
        for plugin in plugins.iter().filter(|plugin| plugin.scope[at]) {
            let mut subject = Subject { library: library.clone(), plugin: plugin.name.clone(), instance: 0 };
            while all.contains_key(&subject) {
                subject.instance += 1;
            }
            all.insert(subject, plugin);
        }
    }
    all
}
