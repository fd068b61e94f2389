//! Lapse's own tables, and the steps from each version of them to the next. A step that was released is never changed: another
//! one follows it.

use super::log::secret;
use crate::apply_error::ApplyError;
use crate::database::{Connection, DatabaseError, Kind, Statement, Values};

/// The steps, each a list of statements. `{p}` is what stands before the name of a table, `{text}` and `{number}` are types.
const STEPS: [&[&str]; 1] = [&[
    "create table {p}lapse_identity (identity {text} not null)",
    "create table {p}lapse_lease (id {number} primary key, holder {text} not null, since {text} not null, heartbeat {text} not null)",
    "create table {p}lapse_runs (run {number} primary key, plan {key} not null, run_date {text} not null, policy {text} not null, \
     register {text} not null, planned_at {text} not null, began {text} not null, undone {text}, purged {text}, secret {text}, summary {text})",
    "create unique index {i}lapse_runs_plan on {p}lapse_runs (plan)",
    "create table {p}lapse_passes (run {number} not null, pass {number} not null, consents {text} not null, \
     irreversible {number} not null, position {number} not null, ended {text}, primary key (run, pass))",
    "create table {p}lapse_waiting (run {number} not null, patron_id {key} not null, digest {text} not null, \
     primary key (run, patron_id))",
    "create table {p}lapse_log (entry {number} primary key, batch {number} not null, run {number} not null, \
     pseudonym {key}, content {text} not null)",
    "create index {i}lapse_log_pseudonym on {p}lapse_log (run, pseudonym)",
    "create table {p}lapse_batches (batch {number} primary key, hash {text} not null)",
    "create table {p}lapse_ids (run {number} not null, pseudonym {key} not null, patron_id {key} not null, \
     primary key (run, pseudonym))",
    "create index {i}lapse_ids_patron on {p}lapse_ids (patron_id)",
    "create table {p}lapse_before (entry {number} primary key, run {number} not null, patron_id {key} not null, \
     library {text}, kind {text} not null, content {text} not null, undone {number}, settled {text})",
    "create index {i}lapse_before_run on {p}lapse_before (run)",
    "create table {p}lapse_archive (entry {number} not null, run {number} not null, patron_id {key} not null, library {text}, \
     part {text} not null, content {text} not null, archived_entry {number}, archived_run {number})",
    "create index {i}lapse_archive_entry on {p}lapse_archive (entry)",
    "create index {i}lapse_archive_patron on {p}lapse_archive (patron_id)",
    "create table {p}lapse_trash (entry {number} not null, run {number} not null, patron_id {key} not null, library {text}, \
     part {text} not null, content {text} not null, archived_entry {number}, archived_run {number})",
    "create index {i}lapse_trash_entry on {p}lapse_trash (entry)",
    "create index {i}lapse_trash_run on {p}lapse_trash (run)",
]];

/// The version that this program works with.
pub(crate) const VERSION: usize = STEPS.len();

/// Which version of lapse's tables a database has; none where it has none.
pub(crate) fn version(connection: &mut dyn Connection, prefix: &str) -> Result<Option<usize>, DatabaseError> {
    // Asking for the columns tells that there is no such table without spoiling the transaction at hand.
    match connection.columns(&format!("{prefix}lapse_schema")) {
        Ok(_) => {}
        Err(error) if error.ends_the_work() => return Err(error),
        Err(_) => return Ok(None),
    }
    let asked = Statement::parse(&format!("select max(version) as version from {prefix}lapse_schema"));
    let found = connection.query(&asked, &Values::new())?;
    Ok(Some(found.first().and_then(|version| version.parse().ok()).unwrap_or(0)))
}

/// Makes lapse's tables where there are none, and brings older ones to the version of this program. Says from which version
/// to which it went; a database of a later program is an error of the caller's.
///
/// MariaDB commits whatever makes a table as soon as it is done. There a program that was stopped in between leaves some of the
/// tables, of a step that is not written down as done, and the next one makes the others.
pub(crate) fn bring_up_to_date(
    connection: &mut dyn Connection,
    prefix: &str,
) -> Result<(Option<usize>, usize), ApplyError> {
    let had = version(connection, prefix)?;
    if had.is_none() {
        connection.script(&in_words_of(
            connection.kind(),
            prefix,
            "create table {p}lapse_schema (version {number} not null)",
        ))?;
    }
    for (step, statements) in STEPS.iter().enumerate().skip(had.unwrap_or(0)) {
        for statement in *statements {
            let sql = in_words_of(connection.kind(), prefix, statement);
            connection.script(&sql)?;
        }
        connection.script(&format!("insert into {prefix}lapse_schema (version) values ({})", step + 1))?;
    }
    let asked = Statement::parse(&format!("select identity from {prefix}lapse_identity"));
    if connection.query(&asked, &Values::new())?.first().is_none() {
        let identity = secret().map_err(ApplyError::NoRandom)?;
        connection.insert(&format!("{prefix}lapse_identity"), &["identity"], &[vec![identity[..16].into()]])?;
    }
    Ok((had, had.unwrap_or(0).max(VERSION)))
}

fn in_words_of(kind: Kind, prefix: &str, statement: &str) -> String {
    let (text, key) = match kind {
        Kind::Sqlite | Kind::Postgres => ("text", "text"),
        Kind::Mysql => ("longtext", "varchar(191)"),
    };
    let statement = statement.replace("{p}", prefix).replace("{i}", "").replace("{text}", text).replace("{key}", key);
    let statement = statement.replace("{number}", number(kind));
    match kind {
        Kind::Mysql => {
            let charset = if statement.starts_with("create table") {
                " engine = InnoDB character set utf8mb4 collate utf8mb4_bin"
            } else {
                ""
            };
            let statement = statement.replacen("create table ", "create table if not exists ", 1);
            statement.replacen("index ", "index if not exists ", 1) + charset
        }
        Kind::Sqlite | Kind::Postgres => statement,
    }
}

const fn number(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "integer",
        Kind::Postgres | Kind::Mysql => "bigint",
    }
}
