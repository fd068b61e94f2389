//! `lapse import subscriptions`: how a list changes policy files, and what the command says of a list that makes no sense.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use lapse_policy::{Day, Policy};

use crate::program::{Folder, Ran, root};

const CONSORTIUM: &str = "[consortium]\nname = \"Two towns\"\n\n[subscription]\nrenewal = \"automatic\"\n";
const PEER: &str = r#"# The plain case.

[library]
code = "peer"
name = "Bibliotheek Peer"

[subscriptions.youth]   # up to 18
category = "youth"

[subscriptions.adult]
fee="5.00" # a year
renewal = "none"

[[amendment]]
from = 2023-01-01
reason = "Council decision"
subscriptions.adult = { fee = "0.00" } # free
"#;

fn peer() -> Folder {
    Folder::with(&[("policies/consortium.toml", CONSORTIUM), ("policies/libraries/peer.toml", PEER)])
}

fn import(folder: &Folder, list: &str, more: &[&str]) -> Ran {
    folder.write("list.csv", list);
    let mut words = vec!["import", "subscriptions", "list.csv"];
    words.extend(more);
    folder.lapse(&words)
}

fn copy(from: &Path, to: &Folder, name: &str) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            copy(&entry.path(), to, &name);
        } else {
            to.write(&name, fs::read(entry.path()).unwrap());
        }
    }
}

/// The sample consortium without its amendment of July 2022.
fn before_july() -> Folder {
    let folder = Folder::new();
    copy(&root().join("policies"), &folder, "policies");
    let text = folder.read("policies/consortium.toml");
    let (before, rest) = text.split_once("# The change of July 2022.").expect("the amendment");
    let (_, after) = rest.split_once("# The previous library systems").expect("the amendment after it");
    folder.write("policies/consortium.toml", format!("{before}# The previous library systems{after}"));
    folder
}

/// The values on a day of each subscription, for those keys that the list has columns for.
fn resolved(policies: &Path, day: &str) -> BTreeMap<(String, String), [String; 5]> {
    let loaded = Policy::load(policies).unwrap();
    let policy = loaded.policy.unwrap_or_else(|| panic!("{}", loaded.diagnostics.render(false)));
    let of_day = policy.on(day.parse::<Day>().unwrap());
    let subscriptions = of_day.libraries.iter().flat_map(|library| {
        library.subscriptions.iter().map(move |found| {
            let values = [
                found.holder.value.to_string(),
                found.category.value.clone(),
                found.fee.value.to_string(),
                found.renewal.value.to_string(),
                found.lapse_months.value.to_string(),
            ];
            ((library.code.clone(), found.code.clone()), values)
        })
    });
    subscriptions.collect()
}

const DAYS: [&str; 2] = ["2022-06-30", "2022-07-01"];

fn example(name: &str) -> String {
    root().join("examples/import").join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_example_list_reproduces_the_amendments_of_2022() {
    let folder = before_july();
    let shipped = root().join("policies");
    assert_ne!(resolved(&folder.path().join("policies"), DAYS[1]), resolved(&shipped, DAYS[1]));
    let list = example("subscriptions.csv");
    let ran = folder.lapse(&["import", "subscriptions", &list, "--write"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for day in DAYS {
        assert_eq!(resolved(&folder.path().join("policies"), day), resolved(&shipped, day), "{day}");
    }
    assert_eq!(folder.lapse(&["check"]).code, 0);
    assert_eq!(folder.lapse(&["fmt", "--check"]).code, 0, "files in canonical layout stay so");
    let again = folder.lapse(&["import", "subscriptions", &list, "--write"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
}

#[test]
fn the_example_list_alone_makes_libraries_with_the_same_subscriptions() {
    let folder = before_july();
    fs::remove_dir_all(folder.path().join("policies/libraries")).unwrap();
    fs::remove_dir_all(folder.path().join("policies/groups")).unwrap();
    let ran = folder.lapse(&["import", "subscriptions", &example("subscriptions.csv"), "--write"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("libraries/peer.toml (new)"), "{}", ran.stdout);
    for day in DAYS {
        let mut made = resolved(&folder.path().join("policies"), day);
        let mut shipped = resolved(&root().join("policies"), day);
        // The list leaves out terms that have no effect.
        for values in made.values_mut().chain(shipped.values_mut()) {
            if values[3] != "conditional" || values[0] != "person" {
                values[4].clear();
            }
        }
        assert_eq!(made, shipped, "{day}");
    }
}

#[test]
fn the_workbook_with_dutch_headers_says_the_same_as_the_list() {
    let folder = before_july();
    let [list, workbook] = ["subscriptions.csv", "abonnementen.xlsx"].map(|name| {
        let ran = folder.lapse(&["import", "subscriptions", &example(name)]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    });
    assert!(list.contains("amendment of 2022-07-01"), "{list}");
    assert_eq!(list, workbook);
    let all = Folder::new().lapse(&[
        "import",
        "subscriptions",
        &example("abonnementen.xlsx"),
        "--policies",
        root().join("policies").to_str().unwrap(),
    ]);
    assert_eq!((all.code, all.stdout.as_str()), (0, ""), "{}", all.stderr);
}

#[test]
fn every_cell_of_the_workbook_says_what_the_list_says() {
    let mut workbook: Xlsx<_> = calamine::open_workbook(example("abonnementen.xlsx")).unwrap();
    let sheet = workbook.worksheet_range_at(0).expect("a sheet").unwrap();
    let mut list = csv::Reader::from_path(example("subscriptions.csv")).unwrap();
    let records: Vec<_> = list.records().map(Result::unwrap).collect();
    // The workbook has its title and an empty row above the headers.
    let rows = sheet.rows().skip(3);
    assert_eq!(rows.len(), records.len());
    for (row, (cells, record)) in (4..).zip(rows.zip(&records)) {
        let cells: Vec<String> = cells.iter().map(in_english).collect();
        let listed: Vec<String> = record.iter().map(without_zeros).collect();
        assert_eq!(cells, listed, "row {row} of the workbook");
    }
}

/// A cell of the workbook, written as the CSV list writes it.
fn in_english(cell: &Data) -> String {
    let text = match cell {
        Data::DateTime(day) => day.as_datetime().expect("a day").date().to_string(),
        cell => cell.to_string(),
    };
    let english = match &*text {
        "personen" => "person",
        "instellingen" => "institution",
        "administratieve passen" => "administrative",
        "geen" => "none",
        text => text,
    };
    english.to_owned()
}

/// An amount as a spreadsheet keeps it: `5.00` is 5.
fn without_zeros(cell: &str) -> String {
    cell.parse::<f64>().map_or_else(|_| cell.to_owned(), |number| number.to_string())
}

#[test]
fn without_write_nothing_is_written_and_with_it_only_what_the_plan_says() {
    let folder = peer();
    let list = "library,subscription,fee,renewal now,renewal from,from,lapse from,reason\n\
                peer,youth,,0,1,2022-07-01,36,FAQ of 8 June 2022\n\
                Bibliotheek Peer,adult,\"6,00\",,1,01/07/2022,,FAQ of 8 June 2022\n\
                peer,staff,,,,,,\n";
    let ran = import(&folder, list, &[]);
    let plan = "libraries/peer.toml\n\
                \x20 subscriptions.staff: new\n\
                \x20 subscriptions.adult.fee = \"6.00\", was \"5.00\"\n\
                \x20 amendment of 2022-07-01: subscriptions.youth.renewal = \"conditional\", was \"automatic\"\n\
                \x20 amendment of 2022-07-01: subscriptions.youth.lapse_months = 36, was 24\n\
                \x20 amendment of 2022-07-01: subscriptions.adult.renewal = \"conditional\", was \"none\"\n";
    assert_eq!((ran.code, ran.stdout.as_str()), (0, plan), "{}", ran.stderr);
    assert_eq!(folder.read("policies/libraries/peer.toml"), PEER);

    let ran = import(&folder, list, &["--write"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, plan));
    let amendment = "[[amendment]]\nfrom = 2022-07-01\nreason = \"FAQ of 8 June 2022\"\n\
                     subscriptions.youth = { renewal = \"conditional\", lapse_months = 36 }\n\
                     subscriptions.adult = { renewal = \"conditional\" }\n\n";
    let expected = PEER
        .replace("fee=\"5.00\"", "fee=\"6.00\"")
        .replace("[[amendment]]", &format!("[subscriptions.staff]\n\n{amendment}[[amendment]]"));
    assert_eq!(folder.read("policies/libraries/peer.toml"), expected);
    assert_eq!(folder.names("policies/libraries"), ["peer.toml"]);
}

#[test]
fn every_cell_that_makes_no_sense_is_listed_and_nothing_is_written() {
    let folder = peer();
    let list = "Instantie;Abonnement;Houder;Lidgeld;Verlenging nu;Verlenging vanaf;Vanaf;Termijn nu\n\
                peer;youth;personen;0,00;0;1;1/7/2022;24\n\
                ;youth;;;;;;\n\
                peer;a\u{7}b;;;;;;\n\
                peer;c;mens;vijf;2;;;0\n\
                peer;d;;;;1;;\n\
                peer;e;;;;1;31/6/2022;\n\
                peer;youth;;;;;;\n\
                peer;f;;;;;;;stray\n\
                pe\u{7}er;g;;;;;;\n";
    let ran = import(&folder, list, &["--write"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let told: Vec<&str> = ran.stderr.lines().skip(1).map(|line| line.trim_start().split(':').next().unwrap()).collect();
    assert_eq!(told, ["A3", "C5", "D5", "E5", "H5", "F6", "G7", "B8", "I9"], "{}", ran.stderr);
    assert!(ran.stderr.contains("H5: `0` is not a whole number of months, 1 to 1200"), "{}", ran.stderr);
    assert_eq!(folder.read("policies/libraries/peer.toml"), PEER);
    // Faults that only a look into the policies can find are reported once every cell makes sense.
    let list: Vec<&str> =
        list.lines().enumerate().filter(|(row, _)| [0, 1, 3, 9].contains(row)).map(|(_, line)| line).collect();
    let ran = import(&folder, &list.join("\n"), &["--write"]);
    let told: Vec<&str> = ran.stderr.lines().skip(1).map(|line| line.trim_start().split(':').next().unwrap()).collect();
    assert_eq!((ran.code, told), (2, vec!["B3", "A4"]), "{}", ran.stderr);
}

#[test]
fn what_the_consortium_enforces_no_list_overrides() {
    let folder = peer();
    let enforced = "\n[[amendment]]\nfrom = 2022-07-01\nreason = \"FAQ\"\nenforce = true\nsubscription = { renewal = \"conditional\" }\n";
    folder.write("policies/consortium.toml", format!("{CONSORTIUM}{enforced}"));
    let ran = import(&folder, "library,subscription,renewal from 2022-08-01\npeer,youth,0\n", &["--write"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("C2: consortium.toml:11 holds here since 2022-07-01"), "{}", ran.stderr);
    assert_eq!(folder.read("policies/libraries/peer.toml"), PEER);
}

#[test]
fn a_column_with_another_header_is_named_in_a_file() {
    let folder = peer();
    let list = "Code instelling,Type lidmaatschap,Verlengingswijze (nieuw),Opmerking\npeer,youth,1,zie nota\n";
    let ran = import(&folder, list, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--columns"), "{}", ran.stderr);
    folder.write("columns.toml", fs::read(example("columns.toml")).unwrap());
    let ran = import(&folder, list, &["--columns", "columns.toml", "--write"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("`Opmerking` (D1) is not read"), "{}", ran.stderr);
    let text = folder.read("policies/libraries/peer.toml");
    assert!(text.contains("from = 2022-07-01\nreason = \"FAQ of 8 June 2022\"\n"), "{text}");
    folder.write("columns.toml", "[columns]\nlibary = \"Code instelling\"\n");
    let ran = import(&folder, list, &["--columns", "columns.toml"]);
    assert!(ran.stderr.contains("columns.toml: unknown column `libary`: did you mean `library`?"), "{}", ran.stderr);
}

#[test]
fn a_library_that_is_nearly_one_of_ours_is_pointed_out() {
    let folder = peer();
    let ran = import(&folder, "library,subscription\npeeer,youth\n", &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("A2: `peeer` would be a new library; if it is `peer`"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_no_list_is_refused() {
    let folder = peer();
    for (name, text) in [("list.xlsx", "no workbook"), ("list.ods", ""), ("list.csv", ""), ("list.csv", "a,\"b\n")] {
        folder.write(name, text);
        let ran = folder.lapse(&["import", "subscriptions", name, "--write"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{name}");
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
    assert_eq!(folder.lapse(&["import", "subscriptions", "none.csv"]).code, 2);
}

#[test]
fn what_an_amendment_of_the_library_says_now_is_corrected_in_that_amendment() {
    let folder = peer();
    let ran = import(&folder, "library,subscription,fee,renewal from,from\npeer,adult,1,1,2024-01-01\n", &["--write"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = folder.read("policies/libraries/peer.toml");
    assert!(text.starts_with(&PEER.replace("fee = \"0.00\"", "fee = \"1.00\"")), "{text}");
    assert!(text.ends_with("from = 2024-01-01\nreason = \"As in the consortium's list of subscriptions (list.csv)\"\nsubscriptions.adult = { renewal = \"conditional\" }\n"), "{text}");
}
