//! The libraries and subscriptions of the policy and of the tables. They are the same for nearly every batch of a run, so they
//! are made ready and written into the memory that a plugin sees only once, and anew where a batch brings a new code.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lapse_engine::{Codes, LibraryId, SubscriptionId};
use lapse_plugin::abi;
use lapse_policy::{Day, DayPolicy, Fee, Holder, Library, Renewal, Settings, Span, Subscription};

use crate::writer::{Full, Place, Writer};

/// The libraries and subscriptions of a run, as long as no batch brings a code that was not there before.
pub(crate) struct Libraries<'a> {
    pub of_day: &'a DayPolicy,
    /// Every `Libraries` of a process has a number of its own, by which a caller knows whether it has written them.
    pub number: u64,
    /// The codes of libraries, the policy's first.
    codes: Vec<Box<str>>,
    /// The codes of subscriptions.
    subscription_codes: Vec<Box<str>>,
    /// For each library of the policy and each subscription code, the place in the table of subscriptions.
    places: Vec<Vec<Option<u32>>>,
    /// How many subscriptions the libraries of the policy have together.
    of_policy: usize,
}

/// Where the libraries and subscriptions lie in a plugin's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LibrariesAt {
    pub libraries: Place<abi::Library>,
    pub subscriptions: Place<abi::Subscription>,
    /// The first byte after them.
    pub end: usize,
}

impl<'a> Libraries<'a> {
    /// The libraries of a day of the policy and of the tables, whose codes start with those of a policy with the same
    /// libraries.
    pub fn new(of_day: &'a DayPolicy, codes: &Codes) -> Libraries<'a> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let mut of_policy: u32 = 0;
        let places = of_day
            .libraries
            .iter()
            .map(|library| {
                let mut places = vec![None; codes.subscriptions.len()];
                for subscription in &library.subscriptions {
                    // A code that no table names is never looked up.
                    if let Some(code) = codes.subscriptions.find(&subscription.code) {
                        places[code.index()] = Some(of_policy);
                    }
                    of_policy += 1;
                }
                places
            })
            .collect();
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Libraries {
            of_day,
            number,
            codes: codes.libraries.texts().map(Box::from).collect(),
            subscription_codes: codes.subscriptions.texts().map(Box::from).collect(),
            places,
            of_policy: of_policy as usize,
        }
    }

    /// Whether they were made for these codes.
    fn are_of(&self, codes: &Codes) -> bool {
        let same = |here: &[Box<str>], codes: &mut dyn Iterator<Item = &str>| here.iter().map(|code| &**code).eq(codes);
        same(&self.codes, &mut codes.libraries.texts())
            && same(&self.subscription_codes, &mut codes.subscriptions.texts())
    }

    /// The place of a subscription in its table: the policy's, or the one for a code that only the tables name there.
    pub fn subscription(&self, library: LibraryId, subscription: SubscriptionId) -> usize {
        let known = self.places.get(library.index()).and_then(|of_library| of_library[subscription.index()]);
        known.map_or(self.of_policy + subscription.index(), |place| place as usize)
    }

    /// Writes the libraries and subscriptions at the writer's place. `scope` says of each library of the policy whether the
    /// plugin takes part there.
    pub fn write(&self, writer: &mut Writer<'_>, scope: &[bool]) -> Result<LibrariesAt, Full> {
        let libraries = writer.room(self.codes.len())?;
        let subscriptions = writer.room(self.of_policy + self.subscription_codes.len())?;
        let mut place = 0;
        for (index, code) in self.codes.iter().enumerate() {
            let row = match self.of_day.libraries.get(index) {
                Some(library) => self.library(writer, library, scope[index])?,
                None => unknown_library(writer, self.of_day.date, code, &self.of_day.consortium.settings)?,
            };
            writer.put(libraries, index, row);
        }
        for subscription in self.of_day.libraries.iter().flat_map(|library| &library.subscriptions) {
            let row = known_subscription(writer, subscription)?;
            writer.put(subscriptions, place, row);
            place += 1;
        }
        for code in &self.subscription_codes {
            let row = unknown_subscription(writer, code)?;
            writer.put(subscriptions, place, row);
            place += 1;
        }
        Ok(LibrariesAt { libraries, subscriptions, end: writer.at })
    }

    fn library(&self, writer: &mut Writer<'_>, library: &Library, in_scope: bool) -> Result<abi::Library, Full> {
        let group = library.group.map(|group| &self.of_day.groups[group]);
        Ok(abi::Library {
            name: writer.text(&library.name.value)?,
            group: writer.text(group.map_or("", |group| &group.code))?,
            group_kind: group.map_or(0, |group| group.kind.value.number()),
            in_policy: 1,
            in_scope: u8::from(in_scope),
            ..unknown_library(writer, self.of_day.date, &library.code, &library.settings)?
        })
    }
}

/// The libraries of the batches of a run, made once for all batches that have the same codes. Each thread finds new codes in
/// its own order, so there may be several at a time.
pub(crate) struct MadeLibraries<'a> {
    of_day: &'a DayPolicy,
    /// The latest last.
    made: Mutex<Vec<Arc<Libraries<'a>>>>,
}

impl<'a> MadeLibraries<'a> {
    /// At most this many are kept: where the threads are more and all differ, some are made anew.
    const KEPT: usize = 32;

    /// Those of a day of the policy, none of which is made yet.
    pub fn new(of_day: &'a DayPolicy) -> MadeLibraries<'a> {
        MadeLibraries { of_day, made: Mutex::default() }
    }

    /// The libraries for these codes.
    pub fn of(&self, codes: &Codes) -> Arc<Libraries<'a>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.iter().rev().find(|libraries| libraries.are_of(codes)) {
            return known.clone();
        }
        if made.len() == Self::KEPT {
            made.remove(0);
        }
        made.push(Arc::new(Libraries::new(self.of_day, codes)));
        made[made.len() - 1].clone()
    }
}

/// A library that the policy does not have: its code, and the settings that hold there.
fn unknown_library(writer: &mut Writer<'_>, run: Day, code: &str, settings: &Settings) -> Result<abi::Library, Full> {
    let code = writer.text(code)?;
    Ok(abi::Library {
        code,
        name: code,
        group: writer.text("")?,
        ended_months: settings.cleanup.ended_months.value,
        settled_months: settings.cleanup.settled_months.value,
        pseudonymise_days: days(settings.retention.pseudonymise.value, run),
        finance_months: settings.retention.finance_months.value,
        group_kind: 0,
        in_policy: 0,
        in_scope: 0,
        reserved: [0; 5],
    })
}

fn known_subscription(writer: &mut Writer<'_>, subscription: &Subscription) -> Result<abi::Subscription, Full> {
    let Fee { cents } = subscription.fee.value;
    Ok(abi::Subscription {
        code: writer.text(&subscription.code)?,
        name: writer.text(&subscription.name.value)?,
        category: writer.text(&subscription.category.value)?,
        fee_cents: cents,
        term_months: subscription.term_months.value,
        lapse_months: subscription.lapse_months.value,
        holder: match subscription.holder.value {
            Holder::Person => abi::holder::PERSON,
            Holder::Institution => abi::holder::INSTITUTION,
            Holder::Administrative => abi::holder::ADMINISTRATIVE,
        },
        renewal: match subscription.renewal.value {
            Renewal::Automatic => abi::renewal::AUTOMATIC,
            Renewal::Conditional => abi::renewal::CONDITIONAL,
            Renewal::None => abi::renewal::NONE,
        },
        in_policy: 1,
        reserved: [0; 5],
    })
}

fn unknown_subscription(writer: &mut Writer<'_>, code: &str) -> Result<abi::Subscription, Full> {
    let code = writer.text(code)?;
    Ok(abi::Subscription {
        code,
        name: code,
        category: writer.text("")?,
        fee_cents: 0,
        term_months: 0,
        lapse_months: 0,
        holder: abi::holder::PERSON,
        renewal: abi::renewal::NONE,
        in_policy: 0,
        reserved: [0; 5],
    })
}

/// How many days before the run activity is pseudonymised.
fn days(span: Span, run: Day) -> u32 {
    match span {
        Span::Days(days) => days,
        Span::Months(_) => u32::try_from(run.days_since(span.before(run))).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up_policy::{day, policy};

    #[test]
    fn libraries_are_made_once_for_all_batches_with_the_same_codes() {
        let of_day = policy(day("2022-07-01"));
        let made = MadeLibraries::new(&of_day);
        let codes = Codes::of(&of_day);
        let mut more = Codes::of(&of_day);
        more.subscriptions.intern("unknown");
        let numbers = [&codes, &codes, &more, &Codes::of(&of_day), &more].map(|codes| made.of(codes).number);
        assert_eq!([numbers[1], numbers[3]], [numbers[0]; 2]);
        assert_ne!(numbers[2], numbers[0]);
        assert_eq!(numbers[4], numbers[2]);
    }
}
