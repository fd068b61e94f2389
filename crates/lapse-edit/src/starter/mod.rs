//! The files that a new policy repository begins with. The consortium's file is made from the schema, so that it explains
//! every key. The other files stand beside this one. Those that this repository has elsewhere too are links to them, since a
//! package takes in nothing that lies outside its crate.

use std::fmt::Write as _;

use lapse_policy::schema::{KeySpec, Kind, Table};
use lapse_policy::{Key, Layer};

use crate::schema::{schema_files, sentence};

/// The folder of a new policy repository that holds the policies.
pub const POLICIES: &str = "policies";
/// The code of the library in it.
pub const LIBRARY: &str = "example";

/// The files of a new policy repository, each with its path in the repository and its text. The boundary cases of the
/// library are not among them, because they are made from the policies.
pub fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = [
        ("README.md", include_str!("README.md")),
        ("policies/libraries/example.toml", include_str!("library.toml")),
        ("tests/cases/example.toml", include_str!("cases.toml")),
        (".gitignore", include_str!("gitignore")),
        (".taplo.toml", include_str!("taplo.toml")),
        (".github/workflows/policies.yml", include_str!("github.yml")),
        (".gitlab-ci.yml", include_str!("gitlab.yml")),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    texts.push(("policies/consortium.toml".to_owned(), consortium()));
    texts.extend(schema_files().map(|(name, text)| (format!("schemas/{name}"), text)));
    texts
}

/// The consortium's file: every key with its meaning and its built-in value.
fn consortium() -> String {
    let mut text =
        "# What holds in every library, unless its group or the library itself says otherwise. The values are those \
                    that hold\n# without a line, so that a line that is taken away changes nothing; only the name must be there.\n"
            .to_owned();
    for &table in Table::TOP.iter().filter(|table| table.allowed_in(Layer::Consortium)) {
        let _ = write!(text, "\n# {}\n", sentence(table.about()));
        match table {
            Table::Subscriptions => {
                text.push_str("#\n# [subscriptions.interlibrary]\n");
                example(table, &mut text);
                text.push_str("# holder = \"administrative\"\n# renewal = \"automatic\"\n");
            }
            Table::Plugins => {
                text.push_str("#\n# [plugins.summer-grace]\n");
                example(table, &mut text);
            }
            Table::Facts => {
                text.push_str("#\n# [facts.holds]\n");
                example(table, &mut text);
            }
            Table::Keeps => {
                text.push_str("#\n# [keeps.open-holds]\n");
                example(table, &mut text);
            }
            Table::Ends => {
                text.push_str("#\n# [ends.eighteen]\n");
                example(table, &mut text);
            }
            Table::Amendment => {
                text.push_str("#\n# [[amendment]]\n");
                example(table, &mut text);
                text.push_str("# # What changes.\n# subscription = { lapse_months = 36 }\n");
            }
            Table::Consortium
            | Table::Group
            | Table::Library
            | Table::Subscription
            | Table::Activity
            | Table::Cleanup
            | Table::Profile
            | Table::Retention
            | Table::Guards
            | Table::Only
            | Table::KeepOnly
            | Table::EndOnly
            | Table::Release => {
                let _ = writeln!(text, "[{}]", table.as_str());
                for spec in keys(table) {
                    // A key that has no built-in value, and changes what holds, is a comment.
                    let line = if spec.required || spec.default.is_some() { "" } else { "# " };
                    let _ = writeln!(text, "{}{line}{} = {}", meaning(spec), spec.name, value(spec));
                }
            }
        }
    }
    text
}

fn keys(table: Table) -> impl Iterator<Item = &'static KeySpec> {
    table.keys().filter(move |spec| spec.table == table && spec.layers.contains(&Layer::Consortium))
}

/// The keys of a table that has no values of its own, as comments.
fn example(table: Table, text: &mut String) {
    for spec in keys(table) {
        // What does not go with the other keys of the example is a comment in it.
        let line = if goes_with_the_others(spec.key) { "" } else { "# " };
        let _ = writeln!(text, "# {}# {line}{} = {}", meaning(spec), spec.name, value(spec));
    }
}

const fn goes_with_the_others(key: Key) -> bool {
    !matches!(key, Key::FactSources | Key::KeepHolds | Key::Release)
}

/// The key's meaning as a comment, with the words to choose from.
fn meaning(spec: &KeySpec) -> String {
    let about = sentence(spec.about);
    if spec.kind.words().is_empty() {
        return format!("# {about}\n");
    }
    format!("# {about} Choose {}.\n", spec.kind.expected())
}

/// The built-in value, or an example where there is none.
fn value(spec: &KeySpec) -> &'static str {
    match spec.key {
        Key::FactTable => return "\"accounts\"",
        Key::FactColumn => return "\"open_holds\"",
        Key::FactType => return "\"count\"",
        Key::FactSources => return "[\"loan\"]",
        Key::KeepReason => return "\"Holds are served first\"",
        Key::KeepWhen => return "{ holds = { over = 0 } }",
        Key::KeepUnless => return "{ age = { under = 12 } }",
        Key::EndReason => return "\"Free until eighteen\"",
        Key::EndWhen => return "{ age = { at_least = 18 } }",
        Key::EndUnless => return "{ run_month = [7, 8] }",
        _ => {}
    }
    spec.default.unwrap_or(match spec.kind {
        Kind::Date => "2022-07-01",
        Kind::GroupKind | Kind::Whole { .. } => "3",
        Kind::PluginFile => "\"summer_grace\"",
        Kind::Grants => "[\"keep-membership\"]",
        Kind::Table(Table::Release) => "{ libraries = [\"example\"], keys = [\"subscription.lapse_months\"] }",
        Kind::Table(_) => "{ category = \"youth\" }",
        Kind::MonthDay | Kind::MonthDayOrNone => "\"12-31\"",
        Kind::MonthsOrNone => "24",
        Kind::Text
        | Kind::Sha256
        | Kind::Columns
        | Kind::Config
        | Kind::Isolation
        | Kind::Code
        | Kind::Removal
        | Kind::FactTable
        | Kind::FactKind
        | Kind::EmptyCell
        | Kind::KeepOf
        | Kind::Holders
        | Kind::OneOrMore
        | Kind::Names
        | Kind::Tests
        | Kind::Fee
        | Kind::Holder
        | Kind::Renewal
        | Kind::Scope
        | Kind::Sources
        | Kind::RestingSources
        | Kind::Blocks
        | Kind::AccountColumns
        | Kind::Boolean => "\"...\"",
    })
}
