//! What waits for a person: the libraries whose guards trip, and every deletion that spans them.

use std::collections::BTreeSet;

use lapse_engine::guards::{Consent, ConsentAt};

use super::line::{PlanTrip, Planned};
use crate::actions::ActionKind;

/// What waits, under some consents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Everything does.
    all: bool,
    libraries: BTreeSet<String>,
}

/// What waits for guards that trip, where these consents were given.
pub fn waiting(trips: &[PlanTrip], consents: &[Consent]) -> Waiting {
    let mut waiting = Waiting::default();
    for trip in trips.iter().filter(|trip| !trip.is_answered(consents)) {
        match &trip.libraries {
            None => waiting.all = true,
            Some(libraries) => waiting.libraries.extend(libraries.iter().cloned()),
        }
    }
    waiting
}

impl Waiting {
    /// Whether nothing waits.
    pub fn is_none(&self) -> bool {
        !self.all && self.libraries.is_empty()
    }

    /// Whether an action waits. What hangs on no library waits only where everything does.
    pub fn holds(&self, planned: &Planned) -> bool {
        self.all || planned.libraries.iter().any(|library| self.libraries.contains(library))
    }
}

impl PlanTrip {
    /// Whether one of these consents answers for it.
    pub fn is_answered(&self, consents: &[Consent]) -> bool {
        consents.iter().any(|consent| {
            let here = match &consent.at {
                ConsentAt::All => true,
                ConsentAt::Consortium | ConsentAt::Library(_) => consent.at.as_str() == self.at,
            };
            here && consent.guard.is_none_or(|guard| guard.as_str() == self.guard)
        })
    }

    /// What answers for it, as it is typed after `--consent`.
    pub fn consent(&self) -> String {
        format!("{}:{}", self.at, self.guard)
    }
}

impl Planned {
    /// Its kind; none for a word that this program does not know.
    pub fn kind(&self) -> Option<ActionKind> {
        ActionKind::named(&self.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(at: &str, libraries: Option<&[&str]>) -> PlanTrip {
        let libraries = libraries.map(|codes| codes.iter().map(|&code| code.to_owned()).collect());
        PlanTrip { at: at.to_owned(), guard: "max_removed_percent".to_owned(), what: String::new(), libraries }
    }

    fn planned(libraries: &[&str]) -> Planned {
        Planned { libraries: libraries.iter().map(|&code| code.to_owned()).collect(), ..Planned::default() }
    }

    #[test]
    fn a_deletion_waits_for_every_library_that_it_spans() {
        let trips = [trip("deinze", Some(&["deinze"]))];
        let waiting = waiting(&trips, &[]);
        assert!(waiting.holds(&planned(&["gent", "deinze"])));
        assert!(!waiting.holds(&planned(&["gent"])));
        assert!(!waiting.holds(&planned(&[])));
    }

    #[test]
    fn only_its_own_consent_answers_for_a_guard() {
        let trips = [trip("deinze", Some(&["deinze"])), trip("consortium", None)];
        let consent = |at: ConsentAt| Consent { at, guard: None };
        let of_library = [consent(ConsentAt::Library("deinze".to_owned()))];
        assert!(waiting(&trips, &of_library).holds(&planned(&[])), "the consortium's guard is open");
        let both = [of_library[0].clone(), consent(ConsentAt::Consortium)];
        assert!(waiting(&trips, &both).is_none());
        assert!(waiting(&trips, &[consent(ConsentAt::All)]).is_none());
    }
}
