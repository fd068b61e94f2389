//! A plugin that panics: at the patron P2, and at the patron `everything` with all that it gets to know.

use std::fmt::Write as _;

use lapse_plugin::{Column, Date, Patron, Plugin, Setup, Verdicts};

struct Panics {
    /// One of each table, where they are asked for.
    columns: Option<[Column; 3]>,
}

impl Plugin for Panics {
    const NAME: &str = "panics";
    const VERSION: &str = "1.0.0";
    const REASONS: &[&str] = &[];

    fn create(setup: &Setup<'_>) -> Result<Self, String> {
        let columns = ["patrons.a", "memberships.b", "accounts.c"].map(|name| setup.column(name).ok());
        Ok(Panics { columns: if let [Some(a), Some(b), Some(c)] = columns { Some([a, b, c]) } else { None } })
    }

    fn decide(&self, patron: &Patron<'_>, _: &mut Verdicts<'_>) {
        assert_ne!(patron.id(), "P2", "an unlucky number");
        if let Some(columns) = self.columns {
            assert_ne!(patron.id(), "everything", "{}", everything(patron, columns));
        }
    }
}

/// In the order of the SDK; dates as numbers.
fn everything(patron: &Patron<'_>, [of_patron, of_membership, of_account]: [Column; 3]) -> String {
    let mut told = format!(
        "run {:?} born {:?} profile {:?} held {} history {} a {}",
        patron.run_date().days(),
        patron.birth_date().map(Date::days),
        patron.profile_last_active().map(Date::days),
        patron.is_held(),
        patron.keeps_history(),
        patron.column(of_patron),
    );
    for one in patron.memberships() {
        let (library, subscription) = (one.library(), one.subscription());
        let _ = write!(
            told,
            "; membership {} {} {:?} {} {} {} {} {} {} | {} {} {} {} {:?} {:?} {} {} {}",
            library.code(),
            library.name(),
            library.group(),
            library.is_in_policy(),
            library.is_in_scope(),
            library.ended_months(),
            library.settled_months(),
            library.pseudonymise_days(),
            library.finance_months(),
            subscription.code(),
            subscription.name(),
            subscription.category(),
            subscription.fee_cents(),
            subscription.holder(),
            subscription.renewal(),
            subscription.term_months(),
            subscription.lapse_months(),
            subscription.is_in_policy(),
        );
        let _ = write!(
            told,
            " | {} {:?} {:?} {:?} {:?} {:?} {:?} b {}",
            one.valid_from().days(),
            one.valid_until().map(Date::days),
            one.valid_until_after().map(Date::days),
            one.last_activity().map(Date::days),
            one.status(),
            one.outcome(),
            one.reason(),
            one.column(of_membership),
        );
    }
    for one in patron.records() {
        let _ = write!(
            told,
            "; record {} {} {} {} {} {:?} {:?} c {}",
            one.library().code(),
            one.has_account(),
            one.owes(),
            one.has_credit(),
            one.has_items(),
            one.blocks().collect::<Vec<_>>(),
            one.settled_on().map(Date::days),
            one.column(of_account),
        );
    }
    told
}

lapse_plugin::export!(Panics);
