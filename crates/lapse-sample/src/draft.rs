//! The rows of one patron while they are made, before they are written.

use lapse_engine::Status;
use lapse_policy::Day;

use crate::bad_row::BadRow;

/// What the tables will say about one patron. The next patron uses the same memory again.
#[derive(Default)]
pub struct Draft<'p> {
    /// When they were born; `None` for institutions and administrative passes.
    pub birth: Option<Day>,
    /// When their Mijn Bibliotheek profile was last used.
    pub profile: Option<Day>,
    /// `loan_history`; empty where the patron never said whether it may be kept.
    pub loan_history: &'static str,
    /// Rows of `memberships`.
    pub memberships: Vec<MembershipRow<'p>>,
    /// Rows of `activity`.
    pub activity: Vec<ActivityRow<'p>>,
    /// Rows of `accounts`.
    pub accounts: Vec<AccountRow<'p>>,
    /// A row that will be rejected, and the library in it.
    pub bad_row: Option<(BadRow, &'p [u8])>,
}

/// A row of `memberships`.
#[derive(Clone, Copy, Debug)]
pub struct MembershipRow<'p> {
    /// `library`
    pub library: &'p [u8],
    /// `subscription`
    pub subscription: &'p [u8],
    /// `valid_from`
    pub from: Day,
    /// `valid_until`
    pub until: Option<Day>,
    /// `status`
    pub status: Status,
}

/// A row of `activity`.
#[derive(Clone, Copy, Debug)]
pub struct ActivityRow<'p> {
    /// `library`; `None` where the source knows no library.
    pub library: Option<&'p [u8]>,
    /// `source`
    pub source: &'p [u8],
    /// `last_active`
    pub on: Day,
}

/// A row of `accounts`.
#[derive(Clone, Copy, Debug)]
pub struct AccountRow<'p> {
    /// `library`
    pub library: &'p [u8],
    /// `owed`, in cents.
    pub owed: u32,
    /// `credit`, in cents.
    pub credit: u32,
    /// `blocks`; empty where there are none.
    pub blocks: &'p [u8],
    /// `items`
    pub items: u32,
    /// `settled_on`
    pub settled_on: Option<Day>,
}

impl<'p> AccountRow<'p> {
    /// An account of this library in which nothing is open.
    pub fn clear(library: &'p [u8]) -> AccountRow<'p> {
        AccountRow { library, owed: 0, credit: 0, blocks: b"", items: 0, settled_on: None }
    }
}

impl Draft<'_> {
    /// Forgets the patron, for the next one.
    pub fn clear(&mut self) {
        self.birth = None;
        self.profile = None;
        self.loan_history = "";
        self.memberships.clear();
        self.activity.clear();
        self.accounts.clear();
        self.bad_row = None;
    }
}
