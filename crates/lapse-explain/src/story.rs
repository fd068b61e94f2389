//! The story as data, which prints as text or JSON, and how it is put together.

use lapse_engine::{
    Decisions, Event, ExtraError, ExtraReason, ExtraRules, LibraryId, Listener, Patron, Room, Rules, evaluate_batch,
    evaluate_heard,
};
use lapse_host::Plugins;
use lapse_policy::{Day, DayPolicy, Policy, Setting};
use lapse_tables::{Extract, Reject, TracedRow};
use serde::Serialize;

use super::{cleanup, customer_run, later, profile};
use lapse_policy::provenance::{Provenance, deciding, of_plugin};

/// Why a patron gets these outcomes, and when they change if nobody does anything.
#[derive(Debug, Serialize)]
pub struct Story {
    /// The id.
    pub patron: String,
    /// The run day.
    pub date: String,
    /// A row of the patron was rejected, so no membership is ended and no record removed.
    pub held: bool,
    /// The patron's rows, by table and line.
    pub facts: Vec<Fact>,
    /// Each rule that was tried.
    #[serde(flatten)]
    pub why: Why,
    /// What changes at later runs.
    pub later: later::Later,
}

/// What was decided about a patron, rule by rule.
#[derive(Debug, Serialize)]
pub struct Why {
    /// Stage 1, each membership.
    pub memberships: Vec<Chapter>,
    /// Stage 2, each record.
    pub records: Vec<Chapter>,
    /// Stage 3.
    pub profile: Option<Chapter>,
}

/// A row of a table.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// The table.
    pub table: &'static str,
    /// Its file within the data directory.
    pub file: String,
    /// The physical line; in Parquet the number of the row.
    pub line: u64,
    /// Its values, in words.
    pub text: String,
    /// Why it was rejected, if it was.
    pub rejected: Option<String>,
}

/// What was decided about one thing, rule by rule.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The subscription of a membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The word of the output table.
    pub outcome: &'static str,
    /// The words of the output table.
    pub reasons: Vec<String>,
    /// What follows from it, in a sentence.
    pub so: String,
    /// The rules as they were tried.
    pub steps: Vec<Step>,
}

/// A rule that was tried.
#[derive(Debug, Serialize)]
pub struct Step {
    /// As docs/rules.md names it: `rule 4`, `ended-recently`.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was compared, in a sentence.
    pub sentence: String,
    /// The policy lines behind it.
    pub policy: Vec<Provenance>,
}

/// What the tellers of the chapters look at.
pub struct Scene<'a> {
    /// The policy on every day.
    pub policy: &'a Policy,
    /// The policy on the day of the run.
    pub of_day: &'a DayPolicy,
    /// The same, as the engine takes it.
    pub rules: &'a Rules,
    /// The patrons.
    pub extract: &'a Extract,
    /// The patron's place in the extract.
    pub index: usize,
    /// The plugins of the policy.
    pub plugins: &'a Plugins,
    /// The same as the engine asks them; none where there is no plugin.
    pub extra: Option<&'a dyn ExtraRules>,
}

impl<'s> Scene<'s> {
    pub(super) fn run(&self) -> Day {
        self.of_day.date
    }

    pub(super) fn library(&self, library: lapse_engine::LibraryId) -> &'s str {
        self.extract.codes.libraries.text(library)
    }

    /// The word for a plugin's reason.
    pub fn word(&self, reason: ExtraReason) -> &str {
        self.extra.map_or("", |extra| extra.word(reason))
    }

    /// A plugin's verdict, with the policy lines that brought the plugin in and that grant it this.
    pub fn verdict(&self, says: &str, library: LibraryId, reason: ExtraReason, applies: bool) -> Step {
        let plugin = self.extra.and_then(|extra| self.plugins.that_gave(extra, reason, library.index()));
        let word = self.word(reason);
        let name = word.split_once('/').map_or(word, |(name, _)| name);
        let so = if applies { "" } else { ", which changes nothing here" };
        let policy = plugin.map(|plugin| of_plugin(self.policy, plugin)).unwrap_or_default();
        let lines = policy.into_iter().filter(|(key, _)| ["file", "grants"].contains(key)).map(|(_, line)| line);
        Step {
            rule: format!("plugin {name}"),
            holds: applies,
            sentence: format!("It says: {says} ({word}){so}."),
            policy: lines.collect(),
        }
    }

    /// The policy line that decides a setting at a library.
    pub(super) fn line(&self, library: &str, setting: Setting<'_>) -> Provenance {
        deciding(self.policy, self.run(), Some(library), setting)
    }
}

/// Tells the story of the patron at `index` of an extract; `rows` are the patron's rows as they stand in the files.
pub fn tell(
    policy: &Policy,
    of_day: &DayPolicy,
    extract: &Extract,
    index: usize,
    rows: &[TracedRow],
    plugins: &Plugins,
) -> Result<Story, ExtraError> {
    let rules = Rules::new(of_day, &extract.codes);
    let extra = plugins.rules(of_day, extract);
    let extra = extra.as_ref().map(|extra| extra as &dyn ExtraRules);
    let scene = Scene { policy, of_day, rules: &rules, extract, index, plugins, extra };
    let patron = extract.patron(index);
    let mut events: Vec<Event> = Vec::new();
    let decisions = decide(index, &patron, &rules, extra, &mut events)?;
    let later = later::look_ahead(&scene, &patron, &decisions)?;
    Ok(Story {
        patron: extract.ids.get(index).to_owned(),
        date: of_day.date.to_string(),
        held: patron.held,
        facts: rows.iter().map(|row| fact(row, &extract.rejects)).collect(),
        why: why(&scene, &patron, &decisions, &events),
        later,
    })
}

/// Decides about one patron, with what plugins say where there are any.
pub fn decide<L: Listener>(
    index: usize,
    patron: &Patron<'_>,
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    listener: &mut L,
) -> Result<Decisions, ExtraError> {
    let mut decisions = Decisions::default();
    match extra {
        None => evaluate_heard(patron, rules, &mut decisions, listener),
        Some(extra) => {
            let patrons = std::slice::from_ref(patron);
            let keep = |_, decided: &Decisions| decisions.clone_from(decided);
            evaluate_batch(index, patrons, rules, extra, &mut Room::default(), listener, keep)?;
        }
    }
    Ok(decisions)
}

/// Tells each rule that was tried: `events` are what the engine told while it made the decisions.
pub fn why(scene: &Scene<'_>, patron: &Patron<'_>, decisions: &Decisions, events: &[Event]) -> Why {
    Why {
        memberships: customer_run::chapters(scene, patron, decisions, events),
        records: cleanup::chapters(scene, patron, decisions, events),
        profile: profile::chapter(scene, decisions, events),
    }
}

fn fact(row: &TracedRow, rejects: &[Reject]) -> Fact {
    let rejected = rejects.iter().find(|reject| reject.file == row.file && reject.line == row.line);
    let values: Vec<String> =
        row.values.iter().map(|(column, value)| format!("{} {value}", column.replace('_', " "))).collect();
    Fact {
        table: row.table.name(),
        file: row.file.to_string(),
        line: row.line,
        text: values.join(", "),
        rejected: rejected.map(|reject| format!("{} `{}`: {}", reject.column, reject.value, reject.problem)),
    }
}
