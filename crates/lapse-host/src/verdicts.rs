//! What a plugin said, read from the memory that it shares, and held against its grants and its reasons.

use lapse_engine::{Batch, ExtraReason, ExtraVerdict, LibraryId, Verdict};
use lapse_plugin::abi::{self, opinion};

use crate::batch::{Sheet, UNTOUCHED};
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

/// Something that a plugin must not say: of which patron, by the place in the batch, and what, to follow its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    pub patron: Option<usize>,
    pub what: String,
}

impl Rights<'_> {
    /// Adds the verdicts on the patrons of a sheet. `copy` is room for what is copied out.
    pub fn read(
        &self,
        sheet: &Sheet,
        batch: &Batch<'_>,
        region: &Region,
        copy: &mut Vec<u8>,
        verdicts: &mut Vec<ExtraVerdict>,
    ) -> Result<(), Objection> {
        for margin in &sheet.margins {
            region.copy(margin.start, margin.len(), copy);
            if copy.iter().any(|&byte| byte != UNTOUCHED) {
                let what = "wrote outside of the room for its verdicts".into();
                return Err(Objection { patron: None, what });
            }
        }
        region.copy(sheet.membership_verdicts.start, sheet.membership_verdicts.len(), copy);
        let counts = sheet.patrons.iter().map(|written| (written.patron, written.memberships));
        each_opinion(copy, counts, |patron, index, said| {
            let library = batch.patrons[patron].memberships[index].library;
            let (verdict, granted) = match said.opinion {
                opinion::KEEP => (Verdict::KeepMembership(index), self.grants.keep_membership),
                opinion::DEREGISTER => (Verdict::Deregister(index), self.grants.deregister),
                other => return Err(format!("gave the opinion number {other} on a membership, which means nothing")),
            };
            self.add(verdicts, patron, verdict, library, granted, said.reason)
        })?;
        region.copy(sheet.record_verdicts.start, sheet.record_verdicts.len(), copy);
        let counts = sheet.patrons.iter().map(|written| (written.patron, written.records));
        each_opinion(copy, counts, |patron, index, said| {
            let library = batch.patrons[patron].record_libraries().nth(index).expect("as many as were written");
            match said.opinion {
                opinion::KEEP => {
                    let verdict = Verdict::KeepRecord(library);
                    self.add(verdicts, patron, verdict, library, self.grants.keep_record, said.reason)
                }
                other => Err(format!("gave the opinion number {other} on a record, which means nothing")),
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
    ) -> Result<(), String> {
        if !granted {
            let (did, grant) = match verdict {
                Verdict::KeepMembership(_) => ("keeps a membership", "keep-membership"),
                Verdict::Deregister(_) => ("deregisters a membership", "deregister"),
                Verdict::KeepRecord(_) => ("keeps a record", "keep-record"),
            };
            return Err(format!("{did}, but its `grants` do not have \"{grant}\""));
        }
        let Some(&reason) = self.reasons.get(usize::from(reason)) else {
            return Err(format!(
                "gave the reason number {reason}, counted from 0, but declares only {}",
                self.reasons.len()
            ));
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
    mut each: impl FnMut(usize, usize, abi::Verdict) -> Result<(), String>,
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
            each(patron, at - start, said).map_err(|what| Objection { patron: Some(patron), what })?;
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
        assert_eq!(add(0, false, 0).unwrap_err(), "keeps a record, but its `grants` do not have \"keep-record\"");
        assert!(add(0, true, 1).unwrap_err().contains("reason number 1"));
        assert_eq!(verdicts, [ExtraVerdict { patron: 9, verdict: keep(0), reason: reasons[0] }]);
    }
}
