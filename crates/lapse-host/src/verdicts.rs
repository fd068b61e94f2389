//! What a plugin said, read from the memory that it shares with the host, and compared with its grants and its reasons.

use lapse_engine::{Batch, ExtraReason, ExtraVerdict, LibraryId, Verdict};
use lapse_plugin::abi::{self, opinion};

use crate::batch::{UNTOUCHED, WrittenBatch};
use crate::region::Region;
use crate::spec::Grants;

/// What a plugin may say.
pub(crate) struct Rights<'a> {
    pub grants: Grants,
    /// The plugin's reasons, by their place in its description.
    pub reasons: &'a [ExtraReason],
    /// Whether the plugin takes part at each library of the policy.
    pub scope: &'a [bool],
}

/// A breach with the patron whom it is about, by the place in the batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    pub patron: Option<usize>,
    pub breach: Breach,
}

/// What a plugin did that it must not do, in words that follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// It wrote next to its verdicts.
    #[error("wrote outside of the room for its verdicts")]
    WroteOutside,
    /// It gave an opinion on a membership by a number that the interface does not have.
    #[error("gave the opinion number {0} on a membership, which means nothing")]
    MembershipOpinion(u16),
    /// It gave an opinion on a record by a number that the interface does not have.
    #[error("gave the opinion number {0} on a record, which means nothing")]
    RecordOpinion(u16),
    /// The policy does not grant it to keep a membership.
    #[error("keeps a membership, but its `grants` do not have \"keep-membership\"")]
    KeepsMembership,
    /// The policy does not grant it to deregister a membership.
    #[error("deregisters a membership, but its `grants` do not have \"deregister\"")]
    Deregisters,
    /// The policy does not grant it to keep a record.
    #[error("keeps a record, but its `grants` do not have \"keep-record\"")]
    KeepsRecord,
    /// It gave a reason by a number that it does not declare.
    #[error("gave the reason number {number}, counted from 0, but declares only {declared}")]
    Reason {
        /// The number.
        number: u16,
        /// How many reasons it declares.
        declared: usize,
    },
}

impl Rights<'_> {
    /// Adds the verdicts on the patrons of a batch as it was written. `copy` is room for what is copied out.
    pub fn read(
        &self,
        written: &WrittenBatch,
        batch: &Batch<'_>,
        region: &Region,
        copy: &mut Vec<u8>,
        verdicts: &mut Vec<ExtraVerdict>,
    ) -> Result<(), Objection> {
        for margin in &written.margins {
            region.copy(margin.start, margin.len(), copy);
            if copy.iter().any(|&byte| byte != UNTOUCHED) {
                return Err(Objection { patron: None, breach: Breach::WroteOutside });
            }
        }
        region.copy(written.membership_verdicts.start, written.membership_verdicts.len(), copy);
        let counts = written.patrons.iter().map(|of| (of.patron, of.memberships));
        each_opinion(copy, counts, |patron, index, said| {
            let library = batch.patrons[patron].memberships[index].library;
            let (verdict, granted) = match said.opinion {
                opinion::KEEP => (Verdict::KeepMembership(index), self.grants.keep_membership),
                opinion::DEREGISTER => (Verdict::Deregister(index), self.grants.deregister),
                other => return Err(Breach::MembershipOpinion(other)),
            };
            self.add(verdicts, patron, verdict, library, granted, said.reason)
        })?;
        region.copy(written.record_verdicts.start, written.record_verdicts.len(), copy);
        let counts = written.patrons.iter().map(|of| (of.patron, of.records));
        each_opinion(copy, counts, |patron, index, said| {
            let library = batch.patrons[patron]
                .record_libraries()
                .nth(index)
                .expect("the batch has a verdict for each record that was written");
            match said.opinion {
                opinion::KEEP => {
                    let verdict = Verdict::KeepRecord(library);
                    self.add(verdicts, patron, verdict, library, self.grants.keep_record, said.reason)
                }
                other => Err(Breach::RecordOpinion(other)),
            }
        })
    }

    fn add(
        &self,
        verdicts: &mut Vec<ExtraVerdict>,
        patron: usize,
        verdict: Verdict,
        library: LibraryId,
        granted: bool,
        reason: u16,
    ) -> Result<(), Breach> {
        if !granted {
            return Err(match verdict {
                Verdict::KeepMembership(_) => Breach::KeepsMembership,
                Verdict::Deregister(_) => Breach::Deregisters,
                Verdict::KeepRecord(_) => Breach::KeepsRecord,
            });
        }
        let Some(&reason) = self.reasons.get(usize::from(reason)) else {
            return Err(Breach::Reason { number: reason, declared: self.reasons.len() });
        };
        if self.scope.get(library.index()).copied().unwrap_or(false) {
            verdicts.push(ExtraVerdict { patron, verdict, reason });
        }
        Ok(())
    }
}

/// Calls `each` for every verdict that is not empty, with the patron's place in the batch and the place among the patron's.
fn each_opinion(
    bytes: &[u8],
    counts: impl Iterator<Item = (usize, usize)>,
    mut each: impl FnMut(usize, usize, abi::Verdict) -> Result<(), Breach>,
) -> Result<(), Objection> {
    let all = bytes.as_chunks::<4>().0;
    let mut opinions = all.iter().enumerate().filter(|(_, bytes)| **bytes != [0; 4]).peekable();
    let mut start = 0;
    for (patron, count) in counts {
        if opinions.peek().is_none() {
            break;
        }
        while let Some((at, &[a, b, c, d])) = opinions.next_if(|&(at, _)| at < start + count) {
            let said = abi::Verdict { opinion: u16::from_ne_bytes([a, b]), reason: u16::from_ne_bytes([c, d]) };
            each(patron, at - start, said).map_err(|breach| Objection { patron: Some(patron), breach })?;
        }
        start += count;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opinions_are_told_with_their_patron_and_place() {
        let verdict = |opinion: u16, reason: u16| [opinion.to_ne_bytes(), reason.to_ne_bytes()].concat();
        let bytes = [verdict(0, 0), verdict(1, 2), verdict(0, 0), verdict(0, 0), verdict(2, 0)].concat();
        let mut told = Vec::new();
        let counts = [(3, 2), (4, 0), (7, 3), (8, 0)];
        each_opinion(&bytes, counts.into_iter(), |patron, index, said| {
            told.push((patron, index, said.opinion, said.reason));
            Ok(())
        })
        .unwrap();
        assert_eq!(told, [(3, 1, 1, 2), (7, 2, 2, 0)]);
    }

    #[test]
    fn grants_reasons_and_scope_bound_a_verdict() {
        let reasons = [ExtraReason::new(4).unwrap()];
        let grants = Grants { keep_record: true, ..Grants::default() };
        let rights = Rights { grants, reasons: &reasons, scope: &[true, false] };
        let mut verdicts = Vec::new();
        let keep = |at| Verdict::KeepRecord(LibraryId::new(at));
        let mut add = |at, granted, reason| rights.add(&mut verdicts, 9, keep(at), LibraryId::new(at), granted, reason);
        assert_eq!(add(0, true, 0), Ok(()));
        assert_eq!((add(1, true, 0), add(2, true, 0)), (Ok(()), Ok(())));
        assert_eq!(add(0, false, 0), Err(Breach::KeepsRecord));
        assert_eq!(add(0, true, 1), Err(Breach::Reason { number: 1, declared: 1 }));
        assert_eq!(Breach::KeepsRecord.to_string(), "keeps a record, but its `grants` do not have \"keep-record\"");
        assert_eq!(verdicts, [ExtraVerdict { patron: 9, verdict: keep(0), reason: reasons[0] }]);
    }
}
