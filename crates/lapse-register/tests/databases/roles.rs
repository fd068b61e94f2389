//! The roles that we ship for a PostgreSQL server: each may do what its commands need, and nothing else.

use lapse_register::{Address, Database, Purpose, initialise};
use lapse_tables::Folder;

use crate::postgres_server::Server;
use crate::three::{Three, read};

#[test]
fn who_reads_the_views_cannot_read_what_is_behind_them() {
    let three = Three::with(40, 6);
    let mut admin = Server::get().client(&three.name);
    let expected = read(&Folder::new(&three.extract));
    // The tables of a library system, and views on them in a schema of lapse's own.
    admin
        .batch_execute(
            "create schema koha; create schema lapse; \
             alter table patrons set schema koha; alter table memberships set schema koha; \
             alter table activity set schema koha; alter table accounts set schema koha; \
             create view lapse.patrons as select * from koha.patrons; \
             create view lapse.memberships as select * from koha.memberships; \
             create view lapse.activity as select * from koha.activity; \
             create view lapse.accounts as select * from koha.accounts; \
             alter table koha.patrons add column name text default 'Reynaert';",
        )
        .unwrap();
    let roles = include_str!("../../roles/postgres.sql");
    admin.batch_execute(roles).unwrap();
    // As a person would run it a second time.
    admin.batch_execute(roles).unwrap();
    admin.batch_execute("alter role lapse_read login; alter role lapse_act login").unwrap();

    let address = Address::parse(&Server::get().url_of("lapse_read", &three.name)).unwrap();
    let database = Database::open(&address, Purpose::Read).unwrap();
    assert!(read(&database) == expected, "the rows differ");

    let url = Server::get().url_of("lapse_read", &three.name);
    let mut reader = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let refused = |client: &mut postgres::Client, sql: &str| {
        let error = client.batch_execute(sql).unwrap_err();
        assert_eq!(error.code().map(postgres::error::SqlState::code), Some("42501"), "{sql}: {error}");
    };
    // What is set for the role is no more than what it begins with; what holds is what it may do.
    reader.batch_execute("set default_transaction_read_only = off").unwrap();
    refused(&mut reader, "select name from koha.patrons");
    refused(&mut reader, "delete from lapse.accounts");
    refused(&mut reader, "create table lapse.mine ()");
    refused(&mut reader, "create table public.mine ()");

    // Whoever acts makes lapse's own tables and reads the views; what the system's tables allow is granted by hand.
    let address = Address::parse(&Server::get().url_of("lapse_act", &three.name)).unwrap();
    assert_eq!(initialise(&address, Some("lapse")).unwrap(), (None, 1));
    assert!(read(&Database::open(&address, Purpose::Act).unwrap()) == expected, "the rows differ");
    let url = Server::get().url_of("lapse_act", &three.name);
    let mut actor = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    refused(&mut actor, "delete from koha.patrons");
    refused(&mut actor, "create table public.mine ()");
    // The log of what was done can be read by whoever plans.
    reader.batch_execute("select * from lapse.lapse_log").unwrap();
    refused(&mut reader, "delete from lapse.lapse_log");
}
