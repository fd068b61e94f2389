//! The plugins of a policy: which take part, where, and what they may decide (policy.md, "Plugins"). Only what a policy
//! says of a plugin stands here; whoever loads plugins looks into their files.

use crate::file::{CodeId, PolicyFile, Target};
use crate::policy::Policy;
use crate::resolve::default;
use crate::schema::{Key, Layer};
use crate::value::FromValue;
use crate::{Grant, Isolation, Origin, PluginColumn, Sourced};

/// A plugin, as one policy file names it.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its name in the policy: small letters and digits with single hyphens.
    pub name: String,
    /// The kind of file that names it: it takes part there and below.
    pub layer: Layer,
    /// For each library of the policy, whether it takes part there.
    pub scope: Vec<bool>,
    /// `file`
    pub file: Sourced<String>,
    /// `sha256`, where it is pinned: 64 hexadecimal digits.
    pub sha256: Option<Sourced<String>>,
    /// `grants`
    pub grants: Sourced<Vec<Grant>>,
    /// `config` as JSON.
    pub config: Sourced<String>,
    /// `columns`
    pub columns: Sourced<Vec<PluginColumn>>,
    /// `timeout_seconds`
    pub timeout_seconds: Sourced<u32>,
    /// `isolation`
    pub isolation: Sourced<Isolation>,
}

impl Policy {
    /// Every plugin that some file names, sorted by name. Where several files use one name, the consortium's comes first,
    /// then those of groups, then those of libraries.
    pub fn plugins(&self) -> Vec<Plugin> {
        let of_file = |file: &PolicyFile| file.plugins.iter().map(|&code| self.plugin(file, code)).collect::<Vec<_>>();
        let mut plugins: Vec<Plugin> = self.files.iter().flat_map(of_file).collect();
        plugins.sort_by(|one, two| (&one.name, one.layer).cmp(&(&two.name, two.layer)));
        plugins
    }

    fn plugin(&self, file: &PolicyFile, code: CodeId) -> Plugin {
        let mut scope = vec![false; self.links.libraries.len()];
        for library in self.libraries_below(file) {
            scope[library] = true;
        }
        let of_plugin = Said { policy: self, file, code };
        Plugin {
            name: self.codes.name(code).to_owned(),
            layer: file.layer,
            scope,
            file: of_plugin.required(Key::PluginFile),
            sha256: of_plugin.value(Key::PluginSha256),
            grants: of_plugin.required(Key::PluginGrants),
            config: of_plugin.required(Key::PluginConfig),
            columns: of_plugin.required(Key::PluginColumns),
            timeout_seconds: of_plugin.required(Key::PluginTimeoutSeconds),
            isolation: of_plugin.required(Key::PluginIsolation),
        }
    }
}

/// What a file says of one plugin.
struct Said<'a> {
    policy: &'a Policy,
    file: &'a PolicyFile,
    code: CodeId,
}

impl Said<'_> {
    fn value<T: FromValue>(&self, key: Key) -> Option<Sourced<T>> {
        let (value, origin) = match self.file.about(Target::named(key, self.code)).first() {
            Some(statement) => {
                let id = statement.assignment;
                (&self.policy.assignments[id.0 as usize].value, Origin::File(id))
            }
            None => (default(key)?, Origin::BuiltIn),
        };
        Some(Sourced { value: T::from_value(value)?, origin })
    }

    fn required<T: FromValue>(&self, key: Key) -> Sourced<T> {
        self.value(key).expect("a policy without errors says every required key, as the type of its schema")
    }
}
