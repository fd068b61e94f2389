//! Facts for pages whose commands are tested elsewhere: a change of policy, and two years of runs over it.

use lapse_engine::{MembershipOutcome, MembershipReason, RecordOutcome};
use lapse_policy::Day;
use lapse_report::data::{
    AgeBand, AmendmentMark, Attention, DiffReport, ForecastReport, Head, Letter, Letters, Library, LibraryForecast,
    MonthCounts, Moved, MovedWhat, Moves, PolicyVersion, RunCounts, Why,
};

const LIBRARIES: [(&str, &str); 10] = [
    ("bilzen", "Bibliotheek Bilzen"),
    ("deinze", "Bibliotheek Deinze"),
    ("hechtel-eksel", "Bibliotheek Hechtel-Eksel"),
    ("herzele", "Bibliotheek Herzele"),
    ("nazareth", "Bibliotheek Nazareth"),
    ("peer", "Bibliotheek Peer"),
    ("riemst", "Bibliotheek Riemst"),
    ("sint-lievens-houtem", "Bibliotheek Sint-Lievens-Houtem <dienst \"Kempen & Maas\">"),
    ("waregem", "Bibliotheek Waregem"),
    ("zottegem", "Bibliotheek Zottegem"),
];

/// A day that is written as in the tables.
pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn head(date: &str, policies: &[&str]) -> Head {
    let version = |name: &&str| PolicyVersion { name: (*name).to_owned(), fingerprint: "5f2ab1c09d".repeat(6) };
    Head {
        consortium: "Eengemaakt bibliotheeksysteem".to_owned(),
        date: day(date),
        version: "0.1.0".to_owned(),
        policies: policies.iter().map(version).collect(),
    }
}

fn libraries() -> impl Iterator<Item = Library> {
    LIBRARIES.iter().map(|(code, name)| Library { code: (*code).to_owned(), name: Some((*name).to_owned()) })
}

/// Counts of a group: of its `size` memberships some go from valid or renewed to deregistered, and of its records some that
/// would go are kept.
fn moves(size: u64) -> Moves {
    let mut moves = Moves::default();
    let [valid, renewed, deregistered, expired] = [0, 1, 2, 3];
    moves.memberships[valid][valid] = size * 8;
    moves.memberships[valid][deregistered] = size;
    moves.memberships[renewed][renewed] = size * 2;
    moves.memberships[renewed][deregistered] = size / 2;
    moves.memberships[deregistered][deregistered] = size / 3;
    moves.memberships[expired][expired] = size;
    moves.records =
        [[size * 12, 0, 0, 0, 0], [0, size / 4, size / 9, 0, 0], [size / 5, 0, size / 3, 0, 0], [0; 5], [0; 5]];
    moves
}

/// A change that ends memberships.
pub fn diff() -> DiffReport {
    let sizes = [37, 12, 25, 30, 8, 41, 22, 5, 60, 33];
    let of_library: Vec<(Library, Moves)> = libraries().zip(sizes.map(moves)).collect();
    let mut age_bands = [Moves::default(); AgeBand::ALL.len()];
    for (band, size) in age_bands.iter_mut().zip([20, 90, 40, 70, 48, 5]) {
        *band = Moves { records: [[0; 5]; 5], ..moves(size) };
    }
    let categories = [("adult", 150), ("youth", 110), ("school", 0), ("interlibrary", 13)];
    let subscriptions =
        [("bilzen", "adult", 20), ("bilzen", "youth", 17), ("deinze", "youth", 12), ("peer", "youth", 41)];
    let old = (MembershipOutcome::Renewed, Why::Rule(MembershipReason::Automatic));
    let new = (MembershipOutcome::Deregistered, Why::Rule(MembershipReason::Inactive));
    let moved = |patron: &str, what| Moved {
        patron: patron.to_owned(),
        library: "bilzen".to_owned(),
        what,
        decided_by: "consortium.toml:42, amendment of 2022-07-01".to_owned(),
    };
    DiffReport {
        head: head("2022-07-01", &["main:policies", "policies"]),
        patrons: 2514,
        libraries: of_library,
        subscriptions: subscriptions
            .map(|(library, code, size)| (library.to_owned(), code.to_owned(), moves(size)))
            .into(),
        categories: categories.map(|(category, size)| (Some(category.to_owned()), moves(size))).into(),
        age_bands,
        profiles: [[900, 40], [0, 39]],
        trips: Vec::new(),
        attention: vec![
            Attention::Rejected { table: "memberships".to_owned(), rows: 3 },
            Attention::NoPolicy {
                library: "genk".to_owned(),
                subscription: "adult".to_owned(),
                memberships: 1,
                near: None,
            },
            Attention::ActivityAfterRun(2),
        ],
        loosens: Vec::new(),
        moved: Some(vec![
            moved("P000042", MovedWhat::Membership { subscription: "youth".to_owned(), old, new }),
            moved("<b>P000043</b>", MovedWhat::Record { old: RecordOutcome::Deleted, new: RecordOutcome::Kept }),
        ]),
    }
}

/// Two years of runs from a month before the change on.
pub fn forecast() -> ForecastReport {
    let runs: Vec<Day> = (0..24).map(|month| day("2022-06-01").add_months(month)).collect();
    let counts = |size: u64| {
        let mut active = size * 40;
        let months = (0..24).map(|month| {
            let deregistered = if month == 1 { size * 6 } else { size / 5 + month % 3 };
            active -= deregistered;
            let deleted = if month < 20 { size / 9 } else { size / 2 };
            MonthCounts {
                active,
                deregistered,
                expired: size / 20,
                archived: size / 12,
                deleted,
                review: 0,
                anonymised: 0,
            }
        });
        RunCounts { active_before: size * 40, months: months.collect() }
    };
    let forecast =
        |(library, size): (Library, u64)| LibraryForecast { library, counts: counts(size), letters: size * 7 };
    let amendment = |from, reason: &str, file: &str| AmendmentMark {
        from: day(from),
        reason: reason.to_owned(),
        file: file.to_owned(),
    };
    ForecastReport {
        head: head("2022-06-01", &["policies"]),
        profiles_deleted: runs.iter().map(|run| u64::from(run.month())).collect(),
        runs,
        libraries: libraries().zip([37, 12, 25, 30, 8, 41, 22, 5, 60, 33]).map(forecast).collect(),
        categories: vec![(Some("adult".to_owned()), counts(150)), (None, counts(123))],
        amendments: vec![
            amendment("2024-01-01", "The previous library system no longer counts", "consortium.toml"),
            amendment("2022-07-01", "Renewal of every subscription for persons becomes conditional", "consortium.toml"),
        ],
        assumed_activity: Some(2.5),
        letters: Some(Letters {
            months: 3,
            patrons: Some(vec![Letter {
                patron: "P000042".to_owned(),
                library: "bilzen".to_owned(),
                subscription: "youth".to_owned(),
                on: day("2022-07-01"),
            }]),
        }),
        trips: Vec::new(),
        attention: Vec::new(),
    }
}
