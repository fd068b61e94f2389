//! Registers in databases, with a real server of each kind: what a run does there is what it does in SQLite.

mod evergreen;
mod evergreen_system;
mod faults;
mod interrupted;
mod koha;
mod mariadb_faults;
mod mariadb_server;
mod postgres_server;
mod roles;
mod runs;
mod three;
