//! What the policies of a run know: the codes against which those of the tables are held. A code that nearly is one of theirs
//! is a slip, which holds its patron; any other unknown code stands as it is, and is reported.

use std::collections::HashMap;

use lapse_engine::{Codes, LibraryId, SourceId, SubscriptionId};
use lapse_policy::{Day, DayPolicy};

use crate::reject::{Fault, RowFault};
use crate::slips::code_without_slips;

/// The day of a run and the codes that its policies know.
pub struct Known {
    run: Day,
    codes: Codes,
    /// How many libraries and sources the policies know; codes after those are other policies'.
    counts: (usize, usize),
    libraries: Near,
    sources: Near,
    /// By library, in the order of the codes.
    offered: Vec<Offered>,
}

/// The subscriptions of a library.
#[derive(Default)]
struct Offered {
    /// By subscription, in the order of the codes, up to the last that the library has.
    has: Vec<bool>,
    near: Near,
}

/// Codes by what is left of them without their slips, as the policy writes them.
#[derive(Default)]
struct Near(HashMap<String, String>);

impl Near {
    fn add(&mut self, code: &str) {
        self.0.entry(code_without_slips(code)).or_insert_with(|| code.to_owned());
    }

    /// The fault of a code that is not known itself, but nearly is one that is.
    #[cold]
    fn check(&self, column: usize, code: &str) -> Result<(), RowFault> {
        match self.0.get(&code_without_slips(code)) {
            Some(near) => Err(RowFault::new(column, code, Fault::Slip(near.clone()))),
            None => Ok(()),
        }
    }
}

impl Known {
    /// What `policies` know, those of a run on the day `run`. A code that one of them knows is known.
    pub fn of<'p>(run: Day, policies: impl IntoIterator<Item = &'p DayPolicy>) -> Known {
        let mut known = Known {
            run,
            codes: Codes::default(),
            counts: (0, 0),
            libraries: Near::default(),
            sources: Near::default(),
            offered: Vec::new(),
        };
        for policy in policies {
            known.learn(policy);
        }
        known.counts = (known.codes.libraries.len(), known.codes.sources.len());
        for source in known.codes.sources.texts() {
            known.sources.add(source);
        }
        known
    }

    /// What one policy knows, on its day.
    pub fn by(policy: &DayPolicy) -> Known {
        Known::of(policy.date, [policy])
    }

    /// The same with the codes of later policies, which these do not know: rows are read as on the day of the run.
    #[must_use]
    pub fn with_codes_of<'p>(mut self, later: impl IntoIterator<Item = &'p DayPolicy>) -> Known {
        for policy in later {
            self.codes.learn(policy);
        }
        self
    }

    fn learn(&mut self, policy: &DayPolicy) {
        self.codes.learn(policy);
        self.offered.resize_with(self.codes.libraries.len(), Offered::default);
        for library in &policy.libraries {
            self.libraries.add(&library.code);
            let Some(code) = self.codes.libraries.find(&library.code) else { continue };
            let Offered { has, near } = &mut self.offered[code.index()];
            for subscription in &library.subscriptions {
                near.add(&subscription.code);
                let Some(code) = self.codes.subscriptions.find(&subscription.code) else { continue };
                has.resize(has.len().max(code.index() + 1), false);
                has[code.index()] = true;
            }
        }
    }

    /// The day of the run.
    pub fn run(&self) -> Day {
        self.run
    }

    /// The codes of the policies, which come first among those of the tables.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Whether a library's code, in this column, can stand: it is known, or not nearly one that is.
    #[inline]
    pub(crate) fn library(&self, column: usize, text: &str, code: LibraryId) -> Result<LibraryId, RowFault> {
        if code.index() >= self.counts.0 {
            self.libraries.check(column, text)?;
        }
        Ok(code)
    }

    /// The same of a source.
    #[inline]
    pub(crate) fn source(&self, column: usize, text: &str, code: SourceId) -> Result<SourceId, RowFault> {
        if code.index() >= self.counts.1 {
            self.sources.check(column, text)?;
        }
        Ok(code)
    }

    /// The same of a subscription at a library: the library has it on the day of the run, or nothing that it nearly is.
    #[inline]
    pub(crate) fn subscription(
        &self,
        column: usize,
        text: &str,
        library: LibraryId,
        code: SubscriptionId,
    ) -> Result<SubscriptionId, RowFault> {
        if let Some(offered) = self.offered.get(library.index())
            && offered.has.get(code.index()) != Some(&true)
        {
            offered.near.check(column, text)?;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use lapse_policy::Policy;

    use super::*;

    #[test]
    fn codes_nearly_right_lost_their_rows_without_a_word() {
        let policy = Policy::from_texts([
            ("consortium.toml", "[consortium]\nname = \"Test\"\n"),
            ("libraries/peer.toml", "[library]\ncode = \"peer\"\n[subscriptions.Jeugd]\n[subscriptions.adult]\n"),
            ("libraries/genk.toml", "[library]\ncode = \"genk\"\n[subscriptions.school]\n"),
        ]);
        let policy = policy.unwrap().policy.unwrap().on("2022-07-01".parse().unwrap());
        let known = Known::by(&policy);
        let mut codes = known.codes().clone();
        let mut told = |library: &str, subscription: &str| {
            let there = codes.libraries.intern(library);
            let at_library = known.library(1, library, there);
            let code = codes.subscriptions.intern(subscription);
            let fault = at_library.and_then(|there| known.subscription(2, subscription, there, code)).err();
            fault.map(|fault| (fault.column, fault.fault.clone()))
        };
        let slip = |column, near: &str| Some((column, Fault::Slip(near.to_owned())));
        assert_eq!(told("peer", "adult"), None);
        assert_eq!(told("Peer", "adult"), slip(1, "peer"));
        assert_eq!(told(" peer\u{a0}", "adult"), slip(1, "peer"));
        assert_eq!(told("per", "adult"), None, "another code, and no slip of case or white space");
        assert_eq!(told("peer", "jeugd"), slip(2, "Jeugd"));
        assert_eq!(told("peer", "ADULT "), slip(2, "adult"));
        assert_eq!(told("peer", "school"), None, "that of another library is as unknown as any");
        assert_eq!(told("elsewhere", "ADULT"), None);
        assert_eq!(told("genk", "Adult"), None);
        let mut source = |text: &str| {
            let code = codes.sources.intern(text);
            known.source(2, text, code).err().map(|fault| (fault.column, fault.fault.clone()))
        };
        assert_eq!([source("wise"), source("WISE"), source("loan")], [None, slip(2, "wise"), None]);
    }
}
