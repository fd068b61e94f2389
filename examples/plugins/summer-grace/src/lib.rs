//! No youth is deregistered in the summer holidays: who does not come in June is on holiday in July. In the months of the
//! config, a membership of the category that lapses by inactivity is kept until a later run.

use lapse_plugin::{Membership, Outcome, Patron, Plugin, Setup, Verdicts};
use serde::Deserialize;

const GRACE: &str = "summer";

/// The plugin, with its config.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SummerGrace {
    /// The months of a run in which nobody is deregistered, 1 to 12.
    #[serde(default = "july_and_august")]
    months: Vec<u32>,
    /// The category of the subscriptions that are spared.
    #[serde(default = "youth")]
    category: String,
}

fn july_and_august() -> Vec<u32> {
    vec![7, 8]
}

fn youth() -> String {
    "youth".into()
}

impl Plugin for SummerGrace {
    const NAME: &str = "summer-grace";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const REASONS: &[&str] = &[GRACE];

    fn create(setup: &Setup<'_>) -> Result<Self, String> {
        let grace: SummerGrace =
            serde_json::from_str(setup.config).map_err(|error| format!("`config` does not fit ({error})"))?;
        if grace.months.is_empty() {
            return Err("`months` is empty; name the months in which nobody is deregistered, such as [7, 8]".into());
        }
        match grace.months.iter().find(|month| !(1..=12).contains(*month)) {
            Some(month) => Err(format!("{month} in `months` is no month; they are numbered 1 to 12")),
            None => Ok(grace),
        }
    }

    fn decide(&self, patron: &Patron<'_>, verdicts: &mut Verdicts<'_>) {
        if !self.months.contains(&patron.run_date().month()) {
            return;
        }
        for membership in patron.memberships().filter(|membership| self.spares(membership)) {
            verdicts.keep_membership(&membership, GRACE);
        }
    }
}

impl SummerGrace {
    fn spares(&self, membership: &Membership<'_>) -> bool {
        membership.outcome() == Outcome::Deregistered && membership.subscription().category() == self.category
    }
}

lapse_plugin::export!(SummerGrace);

#[cfg(test)]
mod tests {
    use lapse_plugin::testing::{self, judge};
    use lapse_plugin::{Date, Reason};

    use super::*;

    /// What becomes of a lapsed and of an active youth and of a lapsed adult in a run on a day.
    fn on(day: &str, config: &str) -> Result<Vec<String>, String> {
        let lapsed = testing::Membership {
            category: "youth".into(),
            outcome: Outcome::Deregistered,
            reason: Reason::Inactive,
            ..testing::Membership::default()
        };
        let active = testing::Membership { category: "youth".into(), ..testing::Membership::default() };
        let adult = testing::Membership { category: "adult".into(), ..lapsed.clone() };
        let patron = testing::Patron { memberships: vec![lapsed, active, adult], ..testing::Patron::default() };
        judge::<SummerGrace>(config, &[], Date::parse(day).unwrap(), &patron).map(|judged| judged.memberships)
    }

    #[test]
    fn a_lapsed_youth_is_kept_in_july_and_august_and_nobody_else_ever() {
        for (day, kept) in
            [("2022-06-30", ""), ("2022-07-01", "keep summer"), ("2022-08-31", "keep summer"), ("2022-09-01", "")]
        {
            assert_eq!(on(day, "{}").unwrap(), [kept, "", ""], "{day}");
        }
    }

    #[test]
    fn months_and_category_come_from_the_config() {
        assert_eq!(on("2022-12-01", r#"{"months":[12],"category":"adult"}"#).unwrap(), ["", "", "keep summer"]);
    }

    #[test]
    fn a_config_that_does_not_fit_is_told() {
        for config in [r#"{"months":[13]}"#, r#"{"months":[]}"#, r#"{"month":[7]}"#, r#"{"months":"july"}"#] {
            assert!(on("2022-07-01", config).is_err(), "{config}");
        }
    }
}
