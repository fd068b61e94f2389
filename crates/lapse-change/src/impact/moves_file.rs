//! The patrons who move as rows of a file: each membership, record and profile with both outcomes, both reasons and the line
//! of the policy that decides.

use lapse_engine::Codes;
use lapse_tables::{Field, Format, Kind, OutColumn, RowFile};

use super::decider::Deciders;
use super::moved::RecordSide;
use super::words::Words;
use super::{Impact, What};

const COLUMNS: [OutColumn; 11] = [
    OutColumn::new("patron_id", Kind::Id),
    OutColumn::new("what", Kind::Word),
    OutColumn::new("library", Kind::MaybeWord),
    OutColumn::new("subscription", Kind::MaybeWord),
    OutColumn::new("valid_from", Kind::MaybeDay),
    OutColumn::new("old_outcome", Kind::Word),
    OutColumn::new("old_reason", Kind::Word),
    OutColumn::new("new_outcome", Kind::Word),
    OutColumn::new("new_reason", Kind::Word),
    OutColumn::new("setting", Kind::MaybeWord),
    OutColumn::new("decided_by", Kind::MaybeWord),
];

impl Impact<'_> {
    /// The file of the patrons who move, which [`super::Options::with_patrons`] has kept.
    pub fn moves_file(&self, format: Format) -> Vec<u8> {
        let mut file = RowFile::new(format, &COLUMNS);
        let codes = &self.codes;
        let words = self.sides.each_ref().map(Words::of);
        let mut deciders = Deciders::new(self);
        for of_patron in self.moved.chunk_by(|one, next| one.patron == next.patron) {
            for moved in of_patron {
                let (library, subscription, valid_from) = match moved.what {
                    What::Membership { library, subscription, valid_from, .. } => {
                        (Some(library), Some(subscription), Some(valid_from))
                    }
                    What::Record { library, .. } => (Some(library), None, None),
                    What::Profile { .. } => (None, None, None),
                };
                let [(old_outcome, old_reason), (new_outcome, new_reason)] = moved.what.told(codes, &words);
                let decided = deciders.of(moved, of_patron);
                file.row(&[
                    Field::Text(&moved.patron),
                    Field::Text(moved.what.as_str()),
                    Field::Text(library.map_or("", |code| codes.libraries.text(code))),
                    Field::Text(subscription.map_or("", |code| codes.subscriptions.text(code))),
                    Field::Day(valid_from),
                    Field::Text(old_outcome),
                    Field::Text(&old_reason),
                    Field::Text(new_outcome),
                    Field::Text(&new_reason),
                    Field::Text(&decided.setting),
                    Field::Text(&decided.by),
                ]);
            }
        }
        file.into_bytes()
    }
}

impl What {
    fn as_str(&self) -> &'static str {
        match self {
            What::Membership { .. } => "membership",
            What::Record { .. } => "record",
            What::Profile { .. } => "profile",
        }
    }

    /// Both outcomes and reasons, in the words of the tables.
    fn told(&self, codes: &Codes, words: &[Words<'_>; 2]) -> [(&'static str, String); 2] {
        [0, 1].map(|side| match self {
            What::Membership { decided, .. } => {
                let decided = &decided[side];
                let named = |entry| codes.entry(entry);
                let reason = decided.reason_in_words(named, |reason| words[side].of_reason(reason));
                (decided.outcome.as_str(), reason.to_owned())
            }
            What::Record { decided, .. } => {
                let RecordSide { record, keeps, extra } = &decided[side];
                let keeps = keeps.iter().map(|&keep| codes.entry(keep));
                let reasons =
                    record.reasons_in_words(keeps, extra.iter().copied(), |reason| words[side].of_reason(reason));
                (record.outcome.as_str(), reasons.collect::<Vec<_>>().join(" "))
            }
            What::Profile { decided } => {
                let profile = &decided[side];
                (profile.outcome.as_str(), profile.reasons_in_words().collect::<Vec<_>>().join(" "))
            }
        })
    }
}
