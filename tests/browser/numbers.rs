//! The numbers on the pages are those that the commands print as JSON.

use lapse_report::Language;
use serde_json::Value;

use super::{browser_and_pages, lapse, page};

/// The body rows of the table in a section with this caption, each with what its cells are sorted by; the code of a library
/// stands for its name.
fn rows(section: &str, caption: &str) -> String {
    format!(
        "[...document.querySelectorAll('[aria-labelledby={section}] table')]
        .filter((table) => table.caption.textContent === '{caption}')
        .flatMap((table) => [...table.tBodies[0].rows]).map((row) => [...row.cells].map((cell) =>
            cell.dataset.key ?? (cell.querySelector('small') ?? cell).textContent))"
    )
}

/// The names that differ between a page and JSON for the same thing.
fn key(cell: &Value) -> String {
    let text = cell.as_str().unwrap();
    match text.strip_suffix(" years") {
        Some(band) => band.to_owned(),
        None if text == "age unknown" => "unknown".to_owned(),
        None if text == "no policy" => "elders".to_owned(),
        None => text.to_owned(),
    }
}

fn numbers(row: &Value) -> Vec<i64> {
    row.as_array().unwrap()[1..].iter().map(|cell| cell.as_str().unwrap().parse().unwrap()).collect()
}

/// A count that may not be there.
fn count(counts: &Value, place: &str) -> i64 {
    counts.pointer(place).and_then(Value::as_i64).unwrap_or_else(|| panic!("{place} is not in {counts}"))
}

/// How many have one of these outcomes by the old policy, then by the new one.
fn sides(moves: &Value, outcomes: &[&str]) -> [i64; 2] {
    let all = || moves.as_object().unwrap().iter();
    let of_old = outcomes.iter().flat_map(|outcome| moves[outcome].as_object().unwrap().values());
    let of_new = all().flat_map(|(_, news)| outcomes.iter().map(move |&outcome| &news[outcome]));
    [of_old.filter_map(Value::as_i64).sum(), of_new.filter_map(Value::as_i64).sum()]
}

/// How many memberships are active by the old policy, then by the new one, without those that start later.
fn active(of: &Value) -> [i64; 2] {
    sides(&of["memberships"], &["valid", "renewed"]).map(|count| count - of["starts_later"].as_i64().unwrap())
}

#[test]
fn a_page_of_a_change_shows_the_numbers_of_diff() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    let json: Value = serde_json::from_str(&lapse(&folder, "diff", &["--format", "json"])).unwrap();
    let effect = &json["effect"];
    browser.open(&page(&folder, "diff", Language::En));

    let libraries = browser.eval(&rows("libraries", "Library by library"));
    assert_eq!(libraries.as_array().unwrap().len(), effect["libraries"].as_object().unwrap().len());
    for row in libraries.as_array().unwrap() {
        let of_library = &effect["libraries"][key(&row[0])];
        let active = active(of_library);
        let deregistered = sides(&of_library["memberships"], &["deregistered"]);
        let removed = sides(&of_library["records"], &["archived", "deleted"]);
        let expected = [&active[..], &[active[1] - active[0]], &deregistered, &removed].concat();
        assert_eq!(numbers(row), expected, "{row}");
    }
    let ages = browser.eval(&rows("whom", "Active memberships by age"));
    assert_eq!(ages.as_array().unwrap().len(), 6);
    for row in ages.as_array().unwrap() {
        let active = active(&effect["ages"][key(&row[0])]);
        assert_eq!(numbers(row), [active[0], active[1], active[1] - active[0]], "{row}");
    }
    let moves = [("memberships", "Memberships"), ("records", "Records"), ("profiles", "Mijn Bibliotheek profiles")];
    for (table, title) in moves {
        for row in browser.eval(&rows("flows", title)).as_array().unwrap() {
            let [from, to] = [0, 1].map(|cell| row[cell].as_str().unwrap());
            let number: i64 = row[2].as_str().unwrap().parse().unwrap();
            assert_eq!(count(&effect["total"], &format!("/{table}/{from}/{to}")), number, "{row}");
        }
    }
    let of_profiles = sides(&effect["total"]["profiles"], &["deleted"]);
    assert_ne!(of_profiles[0], of_profiles[1], "the change takes profiles away");
    let tiles = browser.eval("[...document.querySelectorAll('.tiles b')].map((number) => number.textContent)");
    assert_eq!(tiles[4], of_profiles[1].to_string());
}

#[test]
fn a_page_of_the_runs_to_come_shows_the_numbers_of_forecast() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    let json: Value = serde_json::from_str(&lapse(&folder, "forecast", &["--format", "json"])).unwrap();
    let runs = json["runs"].as_array().unwrap();
    browser.open(&page(&folder, "forecast", Language::En));

    let told = browser.eval(&rows("months", "The runs to come"));
    assert_eq!(told.as_array().unwrap().len(), runs.len());
    for (row, run) in told.as_array().unwrap().iter().zip(runs) {
        let places = [
            "/active",
            "/newly_expired",
            "/memberships/deregistered",
            "/newly_archived",
            "/records/deleted",
            "/profiles/deleted",
        ];
        assert_eq!(row[0], run["date"]);
        assert_eq!(numbers(row), places.map(|place| count(&run["total"], place)), "{row}");
    }
    let libraries = browser.eval(&rows("libraries", "Library by library"));
    assert_eq!(libraries.as_array().unwrap().len(), 15);
    let mut letters = 0;
    for row in libraries.as_array().unwrap() {
        let code = key(&row[0]);
        let sum = |place: &str| runs.iter().map(|run| count(&run["libraries"][&code], place)).sum::<i64>();
        let [before, after, difference, expired, deregistered, archived, deleted, of_library] = numbers(row)[..] else {
            panic!("{row} has other columns")
        };
        letters += of_library;
        assert_eq!((after, difference), (count(&runs.last().unwrap()["libraries"][&code], "/active"), after - before));
        let sums = ["/newly_expired", "/memberships/deregistered", "/newly_archived", "/records/deleted"].map(sum);
        assert_eq!([expired, deregistered, archived, deleted], sums, "{row}");
    }
    assert_eq!(letters, count(&json, "/letters"));
}

#[test]
fn a_page_of_a_run_shows_the_numbers_of_its_summary() {
    let Some((mut browser, folder)) = browser_and_pages() else { return };
    let json: Value = serde_json::from_str(&folder.read("run/summary.json")).unwrap();
    browser.open(&page(&folder, "run", Language::En));
    let libraries = browser.eval(&rows("libraries", "Library by library"));
    assert_eq!(libraries.as_array().unwrap().len(), json["libraries"].as_object().unwrap().len());
    for row in libraries.as_array().unwrap() {
        let counts = &json["libraries"][key(&row[0])];
        let [_before, deregistered, _share, others @ ..] = &numbers(row)[..] else { panic!("{row} has other columns") };
        assert_eq!(*deregistered, count(counts, "/memberships/deregistered"), "{row}");
        let places = [
            "/memberships/renewed",
            "/starts_later",
            "/memberships/expired",
            "/records/kept",
            "/records/archived",
            "/records/deleted",
        ];
        assert_eq!(others, places.map(|place| count(counts, place)), "{row}");
    }
}
