//! Made-up patrons on whom a plugin is tried out.

use lapse_engine::{Account, BlocksId, Facts, LibraryId, Membership, Patron, Status, SubscriptionId, Told};
use lapse_policy::Day;
use lapse_tables::PatronFacts;

use crate::made_up_policy::day;

/// A made-up patron.
pub(crate) struct MadeUp {
    pub id: String,
    pub birth_date: Option<Day>,
    pub held: bool,
    pub memberships: Vec<Membership>,
    pub accounts: Vec<Account>,
    /// The text of every column.
    pub cell: String,
}

impl MadeUp {
    /// A patron by a number, from which all facts follow. Patrons with other numbers differ.
    pub fn any(number: usize) -> MadeUp {
        let pick = |of: usize, salt: usize| (number.wrapping_mul(2_654_435_761).wrapping_add(salt * 40_503) >> 7) % of;
        let month = |salt| day("2015-01-31").add_months(i32::try_from(pick(100, salt)).unwrap_or(0));
        let membership = |salt: usize| Membership {
            library: LibraryId::new(pick(3, salt)),
            subscription: SubscriptionId::new(pick(3, salt + 1)),
            valid_from: month(salt + 2),
            valid_until: (pick(3, salt + 3) > 0).then(|| month(salt + 2).add_months(12)),
            status: Status::ALL[pick(9, salt + 4).saturating_sub(6)],
        };
        let account = |library| Account {
            library: LibraryId::new(library),
            owes: pick(2, 90) == 0,
            has_credit: pick(3, 91) == 0,
            has_items: pick(4, 92) == 0,
            blocks: (pick(3, 93) == 0).then(|| BlocksId::new(pick(2, 94))),
            settled_on: (pick(2, 95) == 0).then(|| month(96)),
        };
        let cells = ["", "0", "3", "2022-05-03", "9999-12-31", "not a date", "-1.5"];
        MadeUp {
            id: format!("P{number:05}"),
            birth_date: (pick(5, 1) > 0).then(|| month(2).add_months(-240)),
            held: pick(20, 3) == 0,
            memberships: (0..pick(4, 4)).map(|nth| membership(10 * nth + 5)).collect(),
            accounts: (0..pick(3, 5)).map(account).collect(),
            cell: cells[pick(cells.len(), 6)].into(),
        }
    }

    /// A patron of whom every date is one of these two.
    pub fn at(from: Day, until: Option<Day>) -> MadeUp {
        let membership = Membership {
            library: LibraryId::new(0),
            subscription: SubscriptionId::new(0),
            valid_from: from,
            valid_until: until,
            status: Status::Active,
        };
        let account = Account {
            library: LibraryId::new(1),
            owes: true,
            has_credit: false,
            has_items: false,
            blocks: None,
            settled_on: until,
        };
        MadeUp {
            id: "P".into(),
            birth_date: Some(from),
            held: false,
            memberships: vec![membership],
            accounts: vec![account],
            cell: from.to_string(),
        }
    }

    /// The patron as the engine decides about them.
    pub fn patron(&self) -> Patron<'_> {
        Patron {
            held: self.held,
            told: Told::ALL,
            birth_date: self.birth_date,
            profile_last_active: self.birth_date,
            keeps_history: true,
            memberships: &self.memberships,
            activity: &[],
            accounts: &self.accounts,
            facts: Facts::default(),
        }
    }
}

/// The facts about made-up patrons that the engine does not know.
pub(crate) struct MadeUpFacts<'a>(pub &'a [MadeUp]);

impl PatronFacts for MadeUpFacts<'_> {
    fn id(&self, patron: usize) -> &str {
        &self.0[patron].id
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.0[patron].birth_date
    }

    fn asked(&self, _: usize, patron: usize, _: usize) -> &str {
        &self.0[patron].cell
    }
}
