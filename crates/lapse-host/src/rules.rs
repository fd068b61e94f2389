//! The plugins as the engine asks them: each in its turn about a batch of patrons, with its verdicts checked.

use std::sync::Arc;

use lapse_engine::{Batch, Codes, ExtraError, ExtraReason, ExtraRules, ExtraVerdict, MembershipDecision, Patron};
use lapse_policy::DayPolicy;
use lapse_tables::PatronFacts;

use crate::batch::BatchWriter;
use crate::caller::{Caller, Unjudged};
use crate::ended::Stopped;
use crate::host::{Host, HostedPlugin};
use crate::judge_error::{JudgeError, Whom};
use crate::libraries::{Libraries, MadeLibraries};
use crate::verdicts::{Objection, Rights};

/// The plugins of a policy with the facts of a run.
pub struct HostRules<'a> {
    host: &'a Host,
    libraries: Arc<Libraries<'a>>,
    codes: &'a Codes,
    facts: &'a dyn PatronFacts,
}

impl<'a> HostRules<'a> {
    /// The plugins over facts with these codes, which start with those of a policy with the same libraries.
    pub(crate) fn new(
        host: &'a Host,
        of_day: &'a DayPolicy,
        codes: &'a Codes,
        facts: &'a dyn PatronFacts,
    ) -> HostRules<'a> {
        HostRules { host, libraries: Arc::new(Libraries::new(of_day, codes)), codes, facts }
    }

    /// The same with libraries that may be made already.
    pub(crate) fn with<'p: 'a>(
        host: &'a Host,
        libraries: &MadeLibraries<'p>,
        codes: &'a Codes,
        facts: &'a dyn PatronFacts,
    ) -> HostRules<'a> {
        HostRules { host, libraries: libraries.of(codes), codes, facts }
    }
}

impl ExtraRules for HostRules<'_> {
    fn judge(&self, batch: &Batch<'_>, verdicts: &mut Vec<ExtraVerdict>) -> Result<(), ExtraError> {
        for plugin in &self.host.plugins {
            let asking = Asking { rules: self, plugin, batch };
            let work = |caller: &mut Caller| asking.patrons(caller, 0, batch.patrons.len(), batch.decided, verdicts);
            let no_instance = |why| JudgeError::NoInstance { plugin: plugin.spec.name.clone(), why };
            let asked = plugin.pool.with(|| self.host.another(plugin), work);
            asked.map_err(no_instance).flatten().map_err(ExtraError::new)?;
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
    plugin: &'a HostedPlugin,
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
    ) -> Result<(), JudgeError> {
        let spec = &self.plugin.spec;
        let writer = BatchWriter {
            libraries: &self.rules.libraries,
            codes: self.rules.codes,
            facts: self.rules.facts,
            columns: &self.plugin.columns,
            scope: &spec.scope,
            everywhere: spec.scope.iter().all(|&takes_part| takes_part),
        };
        let rights = Rights { grants: spec.grants, reasons: &self.plugin.reasons, scope: &spec.scope };
        match caller.judge(&writer, &rights, self.batch, start..end, decided, verdicts) {
            Ok(()) => Ok(()),
            Err(Unjudged::Full) if end - start > 1 => {
                let half = start + (end - start) / 2;
                let memberships = |patron: &Patron<'_>| patron.memberships.len();
                let (first, second) = decided.split_at(self.batch.patrons[start..half].iter().map(memberships).sum());
                self.patrons(caller, start, half, first, verdicts)?;
                self.patrons(caller, half, end, second, verdicts)
            }
            Err(unjudged) => Err(self.error(start, end, unjudged)),
        }
    }

    /// What went wrong, with the plugin and the patron or the batch.
    fn error(&self, start: usize, end: usize, unjudged: Unjudged) -> JudgeError {
        let plugin = self.plugin.spec.name.clone();
        let id = |patron: usize| self.rules.facts.id(self.batch.first + patron).to_owned();
        let one_or_all = |patron: Option<usize>| match (patron, end - start) {
            (Some(patron), _) => Whom::Patron(id(patron)),
            (None, 0) => Whom::Nobody,
            (None, 1) => Whom::Patron(id(start)),
            (None, _) => Whom::Patrons { first: id(start), last: id(end - 1) },
        };
        match unjudged {
            Unjudged::Full => JudgeError::TooLarge { plugin, whom: one_or_all(None) },
            Unjudged::Stopped(Stopped::Ended(ended)) => JudgeError::Ended { plugin, ended, whom: one_or_all(None) },
            Unjudged::Stopped(Stopped::Refused(refusal)) => {
                let whom = one_or_all(refusal.patron.map(|patron| patron as usize));
                JudgeError::Failed { plugin, text: refusal.text, whom }
            }
            Unjudged::Objection(Objection { patron, breach }) => {
                JudgeError::NotAllowed { plugin, breach, whom: one_or_all(patron) }
            }
        }
    }
}
