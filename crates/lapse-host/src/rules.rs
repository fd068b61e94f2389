//! The plugins as the engine asks them: each in its turn about a batch of patrons, its verdicts checked.

use lapse_engine::{Batch, Codes, ExtraError, ExtraReason, ExtraRules, ExtraVerdict, MembershipDecision, Patron};
use lapse_policy::DayPolicy;
use lapse_tables::PatronFacts;

use crate::batch::Scribe;
use crate::caller::{Caller, Unjudged};
use crate::child::Stopped;
use crate::host::{Host, Plugin};
use crate::verdicts::{Objection, Rights};
use crate::world::World;

/// The plugins of a policy with the facts of a run.
pub struct HostRules<'a> {
    host: &'a Host,
    world: World<'a>,
    facts: &'a dyn PatronFacts,
}

impl Host {
    /// The word for a reason in the tables: `plugin-name/reason`.
    pub fn word(&self, reason: ExtraReason) -> &str {
        &self.words[reason.index()]
    }

    /// What the engine asks in a run by the policy of a day over facts with these codes, which start with those of a
    /// policy with the same libraries.
    pub fn rules<'a>(&'a self, of_day: &'a DayPolicy, codes: &'a Codes, facts: &'a dyn PatronFacts) -> HostRules<'a> {
        HostRules { host: self, world: World::new(of_day, codes), facts }
    }
}

impl ExtraRules for HostRules<'_> {
    fn judge(&self, batch: &Batch<'_>, verdicts: &mut Vec<ExtraVerdict>) -> Result<(), ExtraError> {
        for plugin in &self.host.plugins {
            let named = |what: String| ExtraError(format!("the plugin {}: {what}", plugin.spec.name));
            let asking = Asking { rules: self, plugin, batch };
            let work = |caller: &mut Caller| asking.patrons(caller, 0, batch.patrons.len(), batch.decided, verdicts);
            plugin.pool.with(|| self.host.another(plugin), work).map_err(named)??;
        }
        Ok(())
    }

    fn word(&self, reason: ExtraReason) -> &str {
        self.host.word(reason)
    }
}

/// One plugin and one batch.
struct Asking<'a> {
    rules: &'a HostRules<'a>,
    plugin: &'a Plugin,
    batch: &'a Batch<'a>,
}

impl Asking<'_> {
    /// Asks about the patrons from `start` to before `end`; about half of them at a time where their facts do not fit.
    fn patrons(
        &self,
        caller: &mut Caller,
        start: usize,
        end: usize,
        decided: &[MembershipDecision],
        verdicts: &mut Vec<ExtraVerdict>,
    ) -> Result<(), ExtraError> {
        let spec = &self.plugin.spec;
        let scribe = Scribe {
            world: &self.rules.world,
            facts: self.rules.facts,
            columns: &self.plugin.columns,
            scope: &spec.scope,
            everywhere: spec.scope.iter().all(|&takes_part| takes_part),
        };
        let rights = Rights { grants: spec.grants, reasons: &self.plugin.reasons, scope: &spec.scope };
        let unjudged = match caller.judge(&scribe, &rights, self.batch, start..end, decided, verdicts) {
            Ok(()) => return Ok(()),
            Err(Unjudged::Full) if end - start > 1 => {
                let half = start + (end - start) / 2;
                let memberships = |patron: &Patron<'_>| patron.memberships.len();
                let (first, second) = decided.split_at(self.batch.patrons[start..half].iter().map(memberships).sum());
                self.patrons(caller, start, half, first, verdicts)?;
                return self.patrons(caller, half, end, second, verdicts);
            }
            Err(unjudged) => unjudged,
        };
        Err(ExtraError(self.sentence(start, end, unjudged)))
    }

    /// What went wrong, with the plugin, and the patron or the batch.
    fn sentence(&self, start: usize, end: usize, unjudged: Unjudged) -> String {
        let name = &self.plugin.spec.name;
        let id = |patron: usize| self.rules.facts.id(self.batch.first + patron);
        let these = match end - start {
            0 => "a batch without patrons".to_owned(),
            1 => format!("patron {}", id(start)),
            _ => format!("the batch from patron {} to patron {}", id(start), id(end - 1)),
        };
        match unjudged {
            Unjudged::Full => format!("the plugin {name} cannot judge {these}, whose facts are too large to hand over"),
            Unjudged::Stopped(Stopped::Ended(what)) => {
                format!("the plugin {name} {what} on {these}; tell its author, or take it out of the policy")
            }
            Unjudged::Stopped(Stopped::Told(told)) => {
                let whom = told.patron.map_or(these, |patron| format!("patron {}", id(patron as usize)));
                format!(
                    "the plugin {name} failed on {whom}: {}; tell its author, or take it out of the policy",
                    told.text
                )
            }
            Unjudged::Objection(Objection { patron, what }) => {
                let whom = patron.map_or(these, |patron| format!("patron {}", id(patron)));
                format!("the plugin {name} {what} (on {whom}); correct the policy, or tell its author")
            }
        }
    }
}
