//! The patrons who move: each membership, record and profile with both outcomes and both reasons, as rows of a file.

use lapse_engine::{
    Decisions, ExtraReason, LibraryId, MembershipDecision, Patron, ProfileDecision, RecordDecision, SubscriptionId,
};
use lapse_policy::Day;
use lapse_tables::{Extras, Field, Format, Kind, OutColumn, Renumberings, RowFile};

use super::decider::Deciders;
use super::{Impact, Side};

/// Something of a patron that has another outcome by the new policy.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The id of the patron.
    pub patron: Box<str>,
    /// What it is, with what the old policy decides and what the new one.
    pub what: What,
}

/// What moves.
#[derive(Clone, Debug)]
pub enum What {
    /// A membership.
    Membership {
        /// Where.
        library: LibraryId,
        /// Its type.
        subscription: SubscriptionId,
        /// Its first day.
        valid_from: Day,
        /// The decisions.
        decided: [MembershipDecision; 2],
    },
    /// A record, each decision with the plugins' reasons to keep it.
    Record {
        /// Where.
        library: LibraryId,
        /// The decisions.
        decided: [(RecordDecision, Vec<ExtraReason>); 2],
    },
    /// The profile.
    Profile {
        /// The decisions.
        decided: [ProfileDecision; 2],
    },
}

impl Moved {
    /// With other numbers for its codes.
    pub(super) fn renumbered(mut self, to: &Renumberings) -> Moved {
        match &mut self.what {
            What::Membership { library, subscription, .. } => {
                *library = to.library(*library);
                *subscription = to.subscription(*subscription);
            }
            What::Record { library, .. } => *library = to.library(*library),
            What::Profile { .. } => {}
        }
        self
    }
}

/// Tells what of a patron moves.
pub(super) fn find(id: &str, patron: &Patron<'_>, old: &Decisions, new: &Decisions, mut each: impl FnMut(Moved)) {
    let mut add = |what| each(Moved { patron: id.into(), what });
    for ((membership, &one), &other) in patron.memberships.iter().zip(&old.memberships).zip(&new.memberships) {
        if one.outcome != other.outcome {
            add(What::Membership {
                library: membership.library,
                subscription: membership.subscription,
                valid_from: membership.valid_from,
                decided: [one, other],
            });
        }
    }
    for (&one, &other) in old.records.iter().zip(&new.records) {
        if one.outcome != other.outcome {
            let library = other.library;
            let extra = |decisions: &Decisions| decisions.extra_reasons(library).collect();
            add(What::Record { library, decided: [(one, extra(old)), (other, extra(new))] });
        }
    }
    if let (Some(one), Some(other)) = (old.profile, new.profile)
        && one.outcome != other.outcome
    {
        add(What::Profile { decided: [one, other] });
    }
}

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
    /// The file of those who move.
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
                let [(old_outcome, old_reason), (new_outcome, new_reason)] = moved.what.told(&words);
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
    fn told(&self, words: &[Words<'_>; 2]) -> [(&'static str, String); 2] {
        [0, 1].map(|side| match self {
            What::Membership { decided, .. } => {
                let decided = &decided[side];
                (decided.outcome.as_str(), decided.reason_in_words(|reason| words[side].of_reason(reason)).to_owned())
            }
            What::Record { decided, .. } => {
                let (record, extra) = &decided[side];
                let reasons = record.reasons_in_words(extra.iter().copied(), |reason| words[side].of_reason(reason));
                (record.outcome.as_str(), reasons.collect::<Vec<_>>().join(" "))
            }
            What::Profile { decided } => {
                let profile = &decided[side];
                (profile.outcome.as_str(), profile.reasons_in_words().collect::<Vec<_>>().join(" "))
            }
        })
    }
}

/// The words for the reasons that one side's plugins give.
pub struct Words<'a>(Option<lapse_host::PluginsOn<'a>>);

impl<'a> Words<'a> {
    /// Of a side.
    pub fn of(side: &Side<'a>) -> Words<'a> {
        Words(side.plugins.on(side.of_day))
    }

    /// The word for one of them.
    pub fn of_reason(&self, reason: ExtraReason) -> &str {
        self.0.as_ref().map_or("", |plugins| plugins.word(reason))
    }
}
