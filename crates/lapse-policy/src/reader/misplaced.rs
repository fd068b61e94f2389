//! What does not belong where it stands: unknown tables and keys with the nearest name, and tables in the wrong file.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::diagnostics::Diagnostic;
use crate::schema::{KEYS, KeySpec, Layer, Table, any_of};
use crate::suggest::nearest;
use crate::value::as_key;

use super::{Reader, Standing};

impl Reader<'_> {
    /// Whether a table may stand in this file, or in an amendment of it. Reports one that may not.
    pub fn may_stand(&mut self, table: Table, key: &Spanned<DeString<'_>>, standing: &Standing) -> bool {
        let name = table.as_str();
        let layer = self.file.layer;
        let finding = if matches!(standing, Standing::Amendment(_)) && !table.amendable() {
            let finding = Diagnostic::error(format!("an amendment cannot set `{name}`"), self.place(key.span()));
            if table == Table::Amendment {
                finding.label("an amendment within an amendment")
            } else if table == Table::Facts {
                finding
                    .label("a fact is the same on every day")
                    .help("declare it at the top of consortium.toml; a keep that looks at it may stand in an amendment")
            } else if table == Table::Plugins {
                finding
                    .label("a plugin takes part on every day")
                    .help("name it at the top of the file; a rule that begins on a day is for its `config`")
            } else {
                finding.label(format!("what identifies a {name} holds on every day"))
            }
        } else if !table.allowed_in(layer) {
            let owners: Vec<_> = [Layer::Consortium, Layer::Group, Layer::Library]
                .into_iter()
                .filter(|&layer| table.allowed_in(layer))
                .map(Layer::file)
                .collect();
            let message = format!("`{name}` does not belong in {}", layer.file());
            let finding = Diagnostic::error(message, self.place(key.span()))
                .label(format!("it can only stand in {}", any_of(&owners)));
            match (table, layer) {
                (Table::Group, Layer::Library) => {
                    finding.help("name the library's group in `[library]`: group = \"CODE\"")
                }
                _ => finding,
            }
        } else {
            return true;
        };
        self.findings.push(finding);
        false
    }

    /// Reports an entry at the top of a file or an amendment that has the name of no table.
    pub fn unknown_top(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>, standing: &Standing) {
        let name: &str = key.get_ref();
        let place = self.place(key.span());
        let amendment = matches!(standing, Standing::Amendment(_));
        let what = if value.get_ref().is_table() || value.get_ref().is_array() { "table" } else { "key" };
        let inside = if amendment { " in an amendment" } else { "" };
        let finding = Diagnostic::error(format!("unknown {what} `{name}`{inside}"), place);

        let layer = self.file.layer;
        let mut names: Vec<&str> = Table::TOP
            .iter()
            .filter(|table| table.allowed_in(layer) && (table.amendable() || !amendment))
            .map(|table| table.as_str())
            .collect();
        if amendment {
            names.extend(Table::Amendment.keys().filter(|spec| spec.layers.contains(&layer)).map(|spec| spec.name));
        }
        let quoted_names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let finding = finding.label(format!("expected {}", any_of(&quoted_names)));
        let homes =
            || KEYS.iter().filter(|spec| spec.name == name && spec.layers.contains(&layer)).map(|spec| spec.table);
        // Keeps and ends share words with amendments, which are the likelier home of a word that stands alone.
        let home = homes().find(|table| !matches!(table, Table::Keeps | Table::Ends)).or_else(|| homes().next());
        self.findings.push(match (home, nearest(name, names.iter().copied())) {
            (Some(Table::Amendment | Table::Only | Table::Release), _) => {
                finding.help(format!("`{name}` belongs in `[[amendment]]`"))
            }
            (Some(table), _) if what == "key" => finding.help(format!("`{name}` belongs in `{}`", header(table, None))),
            (_, Some(near)) => finding.help(format!("did you mean `{near}`?")),
            (_, None) => finding,
        });
    }

    /// Reports a key that its table has only in other kinds of file.
    pub fn key_elsewhere(&mut self, spec: &KeySpec, key: &Spanned<DeString<'_>>) {
        let owners: Vec<_> = spec.layers.iter().map(|layer| layer.file()).collect();
        let message = format!("`{}.{}` does not belong in {}", spec.table.as_str(), spec.name, self.file.layer.file());
        let finding = Diagnostic::error(message, self.place(key.span()));
        self.findings.push(finding.label(format!("it can only stand in {}", any_of(&owners))));
    }

    /// Reports a key that its table does not have.
    pub fn unknown_key(
        &mut self,
        table: Table,
        code: Option<&str>,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        standing: &Standing,
    ) {
        let name: &str = key.get_ref();
        let path = match (standing, table) {
            (_, Table::Only | Table::KeepOnly | Table::EndOnly) => "`only`".to_owned(),
            (_, Table::Release) => "`release`".to_owned(),
            (Standing::Base, _) => format!("`{}`", header(table, code)),
            (Standing::Amendment(_), _) => {
                format!("`{}` of an amendment", header(table, code).trim_matches(['[', ']']))
            }
        };
        let layer = self.file.layer;
        let keys = || table.keys().filter(|spec| spec.layers.contains(&layer));
        let names: Vec<_> = keys().map(|spec| format!("`{}`", spec.name)).collect();
        let finding = Diagnostic::error(format!("unknown key `{name}` in {path}"), self.place(key.span()))
            .label(format!("expected {}", any_of(&names)));
        let near = nearest(name, keys().map(|spec| spec.name));
        let spec = near.and_then(|near| keys().find(|spec| spec.name == near));
        let finding = match spec {
            Some(spec) => finding.help(format!("did you mean `{}` ({})?", spec.name, spec.about)),
            None if table == Table::Subscription && value.get_ref().is_table() => {
                finding.help(format!("a subscription of its own is written `[subscriptions.{}]`", as_key(name)))
            }
            None if table == Table::Subscription && name == "name" => {
                finding.help("a name belongs to one subscription: `[subscriptions.CODE]`")
            }
            None => finding,
        };
        self.findings.push(finding);
    }
}

/// A table's header as policy files write it.
fn header(table: Table, code: Option<&str>) -> String {
    match (table, code) {
        (Table::Subscriptions, Some(code)) => format!("[subscriptions.{}]", as_key(code)),
        (Table::Plugins | Table::Facts | Table::Keeps | Table::Ends, name) => {
            format!("[{}.{}]", table.as_str(), name.unwrap_or("NAME"))
        }
        (Table::Subscriptions, None) => "[subscriptions.CODE]".to_owned(),
        (Table::Amendment, _) => "[[amendment]]".to_owned(),
        (
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
            | Table::Release,
            _,
        ) => format!("[{}]", table.as_str()),
    }
}
