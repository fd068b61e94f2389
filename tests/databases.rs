//! What a run does in a database: plans, applying and undoing them, killed at any moment, and what others do in between.

mod again;
mod consent;
mod evergreen;
mod formats;
mod killed;
mod killed_on_a_server;
#[path = "../crates/lapse-register/tests/databases/postgres_server.rs"]
mod postgres_server;
mod registers;
mod state;
mod way;
