//! Which database is meant: `sqlite:FILE`, `postgres://…` or `mysql://…`.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The kinds of database that a register can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A file that SQLite keeps.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// A MariaDB or MySQL server.
    Mysql,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::Mysql];

    /// The word for it in a register file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
            Kind::Mysql => "mysql",
        }
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
            Kind::Mysql => "MariaDB",
        }
    }
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The file of a SQLite database.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
    /// The URL of a MariaDB database.
    Mysql(String),
}

impl Address {
    /// The database that a text names; none where the text is no address of a database.
    pub fn parse(text: &str) -> Option<Address> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // Some programs write two slashes here, as before the name of a server.
            return Some(Address::Sqlite(path.strip_prefix("//").unwrap_or(path).into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Some(Address::Postgres(text.to_owned()));
        }
        let of_mysql = text.starts_with("mysql://") || text.starts_with("mariadb://");
        of_mysql.then(|| Address::Mysql(text.to_owned()))
    }

    /// Whether a file is a SQLite database, by its first bytes.
    pub fn is_sqlite(path: &Path) -> bool {
        let mut start = [0; 16];
        let read = |start: &mut [u8]| std::fs::File::open(path)?.read_exact(start);
        path.is_file() && read(&mut start).is_ok() && start == *b"SQLite format 3\0"
    }

    /// Whether a password stands in it.
    pub fn has_password(&self) -> bool {
        match self {
            Address::Sqlite(_) => false,
            Address::Postgres(url) | Address::Mysql(url) => {
                let rest = url.split_once("://").map_or(&**url, |(_, rest)| rest);
                let (user, place) = split_at_user(rest);
                let query = place.split_once('?').map_or("", |(_, query)| query);
                user.is_some_and(|user| user.contains(':'))
                    || query.split('&').any(|pair| pair.starts_with("password="))
            }
        }
    }

    /// What kind of database it is.
    pub fn kind(&self) -> Kind {
        match self {
            Address::Sqlite(_) => Kind::Sqlite,
            Address::Postgres(_) => Kind::Postgres,
            Address::Mysql(_) => Kind::Mysql,
        }
    }
}

impl fmt::Display for Address {
    /// As people are told: without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Address::Postgres(url) | Address::Mysql(url) => f.write_str(&without_password(url)),
        }
    }
}

/// A URL without what stands between the user's name and the server's, and without what follows a question mark behind them.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (user, place) = split_at_user(rest);
    let place = place.split('?').next().unwrap_or(place);
    let user = user.map(|user| format!("{}@", user.split(':').next().unwrap_or_default())).unwrap_or_default();
    format!("{scheme}://{user}{place}")
}

/// What stands before the server in a URL, and the rest. A password may have any sign in it.
fn split_at_user(rest: &str) -> (Option<&str>, &str) {
    // An @ in a query is of no user, unless there is none before it.
    let query = rest.find('?').filter(|&at| rest[..at].contains('@') || !rest[at..].contains('@'));
    let until = query.unwrap_or(rest.len());
    match rest[..until].rfind('@') {
        Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
        None => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_password() {
        let shown = |text: &str| Address::parse(text).unwrap().to_string();
        assert_eq!(shown("postgres://lapse:s3cr3t@db:5432/koha?password=x"), "postgres://lapse@db:5432/koha");
        assert_eq!(shown("postgres://lapse:s3@cr3t@db/koha"), "postgres://lapse@db/koha");
        assert_eq!(shown("mysql://db/koha"), "mysql://db/koha");
        for password in ["a?b", "pa/ss", "a@b", "a:b"] {
            let url = format!("postgres://lapse:{password}@db/koha?sslmode=require");
            assert_eq!(shown(&url), "postgres://lapse@db/koha", "{password}");
            assert!(Address::parse(&url).unwrap().has_password(), "{password}");
        }
        assert!(!Address::parse("postgres://lapse@db/koha").unwrap().has_password());
        assert_eq!(shown("sqlite:a/b.db"), "sqlite:a/b.db");
        assert_eq!(Address::parse("extract"), None);
    }
}
