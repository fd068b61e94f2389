//! What the tables say about one patron, with codes as numbers.
//! A patron borrows its rows, so that a million of them cost no allocation.

use lapse_policy::Day;
use lapse_policy::schema::ACCOUNT_COLUMNS;

use crate::{BlocksId, FactColumnsTold, Facts, LibraryId, SourceId, SubscriptionId};

/// One patron and all rows about them.
#[derive(Clone, Copy, Debug)]
pub struct Patron<'a> {
    /// Whether a row of this patron was rejected. The facts are incomplete then: no membership is ended and no record
    /// removed.
    pub held: bool,
    /// What the extract tells about anybody at all.
    pub told: Told,
    /// When the patron was born, where that is known.
    pub birth_date: Option<Day>,
    /// When the Mijn Bibliotheek profile was last used; none where there is no profile.
    pub profile_last_active: Option<Day>,
    /// Whether the patron keeps loan history; false for one who opted out.
    pub keeps_history: bool,
    /// In the order of their file.
    pub memberships: &'a [Membership],
    /// In any order; several rows may have the same library and source.
    pub activity: &'a [Activity],
    /// At most one for each library, in any order.
    pub accounts: &'a [Account],
    /// What the extract tells beyond its contract.
    pub facts: Facts<'a>,
}

impl Patron<'_> {
    /// The libraries in which the patron has a record, by first appearance in memberships, then in accounts.
    pub fn record_libraries(&self) -> impl Iterator<Item = LibraryId> {
        let of_memberships = self.memberships.iter().enumerate().filter(|&(at, membership)| {
            !self.memberships[..at].iter().any(|earlier| earlier.library == membership.library)
        });
        let of_accounts = self
            .accounts
            .iter()
            .filter(|account| !self.memberships.iter().any(|membership| membership.library == account.library));
        of_memberships.map(|(_, membership)| membership.library).chain(of_accounts.map(|account| account.library))
    }
}

/// What an extract tells about anybody. What it does not tell about anybody it does not deny of one patron. By default it
/// tells nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Whether some row of the activity table is usable.
    pub activity: bool,
    /// The columns that the accounts table has.
    pub accounts: AccountColumns,
    /// The columns of facts that it has.
    pub facts: FactColumnsTold,
}

impl Told {
    /// Everything, as a case file tells it.
    pub const ALL: Told = Told { activity: true, accounts: AccountColumns::ALL, facts: FactColumnsTold::ALL };
}

/// Some of the columns of the accounts table that `cleanup.accounts_needed` can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccountColumns(u8);

impl AccountColumns {
    /// All of them.
    pub const ALL: AccountColumns = AccountColumns((1 << ACCOUNT_COLUMNS.len()) - 1);

    /// Those with these names; other names are left out.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> AccountColumns {
        let places = names.into_iter().filter_map(|name| ACCOUNT_COLUMNS.iter().position(|column| *column == name));
        AccountColumns(places.fold(0, |columns, place| columns | 1 << place))
    }

    /// Those that are not among `others`.
    #[must_use]
    pub const fn without(self, others: AccountColumns) -> AccountColumns {
        AccountColumns(self.0 & !others.0)
    }

    /// Those that are among these or among `others`.
    #[must_use]
    pub const fn with(self, others: AccountColumns) -> AccountColumns {
        AccountColumns(self.0 | others.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let places = (0..ACCOUNT_COLUMNS.len()).filter(move |place| self.0 & 1 << place != 0);
        places.map(|place| ACCOUNT_COLUMNS[place])
    }
}

/// One patron's own instance of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The library where it was taken out.
    pub library: LibraryId,
    /// The subscription, which is its type.
    pub subscription: SubscriptionId,
    /// The first valid day.
    pub valid_from: Day,
    /// The last valid day, inclusive; none where it has no end.
    pub valid_until: Option<Day>,
    /// As the library system has it.
    pub status: Status,
}

impl Membership {
    /// Whether the membership is past its end on `day`: its last valid day lies before it.
    pub fn has_passed(&self, day: Day) -> bool {
        self.valid_until.is_some_and(|until| until < day)
    }

    /// Whether the membership has no end: no `valid_until`, or 9999-12-31, which systems write for that.
    pub fn has_no_end(&self) -> bool {
        self.valid_until.is_none_or(|until| until == Day::MAX)
    }
}

/// The status of a membership in the library system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// In force between its dates.
    Active,
    /// Uitgeschreven: ended by an earlier customer run.
    Deregistered,
    /// Given up at the desk: it goes on until its end, and is not renewed.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Active, Status::Deregistered, Status::Cancelled];

    /// The word for it in the tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Deregistered => "deregistered",
            Status::Cancelled => "cancelled",
        }
    }
}

/// One date of activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The library; none for activity without a library.
    pub library: Option<LibraryId>,
    /// The system that recorded it.
    pub source: SourceId,
    /// The latest date; one after the run counts as the run's own day.
    pub last_active: Day,
}

/// What a library has open with a patron. The rules ask of each amount only whether it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The library.
    pub library: LibraryId,
    /// Whether outstanding costs are not zero.
    pub owes: bool,
    /// Whether credit is not zero.
    pub has_credit: bool,
    /// Whether items are in possession.
    pub has_items: bool,
    /// The kinds of block; the policy says which of them hold a record.
    pub blocks: Option<BlocksId>,
    /// The day on which costs were last settled.
    pub settled_on: Option<Day>,
}
