//! What records activity: the sources that the policy counts, and one that it counts nowhere.

use lapse_policy::{DayPolicy, FactSource, Library};

use crate::chance::Weighted;
use crate::field::{Field, field, unused};

/// A source of activity.
#[derive(Debug)]
pub struct Source {
    /// Its name.
    pub name: Field,
    /// Its rows name no library.
    pub online: bool,
    /// It is counted and sends no more, so that nobody was seen by it lately.
    pub rests: bool,
}

/// Every source of activity.
pub struct Sources {
    all: Vec<Source>,
    /// A source that no library counts.
    pub uncounted: Field,
    counted: Vec<Weighted<usize>>,
    /// A source that each library counts and that does not rest, where it has one.
    awake: Vec<Option<usize>>,
}

/// The source that records the use of online profiles.
const ONLINE: &str = "mijn-bibliotheek";

impl Sources {
    /// The sources that the policy counts anywhere, and those that each of `libraries` counts.
    pub fn of(policy: &DayPolicy, libraries: &[&Library]) -> Sources {
        let mut names: Vec<&str> = Vec::new();
        let settings = std::iter::once(&policy.consortium.settings).chain(libraries.iter().map(|l| &l.settings));
        for source in settings.flat_map(|settings| &settings.activity.sources.value) {
            if !names.contains(&&**source) {
                names.push(source);
            }
        }
        let number =
            |name: &str| names.iter().position(|other| *other == name).expect("every counted source has a name");
        let counted = |library: &&Library| {
            let sources = &library.settings.activity.sources.value;
            Weighted::new(sources.iter().map(|name| (weight(name), number(name))))
        };
        let rests = |name: &str| policy.consortium.guards.resting_sources.value.iter().any(|resting| resting == name);
        let awake = |library: &&Library| {
            let sources = &library.settings.activity.sources.value;
            sources.iter().find(|name| !rests(name)).map(|name| number(name))
        };
        // A source that a fact names would be looked at.
        let of_facts = policy.facts.iter().flat_map(|fact| match &fact.source {
            FactSource::Activity { sources } => &sources[..],
            FactSource::Column { .. } => &[],
        });
        let of_facts = of_facts.map(String::as_str);
        Sources {
            awake: libraries.iter().map(awake).collect(),
            uncounted: field(&unused("kiosk", &names.iter().copied().chain(of_facts))),
            counted: libraries.iter().map(counted).collect(),
            all: names
                .iter()
                .map(|&name| Source { name: field(name), online: name == ONLINE, rests: rests(name) })
                .collect(),
        }
    }

    /// The source with this number.
    pub fn get(&self, source: usize) -> &Source {
        &self.all[source]
    }

    /// Every source that some library counts.
    pub fn all(&self) -> &[Source] {
        &self.all
    }

    /// The numbers of the sources that a library counts.
    pub fn counted(&self, library: usize) -> &Weighted<usize> {
        &self.counted[library]
    }

    /// A source that a library counts and that does not rest, where it has one.
    pub fn awake(&self, library: usize) -> Option<&Source> {
        Some(&self.all[self.awake[library]?])
    }

    /// The source of online profiles, where some library counts it.
    pub fn online(&self) -> Option<&Source> {
        self.all.iter().find(|source| source.online)
    }
}

/// Most visits are known from the library system itself, and few from the system before it.
fn weight(source: &str) -> u32 {
    match source {
        "wise" => 14,
        "sip2" => 6,
        "legacy" => 1,
        _ => 4,
    }
}
