//! Tables of lapse's own, for whoever has no library system beside it: the four tables of an extract, in which a run changes
//! memberships, moves what is archived or deleted elsewhere, and empties the tables of what is kept for a time alone.

use std::collections::BTreeMap;

use lapse_tables::Table;
use sha2::{Digest, Sha256};

use super::action::{Action, ActionKind, Does, RowsChanged, Undo};
use super::database_register::{DatabaseRegister, MAX_PLAN_AGE_DAYS, UNDO_DAYS};
use crate::database::{Address, Connection, DatabaseError, Kind, OfColumn, Reads, Statement, TableSql, quoted};

/// The tables of rows that are kept for a time alone, each with the action that empties it. Their columns are `patron_id`,
/// `library` and `on_day`, and any others.
const RETENTION: [(&str, ActionKind); 2] =
    [("loan_history", ActionKind::Pseudonymise), ("finance_history", ActionKind::PurgeFinance)];

/// The register of a database without a register file.
pub(crate) fn own_register(
    address: &Address,
    connection: &mut dyn Connection,
) -> Result<DatabaseRegister, DatabaseError> {
    let mut own = Own { kind: connection.kind(), columns: BTreeMap::new() };
    for name in Table::ALL.map(Table::name).into_iter().chain(RETENTION.map(|(name, _)| name)) {
        if let Some(columns) = columns_of(connection, name)? {
            own.columns.insert(name, columns);
        }
    }
    let reads = own.reads();
    let actions = own.actions();
    let mut hash = Sha256::new();
    hash.update(format!("own tables 1\n{:?}\n{reads:?}\n{actions:?}", own.kind));
    Ok(DatabaseRegister {
        name: "own-tables".to_owned(),
        path: None,
        address: address.clone(),
        time_zone: None,
        schema: None,
        marker: None,
        reads,
        lock: own.lock(),
        ids_are_exact: false,
        undo_days: UNDO_DAYS,
        max_plan_age_days: MAX_PLAN_AGE_DAYS,
        actions,
        fingerprint: crate::hexadecimal(&hash.finalize()),
    })
}

/// The columns of a table; none where there is no such table. A server that is gone has no tables to tell of.
fn columns_of(connection: &mut dyn Connection, table: &str) -> Result<Option<Vec<OfColumn>>, DatabaseError> {
    match connection.columns(table) {
        Ok(columns) => Ok(Some(columns)),
        Err(error) if error.ends_the_work() => Err(error),
        Err(_) => Ok(None),
    }
}

/// What is known of the tables.
struct Own {
    kind: Kind,
    /// The columns of each table that is there.
    columns: BTreeMap<&'static str, Vec<OfColumn>>,
}

impl Own {
    fn actions(&self) -> BTreeMap<ActionKind, Action> {
        let mut actions = BTreeMap::new();
        let sql = |statements: Vec<String>| statements.iter().map(|text| Statement::parse(text)).collect::<Vec<_>>();
        let mut add = |kind: ActionKind, statements: Vec<String>, rows: RowsChanged, undo: Vec<String>| {
            let does = Does::Sql { before: None, statements: sql(statements), rows };
            actions.insert(kind, Action { does, undo: Undo::Sql(sql(undo)) });
        };
        let there = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| self.columns.contains_key(name)).collect()
        };
        let of_record = |table: &str| {
            format!("{} and {}", self.is(table, "patron_id", "patron_id"), self.is(table, "library", "library"))
        };
        let parts = there(&["memberships", "accounts"]);
        let moved = self.moved("lapse_archive", &parts, of_record);
        let back = self.moved_back("lapse_archive", &parts, of_record);
        add(ActionKind::Archive, moved, RowsChanged::AtLeastOne, back);

        let mut parts = there(&["memberships", "activity", "accounts", "patrons"]);
        parts.extend(RETENTION.iter().map(|(name, _)| *name).filter(|name| self.columns.contains_key(name)));
        let has_profiles = self.column("patrons", "profile_last_active").is_some();
        let of_patron = |table: &str| {
            let of_patron = self.is(table, "patron_id", "patron_id");
            // Whoever has a profile is still somebody.
            if table == "patrons" && has_profiles {
                format!("{of_patron} and nullif({}, '') is null", self.as_text("profile_last_active"))
            } else {
                of_patron
            }
        };
        let mut moved = self.moved("lapse_trash", &parts, of_patron);
        // What an earlier run archived goes too, and comes back with the numbers that it had.
        let numbers = format!("$entry{int}, $run{int}", int = self.int());
        moved.push(format!(
            "insert into lapse_trash (entry, run, patron_id, library, part, content, archived_entry, archived_run) \
             select {numbers}, patron_id, library, part, content, entry, run from lapse_archive where patron_id = $patron_id"
        ));
        moved.push("delete from lapse_archive where patron_id = $patron_id".to_owned());
        let mut back = self.moved_back("lapse_trash", &parts, of_patron);
        back.insert(
            1,
            format!(
                "insert into lapse_archive (entry, run, patron_id, library, part, content) \
                 select archived_entry, archived_run, patron_id, library, part, content from lapse_trash \
                 where entry = $entry{} and archived_entry is not null",
                self.int()
            ),
        );
        add(ActionKind::Delete, moved, RowsChanged::AtLeastOne, back);

        if has_profiles {
            let of_patron = self.is("patrons", "patron_id", "patron_id");
            let profile = self.bound("patrons", "profile_last_active", "profile_last_active");
            let none = format!("nullif({}, '') is null", self.as_text("profile_last_active"));
            let same = self.same("profile_last_active", "$profile_last_active");
            add(
                ActionKind::DeleteProfile,
                vec![format!("update patrons set profile_last_active = null where {of_patron} and {same}")],
                RowsChanged::Exactly(1),
                vec![format!("update patrons set profile_last_active = {profile} where {of_patron} and {none}")],
            );
        }
        for (name, kind) in RETENTION {
            let parts = there(&[name]);
            if !parts.is_empty() {
                let old = |table: &str| {
                    // A row without a day may be of any.
                    format!(
                        "{} and nullif({}, '') is not null and on_day < {}",
                        of_record(table),
                        self.as_text("on_day"),
                        self.bound(table, "on_day", "cut_off")
                    )
                };
                let moved = self.moved("lapse_trash", &parts, old);
                add(kind, moved, RowsChanged::Any, self.moved_back("lapse_trash", &parts, |_| "1 = 0".to_owned()));
            }
        }
        self.add_to_memberships(&mut actions);
        actions
    }

    /// The actions that change memberships.
    fn add_to_memberships(&self, actions: &mut BTreeMap<ActionKind, Action>) {
        // Without both of these it could not be said that a membership has ended.
        if ["status", "valid_until"].iter().any(|column| self.column("memberships", column).is_none()) {
            return;
        }
        let status = self.as_text("status");
        let active = format!("coalesce(nullif({status}, ''), 'active') = 'active'");
        let gone = format!("{status} = 'deregistered'");
        let until = self.bound("memberships", "valid_until", "valid_until");
        // As it was to the letter: nothing, and an empty text, are also a status that is active and a day that never comes.
        let [status, before] = [("status", "before_status"), ("valid_until", "before_day")]
            .map(|(column, name)| self.bound("memberships", column, name));
        let was = self.one_membership("$before_valid_until", &active);
        let mut add = |kind: ActionKind, statement: String, undo: String| {
            let look = format!("select status, valid_until as day from memberships {was}");
            let does = Does::Sql {
                before: Some(Statement::parse(&look)),
                statements: vec![Statement::parse(&statement)],
                rows: RowsChanged::Exactly(1),
            };
            actions.insert(kind, Action { does, undo: Undo::Sql(vec![Statement::parse(&undo)]) });
        };
        add(
            ActionKind::Deregister,
            format!("update memberships set status = 'deregistered', valid_until = {until} {was}"),
            format!(
                "update memberships set status = {status}, valid_until = {before} {}",
                self.one_membership("$valid_until", &gone)
            ),
        );
        add(
            ActionKind::Renew,
            format!("update memberships set valid_until = {until} {was}"),
            format!("update memberships set valid_until = {before} {}", self.one_membership("$valid_until", &active)),
        );
    }

    /// A column of a table, where it has it.
    fn column(&self, table: &str, column: &str) -> Option<&OfColumn> {
        self.columns.get(table)?.iter().find(|of| of.name == column)
    }

    /// The value with a name, as a column has its values. PostgreSQL wants to know their type, and to know it of a value that
    /// stands in several places from the first of them on.
    fn bound(&self, table: &str, column: &str, name: &str) -> String {
        match (self.kind, self.column(table, column)) {
            (Kind::Postgres, Some(OfColumn { of_type, .. })) if of_type != "text" => {
                format!("${name}::text::{of_type}")
            }
            (Kind::Postgres, _) => format!("${name}::text"),
            (Kind::Sqlite | Kind::Mysql, _) => format!("${name}"),
        }
    }

    /// The condition that a column has the value with a name.
    fn is(&self, table: &str, column: &str, name: &str) -> String {
        let is = format!("{column} = {}", self.bound(table, column, name));
        match self.kind {
            Kind::Sqlite | Kind::Postgres => is,
            // There `a` is also `A` in many tables, and `a ` in all. The first condition finds the rows by an index.
            Kind::Mysql => format!(
                "{is} and cast(convert({column} using utf8mb4) as binary) = cast(convert(${name} using utf8mb4) as binary)"
            ),
        }
    }

    /// A column as a text, whatever its type.
    fn as_text(&self, column: &str) -> String {
        match self.kind {
            Kind::Postgres => format!("{column}::text"),
            Kind::Mysql => format!("cast({column} as char)"),
            Kind::Sqlite => column.to_owned(),
        }
    }

    /// The condition for the rows of the patrons `$ids`.
    fn of_patrons(&self, table: &str) -> String {
        match (self.kind, self.column(table, "patron_id")) {
            (Kind::Sqlite, _) => "patron_id in (select value from json_each($ids))".to_owned(),
            (Kind::Postgres, Some(OfColumn { of_type, .. })) => format!("patron_id = any($ids::{of_type}[])"),
            (Kind::Postgres, None) => "patron_id = any($ids::text[])".to_owned(),
            (Kind::Mysql, _) => "patron_id in ($ids)".to_owned(),
        }
    }

    /// Where the four tables are, as far as the database has them.
    fn reads(&self) -> Reads {
        Table::ALL.map(|table| {
            let name = table.name();
            let is_there = self.columns.contains_key(name);
            is_there.then(|| TableSql { from: name.to_owned(), only: Some(self.of_patrons(name)) })
        })
    }

    /// The condition for one row of the membership at hand, so that of two equal rows one is changed.
    fn one_membership(&self, until: &str, status: &str) -> String {
        let of = |column| self.is("memberships", column, column);
        let condition = format!(
            "{} and {} and {} and {} and {} and {status}",
            of("patron_id"),
            of("library"),
            of("subscription"),
            self.same("valid_from", "$valid_from"),
            self.same("valid_until", until),
        );
        match self.kind {
            Kind::Sqlite => format!("where rowid = (select min(rowid) from memberships where {condition})"),
            // Repeated, because another session may have changed the row between the two, and for tables in partitions, which
            // number their rows each for itself.
            Kind::Postgres => format!(
                "where {condition} and ctid = (select ctid from memberships where {condition} order by ctid limit 1)"
            ),
            Kind::Mysql => format!("where {condition} limit 1"),
        }
    }

    /// Whether a column has a value, which may be none. An empty text is none.
    fn same(&self, column: &str, value: &str) -> String {
        match self.kind {
            Kind::Sqlite => format!("nullif({column}, '') is {value}"),
            Kind::Postgres => format!("nullif({column}::text, '') is not distinct from {value}::text"),
            // A day that is compared with an empty text is an error there.
            Kind::Mysql => format!("nullif({}, '') <=> {value}", self.as_text(column)),
        }
    }

    /// What makes a value a number where the database does not do it by itself.
    fn int(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => " + 0",
            Kind::Postgres => "::bigint",
            Kind::Mysql => "",
        }
    }

    /// The statements that move the rows of some tables into one of lapse's, as JSON, and so the first of them changes a row
    /// where there is any.
    fn moved(&self, to: &str, tables: &[&str], condition: impl Fn(&str) -> String) -> Vec<String> {
        if self.kind == Kind::Postgres {
            return vec![self.moved_at_once(to, tables, condition)];
        }
        let select = |table: &&str| {
            let int = self.int();
            format!(
                "select $entry{int}, $run{int}, {}, {}, '{table}', {} from {table} where {}",
                self.as_text("patron_id"),
                self.as_text("$library"),
                self.as_json(table),
                condition(table)
            )
        };
        let rows: Vec<String> = tables.iter().map(select).collect();
        let into =
            format!("insert into {to} (entry, run, patron_id, library, part, content) {}", rows.join(" union all "));
        let delete = tables.iter().map(|table| format!("delete from {table} where {}", condition(table)));
        std::iter::once(into).chain(delete).collect()
    }

    /// The same in one statement, which keeps the very rows that it deletes: between two statements others may commit more of
    /// them, which the first would not have kept.
    fn moved_at_once(&self, to: &str, tables: &[&str], condition: impl Fn(&str) -> String) -> String {
        let deleted = tables.iter().map(|table| {
            format!("gone_{table} as (delete from {table} where {} returning {table}.*)", condition(table))
        });
        let kept = tables.iter().map(|table| {
            format!(
                "select $entry{int}, $run{int}, {}, {}, '{table}', to_jsonb(gone_{table})::text from gone_{table}",
                self.as_text("patron_id"),
                self.as_text("$library"),
                int = self.int(),
            )
        });
        let (deleted, kept): (Vec<String>, Vec<String>) = (deleted.collect(), kept.collect());
        format!(
            "with {} insert into {to} (entry, run, patron_id, library, part, content) {}",
            deleted.join(", "),
            kept.join(" union all ")
        )
    }

    /// The statements that move rows back. The first finds them, unless there are rows again where they were.
    fn moved_back(&self, from: &str, tables: &[&str], condition: impl Fn(&str) -> String) -> Vec<String> {
        let insert = |table: &&str| {
            let int = self.int();
            let condition =
                format!("from {from} where entry = $entry{int} and part = '{table}' and archived_entry is null");
            match self.kind {
                Kind::Postgres => format!(
                    "insert into {table} select (jsonb_populate_record(null::{table}, content::jsonb)).* {condition}"
                ),
                Kind::Sqlite | Kind::Mysql => {
                    let columns = self.columns.get(table).map_or(&[][..], Vec::as_slice);
                    let names: Vec<String> = columns.iter().map(|column| quoted(self.kind, &column.name)).collect();
                    let value = |column: &OfColumn| {
                        let value = format!("json_extract(content, '{}')", path(&column.name));
                        match self.kind {
                            // There it is a piece of JSON still. `json_value` would take an empty text for none.
                            Kind::Mysql => format!("if(json_type({value}) = 'NULL', null, json_unquote({value}))"),
                            Kind::Sqlite | Kind::Postgres => value,
                        }
                    };
                    let values: Vec<String> = columns.iter().map(value).collect();
                    format!("insert into {table} ({}) select {} {condition}", names.join(", "), values.join(", "))
                }
            }
        };
        let these = format!("entry = $entry{}", self.int());
        let again = tables.iter().map(|table| {
            let mine = format!("select 1 from {from} as mine where mine.{these} and mine.part = '{table}'");
            let others = format!("select 1 from {table} where {}", condition(table));
            format!(" and (not exists ({mine}) or not exists ({others}))")
        });
        let find = format!("update {from} set part = part where {these}{}", again.collect::<String>());
        let forget = format!("delete from {from} where {these}");
        std::iter::once(find).chain(tables.iter().map(insert)).chain([forget]).collect()
    }

    /// A row of a table as JSON.
    fn as_json(&self, table: &str) -> String {
        match self.kind {
            Kind::Postgres => format!("to_jsonb({table})::text"),
            Kind::Sqlite | Kind::Mysql => {
                let columns = self.columns.get(table).map_or(&[][..], Vec::as_slice);
                let pair = |column: &OfColumn| {
                    let name = quoted(self.kind, &column.name);
                    // A text that is JSON itself would become a part of the object, and not come out of it as a text.
                    let value = if self.kind == Kind::Mysql { self.as_text(&name) } else { name };
                    format!("'{}', {value}", column.name.replace('\'', "''"))
                };
                format!("json_object({})", columns.iter().map(pair).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Locks the rows of the patrons of a batch. SQLite has one writer at a time.
    fn lock(&self) -> Option<Statement> {
        match self.kind {
            Kind::Sqlite => return None,
            Kind::Postgres | Kind::Mysql => self.columns.get("patrons")?,
        };
        Some(Statement::parse(&format!(
            "select patron_id from patrons where {} order by patron_id for update",
            self.of_patrons("patrons")
        )))
    }
}

/// Where a column stands in a JSON object, inside single quotes.
fn path(column: &str) -> String {
    format!("$.\"{}\"", column.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "''"))
}
