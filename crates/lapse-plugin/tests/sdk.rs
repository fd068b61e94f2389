//! A plugin written with the SDK, judged through the functions of the ABI.

use lapse_plugin::testing::{Membership, Patron, judge};
use lapse_plugin::{Column, Date, Outcome, Plugin, Reason, Setup, Verdicts};

/// Keeps what lapses, ends what the column says, and panics when told to.
struct Example {
    gone: Column,
}

impl Plugin for Example {
    const NAME: &str = "example";
    const VERSION: &str = "1.0.0";
    const REASONS: &[&str] = &["kept", "gone"];

    fn create(setup: &Setup<'_>) -> Result<Self, String> {
        if setup.config != "{}" {
            return Err("this plugin has no config".into());
        }
        Ok(Example { gone: setup.column("patrons.gone")? })
    }

    fn decide(&self, patron: &lapse_plugin::Patron<'_>, verdicts: &mut Verdicts<'_>) {
        assert_ne!(patron.id(), "P13", "an unlucky number");
        for membership in patron.memberships() {
            if patron.column(self.gone) == "yes" {
                verdicts.deregister(&membership, "gone");
            } else if membership.outcome() == Outcome::Deregistered {
                verdicts
                    .keep_membership(&membership, if membership.reason() == Reason::Inactive { "kept" } else { "?" });
            }
        }
        for record in patron.records().filter(|record| record.library().code() == "peer") {
            verdicts.keep_record(&record, "kept");
        }
    }
}

const COLUMNS: &[&str] = &["accounts.other", "patrons.first", "patrons.gone"];

fn run() -> Date {
    Date::new(2022, 7, 1).unwrap()
}

fn patron(id: &str, gone: &str) -> Patron {
    let lapsed = Membership { outcome: Outcome::Deregistered, reason: Reason::Inactive, ..Membership::default() };
    Patron {
        id: id.into(),
        columns: vec![String::new(), gone.into()],
        memberships: vec![Membership::default(), lapsed],
        ..Patron::default()
    }
}

#[test]
fn verdicts_come_back_at_their_place() {
    let judged = judge::<Example>("{}", COLUMNS, run(), &patron("P1", "")).unwrap();
    assert_eq!(
        (judged.memberships.as_slice(), &*judged.record),
        (&[String::new(), "keep kept".into()][..], "keep kept")
    );
    let judged = judge::<Example>("{}", COLUMNS, run(), &patron("P2", "yes")).unwrap();
    assert_eq!(judged.memberships, ["deregister gone", "deregister gone"]);
}

#[test]
fn bad_config_and_missing_columns_are_told() {
    let told = |config, columns| judge::<Example>(config, columns, run(), &patron("P1", "")).unwrap_err();
    assert_eq!(told("{\"x\":1}", COLUMNS), "this plugin has no config");
    assert_eq!(told("{}", &["patrons.other"]), "this plugin reads the column `patrons.gone`; add it to `columns`");
}

#[test]
fn a_panic_becomes_an_error() {
    let told = judge::<Example>("{}", COLUMNS, run(), &patron("P13", "")).unwrap_err();
    assert!(told.starts_with("it panicked: ") && told.contains("an unlucky number"), "{told}");
}

#[test]
fn a_reason_that_is_not_declared_is_an_error() {
    let mut patron = patron("P1", "");
    patron.memberships[1].reason = Reason::Paid;
    let told = judge::<Example>("{}", COLUMNS, run(), &patron).unwrap_err();
    assert_eq!(told, "it panicked: the reason `?` is not among the plugin's REASONS");
}
