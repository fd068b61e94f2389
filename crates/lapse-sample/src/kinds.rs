//! Subscriptions are sorted in two ways: by what becomes of their memberships in time, and by who has them.

use lapse_engine::SubscriptionRules;
use lapse_policy::{Holder, Renewal, Subscription};

/// What becomes of a membership in time. Holder, renewal and fee decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's, free and conditional: it is renewed, and lapses by inactivity.
    Lapsing,
    /// A person's that is renewed automatically.
    Automatic,
    /// A person's that is renewed at the desk.
    AtDesk,
    /// A person's that is conditional and paid: it neither lapses nor is renewed.
    Paid,
    /// An institution's or an administrative pass that is renewed.
    Body,
    /// An institution's or an administrative pass that ends at its date.
    BodyAtDesk,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [Kind::Lapsing, Kind::Automatic, Kind::AtDesk, Kind::Paid, Kind::Body, Kind::BodyAtDesk];

    /// The kind of a subscription.
    pub fn of(rules: &SubscriptionRules) -> Kind {
        match (rules.holder, rules.renews()) {
            (Holder::Person, true) if rules.can_lapse() => Kind::Lapsing,
            (Holder::Person, true) => Kind::Automatic,
            (Holder::Person, false) if rules.renewal == Renewal::None => Kind::AtDesk,
            (Holder::Person, false) => Kind::Paid,
            (Holder::Institution | Holder::Administrative, true) => Kind::Body,
            (Holder::Institution | Holder::Administrative, false) => Kind::BodyAtDesk,
        }
    }
}

/// Who has a subscription, by its holder and category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holders {
    /// Under 18.
    Youth,
    /// From 18.
    Adults,
    /// From 65.
    Seniors,
    /// Some adults: any other category.
    Some,
    /// Schools and the like.
    Institutions,
    /// Staff, loans to other libraries.
    Administration,
}

impl Holders {
    /// Who has a subscription. Its category says it best, then its code, then its name.
    pub fn of(subscription: &Subscription) -> Holders {
        match subscription.holder.value {
            Holder::Institution => return Holders::Institutions,
            Holder::Administrative => return Holders::Administration,
            Holder::Person => {}
        }
        let category = &subscription.category.value;
        for text in [category, &subscription.code, &subscription.name.value] {
            let text = text.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
            if says(&["youth", "jeugd", "jong", "child", "kinder", "kid", "junior", "juvenile"]) {
                return Holders::Youth;
            }
            if says(&["senior", "65"]) {
                return Holders::Seniors;
            }
        }
        if category == "adult" { Holders::Adults } else { Holders::Some }
    }

    /// Their ages in months, from the first up to the second; `None` for institutions and administrative passes.
    pub fn ages(self) -> Option<(u32, u32)> {
        match self {
            Holders::Youth => Some((6 * 12, 18 * 12)),
            Holders::Adults | Holders::Some => Some((18 * 12, 80 * 12)),
            Holders::Seniors => Some((65 * 12, 95 * 12)),
            Holders::Institutions | Holders::Administration => None,
        }
    }

    /// Whether they are persons, with a day of birth, a profile and memberships of several libraries.
    pub fn are_persons(self) -> bool {
        self.ages().is_some()
    }

    /// How often they come, among those with the same [`Holders::share`].
    pub fn weight(self) -> u32 {
        match self {
            Holders::Adults => 26,
            Holders::Seniors => 6,
            Holders::Youth | Holders::Some => 2,
            Holders::Institutions => 3,
            Holders::Administration => 1,
        }
    }

    /// How many of a thousand patrons of a library they are, together with those who have the same share: three in ten
    /// patrons are young, and two in a hundred are institutions or administrative passes.
    pub fn share(self) -> u32 {
        match self {
            Holders::Youth => 300,
            Holders::Adults | Holders::Seniors | Holders::Some => 680,
            Holders::Institutions | Holders::Administration => 20,
        }
    }
}
