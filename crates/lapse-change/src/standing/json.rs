//! The policy of a library as JSON, as `lapse show --format json` prints it.
//! Each value has within it what it overrode.

use lapse_policy::provenance::Provenance;
use lapse_policy::{Key, Library};
use serde_json::{Map, Value, json};

use super::{OfPlugin, OfSubscription, OfTable, Row, Standing};

impl Standing<'_> {
    /// The subscriptions by code, then the tables with their settings, and what else is said.
    pub fn to_json(&self) -> Value {
        let Library { code, name, .. } = self.library;
        let group = self
            .group()
            .map(|group| json!({ "code": group.code, "name": group.name.value, "kind": group.kind.value.number() }));
        let subscriptions: Map<_, _> = self.subscriptions.iter().map(of_subscription).collect();
        let mut value = json!({
            "date": self.of_day.date.to_string(),
            "library": { "code": code, "name": name.value },
            "group": group,
            "subscriptions": subscriptions,
        });
        for OfTable { table, rows } in &self.tables {
            let settings = rows.iter().map(|Row { name, trail, loosens }| {
                let mut setting = of_setting(trail, "");
                if *loosens {
                    setting["loosens"] = true.into();
                }
                ((*name).to_owned(), setting)
            });
            value[table.as_str()] = Value::Object(settings.collect());
        }
        for of_entry in &self.entries {
            let keys = of_entry.entry.keys.iter().map(|(name, trail)| (name.clone(), of_setting(trail, "")));
            let keys: Map<_, _> = keys.collect();
            value[of_entry.table().as_str()][&of_entry.entry.name] =
                json!({ "what": of_entry.what(), "loosens": of_entry.loosens, "keys": keys });
        }
        if !self.releases.is_empty() {
            value["releases"] = json!(self.releases);
        }
        if !self.plugins.is_empty() {
            value["plugins"] = self.plugins.iter().map(of_plugin).collect();
        }
        value
    }
}

fn of_subscription(of: &OfSubscription<'_>) -> (String, Value) {
    let code = &of.subscription.code;
    let rows = of.rows.iter().map(|Row { name, trail, .. }| (*name, trail));
    let settings = rows.chain([(Key::SubscriptionName.spec().name, &of.name)]);
    let settings = settings.map(|(name, trail)| (name.to_owned(), of_setting(trail, code)));
    (code.clone(), Value::Object(settings.collect()))
}

fn of_plugin(OfPlugin { plugin, keys }: &OfPlugin) -> Value {
    let keys = keys.iter().map(|(name, said)| ((*name).to_owned(), json!(said)));
    let mut value = Value::Object(keys.collect());
    value["name"] = plugin.name.clone().into();
    value
}

/// The statement that decides, with the others as `overrode`. Where nobody gave a name, the value is `or`.
fn of_setting(trail: &[Provenance], or: &str) -> Value {
    let (deciding, overrode) = trail.split_first().expect("a trail begins with the built-in value");
    let mut value = json!(deciding);
    if deciding.value.is_empty() && deciding.file.is_none() {
        value["value"] = or.into();
    }
    value["overrode"] = json!(overrode);
    value
}
