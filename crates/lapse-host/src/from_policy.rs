//! From a plugin as a policy names it to what the host loads: its file is found, its columns are numbered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lapse_policy::{Isolation, Plugin, PluginColumn, PluginTable, Policy};
use lapse_tables::{AskedColumn, Table};

use crate::load_error::LoadError;
use crate::spec::{Column, Grants, PluginSpec};

/// Every column that some plugin asks for, once.
pub(crate) fn columns(named: &[Plugin]) -> Vec<AskedColumn> {
    let mut columns: Vec<AskedColumn> = Vec::new();
    for column in named.iter().flat_map(|plugin| &plugin.columns.value) {
        let asked = AskedColumn { table: table(column.table), name: column.name.clone() };
        if !columns.contains(&asked) {
            columns.push(asked);
        }
    }
    columns
}

/// Whether a column is one that lapse reads anyway.
fn of_every_extract(column: &PluginColumn) -> bool {
    table(column.table).columns().iter().any(|known| known.name == column.name)
}

fn table(table: PluginTable) -> Table {
    match table {
        PluginTable::Patrons => Table::Patrons,
        PluginTable::Memberships => Table::Memberships,
        PluginTable::Accounts => Table::Accounts,
    }
}

/// A plugin of a policy as the host loads it, with its columns numbered by their places in `asked`; its file lies in the
/// folder `plugins` of the policy directory or else in one of `dirs`.
pub(crate) fn spec(
    policy: &Policy,
    plugin: &Plugin,
    asked: &[AskedColumn],
    dirs: &[PathBuf],
) -> Result<PluginSpec, LoadError> {
    if let Some(column) = plugin.columns.value.iter().find(|column| of_every_extract(column)) {
        return Err(LoadError::KnownColumn(column.to_string()));
    }
    let file = find(policy.path(), dirs, &plugin.file.value)?;
    let number = |wanted: &AskedColumn| asked.iter().position(|column| column == wanted);
    let columns = plugin.columns.value.iter().filter_map(|column| {
        let wanted = AskedColumn { table: table(column.table), name: column.name.clone() };
        Some(Column { table: column.table, number: number(&wanted)?, name: wanted.name })
    });
    Ok(PluginSpec {
        name: plugin.name.clone(),
        file,
        sha256: plugin.sha256.as_ref().map(|pin| pin.value.clone()),
        grants: Grants::from(&plugin.grants.value[..]),
        config: plugin.config.value.clone(),
        columns: columns.collect(),
        timeout: Duration::from_secs(plugin.timeout_seconds.value.into()),
        isolated: plugin.isolation.value == Isolation::Process,
        scope: plugin.scope.clone(),
    })
}

/// The file that `file` of a policy means: `summer_grace` is `libsummer_grace.so`, or what this system calls it, in the
/// folder `plugins` of the policy directory or else in one of `plugin_dirs`.
fn find(policies: Option<&Path>, plugin_dirs: &[PathBuf], file: &str) -> Result<PathBuf, LoadError> {
    let given = Path::new(file);
    let endings = [".so", ".dylib", ".dll"];
    let path = match given.file_name().and_then(|name| name.to_str()) {
        Some(name) if !endings.iter().any(|ending| name.ends_with(ending)) => {
            let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            given.with_file_name(format!("{prefix}{name}{suffix}"))
        }
        _ => given.to_owned(),
    };
    let own = policies.map(|policies| policies.join("plugins"));
    let dirs: Vec<&Path> = own.iter().chain(plugin_dirs).map(PathBuf::as_path).collect();
    // Joining a folder with an absolute path gives the absolute path.
    dirs.iter().map(|dir| dir.join(&path)).find(|path| path.is_file()).ok_or_else(|| {
        let dirs = if path.is_absolute() { Vec::new() } else { dirs.iter().map(|&dir| dir.to_owned()).collect() };
        LoadError::NoFile { path, dirs }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_library_of_this_system_in_the_first_folder_that_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let (policies, other) = (dir.path().join("policies"), dir.path().join("other"));
        let library = |name: &str| format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        for (folder, name) in
            [(policies.join("plugins"), library("a")), (other.clone(), library("a")), (other.join("c"), library("b"))]
        {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(name), "").unwrap();
        }
        let found = |file: &str| find(Some(&policies), std::slice::from_ref(&other), file).ok();
        assert_eq!(found("a"), Some(policies.join("plugins").join(library("a"))));
        assert_eq!(found("c/b"), Some(other.join("c").join(library("b"))));
        assert_eq!(found(&format!("c/{}", library("b"))), Some(other.join("c").join(library("b"))));
        let absolute = other.join("c/b");
        assert_eq!(found(absolute.to_str().unwrap()), Some(other.join("c").join(library("b"))));
        let told = find(Some(&policies), std::slice::from_ref(&other), "none").unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("there is no file {} in ", library("none"))) && told.contains("other"),
            "{told}"
        );
    }
}
