//! The JSON Schemas and the reference page: the committed files are what the program makes, the policies that we ship fit
//! the schemas, and the program refuses all that the schemas refuse.

use jsonschema::Validator;
use serde_json::Value;

use crate::program::{Folder, root};

const KINDS: [&str; 3] = ["consortium", "group", "library"];

fn validator(kind: &str) -> Validator {
    let ran = Folder::new().lapse(&["schema", kind]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    jsonschema::draft7::new(&serde_json::from_str(&ran.stdout).unwrap()).unwrap()
}

/// TOML as an editor's validator sees it: a date is a text.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(array) => array.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
    }
}

fn fits(validator: &Validator, text: &str) -> Result<(), String> {
    let value = as_json(toml::Value::Table(text.parse().expect("TOML")));
    validator.validate(&value).map_err(|error| error.to_string())
}

#[test]
fn the_schemas_and_the_reference_page_are_current() {
    let folder = Folder::new();
    assert_eq!(folder.lapse(&["schema", "--out", "made/schemas"]).code, 0);
    for kind in KINDS {
        let name = format!("schemas/{kind}.json");
        let committed = std::fs::read_to_string(root().join(&name)).unwrap();
        assert!(folder.read(&format!("made/{name}")) == committed, "run `lapse schema --out schemas`");
    }
    let committed = std::fs::read_to_string(root().join("docs/reference.md")).unwrap();
    assert!(folder.lapse(&["schema", "--reference"]).stdout == committed, "run `lapse schema --reference`");
}

#[test]
fn without_a_kind_all_three_schemas_stand_in_one_object() {
    let ran = Folder::new().lapse(&["schema"]);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap();
    for kind in KINDS {
        assert_eq!(all[kind]["title"], format!("lapse: the policy file of a {kind}"));
    }
}

#[test]
fn every_policy_file_that_we_ship_fits_its_schema() {
    let mut seen = 0;
    for policies in ["policies", "examples/koha-sample/policies"] {
        let policies = root().join(policies);
        for (kind, folder) in [("consortium", ""), ("group", "groups"), ("library", "libraries")] {
            let validator = validator(kind);
            let Ok(entries) = std::fs::read_dir(policies.join(folder)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.extension().is_some_and(|ending| ending == "toml") {
                    seen += 1;
                    let fits = fits(&validator, &std::fs::read_to_string(&path).unwrap());
                    assert_eq!(fits, Ok(()), "{}", path.display());
                }
            }
        }
    }
    assert!(seen > 20, "{seen} files");
}

#[test]
fn a_policy_of_facts_keeps_and_ends_fits_its_schema() {
    let text = "
[consortium]
name = \"n\"
year_starts = \"07-01\"
[subscription]
term_ends = \"none\"
[cleanup]
removal = \"anonymise\"
[retention]
pseudonymise_months = 1
history_months = 24
[facts.letter_sent]
table = \"patrons\"
column = \"letter_sent\"
type = \"date\"
empty = \"none\"
[facts.loan]
table = \"activity\"
sources = [\"loan\"]
[keeps.letter-first]
reason = \"A letter thirty days ahead\"
only = { holder = [\"person\"], category = \"web\", subscription = [\"a\", \"b\"] }
when = { run_month = [7, 8], blocks = [\"staff\"], loan = \"none\" }
unless = { letter_sent = { past_days = 30, round = \"year\", after = \"last_activity\" } }
review = true
[keeps.owes]
reason = \"r\"
when.owed = { at_least = \"20.00\", under = 50 }
[ends.eighteen]
reason = \"Free until eighteen\"
when.age.at_least = 18
[[amendment]]
from = 2026-01-01
reason = \"r\"
enforce = true
keeps.owes = { holds = false }
[[amendment]]
from = 2027-01-01
reason = \"r\"
release = { libraries = [\"peer\"], keys = [\"keeps.owes\"] }
";
    assert_eq!(fits(&validator("consortium"), text), Ok(()));
}

#[test]
fn what_the_schema_refuses_the_program_refuses_too() {
    let library = validator("library");
    for text in [
        "[subscriptions.youth]\nlapse_month = 60\n",
        "[subscriptions.youth]\nlapse_months = 0\n",
        "[subscriptions.youth]\nlapse_months = 1201\n",
        "[subscriptions.youth]\nfee = \"5,00\"\n",
        "[subscriptions.youth]\nfee = -1\n",
        "[subscriptions.youth]\nrenewal = \"automatc\"\n",
        "[subscriptions.youth]\nname = \" \"\n",
        "[subscriptions.\"a\\tb\"]\n",
        "[activity]\nsources = []\n",
        "[activity]\nsources = [\"wise\", \"wise\"]\n",
        "[cleanup]\nblocks = [\"a|b\"]\n",
        "[profile]\ninactive_months = 24\n",
        "[facts.a]\ntable = \"patrons\"\n",
        "[keeps.Big]\nreason = \"r\"\nwhen.age.under = 12\n",
        "[keeps.a]\nreason = \"r\"\nwhen = {}\n",
        "[keeps.a]\nreason = \"r\"\nwhen.age = { under = 1.5 }\n",
        "[keeps.a]\nreason = \"r\"\nwhen.age = { undr = 12 }\n",
        "[keeps.a]\nreason = \"r\"\nonly.category = []\n",
        "[keeps.a]\nreason = \"r\"\nof = [\"records\"]\nwhen.age.under = 12\n",
        "[ends.a]\nreason = \"r\"\nreview = true\nwhen.age.under = 12\n",
        "[subscription]\nterm_ends = \"02-29\"\n",
        "[retention]\nhistory_months = \"never\"\n",
        "[cleanup]\nremoval = \"anonymise\"\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nrelease = { libraries = [\"a\"], keys = [\"keeps.a\"] }\n",
        "[group]\ncode = \"noord\"\nkind = 3\n",
        "[[amendment]]\nfrom = 2022-07-01\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nenforce = true\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nlibrary = { code = \"x\" }\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = {}\nsubscription = { fee = 1 }\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { category = \"c\" }\ncleanup = { ended_months = 12 }\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { category = \"c\" }\nsubscription = { holder = \"person\" }\n",
        "[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nonly = { category = \"c\" }\nsubscriptions.y = { category = \"d\" }\n",
    ] {
        let text = format!("[library]\ncode = \"peer\"\n{text}");
        assert!(fits(&library, &text).is_err(), "{text}");
        let folder = Folder::with(&[
            ("policies/consortium.toml", "consortium.name = \"Test\"\n"),
            ("policies/libraries/peer.toml", &text),
        ]);
        assert_eq!(folder.lapse(&["check"]).code, 1, "{text}");
    }
}

#[test]
fn a_file_must_say_which_consortium_group_or_library_it_is_about() {
    assert!(fits(&validator("library"), "").is_err());
    assert!(fits(&validator("library"), "[library]\nname = \"Peer\"\n").is_err());
    assert!(fits(&validator("group"), "[group]\ncode = \"noord\"\n").is_err());
    assert!(fits(&validator("consortium"), "").is_err());
    assert!(fits(&validator("consortium"), "[consortium]\nrun_day = 1\n").is_err());
    assert_eq!(fits(&validator("consortium"), "[consortium]\nname = \"Test\"\n"), Ok(()));
}

#[test]
fn a_code_with_spaces_fits_the_schema() {
    let text = "[library]\ncode = \"Town Library / North\"\n[subscriptions.\"Adult - Full Year\"]\nfee = 5\n";
    assert_eq!(fits(&validator("library"), text), Ok(()));
}
