//! Where a value of the policy comes from, as people and programs read it: the file and line, the amendment, its reason.
//! Every front end shows and serialises the same statement.

use std::fmt;

use serde::Serialize;

use crate::file::key_path;
use crate::policy::{Policy, Setting};
use crate::schema::{Key, Kind, Table};
use crate::{Amendment, Day, Layer, Origin, Plugin, ReleaseView};

/// One statement about a setting, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The key as policy files write it, such as `subscriptions.adult.fee`.
    pub key: String,
    /// The value as it is written, without the quotes of a text; empty for a name that nobody gave.
    pub value: String,
    /// `built-in`, `consortium`, `group` or `library`.
    pub layer: &'static str,
    /// The file, relative to the policy directory; none for a built-in value.
    pub file: Option<String>,
    /// The line of the key in that file, from 1.
    pub line: Option<usize>,
    /// The amendment that it stands in, if any.
    pub amendment: Option<AmendmentLine>,
}

/// The amendment that a statement stands in, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmendmentLine {
    /// The first day on which it holds, as `YYYY-MM-DD`.
    pub from: String,
    /// Why it was made.
    pub reason: String,
    /// Whether lower files cannot override it.
    pub enforced: bool,
}

/// Every statement about a setting of a library on a day, the one that decides first, then what it overrode.
pub fn trail(policy: &Policy, day: Day, library: Option<&str>, setting: Setting<'_>) -> Vec<Provenance> {
    policy.trail(day, library, setting).into_iter().rev().map(|origin| provenance(policy, origin, setting)).collect()
}

/// The statement that decides a setting.
pub fn deciding(policy: &Policy, day: Day, library: Option<&str>, setting: Setting<'_>) -> Provenance {
    let origin = policy.trail(day, library, setting).pop().unwrap_or(Origin::BuiltIn);
    provenance(policy, origin, setting)
}

/// What files no longer enforce for a library on a day: each key with the amendment that releases it.
pub fn of_releases(policy: &Policy, day: Day, library: &str) -> Vec<Provenance> {
    let applies = |release: &ReleaseView<'_>| release.amendment.from <= day && release.libraries.contains(&library);
    let mut all = Vec::new();
    for ReleaseView { file, line, amendment, libraries: _, keys } in policy.releases().into_iter().filter(applies) {
        let layer = if file == "consortium.toml" { Layer::Consortium } else { Layer::Group };
        all.extend(keys.into_iter().map(|value| Provenance {
            key: "release".to_owned(),
            value,
            layer: layer.as_str(),
            file: Some(file.to_owned()),
            line: Some(line),
            amendment: Some(amendment_line(amendment)),
        }));
    }
    all
}

/// Every key of a plugin that has a value, with where it comes from, in the order of policy.md.
pub fn of_plugin(policy: &Policy, plugin: &Plugin) -> Vec<(&'static str, Provenance)> {
    let Plugin { name, layer: _, scope: _, file, sha256, grants, config, columns, timeout_seconds, isolation } = plugin;
    let origins = [
        (Key::PluginFile, Some(file.origin)),
        (Key::PluginSha256, sha256.as_ref().map(|pin| pin.origin)),
        (Key::PluginGrants, Some(grants.origin)),
        (Key::PluginConfig, Some(config.origin)),
        (Key::PluginColumns, Some(columns.origin)),
        (Key::PluginTimeoutSeconds, Some(timeout_seconds.origin)),
        (Key::PluginIsolation, Some(isolation.origin)),
    ];
    origins
        .into_iter()
        .filter_map(|(key, origin)| {
            let setting = Setting::of_subscription(key, name);
            Some((key.spec().name, provenance(policy, origin?, setting)))
        })
        .collect()
}

/// The statement at an origin of a setting.
pub fn provenance(policy: &Policy, origin: Origin, setting: Setting<'_>) -> Provenance {
    match origin {
        Origin::BuiltIn => {
            let spec = setting.key.spec();
            let of_subscription = matches!(spec.table, Table::Subscription | Table::Subscriptions);
            let name = setting.subscription.filter(|_| !of_subscription);
            Provenance {
                key: key_path(setting.key, name, setting.fact),
                value: match spec.kind {
                    Kind::MonthDayOrNone | Kind::MonthsOrNone => "none".to_owned(),
                    _ => without_quotes(spec.default.unwrap_or_default()),
                },
                layer: "built-in",
                file: None,
                line: None,
                amendment: None,
            }
        }
        Origin::File(id) => {
            let assignment = policy.assignment(id);
            Provenance {
                key: assignment.key,
                value: without_quotes(assignment.text),
                layer: assignment.layer.as_str(),
                file: Some(assignment.file.to_owned()),
                line: Some(assignment.line),
                amendment: assignment.amendment.map(amendment_line),
            }
        }
    }
}

fn amendment_line(amendment: &Amendment) -> AmendmentLine {
    AmendmentLine { from: amendment.from.to_string(), reason: amendment.reason.clone(), enforced: amendment.enforce }
}

/// Takes the quotes off a text, which TOML needs and people do not.
fn without_quotes(toml: &str) -> String {
    let inside = toml.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.filter(|text| !text.contains(['"', '\\'])).unwrap_or(toml).to_owned()
}

impl fmt::Display for Provenance {
    /// Where it stands, such as `consortium.toml:33, amendment of 2022-07-01, enforced: Renewal becomes conditional`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(file), Some(line)) = (&self.file, self.line) else {
            return f.write_str("built-in default");
        };
        write!(f, "{file}:{line}")?;
        if let Some(AmendmentLine { from, reason, enforced }) = &self.amendment {
            let enforced = if *enforced { ", enforced" } else { "" };
            write!(f, ", amendment of {from}{enforced}: {reason}")?;
        }
        Ok(())
    }
}
