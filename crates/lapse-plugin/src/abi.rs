//! The ABI, version 1: every struct that crosses the boundary, as `include/lapse_plugin.h` has it. Nothing here changes within
//! a version: to add a field is to make a new version. A test asserts every size and offset.
//!
//! Texts are pointer and length in UTF-8, never null, valid until the call returns. A pointer to a list whose count is 0
//! may be null. Nothing is allocated on one side and freed on the other: what a plugin fills in belongs to the host.

use std::ffi::c_void;

/// The version of this ABI.
pub const VERSION: u32 = 1;

/// The name of the one symbol that a plugin exports: a function of the type [`Entry`].
pub const ENTRY: &str = "lapse_plugin_entry";

/// The entry: gives the plugin's description, which stays as it is for as long as the library is loaded.
pub type Entry = unsafe extern "C" fn() -> *const Plugin;

/// A text: `length` bytes of UTF-8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The first byte.
    pub bytes: *const u8,
    /// How many there are.
    pub length: usize,
}

/// The size of a struct of the ABI, as its field `size` has it.
#[expect(clippy::cast_possible_truncation, reason = "a struct of the ABI has some dozen bytes")]
pub const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

/// What a plugin is and can do. Begins with the version and its own size in every version of the ABI.
#[repr(C)]
pub struct Plugin {
    /// The version of the ABI that the plugin was built for: [`VERSION`].
    pub abi_version: u32,
    /// `size_of::<Plugin>()`
    pub size: u32,
    /// The name, kebab-case.
    pub name: Text,
    /// The plugin's own version.
    pub version: Text,
    /// The codes of the reasons that it may give, kebab-case. Verdicts name them by their place here.
    pub reasons: *const Text,
    /// How many there are, fewer than 65536.
    pub reason_count: usize,
    /// Makes an instance. 0: made, and `instance` is filled; otherwise `failure` says why not.
    pub create:
        Option<unsafe extern "C" fn(setup: *const Setup, instance: *mut Instance, failure: *mut Failure) -> i32>,
    /// Judges a batch. 0: judged, and `verdicts` is filled; otherwise `failure` says why not.
    pub decide: Option<
        unsafe extern "C" fn(
            state: *mut c_void,
            batch: *const Batch,
            verdicts: *mut Verdicts,
            failure: *mut Failure,
        ) -> i32,
    >,
    /// Ends an instance; no call follows.
    pub destroy: Option<unsafe extern "C" fn(state: *mut c_void)>,
}

/// What an instance is made from.
#[repr(C)]
pub struct Setup {
    /// `size_of::<Setup>()`
    pub size: u32,
    /// Reserved: 0.
    pub reserved: u32,
    /// The plugin's `config` table as JSON; `{}` where there is none.
    pub config: Text,
    /// The plugin's `columns`, each as `table.column`.
    pub columns: *const Text,
    /// How many there are.
    pub column_count: usize,
}

/// An instance, filled in by `create`.
#[repr(C)]
pub struct Instance {
    /// `size_of::<Instance>()`, set by the host.
    pub size: u32,
    /// Not 0: `decide` may be called on it from several threads at once.
    pub parallel: u32,
    /// Whatever the plugin needs; it comes back with each call.
    pub state: *mut c_void,
}

/// Why a call failed: the text goes into room that the host owns.
#[repr(C)]
pub struct Failure {
    /// `size_of::<Failure>()`, set by the host.
    pub size: u32,
    /// The patron that the failure is about, by its place in the batch, or [`NO_PATRON`], which the host sets.
    pub patron: u32,
    /// Where the text goes: one sentence for people, in UTF-8.
    pub text: *mut u8,
    /// How many bytes fit.
    pub capacity: usize,
    /// How many bytes the plugin wrote; 0, which the host sets: no text.
    pub length: usize,
}

/// A failure that is about no patron.
pub const NO_PATRON: u32 = u32::MAX;

/// There is no date. All dates are days since 1970-01-01, negative before it, from 0001-01-01 to 9999-12-31.
pub const NO_DATE: i32 = i32::MIN;

/// Many patrons at once.
#[repr(C)]
pub struct Batch {
    /// `size_of::<Batch>()`
    pub size: u32,
    /// The run day.
    pub run_date: i32,
    /// The patrons.
    pub patrons: *const Patron,
    /// How many there are.
    pub patron_count: usize,
    /// The memberships of all patrons, one patron's after the other's.
    pub memberships: *const Membership,
    /// How many there are.
    pub membership_count: usize,
    /// The records of all patrons, one patron's after the other's.
    pub records: *const Record,
    /// How many there are.
    pub record_count: usize,
    /// Every library of the policy and of the tables.
    pub libraries: *const Library,
    /// How many there are.
    pub library_count: usize,
    /// Every subscription of every library of the policy, then those that only the tables name.
    pub subscriptions: *const Subscription,
    /// How many there are.
    pub subscription_count: usize,
}

/// One patron.
#[repr(C)]
pub struct Patron {
    /// The id.
    pub id: Text,
    /// The text of each column that the plugin asked for of the table `patrons`, in the order asked.
    pub columns: *const Text,
    /// The patron's memberships, in the order of their table.
    pub memberships: *const Membership,
    /// The patron's records, one for each library in which there is a membership or an account.
    pub records: *const Record,
    /// How many memberships there are.
    pub membership_count: u32,
    /// How many records there are.
    pub record_count: u32,
    /// The place of the first membership in the batch, and of its verdict.
    pub first_membership: u32,
    /// The place of the first record in the batch, and of its verdict.
    pub first_record: u32,
    /// The birth date, or [`NO_DATE`].
    pub birth_date: i32,
    /// When the Mijn Bibliotheek profile was last used, or [`NO_DATE`].
    pub profile_last_active: i32,
    /// 1: a row of the patron was rejected, so that nothing may be taken away.
    pub held: u8,
    /// 1: the patron keeps a loan history.
    pub keeps_history: u8,
    /// Reserved: 0.
    pub reserved: [u8; 6],
}

/// One membership, with what the customer run made of it.
#[repr(C)]
pub struct Membership {
    /// The library.
    pub library: *const Library,
    /// The subscription, which is the type of the membership.
    pub subscription: *const Subscription,
    /// The text of each column that the plugin asked for of the table `memberships`, in the order asked.
    pub columns: *const Text,
    /// The first valid day.
    pub valid_from: i32,
    /// The last valid day, or [`NO_DATE`]: no end.
    pub valid_until: i32,
    /// The last valid day after the run, or [`NO_DATE`].
    pub valid_until_after: i32,
    /// The last activity that was compared, or [`NO_DATE`].
    pub last_activity: i32,
    /// One of [`status`].
    pub status: u8,
    /// One of [`outcome`].
    pub outcome: u8,
    /// One of [`reason`].
    pub reason: u8,
    /// Reserved: 0.
    pub reserved: [u8; 5],
}

/// One patron's record at one library, with the account there.
#[repr(C)]
pub struct Record {
    /// The library.
    pub library: *const Library,
    /// The text of each column that the plugin asked for of the table `accounts`, in the order asked; null where there
    /// is no account.
    pub columns: *const Text,
    /// The kinds of block, `|` between them; empty where there is none.
    pub blocks: Text,
    /// When costs were last settled, or [`NO_DATE`].
    pub settled_on: i32,
    /// 1: the table `accounts` has a row; otherwise what follows is 0.
    pub has_account: u8,
    /// 1: outstanding costs are not zero.
    pub owes: u8,
    /// 1: credit is not zero.
    pub has_credit: u8,
    /// 1: the patron has items in possession.
    pub has_items: u8,
}

/// One library, with its settings on the run day; the consortium's where the policy does not have it.
#[repr(C)]
pub struct Library {
    /// The code.
    pub code: Text,
    /// The name for people.
    pub name: Text,
    /// The code of its cooperation group; empty where there is none.
    pub group: Text,
    /// `cleanup.ended_months`
    pub ended_months: u32,
    /// `cleanup.settled_months`
    pub settled_months: u32,
    /// `retention.pseudonymise_days`
    pub pseudonymise_days: u32,
    /// `retention.finance_months`
    pub finance_months: u32,
    /// 1, 2 or 3; 0 where there is no group.
    pub group_kind: u8,
    /// 1: the policy has it.
    pub in_policy: u8,
    /// 1: in the scope of this instance. Verdicts about other libraries have no effect.
    pub in_scope: u8,
    /// Reserved: 0.
    pub reserved: [u8; 5],
}

/// One subscription at one library, with its settings on the run day.
#[repr(C)]
pub struct Subscription {
    /// The code.
    pub code: Text,
    /// The name for people.
    pub name: Text,
    /// The category.
    pub category: Text,
    /// What it costs, in cents.
    pub fee_cents: u64,
    /// How many months a renewal adds.
    pub term_months: u32,
    /// After how many months without activity it lapses.
    pub lapse_months: u32,
    /// One of [`holder`].
    pub holder: u8,
    /// One of [`renewal`].
    pub renewal: u8,
    /// 1: the policy has it; otherwise only the code means anything.
    pub in_policy: u8,
    /// Reserved: 0.
    pub reserved: [u8; 5],
}

/// What a plugin says of one membership or one record.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// One of [`opinion`].
    pub opinion: u16,
    /// The place of the reason among the plugin's; 0 without opinion.
    pub reason: u16,
}

/// Where verdicts go: one for each membership and one for each record of the batch, all without opinion before the
/// call.
#[repr(C)]
pub struct Verdicts {
    /// `size_of::<Verdicts>()`
    pub size: u32,
    /// Reserved: 0.
    pub reserved: u32,
    /// In the order of the batch.
    pub memberships: *mut Verdict,
    /// As many as the batch has.
    pub membership_count: usize,
    /// In the order of the batch.
    pub records: *mut Verdict,
    /// As many as the batch has.
    pub record_count: usize,
}

/// Defines numbers that stand for words.
macro_rules! numbers {
    ($(#[$meta:meta])* $module:ident: $type:ty { $($(#[$doc:meta])* $name:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        pub mod $module {
            $($(#[$doc])* pub const $name: $type = $value;)+
        }
    };
}

numbers! {
    /// What a plugin thinks of a membership or a record.
    opinion: u16 {
        /// It has no opinion.
        NONE = 0,
        /// The membership goes on; the record is kept.
        KEEP = 1,
        /// The membership ends. Not for records.
        DEREGISTER = 2,
    }
}

numbers! {
    /// The status of a membership in the library system.
    status: u8 {
        /// `active`
        ACTIVE = 0,
        /// `deregistered`
        DEREGISTERED = 1,
        /// `cancelled`
        CANCELLED = 2,
    }
}

numbers! {
    /// What the customer run makes of a membership.
    outcome: u8 {
        /// `valid`
        VALID = 0,
        /// `renewed`
        RENEWED = 1,
        /// `deregistered`
        DEREGISTERED = 2,
        /// `expired`
        EXPIRED = 3,
    }
}

numbers! {
    /// Why the customer run decided so.
    reason: u8 {
        /// `no-policy`
        NO_POLICY = 0,
        /// `ended`
        ENDED = 1,
        /// `starts-later`
        STARTS_LATER = 2,
        /// `inactive`
        INACTIVE = 3,
        /// `not-a-person`
        NOT_A_PERSON = 4,
        /// `automatic`
        AUTOMATIC = 5,
        /// `no-renewal`
        NO_RENEWAL = 6,
        /// `paid`
        PAID = 7,
        /// `active`
        ACTIVE = 8,
        /// `bad-input`
        BAD_INPUT = 9,
        /// `not-renewed`
        NOT_RENEWED = 10,
        /// `succeeded`
        SUCCEEDED = 11,
        /// `cancelled`
        CANCELLED = 12,
        /// `activity-unknown`
        ACTIVITY_UNKNOWN = 13,
        /// `end/NAME`: an end of the policy
        END = 14,
        /// `keep/NAME`: a keep of the policy
        KEEP = 15,
        /// `grace`
        GRACE = 16,
    }
}

numbers! {
    /// Who holds a subscription.
    holder: u8 {
        /// `person`
        PERSON = 0,
        /// `institution`
        INSTITUTION = 1,
        /// `administrative`
        ADMINISTRATIVE = 2,
    }
}

numbers! {
    /// How a membership renews.
    renewal: u8 {
        /// `automatic`
        AUTOMATIC = 0,
        /// `conditional`
        CONDITIONAL = 1,
        /// `none`
        NONE = 2,
    }
}
