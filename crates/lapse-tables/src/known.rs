//! What the policies of a run know: the codes against which those of the tables are held. A code that nearly is one of theirs
//! is a slip, which holds its patron; any other unknown code stands as it is, and is reported.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use lapse_engine::{Codes, LibraryId, Patron, SourceId, SubscriptionId};
use lapse_policy::{Day, DayPolicy, FactSource};

use crate::reject::{Fault, RowFault};
use crate::slips::code_without_slips;
use crate::{AskedColumn, Table};

/// The day of a run and the codes that its policies know.
pub struct Known {
    run: Day,
    codes: Codes,
    /// How many libraries and sources the policies know; codes after those are other policies'.
    counts: (usize, usize),
    /// By library, in the order of the codes, and by subscription: whether some policy has it there.
    offered: Vec<Vec<bool>>,
    /// The columns of declared facts, of which none is a slip of another.
    fact_columns: Vec<AskedColumn>,
    /// What each policy knows, in the order in which they were given.
    policies: Vec<OfPolicy>,
}

/// The codes that one policy knows.
#[derive(PartialEq, Eq)]
struct OfPolicy {
    libraries: Near,
    sources: Near,
    /// The subscriptions of each library.
    offered: HashMap<String, Near>,
}

/// Codes, and the same by what is left of them without their slips.
#[derive(Default, PartialEq, Eq)]
struct Near {
    exact: HashSet<String>,
    nearly: HashMap<String, String>,
}

impl Near {
    fn of<'c>(codes: impl Iterator<Item = &'c str>) -> Near {
        let mut near = Near::default();
        for code in codes {
            near.exact.insert(code.to_owned());
            near.nearly.entry(code_without_slips(code)).or_insert_with(|| code.to_owned());
        }
        near
    }

    /// The code that is nearly this one, which is not known itself.
    fn slip(&self, code: &str) -> Option<&str> {
        if self.exact.contains(code) {
            return None;
        }
        self.nearly.get(&code_without_slips(code)).map(String::as_str)
    }
}

impl OfPolicy {
    fn of(policy: &DayPolicy) -> OfPolicy {
        let mut codes = Codes::default();
        codes.learn(policy);
        let offered = policy.libraries.iter().map(|library| {
            let subscriptions = library.subscriptions.iter().map(|subscription| subscription.code.as_str());
            (library.code.clone(), Near::of(subscriptions))
        });
        OfPolicy {
            libraries: Near::of(policy.libraries.iter().map(|library| library.code.as_str())),
            sources: Near::of(codes.sources.texts()),
            offered: offered.collect(),
        }
    }

    fn subscription_slip(&self, library: &str, code: &str) -> Option<&str> {
        self.offered.get(library)?.slip(code)
    }
}

impl Known {
    /// What `policies` know, those of a run on the day `run`. A code is a slip where each of them takes it for one, so that a
    /// row is read if one of them can use it; [`Known::slips`] tells what the others make of it.
    pub fn of<'p>(run: Day, policies: impl IntoIterator<Item = &'p DayPolicy>) -> Known {
        let (codes, counts) = (Codes::default(), (0, 0));
        let mut known =
            Known { run, codes, counts, offered: Vec::new(), fact_columns: Vec::new(), policies: Vec::new() };
        for policy in policies {
            known.learn(policy);
        }
        known.counts = (known.codes.libraries.len(), known.codes.sources.len());
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
        for fact in &policy.facts {
            if let FactSource::Column { table, column } = &fact.source {
                self.fact_columns.push(AskedColumn { table: Table::of_facts(*table), name: column.clone() });
            }
        }
        self.offered.resize_with(self.codes.libraries.len(), Vec::new);
        for library in &policy.libraries {
            let Some(code) = self.codes.libraries.find(&library.code) else { continue };
            let has = &mut self.offered[code.index()];
            for subscription in &library.subscriptions {
                let Some(code) = self.codes.subscriptions.find(&subscription.code) else { continue };
                has.resize(has.len().max(code.index() + 1), false);
                has[code.index()] = true;
            }
        }
        self.policies.push(OfPolicy::of(policy));
    }

    /// The columns beyond the contract that are meant as they are: those whose texts are `asked` for, and those of facts.
    pub(crate) fn meant(&self, asked: &[AskedColumn]) -> Vec<AskedColumn> {
        asked.iter().chain(&self.fact_columns).cloned().collect()
    }

    /// The day of the run.
    pub fn run(&self) -> Day {
        self.run
    }

    /// The codes of the policies, which come first among those of the tables.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Finds the codes that are slips by some of the policies and not by others; none where all know the same.
    pub fn slips(&self) -> Option<CodeSlips<'_>> {
        let differ = self.policies.windows(2).any(|two| two[0] != two[1]);
        differ.then(|| CodeSlips {
            known: self,
            libraries: HashMap::new(),
            sources: HashMap::new(),
            subscriptions: HashMap::new(),
        })
    }

    /// Whether a library's code, in this column, can stand: it is known, or not nearly one that is.
    #[inline]
    pub(crate) fn library(&self, column: usize, text: &str, code: LibraryId) -> Result<LibraryId, RowFault> {
        if code.index() >= self.counts.0 {
            self.check(column, text, |policy| policy.libraries.slip(text))?;
        }
        Ok(code)
    }

    /// The same of a source.
    #[inline]
    pub(crate) fn source(&self, column: usize, text: &str, code: SourceId) -> Result<SourceId, RowFault> {
        if code.index() >= self.counts.1 {
            self.check(column, text, |policy| policy.sources.slip(text))?;
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
        if let Some(has) = self.offered.get(library.index())
            && has.get(code.index()) != Some(&true)
        {
            let library = self.codes.libraries.text(library);
            self.check(column, text, |policy| policy.subscription_slip(library, text))?;
        }
        Ok(code)
    }

    /// The fault of a code that each policy takes for a slip.
    #[cold]
    fn check<'k>(
        &'k self,
        column: usize,
        code: &str,
        slip: impl Fn(&'k OfPolicy) -> Option<&'k str>,
    ) -> Result<(), RowFault> {
        let mut slips = self.policies.iter().map(slip);
        match slips.next() {
            Some(Some(near)) if slips.all(|other| other.is_some()) => {
                Err(RowFault::new(column, code, Fault::Slip(near.to_owned())))
            }
            _ => Ok(()),
        }
    }

    /// The policies that take a code for a slip, a bit for each.
    fn bits<'k>(&'k self, slip: impl Fn(&'k OfPolicy) -> bool) -> u8 {
        self.policies.iter().enumerate().map(|(index, policy)| u8::from(slip(policy)) << index).sum()
    }
}

/// The codes of rows that were read, by the policies that take them for slips: a run by such a policy alone would reject the
/// row and hold its patron. They are found once for each code, for at most eight policies.
pub struct CodeSlips<'k> {
    known: &'k Known,
    libraries: HashMap<LibraryId, u8>,
    sources: HashMap<SourceId, u8>,
    subscriptions: HashMap<(LibraryId, SubscriptionId), u8>,
}

impl CodeSlips<'_> {
    /// The patrons as the policy with this number has them, which holds those of whom a row has a slip.
    pub fn hold<'p>(&mut self, policy: usize, codes: &Codes, patrons: &'p [Patron<'p>]) -> Cow<'p, [Patron<'p>]> {
        let mut all = Cow::Borrowed(patrons);
        for (index, patron) in patrons.iter().enumerate() {
            if !patron.held && self.of(codes, patron) >> policy & 1 == 1 {
                all.to_mut()[index].held = true;
            }
        }
        all
    }

    fn of(&mut self, codes: &Codes, patron: &Patron<'_>) -> u8 {
        let mut bits = 0;
        for row in patron.memberships {
            bits |= self.library(codes, row.library) | self.subscription(codes, row.library, row.subscription);
        }
        for row in patron.activity {
            bits |= row.library.map_or(0, |library| self.library(codes, library)) | self.source(codes, row.source);
        }
        patron.accounts.iter().fold(bits, |bits, row| bits | self.library(codes, row.library))
    }

    fn library(&mut self, codes: &Codes, library: LibraryId) -> u8 {
        let known = self.known;
        *self.libraries.entry(library).or_insert_with(|| {
            let text = codes.libraries.text(library);
            known.bits(|policy| policy.libraries.slip(text).is_some())
        })
    }

    fn source(&mut self, codes: &Codes, source: SourceId) -> u8 {
        let known = self.known;
        *self.sources.entry(source).or_insert_with(|| {
            let text = codes.sources.text(source);
            known.bits(|policy| policy.sources.slip(text).is_some())
        })
    }

    fn subscription(&mut self, codes: &Codes, library: LibraryId, subscription: SubscriptionId) -> u8 {
        let known = self.known;
        *self.subscriptions.entry((library, subscription)).or_insert_with(|| {
            let (library, text) = (codes.libraries.text(library), codes.subscriptions.text(subscription));
            known.bits(|policy| policy.subscription_slip(library, text).is_some())
        })
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
