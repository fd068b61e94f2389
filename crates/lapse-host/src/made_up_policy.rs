//! The made-up consortium whose patrons a plugin is tried out on.

use lapse_policy::{
    Activity, Cleanup, Consortium, Day, DayPolicy, Entries, Fee, Group, GroupKind, Guards, Holder, Library, MonthDay,
    Origin, Removal, Renewal, Retention, Scope, Settings, Sourced, Span, Subscription, WholeGuards,
};

/// A day that is written in this crate.
pub(crate) fn day(text: &str) -> Day {
    text.parse().expect("a day in this crate is written as YYYY-MM-DD")
}

/// The policy of a day: two libraries of a group of kind 3, each with a subscription for youth and one for adults.
pub(crate) fn policy(date: Day) -> DayPolicy {
    let library = |code: &str| Library {
        code: code.into(),
        name: sourced(format!("Bibliotheek {code}")),
        group: Some(0),
        settings: settings(),
        subscriptions: vec![subscription("youth", 0), subscription("adult", 500)],
    };
    DayPolicy {
        date,
        facts: Vec::new(),
        consortium: Consortium {
            name: sourced("Two towns".into()),
            run_day: sourced(1),
            year_starts: sourced(MonthDay::NEW_YEAR),
            removal: sourced(Removal::Delete),
            profile_inactive_months: sourced(24),
            guards: WholeGuards {
                max_unmatched_percent: sourced(5),
                max_newest_date_days: sourced(35),
                resting_sources: sourced(Vec::new()),
                max_rows_fallen_percent: sourced(10),
                max_profiles_percent: sourced(10),
                max_rejected_percent: sourced(5),
            },
            settings: settings(),
        },
        groups: vec![Group {
            code: "noord".into(),
            name: sourced("Noord".into()),
            kind: sourced(GroupKind::RecognisesMemberships),
        }],
        libraries: vec![library("peer"), library("riemst")],
    }
}

fn subscription(code: &str, cents: u64) -> Subscription {
    Subscription {
        code: code.into(),
        name: sourced(code.into()),
        holder: sourced(Holder::Person),
        category: sourced(code.into()),
        fee: sourced(Fee { cents }),
        renewal: sourced(Renewal::Conditional),
        term_months: sourced(12),
        lapse_months: sourced(24),
        grace_days: sourced(0),
        term_ends: sourced(None),
    }
}

fn settings() -> Settings {
    Settings {
        activity: Activity { sources: sourced(vec!["wise".into()]), scope: sourced(Scope::Patron) },
        cleanup: Cleanup {
            ended_months: sourced(24),
            settled_months: sourced(24),
            blocks: sourced(vec!["general".into()]),
            blocks_ignored: sourced(vec!["internet".into()]),
            accounts_needed: sourced(Vec::new()),
        },
        retention: Retention {
            pseudonymise: sourced(Span::Days(90)),
            history_months: sourced(None),
            finance_months: sourced(120),
        },
        guards: Guards {
            max_deregistered_percent: sourced(20),
            max_removed_percent: sourced(10),
            max_source_age_days: sourced(35),
        },
        entries: Entries::default(),
    }
}

fn sourced<T>(value: T) -> Sourced<T> {
    Sourced { value, origin: Origin::BuiltIn }
}
