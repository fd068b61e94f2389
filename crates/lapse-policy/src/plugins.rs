//! `[plugins.NAME]`: which plugins take part, where, and what they may decide (policy.md, "Plugins"). What is in a
//! plugin's file is for others to look at; here is only what a policy says of it.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::file::{CodeId, PolicyFile, Target};
use crate::policy::Policy;
use crate::resolve::default;
use crate::schema::{Key, Kind, Layer};
use crate::suggest::nearest;
use crate::value::{FromValue, Misfit, Value, type_name, wrong_type};
use crate::{Grant, Isolation, Origin, PluginTable, Sourced};

/// A plugin, as one policy file names it.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// The name in the policy, kebab-case.
    pub name: String,
    /// The kind of file that names it: it takes part there and below.
    pub layer: Layer,
    /// For each library of the policy, whether it takes part there.
    pub scope: Vec<bool>,
    /// `file`
    pub file: Sourced<String>,
    /// `sha256`, where it is pinned: 64 hexadecimal digits.
    pub sha256: Option<Sourced<String>>,
    /// `grants`
    pub grants: Sourced<Vec<Grant>>,
    /// `config` as JSON.
    pub config: Sourced<String>,
    /// `columns`
    pub columns: Sourced<Vec<PluginColumn>>,
    /// `timeout_seconds`
    pub timeout_seconds: Sourced<u32>,
    /// `isolation`
    pub isolation: Sourced<Isolation>,
}

/// A column of a table that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginColumn {
    /// Whose rows have it.
    pub table: PluginTable,
    /// As the header has it.
    pub name: String,
}

impl fmt::Display for PluginColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

impl Policy {
    /// Every plugin that some file names, by name, and of one name the consortium's first, then groups', then libraries'.
    pub fn plugins(&self) -> Vec<Plugin> {
        let of_file = |file: &PolicyFile| file.plugins.iter().map(|&code| self.plugin(file, code)).collect::<Vec<_>>();
        let mut plugins: Vec<Plugin> = self.files.iter().flat_map(of_file).collect();
        plugins.sort_by(|one, two| (&one.name, one.layer).cmp(&(&two.name, two.layer)));
        plugins
    }

    fn plugin(&self, file: &PolicyFile, code: CodeId) -> Plugin {
        let mut scope = vec![false; self.links.libraries.len()];
        for library in self.libraries_below(file) {
            scope[library] = true;
        }
        let of_plugin = Said { policy: self, file, code };
        Plugin {
            name: self.codes.name(code).to_owned(),
            layer: file.layer,
            scope,
            file: of_plugin.required(Key::PluginFile),
            sha256: of_plugin.value(Key::PluginSha256),
            grants: of_plugin.required(Key::PluginGrants),
            config: of_plugin.required(Key::PluginConfig),
            columns: of_plugin.required(Key::PluginColumns),
            timeout_seconds: of_plugin.required(Key::PluginTimeoutSeconds),
            isolation: of_plugin.required(Key::PluginIsolation),
        }
    }
}

/// What a file says of one plugin.
struct Said<'a> {
    policy: &'a Policy,
    file: &'a PolicyFile,
    code: CodeId,
}

impl Said<'_> {
    fn value<T: FromValue>(&self, key: Key) -> Option<Sourced<T>> {
        let (value, origin) = match self.file.about(Target { key, code: Some(self.code) }).first() {
            Some(statement) => {
                let id = statement.assignment;
                (&self.policy.assignments[id.0 as usize].value, Origin::File(id))
            }
            None => (default(key)?, Origin::BuiltIn),
        };
        Some(Sourced { value: T::from_value(value)?, origin })
    }

    fn required<T: FromValue>(&self, key: Key) -> Sourced<T> {
        self.value(key).expect("a policy without errors says every required key, as the type of its schema")
    }
}

/// Why a plugin cannot have this name; none where it can.
pub(crate) fn bad_name(name: &str) -> Option<&'static str> {
    let kebab = name
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    (!kebab).then_some("has other characters than small letters, digits and single hyphens")
}

/// The name or path of a plugin's file, which never leaves the plugin directories.
pub(crate) fn file(text: &str, span: Range<usize>) -> Result<Value, Misfit> {
    if text.trim().is_empty() || text.ends_with(['/', '\\']) || text.contains('\0') {
        return Err(Misfit::new("names no file", format!("expected {}", Kind::PluginFile.expected()), span));
    }
    if text.split(['/', '\\']).any(|part| part == "..") {
        return Err(Misfit::new("leads out of the plugin directories", "`..` is not allowed here", span)
            .help("put the file into the folder `plugins` of the policy directory, or say --plugin-dir"));
    }
    Ok(Value::Text(text.to_owned()))
}

/// A pin.
pub(crate) fn sha256(text: &str, span: Range<usize>) -> Result<Value, Misfit> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Value::Text(text.to_ascii_lowercase()));
    }
    Err(Misfit::new("is no SHA-256", format!("expected {}", Kind::Sha256.expected()), span)
        .help("remove the line, and `lapse check` shows the one to paste"))
}

/// A list of grants, at least one, each once.
pub(crate) fn grants(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let array = list(Kind::Grants, value)?;
    if array.is_empty() {
        let misfit = Misfit::new("is empty", format!("expected {}", Kind::Grants.expected()), value.span());
        return Err(vec![misfit.help("a plugin without grants can decide nothing: grant something, or remove it")]);
    }
    let grants = each_once(Kind::Grants, array, |text, span| {
        Grant::from_word(text).ok_or_else(|| {
            let misfit = Misfit::new(format!("does not know `{text}`"), "no such grant", span);
            match nearest(text, Grant::ALL.iter().map(|grant| grant.as_str())) {
                Some(near) => misfit.help(format!("did you mean `{near}`?")),
                None => misfit.help(format!("expected {}", Kind::Grants.expected())),
            }
        })
    })?;
    Ok(Value::Grants(grants))
}

/// A list of columns, each once.
pub(crate) fn columns(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let array = list(Kind::Columns, value)?;
    let columns = each_once(Kind::Columns, array, |text, span| {
        let column = text.split_once('.').filter(|(_, name)| !name.trim().is_empty());
        let Some((table, name)) = column else {
            let label = "expected a table and a column with a point between, such as \"patrons.deceased_on\"";
            return Err(Misfit::new(format!("has `{text}`, which is no column"), label, span));
        };
        if let Some(table) = PluginTable::from_word(table) {
            return Ok(PluginColumn { table, name: name.to_owned() });
        }
        let misfit = Misfit::new(format!("does not know the table `{table}`"), "no such table", span);
        Err(match nearest(table, PluginTable::ALL.iter().map(|table| table.as_str())) {
            Some(near) => misfit.help(format!("did you mean `{near}`?")),
            None => misfit.help("plugins get columns of `patrons`, `memberships` and `accounts`"),
        })
    })?;
    Ok(Value::Columns(columns))
}

fn list<'v, 'i>(kind: Kind, value: &'v Spanned<DeValue<'i>>) -> Result<&'v DeArray<'i>, Vec<Misfit>> {
    match value.get_ref() {
        DeValue::Array(array) => Ok(array),
        DeValue::String(text) => Err(vec![wrong_type(kind, value).help(format!("put it in brackets: [{text:?}]"))]),
        _ => Err(vec![wrong_type(kind, value)]),
    }
}

fn each_once<T: PartialEq>(
    kind: Kind,
    array: &DeArray<'_>,
    read: impl Fn(&str, Range<usize>) -> Result<T, Misfit>,
) -> Result<Vec<T>, Vec<Misfit>> {
    let mut items: Vec<T> = Vec::with_capacity(array.len());
    let mut misfits = Vec::new();
    for element in array {
        let span = element.span();
        let DeValue::String(text) = element.get_ref() else {
            let label = format!("expected {}, found {}", kind.expected(), type_name(element.get_ref()));
            misfits.push(Misfit::new("has the wrong type", label, span));
            continue;
        };
        match read(text, span.clone()) {
            Ok(item) if items.contains(&item) => {
                misfits.push(Misfit::new(format!("names `{text}` twice"), "the second time", span));
            }
            Ok(item) => items.push(item),
            Err(misfit) => misfits.push(misfit),
        }
    }
    if misfits.is_empty() { Ok(items) } else { Err(misfits) }
}

/// A table of any content, as JSON; dates become texts. Everything that JSON cannot say is told.
pub(crate) fn config(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(vec![wrong_type(Kind::Config, value)]);
    };
    let mut json = Json::default();
    json.table(table);
    if json.misfits.is_empty() { Ok(Value::Config(json.text)) } else { Err(json.misfits) }
}

#[derive(Default)]
struct Json {
    text: String,
    misfits: Vec<Misfit>,
}

impl Json {
    fn table(&mut self, table: &DeTable<'_>) {
        self.text.push('{');
        for (index, (key, value)) in crate::reader::entries(table).into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.string(key.get_ref());
            self.text.push(':');
            self.value(value);
        }
        self.text.push('}');
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::String(text) => self.string(text),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => self.text.push_str(&number.to_string()),
                Err(_) => self.misfit("has a number that is too large", "expected a number of 64 bits", value.span()),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let _ = write!(self.text, "{number:?}");
                }
                Ok(_) | Err(_) => {
                    self.misfit("has a number that JSON cannot say", "expected a finite number", value.span());
                }
            },
            DeValue::Boolean(truth) => self.text.push_str(if *truth { "true" } else { "false" }),
            DeValue::Datetime(moment) => self.string(&moment.to_string()),
            DeValue::Array(array) => {
                self.text.push('[');
                for (index, element) in array.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.value(element);
                }
                self.text.push(']');
            }
            DeValue::Table(table) => self.table(table),
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.text.push('\\');
                    self.text.push(character);
                }
                '\u{0}'..='\u{1f}' => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(character));
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    fn misfit(&mut self, problem: &str, label: &str, span: Range<usize>) {
        self.misfits.push(Misfit::new(problem, label, span));
    }
}
