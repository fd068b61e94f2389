//! The sample in another dialect: semicolons, Windows-1252, days before months, decimal commas and Dutch names. Whatever is
//! asked of it, the answer is that of the plain files.

use std::fmt::Write as _;
use std::fs;

use crate::program::{Folder, root};

/// A table, the file that another program puts it in, and for each column what it calls that.
type Export = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The tables as the other program exports them.
pub const TABLES: [Export; 4] = [
    (
        "patrons",
        "leners.csv",
        &[
            ("patron_id", "Lenernummer"),
            ("birth_date", "Geboortedatum"),
            ("profile_last_active", "Laatste aanmelding"),
            ("loan_history", "Leenhistoriek"),
        ],
    ),
    (
        "memberships",
        "lidmaatschappen.csv",
        &[
            ("patron_id", "Lenernummer"),
            ("library", "Vestiging"),
            ("subscription", "Abonnement"),
            ("valid_from", "Begindatum"),
            ("valid_until", "Einddatum"),
            ("status", "Status"),
        ],
    ),
    (
        "activity",
        "activiteit.csv",
        &[
            ("patron_id", "Lenernummer"),
            ("library", "Vestiging"),
            ("source", "Bron"),
            ("last_active", "Laatste activiteit"),
        ],
    ),
    (
        "accounts",
        "rekeningen.csv",
        &[
            ("patron_id", "Lenernummer"),
            ("library", "Vestiging"),
            ("owed", "Openstaand bedrag"),
            ("credit", "Tegoed"),
            ("blocks", "Blokkering"),
            ("items", "Uitgeleend"),
            ("settled_on", "Vereffend"),
        ],
    ),
];

/// The policies of the sample.
pub fn policies() -> String {
    root().join("policies").display().to_string()
}

/// The first patrons of the sample with all their rows: plain in `plain`, and in the dialect in `export`.
pub fn both(patrons: usize) -> Folder {
    let folder = Folder::new();
    let mut ids = Vec::new();
    for (table, file, columns) in TABLES {
        let text = fs::read_to_string(root().join(format!("examples/data/{table}.csv"))).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let mut plain = header.join(",") + "\n";
        let theirs = |name: &String| columns.iter().find(|(ours, _)| ours == name).unwrap().1.to_owned();
        let mut dialect = header.iter().map(theirs).collect::<Vec<_>>().join(";") + ";Opmerking\r\n";
        for row in reader.records() {
            let row = row.unwrap();
            if table == "patrons" && ids.len() < patrons {
                ids.push(row[0].to_owned());
            }
            if !ids.iter().any(|id| *id == row[0]) {
                continue;
            }
            plain += &(row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n");
            let fields = header.iter().zip(&row).map(|(column, value)| quoted(&in_dialect(column, value)));
            let _ = write!(dialect, "{};\"Zoë; Liège\"\r\n", fields.collect::<Vec<_>>().join(";"));
        }
        folder.write(&format!("plain/{table}.csv"), plain);
        let bytes: Vec<u8> = dialect.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        folder.write(&format!("export/{file}"), bytes);
    }
    folder.write("export/register.toml", register());
    folder
}

/// A value as the other program writes it; what is not a day or amount stays as it is.
fn in_dialect(column: &str, value: &str) -> String {
    let day = value.parse::<lapse_policy::Day>().ok();
    match (column, day) {
        (_, Some(day)) => format!("{:02}/{:02}/{:04}", day.day_of_month(), day.month(), day.year()),
        ("owed" | "credit", _) => value.replace('.', ","),
        // A day of the sample is written so on purpose, and would be right here.
        (_, None) if value.contains('/') => value.replace('/', "~"),
        ("loan_history", _) => value.replace("true", "J").replace("false", "N").replace("ja", "misschien"),
        ("status", _) => value.replace("active", "Actief").replace("deregistered", "Uitgeschreven"),
        (_, None) if value.is_empty() && matches!(column, "settled_on" | "profile_last_active") => {
            "00/00/0000".to_owned()
        }
        _ => value.to_owned(),
    }
}

fn quoted(value: &str) -> String {
    if value.contains([',', ';', '"', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}

fn register() -> String {
    let mut text = String::from(
        "[files]\ndelimiter = \";\"\nencoding = \"windows-1252\"\ndates = \"DD/MM/YYYY\"\ndecimals = \",\"\n\
         booleans = { true = [\"J\"], false = [\"N\"] }\nempty = [\"00/00/0000\"]\n",
    );
    for (table, file, columns) in TABLES {
        let columns: Vec<String> = columns.iter().map(|(ours, theirs)| format!("{ours} = \"{theirs}\"")).collect();
        let _ = write!(text, "\n[tables.{table}]\nfile = \"{file}\"\ncolumns = {{ {} }}\n", columns.join(", "));
        if table == "memberships" {
            text += "values.status = { \"Actief\" = \"active\", \"Uitgeschreven\" = \"deregistered\" }\n";
        }
    }
    text
}

#[test]
fn an_export_in_another_dialect_is_decided_as_the_plain_tables_are() {
    let folder = both(500);
    let policies = policies();
    let mut codes = Vec::new();
    for (data, out, threads) in
        [("plain", "a", "1"), ("export/register.toml", "b", "1"), ("export/register.toml", "c", "3")]
    {
        let ran = folder.lapse(&[
            "run",
            "--policies",
            &policies,
            "--data",
            data,
            "--date",
            "2022-07-01",
            "--out",
            out,
            "--threads",
            threads,
        ]);
        assert!(ran.code == 0 || ran.code >= 3, "{}", ran.stderr);
        codes.push(ran.code);
    }
    assert_eq!(codes[0], codes[1]);
    for table in ["memberships.csv", "records.csv", "profiles.csv"] {
        assert_eq!(folder.read(&format!("a/{table}")), folder.read(&format!("b/{table}")), "{table}");
        assert_eq!(folder.read(&format!("b/{table}")), folder.read(&format!("c/{table}")), "{table}, by threads");
    }
    // The same rows are rejected for the same columns; what is told of a value is what stands in the export.
    let rejects = |out: &str| -> Vec<String> {
        let text = folder.read(&format!("{out}/rejects.csv"));
        text.lines().map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
    };
    assert!(rejects("a").len() > 2, "the sample has rows that are wrong on purpose");
    assert_eq!(rejects("a"), rejects("b"));
}

#[test]
fn every_command_that_takes_data_takes_a_register() {
    let folder = both(200);
    let policies = policies();
    let id = folder.read("plain/patrons.csv").lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let changed = folder.path().join("changed");
    copy(&root().join("policies"), &changed);
    let consortium = fs::read_to_string(changed.join("consortium.toml")).unwrap();
    fs::write(changed.join("consortium.toml"), consortium.replace("ended_months = 24", "ended_months = 12")).unwrap();
    for words in [
        vec!["explain", &id, "--policies", &policies, "--date", "2022-07-01"],
        vec!["forecast", "--policies", &policies, "--from", "2022-07-01", "--months", "6"],
        vec!["diff", &policies, "changed", "--date", "2022-07-01", "--format", "json"],
    ] {
        let with = |data: &str| {
            let ran = folder.lapse(&[words.clone(), vec!["--data", data]].concat());
            assert!(ran.code == 0 || ran.code >= 3, "{}", ran.stderr);
            // A story shows where a row stands, which is another file.
            ran.stdout.replace(".csv", "")
        };
        let (plain, export) = (with("plain"), with("export/register.toml"));
        if words[0] == "explain" {
            let why = |text: &str| {
                text.lines().filter(|line| line.contains("2022-07-01")).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(why(&plain), why(&export), "{words:?}");
        } else {
            assert_eq!(plain, export, "{words:?}");
        }
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
