//! `lapse run --report`: a page appears beside the tables, complete or not at all, and names patrons only on request.

use std::collections::BTreeSet;

use super::{CONSORTIUM, with_data};
use crate::program::{Folder, root};
use crate::report::text;

const RUN: &[&str] = &["run", "--data", "data", "--date", "2022-07-01", "--out", "out", "--report", "page.html"];

fn page(folder: &Folder, more: &[&str]) -> String {
    let ran = folder.lapse(&[RUN, more].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder.read("page.html")
}

#[test]
fn a_page_says_what_the_run_comes_to_in_the_language_that_is_asked_for() {
    let folder = with_data();
    let en = text(&page(&folder, &[]));
    assert!(en.contains("Customer run of 1 July 2022"), "{en}");
    assert!(en.contains("The customer run deregisters 1 of 2 valid memberships, or 50.0%."), "{en}");
    assert!(en.contains("The cleanup archives 1 record and deletes 0."), "{en}");
    let nl = text(&page(&folder, &["--lang", "nl"]));
    assert!(nl.contains("De klantenrun schrijft 1 van 2 geldige lidmaatschappen uit, of 50,0%."), "{nl}");
    assert!(nl.contains("De opschoonroutine archiveert 1 klantrecord en verwijdert er 0."), "{nl}");
}

#[test]
fn a_page_tells_of_guards_and_of_what_else_needs_attention() {
    let folder = with_data();
    let memberships = folder.read("data/memberships.csv") + "P3,genk,youth,2015-01-01,,\nP9,peer,youth,2015-01-01,,\n";
    folder.write("data/memberships.csv", memberships);
    folder.write(
        "policies/consortium.toml",
        CONSORTIUM.replace("max_source_age_days = 36500", "max_source_age_days = 35"),
    );
    assert_eq!(folder.lapse(RUN).code, 4);
    let en = text(&folder.read("page.html"));
    for told in [
        "1 guard trips: a source of activity went silent.",
        "1 deregistration rests on it (max_source_age_days is 35)",
        "1 row belongs to no patron and holds nobody.",
        "1 membership has no policy and stays as it is.",
        "genk, youth: 1",
    ] {
        assert!(en.contains(told), "{told}: {en}");
    }
}

#[test]
fn a_page_names_a_patron_only_when_asked() {
    let folder = with_data();
    let quiet = page(&folder, &[]);
    assert!(!["P1", "P2", "P3"].iter().any(|id| quiet.contains(id)), "{quiet}");
    let named = text(&page(&folder, &["--with-patrons"]));
    assert!(named.contains("This page names patrons."), "{named}");
    assert!(named.contains("P1") && !named.contains("P2") && !named.contains("P3"), "{named}");
}

#[test]
fn the_patrons_of_a_page_are_those_whom_the_tables_take_something_from() {
    let folder = Folder::new();
    let (policies, data) = (root().join("policies"), root().join("examples/data"));
    let ran = folder.lapse(
        &[
            &[
                "run",
                "--policies",
                policies.to_str().unwrap(),
                "--data",
                data.to_str().unwrap(),
                "--date",
                "2022-07-01",
            ][..],
            &["--out", "out", "--report", "page.html", "--with-patrons"],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let page = folder.read("page.html");
    let list = page.split("aria-labelledby=\"patrons\"").nth(1).unwrap().split("</section>").next().unwrap();
    let rows = list.split("<tbody>").nth(1).unwrap().split("<tr>").skip(1);
    let listed: BTreeSet<[String; 3]> = rows
        .map(|row| {
            let mut cells =
                row.split("\">").flat_map(|cell| cell.split("<td>")).map(|cell| cell.split('<').next().unwrap());
            cells.next();
            std::array::from_fn(|_| cells.next().unwrap().to_owned())
        })
        .collect();
    let mut expected = BTreeSet::new();
    for (table, outcome) in [("memberships", 4), ("records", 2)] {
        for row in csv::Reader::from_path(folder.path().join(format!("out/{table}.csv"))).unwrap().records() {
            let row = row.unwrap();
            if matches!(&row[outcome], "deregistered" | "archived" | "deleted") {
                expected.insert([&row[0], &row[1], &row[outcome]].map(str::to_owned));
            }
        }
    }
    assert_eq!(listed, expected);
}

#[test]
fn the_same_run_gives_the_same_page_whatever_the_number_of_threads() {
    let folder = with_data();
    let one = page(&folder, &["--threads", "1", "--with-patrons"]);
    assert_eq!(page(&folder, &["--threads", "4", "--with-patrons"]), one);
}

#[test]
fn a_run_that_stops_leaves_the_page_as_it_was() {
    let folder = with_data();
    folder.write("page.html", "of the month before");
    folder.write("data/accounts.csv", "patron_id,library\n\"P2,peer\n");
    let before = folder.tree();
    assert_eq!(folder.lapse(RUN).code, 2);
    assert_eq!(folder.tree(), before);
}

#[test]
fn a_page_that_cannot_be_written_leaves_no_tables() {
    let folder = with_data();
    let before = folder.tree();
    for (place, why) in [
        ("policies", "this is a folder"),
        ("policies/consortium.toml/page.html", "cannot be written"),
        ("out/page.html", "this lies in the folder of the tables"),
        ("out/../out/in/page.html", "this lies in the folder of the tables"),
    ] {
        let ran = folder.lapse(&[&RUN[..RUN.len() - 1], &[place]].concat());
        assert_eq!(ran.code, 2, "{place}");
        assert!(ran.stderr.contains(why), "{place}: {}", ran.stderr);
        assert_eq!(folder.tree(), before, "{place}");
    }
}

#[test]
fn what_a_page_is_like_is_said_only_with_a_page() {
    let folder = with_data();
    for option in [&["--lang", "nl"][..], &["--with-patrons"]] {
        let ran = folder.lapse(&[&RUN[..RUN.len() - 2], option].concat());
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("--report <FILE.html>"), "{}", ran.stderr);
    }
}
