//! Made-up patrons for the unit tests of a plugin: facts that own their texts, judged through the functions of the ABI
//! as the host calls them.

#![expect(unsafe_code, reason = "calls the functions of the ABI, as the host does")]

use crate::abi::{self, NO_DATE};
use crate::date::Date;
use crate::export::description;
use crate::facts::{Holder, Outcome, Reason, Renewal, Status};
use crate::plugin::Plugin;

/// A made-up patron.
#[derive(Clone, Debug, Default)]
pub struct Patron {
    /// The id.
    pub id: String,
    /// The birth date.
    pub birth_date: Option<Date>,
    /// Whether a row was rejected.
    pub held: bool,
    /// The texts of the columns of `patrons`, in the order asked.
    pub columns: Vec<String>,
    /// Memberships; there is a record for each library.
    pub memberships: Vec<Membership>,
    /// The account columns of the record at the first membership's library.
    pub account_columns: Vec<String>,
}

/// A made-up membership at the library `peer`.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The category of its subscription.
    pub category: String,
    /// The status before the run.
    pub status: Status,
    /// What the customer run made of it.
    pub outcome: Outcome,
    /// Why it decided so.
    pub reason: Reason,
    /// The first valid day.
    pub valid_from: Date,
    /// The last valid day.
    pub valid_until: Option<Date>,
    /// The last activity.
    pub last_activity: Option<Date>,
    /// The texts of the columns of `memberships`, in the order asked.
    pub columns: Vec<String>,
}

impl Default for Membership {
    /// A membership of an adult, valid and active, without an end.
    fn default() -> Membership {
        Membership {
            category: "adult".into(),
            status: Status::Active,
            outcome: Outcome::Valid,
            reason: Reason::Active,
            valid_from: Date::MIN,
            valid_until: None,
            last_activity: None,
            columns: Vec::new(),
        }
    }
}

/// What a plugin said about a patron, such as `keep summer`. A text is empty where the plugin has no opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The verdict on each membership.
    pub memberships: Vec<String>,
    /// The verdict on the record at `peer`. There is no record where there are no memberships.
    pub record: String,
}

/// Makes an instance of `P` with this config and these columns, and has it judge a patron in a run on a day. The error is
/// what a policy editor reads.
pub fn judge<P: Plugin>(config: &str, columns: &[&str], run: Date, patron: &Patron) -> Result<Judged, String> {
    let made = Made::of(patron);
    // SAFETY: the functions are called as the ABI says, with pointers into `made` and into locals that outlive the calls.
    unsafe {
        let plugin = &*description::<P>();
        let (Some(create), Some(decide), Some(destroy)) = (plugin.create, plugin.decide, plugin.destroy) else {
            unreachable!("a description made here has every function");
        };
        let mut room = vec![0; 4096];
        let mut failure = failure(&mut room);
        let columns = texts(columns);
        let setup = abi::Setup {
            size: abi::size::<abi::Setup>(),
            reserved: 0,
            config: text(config),
            columns: columns.as_ptr(),
            column_count: columns.len(),
        };
        let mut instance =
            abi::Instance { size: abi::size::<abi::Instance>(), parallel: 0, state: std::ptr::null_mut() };
        if create(&raw const setup, &raw mut instance, &raw mut failure) != 0 {
            return Err(told(&failure, &room));
        }
        let judged = made.judge(run, |batch, verdicts| {
            if decide(instance.state, batch, verdicts, &raw mut failure) == 0 {
                Ok(())
            } else {
                Err(told(&failure, &room))
            }
        });
        destroy(instance.state);
        judged.map(|(memberships, records)| Judged {
            memberships: memberships.iter().map(|&verdict| words::<P>(verdict)).collect(),
            record: records.first().map(|&verdict| words::<P>(verdict)).unwrap_or_default(),
        })
    }
}

/// The structs of the ABI for one patron.
struct Made {
    id: abi::Text,
    birth_date: i32,
    held: bool,
    columns: Vec<abi::Text>,
    memberships: Vec<abi::Membership>,
    records: Vec<abi::Record>,
    /// What the pointers in the other fields point at. It is never freed, which does no harm, because a test makes little.
    libraries: &'static [abi::Library],
    subscriptions: &'static [abi::Subscription],
}

impl Made {
    fn of(patron: &Patron) -> Made {
        let libraries: &'static [abi::Library] = vec![peer()].leak();
        let subscriptions: &'static [abi::Subscription] =
            patron.memberships.iter().map(|membership| subscription(&membership.category)).collect::<Vec<_>>().leak();
        let days = |date: Option<Date>| date.map_or(NO_DATE, Date::days);
        let lasting = |columns: &[String]| -> &'static [abi::Text] {
            columns.iter().map(|column| text(column.clone().leak())).collect::<Vec<_>>().leak()
        };
        let membership = |(of, subscription): (&Membership, &'static abi::Subscription)| abi::Membership {
            library: &raw const libraries[0],
            subscription,
            columns: lasting(&of.columns).as_ptr(),
            valid_from: of.valid_from.days(),
            valid_until: days(of.valid_until),
            valid_until_after: days(of.valid_until),
            last_activity: days(of.last_activity),
            status: of.status.number(),
            outcome: of.outcome.number(),
            reason: of.reason.number(),
            reserved: [0; 5],
        };
        let record = abi::Record {
            library: &raw const libraries[0],
            columns: lasting(&patron.account_columns).as_ptr(),
            blocks: text(""),
            settled_on: NO_DATE,
            has_account: u8::from(!patron.account_columns.is_empty()),
            owes: 0,
            has_credit: 0,
            has_items: 0,
        };
        Made {
            id: text(patron.id.clone().leak()),
            birth_date: days(patron.birth_date),
            held: patron.held,
            columns: lasting(&patron.columns).to_vec(),
            memberships: patron.memberships.iter().zip(subscriptions).map(membership).collect(),
            records: if patron.memberships.is_empty() { Vec::new() } else { vec![record] },
            libraries,
            subscriptions,
        }
    }

    fn judge(
        &self,
        run: Date,
        decide: impl FnOnce(*const abi::Batch, *mut abi::Verdicts) -> Result<(), String>,
    ) -> Result<(Vec<abi::Verdict>, Vec<abi::Verdict>), String> {
        let patron = abi::Patron {
            id: self.id,
            columns: self.columns.as_ptr(),
            memberships: self.memberships.as_ptr(),
            records: self.records.as_ptr(),
            membership_count: number(self.memberships.len()),
            record_count: number(self.records.len()),
            first_membership: 0,
            first_record: 0,
            birth_date: self.birth_date,
            profile_last_active: NO_DATE,
            held: u8::from(self.held),
            keeps_history: 1,
            reserved: [0; 6],
        };
        let batch = abi::Batch {
            size: abi::size::<abi::Batch>(),
            run_date: run.days(),
            patrons: &raw const patron,
            patron_count: 1,
            memberships: self.memberships.as_ptr(),
            membership_count: self.memberships.len(),
            records: self.records.as_ptr(),
            record_count: self.records.len(),
            libraries: self.libraries.as_ptr(),
            library_count: self.libraries.len(),
            subscriptions: self.subscriptions.as_ptr(),
            subscription_count: self.subscriptions.len(),
        };
        let mut memberships = vec![abi::Verdict::default(); self.memberships.len()];
        let mut records = vec![abi::Verdict::default(); self.records.len()];
        let mut verdicts = abi::Verdicts {
            size: abi::size::<abi::Verdicts>(),
            reserved: 0,
            memberships: memberships.as_mut_ptr(),
            membership_count: memberships.len(),
            records: records.as_mut_ptr(),
            record_count: records.len(),
        };
        decide(&raw const batch, &raw mut verdicts)?;
        Ok((memberships, records))
    }
}

fn peer() -> abi::Library {
    abi::Library {
        code: text("peer"),
        name: text("Bibliotheek Peer"),
        group: text(""),
        ended_months: 24,
        settled_months: 24,
        pseudonymise_days: 90,
        finance_months: 120,
        group_kind: 0,
        in_policy: 1,
        in_scope: 1,
        reserved: [0; 5],
    }
}

fn subscription(category: &str) -> abi::Subscription {
    let category = text(category.to_owned().leak());
    abi::Subscription {
        code: category,
        name: category,
        category,
        fee_cents: 0,
        term_months: 12,
        lapse_months: 24,
        holder: Holder::Person.number(),
        renewal: Renewal::Conditional.number(),
        in_policy: 1,
        reserved: [0; 5],
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("a test makes fewer patrons than 4 thousand million")
}

fn text(text: &str) -> abi::Text {
    abi::Text { bytes: text.as_ptr(), length: text.len() }
}

fn texts(list: &[&str]) -> Vec<abi::Text> {
    list.iter().map(|one| text(one)).collect()
}

fn failure(room: &mut [u8]) -> abi::Failure {
    abi::Failure {
        size: abi::size::<abi::Failure>(),
        patron: abi::NO_PATRON,
        text: room.as_mut_ptr(),
        capacity: room.len(),
        length: 0,
    }
}

fn told(failure: &abi::Failure, room: &[u8]) -> String {
    String::from_utf8_lossy(&room[..failure.length.min(room.len())]).into_owned()
}

fn words<P: Plugin>(verdict: abi::Verdict) -> String {
    let opinion = match verdict.opinion {
        abi::opinion::NONE => return String::new(),
        abi::opinion::KEEP => "keep",
        abi::opinion::DEREGISTER => "deregister",
        other => panic!("{other} is no opinion"),
    };
    format!("{opinion} {}", P::REASONS[usize::from(verdict.reason)])
}
