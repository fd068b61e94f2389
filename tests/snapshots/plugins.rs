//! Which patrons the plugins of `examples/policies-with-plugins` affect: the cast, written as tables, in runs with and
//! without them. The snapshot shows each difference, so that a changed plugin or config shows its effect.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lapse_engine::Codes;
use lapse_policy::DayPolicy;

use super::cast::{Cast, CastDay, Member, Stage, StatusFact};
use super::ours;
use super::play::RUNS;
use super::table::Table;
use crate::plugin_cases::sample;
use crate::program::{Folder, root};

#[test]
fn the_plugins_hit_those_of_the_cast_whom_the_snapshot_names() {
    let casts = [Cast::read(), Cast::for_plugins()];
    let members: Vec<&Member> = casts.iter().flat_map(Cast::members).collect();
    let [policy, ..] = ours();
    let folder = sample(None);
    write_tables(&folder, &members, &policy);
    let plain = root().join("policies");
    let plain = plain.to_str().expect("a path in UTF-8");
    // The libraries, by patron, then by run and difference.
    let mut hit: BTreeMap<usize, BTreeMap<[String; 4], Vec<String>>> = BTreeMap::new();
    for run in RUNS {
        let date = run.to_string();
        let [without, with] = [plain, "policies"].map(|policies| outcomes(&folder, policies, &date));
        assert_eq!(without.keys().collect::<Vec<_>>(), with.keys().collect::<Vec<_>>());
        for ((Place { library, member, about, .. }, without), with) in without.into_iter().zip(with.into_values()) {
            if without != with {
                let rows = hit.entry(member).or_default();
                rows.entry([date.clone(), about, without, with]).or_default().push(library);
            }
        }
    }
    let mut page = String::from(
        "Whom the plugins of examples/policies-with-plugins hit, of cast.toml and plugins.toml, on each run by itself.\n",
    );
    for (member, rows) in hit {
        let mut table = Table::new(["run", "about", "without plugins", "with", "at"]);
        for ([run, about, without, with], libraries) in rows {
            let everywhere = libraries.len() == policy.libraries.len();
            let libraries = if everywhere { "every library".to_owned() } else { libraries.join(" ") };
            table.row([run, about, without, with, libraries]);
        }
        let Member { name, shows, .. } = members[member];
        let _ = write!(page, "\n{name}: {shows}\n{table}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("plugins");
    settings.bind(|| insta::assert_snapshot!("cast", page));
}

/// A row of an output table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    library: String,
    member: usize,
    about: String,
    /// Which of several memberships.
    row: usize,
}

/// What a run makes of each patron of the cast at the library where it is placed.
fn outcomes(folder: &Folder, policies: &str, date: &str) -> BTreeMap<Place, String> {
    let words = ["run", "--policies", policies, "--data", "data", "--date", date, "--out", "out"];
    let ran = folder.lapse(&words);
    // A cast that shows every outcome has more removed records and rejected rows than guards let pass.
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let mut all = BTreeMap::new();
    for (table, columns) in [("memberships", 4..7), ("records", 2..4), ("profiles", 1..3)] {
        let text = folder.read(&format!("out/{table}.csv"));
        for (row, line) in text.lines().skip(1).enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            let (here, member) = cells[0].split_once('/').expect("an id of the cast");
            let about = match table {
                "memberships" => format!("membership {}", cells[2]),
                "records" => "record".to_owned(),
                _ => "profile".to_owned(),
            };
            if table == "profiles" || cells[1] == here {
                let member = member.parse().expect("a number of the cast");
                all.insert(Place { library: here.to_owned(), member, about, row }, cells[columns.clone()].join(" "));
            }
        }
    }
    all
}

/// The cast at each library as tables. An id is the library and the number of the patron.
fn write_tables(folder: &Folder, members: &[&Member], policy: &DayPolicy) {
    let mut patrons = String::from("patron_id,profile_last_active,loan_history,deceased_on\n");
    let mut memberships = String::from("patron_id,library,subscription,valid_from,valid_until,status\n");
    let mut activity = String::from("patron_id,library,source,last_active\n");
    let mut accounts = String::from("patron_id,library,owed,credit,blocks,items,settled_on,open_requests\n");
    let day = |day: Option<&CastDay>| day.map(|day| day.0.to_string()).unwrap_or_default();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    for (here, library) in policy.libraries.iter().enumerate() {
        let stage = Stage::at(here, policy);
        let mut codes = Codes::of(policy);
        for (number, member) in members.iter().enumerate() {
            if member.on(&stage, &mut codes).is_none() {
                continue;
            }
            let mut code = |role| {
                let library = stage.library(role, &mut codes).expect("each role has its library");
                codes.libraries.text(library).to_owned()
            };
            let id = format!("{}/{number}", library.code);
            let (profile, died) = (day(member.profile_last_active.as_ref()), text(member.deceased_on.as_ref()));
            let _ = writeln!(patrons, "{id},{profile},{},{died}", member.loan_history);
            for fact in &member.memberships {
                let status = match fact.status {
                    StatusFact::Active => "active",
                    StatusFact::Deregistered => "deregistered",
                    StatusFact::Cancelled => "cancelled",
                };
                let (from, until) = (day(Some(&fact.valid_from)), day(fact.valid_until.as_ref()));
                let (library, subscription) = (code(fact.library), &fact.subscription);
                let _ = writeln!(memberships, "{id},{library},{subscription},{from},{until},{status}");
            }
            for fact in &member.activity {
                let library = fact.library.map(&mut code).unwrap_or_default();
                let _ = writeln!(activity, "{id},{library},{},{}", fact.source, fact.last_active.0);
            }
            if member.held {
                let _ = writeln!(activity, "{id},,,");
            }
            for fact in &member.accounts {
                let [owed, credit, blocks] = [&fact.owed, &fact.credit, &fact.blocks].map(|cell| text(cell.as_ref()));
                let (settled, requests) = (day(fact.settled_on.as_ref()), text(fact.open_requests.as_ref()));
                let (library, items) = (code(fact.library), fact.items);
                let _ = writeln!(accounts, "{id},{library},{owed},{credit},{blocks},{items},{settled},{requests}");
            }
        }
    }
    for (table, rows) in
        [("patrons", patrons), ("memberships", memberships), ("activity", activity), ("accounts", accounts)]
    {
        folder.write(&format!("data/{table}.csv"), rows);
    }
}
