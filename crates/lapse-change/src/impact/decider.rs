//! The line of the new policy behind a move: of the settings that the rules of the outcome look at, the first that differs
//! between the policies.

use std::collections::HashMap;
use std::rc::Rc;

use lapse_engine::{
    KeepReason, LibraryId, MembershipDecision, MembershipReason, NamedId, ProfileReason, SubscriptionId,
};
use lapse_policy::schema::Table;
use lapse_policy::{Key, Narrowed, Setting};

use super::by_entry;
use super::decided::Decided;
use super::moved::RecordSide;
use super::words::Words;
use super::{Impact, Moved, What};
use crate::compare::value_of;
use lapse_policy::provenance::{deciding, of_plugin};

/// Finds what decides, and remembers it, because many patrons move for the same reason.
pub struct Deciders<'a> {
    impact: &'a Impact<'a>,
    words: [Words<'a>; 2],
    known: HashMap<(LibraryId, Option<SubscriptionId>, Vec<Key>), Rc<Decided>>,
    /// By the library and the entry: what decides where the policies say otherwise of it.
    entries: HashMap<(LibraryId, Entry), Option<Rc<Decided>>>,
}

/// A keep, an end or a narrowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
    Named(NamedId),
    Narrowing(Narrowed),
}

impl<'a> Deciders<'a> {
    /// Finds what decides the moves of `impact`.
    pub fn new(impact: &'a Impact<'a>) -> Deciders<'a> {
        Deciders {
            impact,
            words: impact.sides.each_ref().map(Words::of),
            known: HashMap::new(),
            entries: HashMap::new(),
        }
    }

    /// What decides a move; `of_patron` are all moves of the same patron.
    pub fn of(&mut self, moved: &Moved, of_patron: &[Moved]) -> Rc<Decided> {
        match &moved.what {
            What::Membership { library, subscription, decided, .. } => {
                self.membership(*library, *subscription, decided)
            }
            What::Record { library, decided } => {
                let removed = decided.each_ref().map(|side| side.record.outcome.removes_the_patron());
                if removed == [true; 2] {
                    return Rc::new(self.line(None, Setting::of(Key::Removal)));
                }
                // A record that is clear by both policies moves because another record of the patron does.
                let own = self.record(*library, decided, of_patron);
                let others = of_patron.iter().filter_map(|other| match &other.what {
                    What::Record { library: there, decided } if there != library => Some((*there, decided)),
                    What::Membership { .. } | What::Record { .. } | What::Profile { .. } => None,
                });
                own.unwrap_or_else(|| {
                    let mut others = others.filter_map(|(there, decided)| self.record(there, decided, of_patron));
                    others.next().unwrap_or_default()
                })
            }
            What::Profile { decided: [old, new] } => {
                let is_active = |reasons: lapse_engine::ProfileReasons| reasons.contains(ProfileReason::Active);
                let is_held = |reasons: lapse_engine::ProfileReasons| reasons.contains(ProfileReason::BadInput);
                if is_held(old.reasons) != is_held(new.reasons) {
                    Decided::by_a_slip()
                } else if is_active(old.reasons) == is_active(new.reasons) {
                    self.membership_at(None, of_patron).unwrap_or_default()
                } else {
                    let key = ProfileReason::Active.setting_behind();
                    Rc::new(key.map(|key| self.line(None, Setting::of(key))).unwrap_or_default())
                }
            }
        }
    }

    fn membership(
        &mut self,
        library: LibraryId,
        subscription: SubscriptionId,
        [old, new]: &[MembershipDecision; 2],
    ) -> Rc<Decided> {
        if let Some(extra) = new.extra {
            return Rc::new(self.plugin(self.words[1].of_reason(extra)));
        }
        if let Some(extra) = old.extra {
            return Rc::new(self.plugin(self.words[0].of_reason(extra)));
        }
        if new.reason == MembershipReason::NoPolicy {
            let by = "the library or the subscription is not in the policy".to_owned();
            return Rc::new(Decided { setting: String::new(), by });
        }
        for entry in [new.named, old.named].into_iter().flatten() {
            if let Some(decided) = self.entry(library, Entry::Named(entry)) {
                return decided;
            }
        }
        let keys = [new.reason, old.reason].into_iter().flat_map(settings_behind).copied();
        let keys: Vec<Key> = keys.collect();
        let is_held = |decided: &MembershipDecision| decided.reason == MembershipReason::BadInput;
        if is_held(old) != is_held(new) && !self.any_differs(library, Some(subscription), &keys) {
            return Decided::by_a_slip();
        }
        self.first_that_differs(library, Some(subscription), keys)
    }

    /// What decides a record: a reason to keep it that only one of the policies finds. None where there is no such reason.
    fn record(
        &mut self,
        library: LibraryId,
        [old_side, new_side]: &[RecordSide; 2],
        of_patron: &[Moved],
    ) -> Option<Rc<Decided>> {
        let RecordSide { record: old, extra: old_extra, .. } = old_side;
        let RecordSide { record: new, extra: new_extra, .. } = new_side;
        let differs = |reason| old.reasons.contains(reason) != new.reasons.contains(reason);
        if differs(KeepReason::BadInput) {
            return Some(Decided::by_a_slip());
        }
        // Where only one policy has the library, all its settings differ, and none of them alone decides.
        if differs(KeepReason::NoPolicy) {
            let by = "the library is in one of the policies only".to_owned();
            return Some(Rc::new(Decided { setting: String::new(), by }));
        }
        for &reason in KeepReason::ALL {
            if !differs(reason) {
                continue;
            }
            // Where a membership moves too, whatever decided that decides the record as well; otherwise the setting does.
            let of_membership = match reason {
                KeepReason::ValidMembership | KeepReason::EndedRecently => self.membership_at(Some(library), of_patron),
                KeepReason::ValidInGroup => self.membership_at(None, of_patron),
                KeepReason::BadInput
                | KeepReason::AccountsUnknown
                | KeepReason::Owes
                | KeepReason::Credit
                | KeepReason::Blocked
                | KeepReason::Items
                | KeepReason::SettledRecently
                | KeepReason::NoMembership
                | KeepReason::NoPolicy => None,
            };
            if of_membership.is_some() {
                return of_membership;
            }
            let keys = reason.settings_behind();
            let narrowing = reason.narrowed().filter(|_| !self.any_differs(library, None, keys));
            if let Some(decided) = narrowing.and_then(|reason| self.entry(library, Entry::Narrowing(reason))) {
                return Some(decided);
            }
            if !keys.is_empty() {
                return Some(self.first_that_differs(library, None, keys.to_vec()));
            }
        }
        let differs = |keep: &&NamedId| old_side.keeps.contains(keep) != new_side.keeps.contains(keep);
        let of_one: Vec<NamedId> = new_side.keeps.iter().chain(&old_side.keeps).filter(differs).copied().collect();
        // Where both find the same reasons, one of them may leave the record for a person to look at.
        let of_both = new_side.keeps.iter().copied();
        for keep in of_one.into_iter().chain(of_both) {
            if let Some(decided) = self.entry(library, Entry::Named(keep)) {
                return Some(decided);
            }
        }
        let [old_words, new_words] = &self.words;
        let said_by_old = |word: &str| old_extra.iter().any(|&reason| old_words.of_reason(reason) == word);
        let said_by_new = |word: &str| new_extra.iter().any(|&reason| new_words.of_reason(reason) == word);
        let of_new = new_extra.iter().map(|&reason| new_words.of_reason(reason)).find(|word| !said_by_old(word));
        let of_old = || old_extra.iter().map(|&reason| old_words.of_reason(reason)).find(|word| !said_by_new(word));
        of_new.or_else(of_old).map(|word| Rc::new(self.plugin(word)))
    }

    /// What decides the first membership of the patron that moves, at a library or anywhere.
    fn membership_at(&mut self, at: Option<LibraryId>, of_patron: &[Moved]) -> Option<Rc<Decided>> {
        of_patron.iter().find_map(|moved| match &moved.what {
            What::Membership { library, subscription, decided, .. } if at.is_none_or(|at| at == *library) => {
                Some(self.membership(*library, *subscription, decided))
            }
            What::Membership { .. } | What::Record { .. } | What::Profile { .. } => None,
        })
    }

    /// The key of a keep, an end or a narrowing that the policies say otherwise of; none where they say the same.
    fn entry(&mut self, library: LibraryId, entry: Entry) -> Option<Rc<Decided>> {
        let Impact { codes, sides, .. } = self.impact;
        let find = || {
            let code = codes.libraries.text(library);
            let decided = match entry {
                Entry::Named(named) => by_entry::entry(sides, code, codes.entry(named)),
                Entry::Narrowing(of) => by_entry::entry(sides, code, &format!("keep/{of}")),
            };
            decided.map(Rc::new)
        };
        self.entries.entry((library, entry)).or_insert_with(find).clone()
    }

    /// Whether one of these settings of a library, or of a subscription there, differs between the policies.
    fn any_differs(&self, library: LibraryId, subscription: Option<SubscriptionId>, keys: &[Key]) -> bool {
        let codes = &self.impact.codes;
        let code = codes.libraries.text(library);
        keys.iter().any(|&key| {
            let subscription = subscription.filter(|_| is_of_subscription(key)).map(|of| codes.subscriptions.text(of));
            let [old, new] = self
                .impact
                .sides
                .each_ref()
                .map(|side| value_of(side.of_day, code, Setting { key, subscription, fact: None }));
            old != new
        })
    }

    fn first_that_differs(
        &mut self,
        library: LibraryId,
        subscription: Option<SubscriptionId>,
        keys: Vec<Key>,
    ) -> Rc<Decided> {
        let place = (library, subscription, keys);
        if let Some(decided) = self.known.get(&place) {
            return Rc::clone(decided);
        }
        let codes = &self.impact.codes;
        let code = codes.libraries.text(library);
        let settings: Vec<Setting<'_>> = place
            .2
            .iter()
            .map(|&key| Setting {
                key,
                subscription: subscription.filter(|_| is_of_subscription(key)).map(|of| codes.subscriptions.text(of)),
                fact: None,
            })
            .collect();
        let differs = |setting: &&Setting<'_>| {
            let [old, new] = self.impact.sides.each_ref().map(|side| value_of(side.of_day, code, **setting));
            old != new
        };
        let deciding = settings.iter().find(differs).or(settings.first());
        let decided = Rc::new(deciding.map(|&setting| self.line(Some(code), setting)).unwrap_or_default());
        self.known.insert(place, Rc::clone(&decided));
        decided
    }

    /// The line of the new policy about a setting.
    fn line(&self, library: Option<&str>, setting: Setting<'_>) -> Decided {
        let new = &self.impact.sides[1];
        let line = deciding(new.policy, new.of_day.date, library, setting);
        Decided { setting: format!("{} = {}", line.key, line.value), by: line.to_string() }
    }

    /// The line of the new policy that names the plugin with this reason.
    fn plugin(&self, reason: &str) -> Decided {
        let new = &self.impact.sides[1];
        let name = reason.split('/').next().unwrap_or_default();
        let plugin = new.plugins.named.iter().find(|plugin| plugin.name == name);
        match plugin.and_then(|plugin| of_plugin(new.policy, plugin).into_iter().next()) {
            Some((_, line)) => Decided { setting: format!("{} = {}", line.key, line.value), by: line.to_string() },
            None => Decided { setting: String::new(), by: format!("the plugin `{name}` is in the old policy only") },
        }
    }
}

/// The settings behind a reason of the customer run, the nearest one first.
const fn settings_behind(reason: MembershipReason) -> &'static [Key] {
    match reason {
        MembershipReason::Grace => &[Key::GraceDays],
        reason => reason.settings_behind(),
    }
}

fn is_of_subscription(key: Key) -> bool {
    key.spec().table == Table::Subscription
}
