//! The reference page: every table and key of policy files, in Markdown.

use std::fmt::Write as _;

use lapse_policy::schema::{KeySpec, Kind, Table};
use lapse_policy::{
    BuiltInFact, EmptyCell, FactKind, FactTable, Grant, Holder, Isolation, KeepOf, Layer, Narrowed, Removal, Renewal,
    Scope,
};

use super::{LAYERS, sentence};

const OPENING: &str = "\
# Every key of a policy file

<!-- Made by `lapse schema --reference > docs/reference.md`; do not edit. -->

A policy directory holds `consortium.toml`, a file for each cooperation group in `groups/` and one for each library in
`libraries/`. What a library's file says beats what its group says, and that beats the consortium; what
`[subscriptions.CODE]` says beats `[subscription]`, in whatever file it stands. An `[[amendment]]` changes values from its
date on. `lapse show LIBRARY --date DAY` tells what holds on a day, and which line says so.

Under \"without it\" stands what holds where no file says anything.
";

/// The reference page, as Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    for &table in Table::TOP.iter().chain([&Table::Only, &Table::Release, &Table::KeepOnly]) {
        let _ = write!(page, "\n## `{}`\n\n{}", header(table), sentence(table.about()));
        let _ = writeln!(page, " In {}.", files(|layer| table.allowed_in(layer)));
        if table == Table::Subscriptions {
            page.push_str("It takes every key of `[subscription]`, and this one.\n");
        }
        if table == Table::Amendment {
            let tables: Vec<_> = Table::TOP
                .iter()
                .filter(|table| table.amendable())
                .map(|table| format!("`{}`", table.as_str()))
                .collect();
            let _ = writeln!(page, "Beside its own keys it takes the tables {}.", tables.join(", "));
        }
        if table == Table::Keeps {
            page.push_str(&names("The built-in reasons that can be narrowed", Narrowed::ALL, Narrowed::as_str));
        }
        page.push_str("\n| key | holds | without it | meaning |\n|---|---|---|---|\n");
        for spec in table.keys().filter(|spec| spec.table == table) {
            let _ = writeln!(page, "{}", row(spec));
        }
        // The words of `only` are explained where subscriptions are.
        for spec in table.keys().filter(|spec| spec.table == table && table != Table::Only) {
            page.push_str(&meanings(spec));
        }
        if table == Table::Ends {
            page.push_str(TESTS);
            for fact in BuiltInFact::ALL {
                let _ = writeln!(page, "- `{fact}`: {}", fact.about());
            }
        }
    }
    page
}

/// What tests look like, which no table of keys can say.
const TESTS: &str = "
## Tests

`when` and `unless` of keeps and ends hold tests, each as `FACT = test`; all of them must hold. `FACT = \"none\"` takes a test
away that a file above has. What is not known keeps, and does not end.

| type of the fact | tests |
|---|---|
| flag, date | `true`: there is one; `false`: there is none |
| count, amount | `over`, `at_least`, `under`, `at_most`: 0 to 999999999, amounts as text or integer |
| `age` | `at_least`, `under`: 0 to 150 |
| date | `within_months`, `within_days`: the date and this term lie after the run day; `past_months`, `past_days`: they do not (months 0 to 1200, days 0 to 36500); `round = \"month\"` or `\"year\"` beside one of these: the term runs to the end of the month or year; `after = FACT`: strictly later than that fact |
| code, `blocks`, `run_month` | a list: any of them |

Beside the facts that `[facts.NAME]` declares there are

";

/// A line that lists names.
fn names<T: Copy>(what: &str, all: &[T], name: fn(T) -> &'static str) -> String {
    let names: Vec<_> = all.iter().map(|&one| format!("`{}`", name(one))).collect();
    format!("{what} are {}.\n", names.join(", "))
}

fn header(table: Table) -> String {
    match table {
        Table::Subscriptions => "[subscriptions.CODE]".to_owned(),
        Table::Plugins => "[plugins.NAME]".to_owned(),
        Table::Amendment => "[[amendment]]".to_owned(),
        Table::Facts | Table::Keeps | Table::Ends => format!("[{}.NAME]", table.as_str()),
        Table::Only => "only".to_owned(),
        Table::KeepOnly | Table::EndOnly => "only of a keep or an end".to_owned(),
        Table::Release => "release".to_owned(),
        Table::Consortium
        | Table::Group
        | Table::Library
        | Table::Subscription
        | Table::Activity
        | Table::Cleanup
        | Table::Profile
        | Table::Retention
        | Table::Guards => format!("[{}]", table.as_str()),
    }
}

/// The files that may hold something.
fn files(allowed: impl Fn(Layer) -> bool) -> String {
    let names: Vec<_> = LAYERS
        .into_iter()
        .filter(|&layer| allowed(layer))
        .map(|layer| match layer {
            Layer::Consortium => "`consortium.toml`",
            Layer::Group => "`groups/*.toml`",
            Layer::Library => "`libraries/*.toml`",
        })
        .collect();
    names.join(", ")
}

fn row(spec: &KeySpec) -> String {
    let name = spec.name;
    let without = match (spec.required, spec.default) {
        (true, _) => "must be there".to_owned(),
        (false, Some(default)) => format!("`{default}`"),
        (false, None) => "nothing".to_owned(),
    };
    let mut about = sentence(spec.about);
    let everywhere = LAYERS.iter().all(|&layer| !spec.table.allowed_in(layer) || spec.layers.contains(&layer));
    if !everywhere {
        let _ = write!(about, " Only in {}.", files(|layer| spec.layers.contains(&layer)));
    }
    format!("| `{name}` | {} | {without} | {about} |", spec.kind.expected().replace('|', "\\|"))
}

/// What each word of a key means; nothing for a key that does not hold a word.
fn meanings(spec: &KeySpec) -> String {
    let words: Vec<(&str, &str)> = match spec.kind {
        Kind::Holder => Holder::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Renewal => Renewal::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Scope => Scope::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Grants => Grant::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Isolation => Isolation::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Removal => Removal::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::FactTable => FactTable::ALL
            .iter()
            .map(|word| (word.as_str(), word.about()))
            .chain([("activity", "the latest date of its sources, over all libraries")])
            .collect(),
        Kind::FactKind => FactKind::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::EmptyCell => EmptyCell::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::KeepOf => KeepOf::ALL.iter().map(|word| (word.as_str(), word.about())).collect(),
        Kind::Text
        | Kind::PluginFile
        | Kind::Sha256
        | Kind::Columns
        | Kind::Config
        | Kind::Code
        | Kind::Whole { .. }
        | Kind::Fee
        | Kind::GroupKind
        | Kind::Sources
        | Kind::RestingSources
        | Kind::Blocks
        | Kind::AccountColumns
        | Kind::Date
        | Kind::Boolean
        | Kind::MonthDay
        | Kind::MonthDayOrNone
        | Kind::MonthsOrNone
        | Kind::Holders
        | Kind::OneOrMore
        | Kind::Names
        | Kind::Tests
        | Kind::Table(_) => return String::new(),
    };
    let lines = words.into_iter().map(|(word, about)| format!("- `\"{word}\"`: {about}\n"));
    format!("\n`{}` is one of\n\n{}", spec.name, lines.collect::<String>())
}
