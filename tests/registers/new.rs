//! `lapse register new`: a first register that reads most of an export, and asks where only a person can know.

use super::dialect::{both, policies};
use crate::program::Folder;

#[test]
fn an_export_in_dutch_is_decided_with_the_register_that_was_written_for_it() {
    let folder = both(500);
    std::fs::remove_file(folder.path().join("export/register.toml")).unwrap();
    let written = folder.lapse(&["register", "new", "export"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let register = folder.read("export/register.toml");
    for line in [
        "delimiter = \";\"",
        "encoding = \"windows-1252\"",
        "dates = \"DD/MM/YYYY\"",
        "decimals = \",\"",
        "empty = [\"00/00/0000\"]",
    ] {
        assert!(register.contains(line), "{line}: {register}");
    }
    // One row of the sample has a status that nobody can know.
    assert_eq!(register.matches("# DECIDE: ").count(), 1, "{register}");
    assert!(register.contains("# DECIDE: status suspended: active, deregistered or cancelled?"), "{register}");
    let policies = policies();
    for (data, out) in [("plain", "a"), ("export/register.toml", "b")] {
        let ran = folder.lapse(&["run", "--policies", &policies, "--data", data, "--date", "2022-07-01", "--out", out]);
        assert!(ran.code == 0 || ran.code >= 3, "{}", ran.stderr);
    }
    for table in ["memberships.csv", "records.csv", "profiles.csv"] {
        assert_eq!(folder.read(&format!("a/{table}")), folder.read(&format!("b/{table}")), "{table}");
    }
    let again = folder.lapse(&["register", "new", "export"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
}

#[test]
fn whether_the_day_or_the_month_stands_first_is_asked_and_never_guessed() {
    let folder = Folder::with(&[(
        "x/borrowers.csv",
        "borrowernumber,branchcode,categorycode,dateenrolled,dateexpiry\n1,CPL,PT,01/02/2020,03/04/2021\n2,CPL,PT,05/06/2020,07/08/2021\n",
    )]);
    assert_eq!(folder.lapse(&["register", "new", "x"]).code, 0);
    let register = folder.read("x/register.toml");
    assert!(!register.contains("\ndates ="), "{register}");
    assert!(
        register.contains(
            "# DECIDE: borrowers.csv, `dateenrolled`: no day exceeds 12, so it may be DD/MM/YYYY or MM/DD/YYYY"
        ),
        "{register}"
    );
    let checked = folder.lapse(&["register", "check", "x/register.toml"]);
    assert_eq!(checked.code, 3, "{}", checked.stderr);
    assert!(
        checked.stderr.contains("2 of 2 values look like DD/MM/YYYY or MM/DD/YYYY; set `dates`"),
        "{}",
        checked.stderr
    );
}

#[test]
fn what_nothing_uses_went_without_a_word_and_the_form_of_its_days_was_made_up() {
    let folder = Folder::with(&[
        ("x/leden.csv", "Lezersnummer;Bibliotheek;Abonnement;Van;Tot\n1;peer;jeugd;31/01/2020;30/01/2021\n"),
        ("x/schulden.csv", "Lezersnummer;Bibliotheek;Openstaand;Betaald op\n1;peer;12,50;28/11/2019\n"),
        ("x/bezoek.csv", "Lezersnummer;Bibliotheek;Herkomst;Datum\n1;peer;wise;28/11/2021\n"),
    ]);
    assert_eq!(folder.lapse(&["register", "new", "x"]).code, 0);
    let register = folder.read("x/register.toml");
    assert!(!register.contains("YYYY-MM-DD"), "{register}");
    assert!(register.contains("# Of schulden.csv nothing uses"), "{register}");
    assert!(register.contains("bezoek.csv seems to hold none of the tables: of its columns only"), "{register}");
    let checked = folder.lapse(&["register", "check", "x/register.toml"]);
    assert!(checked.stderr.contains("there is no activity table"), "{}", checked.stderr);
}

#[test]
fn what_systems_call_their_columns_is_known() {
    for (file, text, expected) in [
        (
            "patrons.csv",
            "cardnumber,branchcode,categorycode,dateenrolled,dateexpiry,dateofbirth\n1,C,P,2020-01-31,2021-01-31,1990-01-31\n",
            "valid_until = \"dateexpiry\"",
        ),
        (
            "users.json",
            "[{\"id\":\"u\",\"patronGroup\":\"g\",\"enrollmentDate\":\"2020-01-31T00:00:00Z\",\"expirationDate\":null,\"personal\":{\"dateOfBirth\":\"1990-01-31\"},\"customFields\":{\"home\":\"m\"}}]",
            "birth_date = \"personal.dateOfBirth\"",
        ),
        (
            "patrons-to-import.csv",
            "cardnumber|home_library|profile|dob|create_date|expire_date\n1|B|P|1990-01-31|2020-01-31|2021-01-31\n",
            "library = \"home_library\"",
        ),
        (
            "abonnes.csv",
            "N° lecteur;Numéro de lecteur;Bibliothèque;Catégorie;Date d'inscription;Date d'expiration\n1;1;B;A;31/01/2020;31/01/2021\n",
            "valid_from = \"Date d'inscription\"",
        ),
    ] {
        let folder = Folder::with(&[(&format!("x/{file}"), text)]);
        let written = folder.lapse(&["register", "new", "x"]);
        assert_eq!(written.code, 0, "{}", written.stderr);
        let register = folder.read("x/register.toml");
        assert!(register.contains(expected), "{file}: {register}");
        let checked = folder.lapse(&["register", "check", "x/register.toml"]);
        assert_eq!(checked.code, 0, "{register}{}", checked.stderr);
    }
}

#[test]
fn a_folder_without_exports_is_refused() {
    let folder = Folder::with(&[("x/notes.md", "")]);
    let ran = folder.lapse(&["register", "new", "x"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("has no file that can hold a table"), "{}", ran.stderr);
}
