//! One run, by the policy of its day, over patrons that are already at hand: what it decides about one of them, and the
//! look-ups that the sentences of the three stages share.

use lapse_engine::{
    Decisions, ExtraError, ExtraReason, ExtraRules, LibraryId, Listener, NamedId, Patron, Room, Rules, Silent,
    evaluate_batch, evaluate_heard,
};
use lapse_host::Plugins;
use lapse_policy::provenance::{Provenance, deciding, of_plugin};
use lapse_policy::{Day, DayPolicy, Policy, Setting};
use lapse_tables::Extract;

use crate::story::Step;

/// One run over the patrons of an extract.
pub struct DayRun<'a> {
    /// The policy on every day.
    pub policy: &'a Policy,
    /// The policy on the day of the run.
    pub of_day: &'a DayPolicy,
    /// The same, as the engine takes it.
    pub rules: &'a Rules,
    /// The patrons.
    pub extract: &'a Extract,
    /// The plugins of the policy.
    pub plugins: &'a Plugins,
    /// The same as the engine asks them on this day; none where there is no plugin.
    extra: Option<Box<dyn ExtraRules + 'a>>,
}

impl<'a> DayRun<'a> {
    /// The run of a day: `of_day` is the policy on it, and `rules` are [`Rules::new`] of it and the codes of the extract.
    pub fn new(
        policy: &'a Policy,
        of_day: &'a DayPolicy,
        rules: &'a Rules,
        extract: &'a Extract,
        plugins: &'a Plugins,
    ) -> DayRun<'a> {
        let extra = plugins.rules(of_day, extract);
        let extra = extra.map(|extra| Box::new(extra) as Box<dyn ExtraRules + 'a>);
        DayRun { policy, of_day, rules, extract, plugins, extra }
    }

    /// Decides about the patron at `index` of the extract, while `listener` hears each rule that is tried.
    pub fn decide(&self, index: usize, listener: &mut impl Listener) -> Result<Decisions, ExtraError> {
        self.decide_about(index, &self.extract.patron(index), listener)
    }

    /// Decides about the patron at `index` of the extract, whose rows have become those of `patron` since.
    fn decide_about(
        &self,
        index: usize,
        patron: &Patron<'_>,
        listener: &mut impl Listener,
    ) -> Result<Decisions, ExtraError> {
        let mut decisions = Decisions::default();
        match self.extra() {
            None => evaluate_heard(patron, self.rules, &mut decisions, listener),
            Some(extra) => {
                let patrons = std::slice::from_ref(patron);
                let keep = |_, decided: &Decisions| decisions.clone_from(decided);
                evaluate_batch(index, patrons, self.rules, extra, &mut Room::default(), listener, keep)?;
            }
        }
        Ok(decisions)
    }

    /// Decides about the patron at `index` in later runs, each by the policy of its day, for [`lapse_engine::Runs`].
    pub fn on_later_days(
        &self,
        index: usize,
    ) -> impl Fn(&DayPolicy, &Rules, &Patron<'_>) -> Result<Decisions, ExtraError> {
        move |of_day, rules, patron| {
            let later = DayRun::new(self.policy, of_day, rules, self.extract, self.plugins);
            later.decide_about(index, patron, &mut Silent)
        }
    }

    /// The word for a keep or an end.
    pub fn named(&self, entry: NamedId) -> &str {
        self.extract.codes.entry(entry)
    }

    /// The word for a plugin's reason.
    pub fn word(&self, reason: ExtraReason) -> &str {
        self.extra().map_or("", |extra| extra.word(reason))
    }

    /// The day of the run.
    pub(crate) fn date(&self) -> Day {
        self.of_day.date
    }

    /// The code of a library.
    pub(crate) fn library(&self, library: LibraryId) -> &'a str {
        self.extract.codes.libraries.text(library)
    }

    /// The policy line that decides a setting at a library; without a library, for the consortium.
    pub(crate) fn line(&self, library: Option<&str>, setting: Setting<'_>) -> Provenance {
        deciding(self.policy, self.date(), library, setting)
    }

    /// The step of a plugin that gave a verdict, `says` in words, about something at a library; with the policy lines
    /// that brought the plugin in and that grant it this.
    pub(crate) fn verdict(&self, says: &str, library: LibraryId, reason: ExtraReason, applies: bool) -> Step {
        let plugin = self.extra().and_then(|extra| self.plugins.that_gave(extra, reason, library.index()));
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

    fn extra(&self) -> Option<&dyn ExtraRules> {
        self.extra.as_deref()
    }
}
