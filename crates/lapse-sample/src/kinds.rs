//! Two ways to sort subscriptions: by what becomes of a membership in time, and by who has one.

use lapse_policy::{Holder, Renewal, Subscription};

/// What becomes of a membership in time, by holder, renewal and fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's, free and conditional: renews, and lapses by inactivity.
    Lapsing,
    /// A person's that renews itself.
    Automatic,
    /// A person's that is renewed at the desk.
    AtDesk,
    /// A person's that is conditional and paid: neither lapses nor renews.
    Paid,
    /// An institution's or an administrative pass that renews.
    Body,
    /// An institution's or an administrative pass that ends at its date.
    BodyAtDesk,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [Kind::Lapsing, Kind::Automatic, Kind::AtDesk, Kind::Paid, Kind::Body, Kind::BodyAtDesk];

    /// That of a subscription.
    pub fn of(subscription: &Subscription) -> Kind {
        let is_person = subscription.holder.value == Holder::Person;
        let free = subscription.fee.value.is_free();
        match (is_person, subscription.renewal.value) {
            (true, Renewal::Conditional) if free => Kind::Lapsing,
            (true, Renewal::Conditional) => Kind::Paid,
            (true, Renewal::Automatic) => Kind::Automatic,
            (true, Renewal::None) => Kind::AtDesk,
            (false, Renewal::Conditional) if free => Kind::Body,
            (false, Renewal::Automatic) => Kind::Body,
            (false, Renewal::Conditional | Renewal::None) => Kind::BodyAtDesk,
        }
    }

    /// Whether a run renews it when it is past its end.
    pub fn renews(self) -> bool {
        match self {
            Kind::Lapsing | Kind::Automatic | Kind::Body => true,
            Kind::AtDesk | Kind::Paid | Kind::BodyAtDesk => false,
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
    /// Adults who take something special: any other category.
    Some,
    /// Schools and the like.
    Institutions,
    /// Staff, loans to other libraries.
    Administration,
}

impl Holders {
    /// Those of a subscription. The category says it best; then its code and name.
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

    /// From which age on and up to which, in months; none for those who are no persons.
    pub fn ages(self) -> Option<(u32, u32)> {
        match self {
            Holders::Youth => Some((6 * 12, 18 * 12)),
            Holders::Adults | Holders::Some => Some((18 * 12, 80 * 12)),
            Holders::Seniors => Some((65 * 12, 95 * 12)),
            Holders::Institutions | Holders::Administration => None,
        }
    }

    /// Whether they have a birthday, a profile and a card of their own.
    pub fn are_persons(self) -> bool {
        self.ages().is_some()
    }

    /// How often among those that [`Holders::share`] a part of the patrons.
    pub fn weight(self) -> u32 {
        match self {
            Holders::Adults => 26,
            Holders::Seniors => 6,
            Holders::Youth | Holders::Some => 2,
            Holders::Institutions => 3,
            Holders::Administration => 1,
        }
    }

    /// Of a thousand patrons of a library: three in ten are young, two in a hundred are no persons.
    pub fn share(self) -> u32 {
        match self {
            Holders::Youth => 300,
            Holders::Adults | Holders::Seniors | Holders::Some => 680,
            Holders::Institutions | Holders::Administration => 20,
        }
    }
}
