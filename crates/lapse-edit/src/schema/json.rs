//! JSON Schema of a kind of policy file. It is draft 7, the newest that taplo's validator knows; taplo's completion
//! follows `definitions`, but not the `$defs` of later drafts.

use lapse_policy::schema::{ACCOUNT_COLUMNS, KeySpec, Kind, Table};
use lapse_policy::{
    BuiltInFact, EmptyCell, FactKind, FactTable, Grant, Holder, Isolation, KeepOf, Layer, PluginTable, Removal,
    Renewal, Round, Scope,
};
use serde_json::{Map, Value, json};
use toml_edit::Value as TomlValue;

use super::{LAYERS, sentence};

/// The schemas of all kinds of policy file, in one object with a key for each kind.
pub fn json_schemas() -> Value {
    LAYERS.map(|layer| (layer.as_str().to_owned(), json_schema(layer))).into_iter().collect()
}

/// The schemas of all kinds of policy file as texts, with the names of their files.
pub fn schema_files() -> [(String, String); 3] {
    LAYERS.map(|layer| (format!("{layer}.json"), format!("{:#}\n", json_schema(layer))))
}

/// The schema of a kind of policy file.
pub fn json_schema(layer: Layer) -> Value {
    let tables = Table::TOP.iter().copied().filter(|table| table.allowed_in(layer));
    let mut definitions = Map::new();
    let mut properties = Map::new();
    for table in tables.clone() {
        definitions.insert(table.as_str().to_owned(), definition(table, layer));
        properties.insert(table.as_str().to_owned(), at_the_top(table, layer));
    }
    for &table in Table::WITHIN.iter().filter(|table| table.allowed_in(layer)) {
        definitions.insert(definition_name(table).to_owned(), definition(table, layer));
    }
    definitions.insert(TEST.to_owned(), test());
    // A file must say which consortium, group or library it is about.
    let required: Vec<&str> =
        tables.filter(|table| table.keys().any(|spec| spec.required) && !is_list(*table)).map(Table::as_str).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("lapse: the policy file of a {layer}"),
        "description": "Made by `lapse schema`; do not edit.",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "definitions": definitions,
    })
}

/// A table at the top of a file. The keys that it must have are asked for here where an amendment may set the table too.
fn at_the_top(table: Table, layer: Layer) -> Value {
    let required = required(table, layer);
    if !table.amendable() || required.is_empty() {
        return place(table);
    }
    json!({ "allOf": [place(table), { "required": required }] })
}

/// The keys that a table must have.
fn required(table: Table, layer: Layer) -> Vec<&'static str> {
    let specs = table.keys().filter(|spec| spec.required && spec.layers.contains(&layer));
    specs.map(|spec| spec.name).collect()
}

/// Whether a file may have any number of these tables, or none.
const fn is_list(table: Table) -> bool {
    matches!(table, Table::Amendment | Table::Plugins | Table::Facts | Table::Keeps | Table::Ends)
}

/// What the definition of a table is called. `only` of a keep or an end is not that of an amendment.
const fn definition_name(table: Table) -> &'static str {
    match table {
        Table::KeepOnly => "keep-only",
        Table::EndOnly => "end-only",
        table => table.as_str(),
    }
}

/// A table at its place: `[subscriptions.CODE]` and `[[amendment]]` may come there many times.
fn place(table: Table) -> Value {
    let reference = json!({ "$ref": format!("#/definitions/{}", definition_name(table)) });
    match table {
        Table::Amendment => json!({ "type": "array", "description": about(table), "items": reference }),
        Table::Subscriptions => named(table, CODE, &reference),
        Table::Plugins | Table::Facts | Table::Keeps | Table::Ends => named(table, NAME, &reference),
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
        | Table::Release => reference,
    }
}

/// Any number of tables, each with a name.
fn named(table: Table, pattern: &str, reference: &Value) -> Value {
    json!({
        "type": "object",
        "description": about(table),
        "propertyNames": { "pattern": pattern },
        "additionalProperties": reference,
    })
}

fn about(table: Table) -> String {
    sentence(table.about())
}

/// A table with its keys.
fn definition(table: Table, layer: Layer) -> Value {
    let specs = || table.keys().filter(|spec| spec.layers.contains(&layer));
    let mut properties: Map<_, _> = specs().map(|spec| (spec.name.to_owned(), property(spec))).collect();
    if table == Table::Amendment {
        let amendable = Table::TOP.iter().copied().filter(|table| table.amendable() && table.allowed_in(layer));
        properties.extend(amendable.map(|table| (table.as_str().to_owned(), place(table))));
    }
    let mut schema = json!({
        "type": "object",
        "description": about(table),
        "properties": properties,
        "additionalProperties": false,
    });
    if !table.amendable() && specs().any(|spec| spec.required) {
        schema["required"] = required(table, layer).into();
    }
    if matches!(table, Table::Only | Table::KeepOnly | Table::EndOnly | Table::Keeps | Table::Ends) {
        schema["minProperties"] = 1.into();
    }
    if table == Table::Amendment {
        // Rule 4 of policy.md: an amendment cannot change the keys that it is limited by, and sets what is limited.
        let changes = json!({ "anyOf": [{ "required": ["holder"] }, { "required": ["category"] }] });
        let sets_neither = json!({ "not": changes });
        schema["dependencies"] = json!({
            "only": {
                "required": ["subscription"],
                "properties": {
                    "subscription": sets_neither,
                    "subscriptions": { "additionalProperties": sets_neither },
                },
            },
        });
    }
    schema
}

/// What the definition of a test is called.
const TEST: &str = "test";

/// A test of a fact. What it can say depends on the type of the fact, which a schema cannot look up.
fn test() -> Value {
    let amount = json!({
        "anyOf": [
            { "type": "string", "pattern": AMOUNT },
            { "type": "integer", "minimum": 0, "maximum": 999_999_999 },
        ],
    });
    let described = |mut schema: Value, about: &str| {
        schema["description"] = about.into();
        schema
    };
    let months = || json!({ "type": "integer", "minimum": 0, "maximum": 1200 });
    let days = || json!({ "type": "integer", "minimum": 0, "maximum": 36_500 });
    let dates: Vec<&str> = vec!["last_activity", "begun_on", "ended_on", "settled_on"];
    json!({
        "description": "A test of a fact; what it can say depends on the type of the fact.",
        "anyOf": [
            { "type": "boolean", "description": "Of a flag or a date: whether there is one." },
            { "const": "none", "description": "Takes away the test that would hold otherwise." },
            {
                "type": "array",
                "description": "Of a code, `blocks` or `run_month`: any of these.",
                "items": {
                    "anyOf": [
                        { "type": "string", "pattern": TEXT },
                        { "type": "integer", "minimum": 1, "maximum": 12 },
                    ],
                },
                "minItems": 1,
                "uniqueItems": true,
            },
            {
                "type": "object",
                "description": "Of a number or a date: conditions that must all hold.",
                "properties": {
                    "over": described(amount.clone(), "More than this."),
                    "at_least": described(amount.clone(), "This or more."),
                    "under": described(amount.clone(), "Less than this."),
                    "at_most": described(amount, "This or less."),
                    "within_months": described(months(), "The date and these months lie after the run day."),
                    "within_days": described(days(), "The date and these days lie after the run day."),
                    "past_months": described(months(), "The date and these months have passed on the run day."),
                    "past_days": described(days(), "The date and these days have passed on the run day."),
                    "round": described(
                        words(Round::ALL.iter().map(|word| (word.as_str(), word.about()))),
                        "The term runs to the end of the month or year in which it would end.",
                    ),
                    "after": {
                        "type": "string",
                        "pattern": NAME,
                        "description": "The date is later than this fact, such as one that is declared or a built-in one.",
                        "examples": dates,
                    },
                },
                "additionalProperties": false,
                "minProperties": 1,
            },
        ],
    })
}

/// The tests of `when` or `unless`: facts with what is tested of them. Built-in facts come as suggestions.
fn tests() -> Value {
    let reference = json!({ "$ref": format!("#/definitions/{TEST}") });
    let built_in: Map<_, _> = BuiltInFact::ALL
        .iter()
        .map(|fact| (fact.as_str().to_owned(), json!({ "allOf": [reference], "description": sentence(fact.about()) })))
        .collect();
    json!({
        "type": "object",
        "properties": built_in,
        "propertyNames": { "pattern": NAME },
        "additionalProperties": reference,
        "minProperties": 1,
    })
}

/// A list of texts, each once.
fn texts(min: u32) -> Value {
    json!({
        "type": "array",
        "items": { "type": "string", "pattern": TEXT },
        "minItems": min,
        "uniqueItems": true,
    })
}

/// The pattern of the name of a plugin, fact, keep or end.
const NAME: &str = "^[a-z0-9]+([-_][a-z0-9]+)*$";
/// The pattern of an amount in euro.
const AMOUNT: &str = "^[0-9]+(\\.[0-9]{1,2})?$";
/// The pattern of a day that every year has.
const MONTH_DAY: &str =
    "^(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])$|^(0[469]|11)-(0[1-9]|[12][0-9]|30)$|^02-(0[1-9]|1[0-9]|2[0-8])$";
/// The pattern of text that is not blank.
const TEXT: &str = "\\S";
/// The pattern of a code: not blank, without line breaks and control characters.
const CODE: &str = concat!(
    "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*",
    "[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\s]",
    "[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"
);

/// A key: what it holds, what it means, and what holds without it.
fn property(spec: &KeySpec) -> Value {
    let mut schema = match spec.kind {
        Kind::Text | Kind::PluginFile => json!({ "type": "string", "pattern": TEXT }),
        Kind::Code => json!({ "type": "string", "pattern": CODE }),
        Kind::Whole { min, max, .. } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Fee => json!({
            "anyOf": [
                { "type": "string", "pattern": AMOUNT },
                { "type": "integer", "minimum": 0 },
            ],
        }),
        Kind::Holder => words(Holder::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::Renewal => words(Renewal::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::Scope => words(Scope::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::GroupKind => json!({ "enum": [1, 2, 3] }),
        Kind::Sources | Kind::Names => texts(1),
        Kind::RestingSources => json!({
            "type": "array",
            "items": { "type": "string", "pattern": TEXT },
            "uniqueItems": true,
        }),
        Kind::AccountColumns => json!({
            "type": "array",
            "items": { "enum": ACCOUNT_COLUMNS },
            "uniqueItems": true,
        }),
        Kind::Blocks => json!({
            "type": "array",
            "items": { "type": "string", "pattern": "^[^|]*[^|\\s][^|]*$" },
            "uniqueItems": true,
        }),
        // JSON has no dates: a validator of TOML takes a date for a text of this form.
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Sha256 => json!({ "type": "string", "pattern": "^[0-9a-fA-F]{64}$" }),
        Kind::Grants => json!({
            "type": "array",
            "items": words(Grant::ALL.iter().map(|word| (word.as_str(), word.about()))),
            "minItems": 1,
            "uniqueItems": true,
        }),
        Kind::Columns => {
            let tables: Vec<&str> = PluginTable::ALL.iter().map(|table| table.as_str()).collect();
            let pattern = format!("^({})\\.\\S+$", tables.join("|"));
            json!({ "type": "array", "items": { "type": "string", "pattern": pattern }, "uniqueItems": true })
        }
        Kind::Config => json!({ "type": "object" }),
        Kind::Isolation => words(Isolation::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::MonthDay => json!({ "type": "string", "pattern": MONTH_DAY }),
        Kind::MonthDayOrNone => json!({ "anyOf": [{ "type": "string", "pattern": MONTH_DAY }, { "const": "none" }] }),
        Kind::MonthsOrNone => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 1200 }, { "const": "none" }] })
        }
        Kind::Removal => words(Removal::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::FactTable => words(
            FactTable::ALL
                .iter()
                .map(|word| (word.as_str(), word.about()))
                .chain([("activity", "the latest date of its sources")]),
        ),
        Kind::FactKind => words(FactKind::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::EmptyCell => words(EmptyCell::ALL.iter().map(|word| (word.as_str(), word.about()))),
        Kind::KeepOf => json!({
            "type": "array",
            "items": words(KeepOf::ALL.iter().map(|word| (word.as_str(), word.about()))),
            "minItems": 1,
            "uniqueItems": true,
        }),
        Kind::Holders => {
            let holder = words(Holder::ALL.iter().map(|word| (word.as_str(), word.about())));
            json!({ "anyOf": [holder, { "type": "array", "items": holder, "minItems": 1, "uniqueItems": true }] })
        }
        Kind::OneOrMore => json!({ "anyOf": [{ "type": "string", "pattern": TEXT }, texts(1)] }),
        Kind::Tests => tests(),
        // A reference stands alone; its definition says what it means.
        Kind::Table(table) => return place(table),
    };
    schema["description"] = format!("{} Expected: {}.", sentence(spec.about), spec.kind.expected()).into();
    if let Some(default) = spec.default {
        schema["default"] = from_toml(&default.parse().expect("a default is a TOML value, as a test says"));
    }
    schema
}

/// One of these words, each with its meaning for taplo's completion.
fn words<'a>(words: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let (names, meanings): (Vec<_>, Vec<_>) = words.map(|(word, about)| (word, sentence(about))).unzip();
    json!({ "enum": names, "x-taplo": { "docs": { "enumValues": meanings } } })
}

fn from_toml(value: &TomlValue) -> Value {
    match value {
        TomlValue::String(text) => json!(text.value()),
        TomlValue::Integer(number) => json!(number.value()),
        TomlValue::Float(number) => json!(number.value()),
        TomlValue::Boolean(truth) => json!(truth.value()),
        TomlValue::Datetime(moment) => json!(moment.value().to_string()),
        TomlValue::Array(array) => array.iter().map(from_toml).collect(),
        TomlValue::InlineTable(table) => table.iter().map(|(key, value)| (key.to_owned(), from_toml(value))).collect(),
    }
}
