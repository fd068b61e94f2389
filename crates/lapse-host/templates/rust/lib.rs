//! A membership of staff is never deregistered. Replace this rule by yours.

use lapse_plugin::{Outcome, Patron, Plugin, Setup, Verdicts};

struct {{camel}};

impl Plugin for {{camel}} {
    const NAME: &str = "{{name}}";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    /// Every reason that the plugin may give; in the output they follow the name and a slash.
    const REASONS: &[&str] = &["staff"];

    fn create(setup: &Setup<'_>) -> Result<Self, String> {
        if setup.config != "{}" {
            return Err("this plugin has nothing to configure; remove `config`".into());
        }
        Ok({{camel}})
    }

    fn decide(&self, patron: &Patron<'_>, verdicts: &mut Verdicts<'_>) {
        for membership in patron.memberships() {
            let is_staff = membership.subscription().category() == "staff";
            if is_staff && membership.outcome() == Outcome::Deregistered {
                verdicts.keep_membership(&membership, "staff");
            }
        }
    }
}

lapse_plugin::export!({{camel}});

#[cfg(test)]
mod tests {
    use lapse_plugin::testing::{Membership, Patron, judge};
    use lapse_plugin::{Date, Reason};

    use super::*;

    #[test]
    fn staff_is_kept_and_others_are_not() {
        let lapsed = |category: &str| Membership {
            category: category.into(),
            outcome: Outcome::Deregistered,
            reason: Reason::Inactive,
            ..Membership::default()
        };
        let patron = Patron { memberships: vec![lapsed("staff"), lapsed("adult")], ..Patron::default() };
        let judged = judge::<{{camel}}>("{}", &[], Date::new(2022, 7, 1).unwrap(), &patron).unwrap();
        assert_eq!(judged.memberships, ["keep staff", ""]);
    }
}
