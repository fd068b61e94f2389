-- A small stand-in for Evergreen: the tables and columns that our views, roles and actions name, with a patron for each source
-- of activity, for each kind of block, and for each action. On 1 July 2024.

create schema actor;
create schema action;
create schema auditor;
create schema booking;
create schema config;
create schema money;
create schema permission;

create table config.upgrade_log (version text primary key);
insert into config.upgrade_log values ('1524'), ('1525');

create table permission.grp_tree (id integer primary key, name text not null, parent integer);
insert into permission.grp_tree values (1, 'Users', null), (2, 'Patrons', 1), (3, 'Staff & Others', 1);

create table permission.usr_work_ou_map (id serial primary key, usr integer not null, work_ou integer not null, unique (usr, work_ou));

create table actor.org_unit_type (id integer primary key, name text not null, can_have_users boolean not null);
insert into actor.org_unit_type values (1, 'Consortium', false), (2, 'Branch', true);
create table actor.org_unit (id integer primary key, ou_type integer not null, shortname text not null);
insert into actor.org_unit values (1, 1, 'CONS'), (4, 2, 'BR1'), (5, 2, 'BR2');

create table actor.usr (
    id integer primary key, profile integer not null, usrname text not null unique, family_name text not null, dob date,
    home_ou integer not null default 4, active boolean not null default true, deleted boolean not null default false,
    barred boolean not null default false, super_user boolean not null default false,
    credit_forward_balance numeric(6, 2) not null default 0,
    create_date timestamptz not null default '2015-03-01 10:00+01', expire_date timestamptz,
    last_update_time timestamptz
);
create rule a_patron_is_flagged as on delete to actor.usr
    do instead update actor.usr set deleted = true where old.id = actor.usr.id;

-- Each change leaves a row elsewhere, by a trigger with the rights of whoever changes it.
create sequence auditor.actor_usr_pkey_seq;
create table auditor.actor_usr_history (audit_id bigint primary key, usr integer not null, was_active boolean);
create function auditor.note_usr() returns trigger language plpgsql as $$
begin
    insert into auditor.actor_usr_history values (nextval('auditor.actor_usr_pkey_seq'), old.id, old.active);
    return null;
end
$$;
create trigger note_usr after update on actor.usr for each row execute function auditor.note_usr();

create table actor.usr_setting (id serial primary key, usr integer not null, name text not null);
create index on actor.usr_setting (usr);
create table config.usr_activity_type (id integer primary key, ewho text, ewhat text, ehow text);
insert into config.usr_activity_type values
    (1, 'opac', 'login', 'apache'), (2, null, 'verify', 'sip2'), (3, 'ezproxy', 'verify', 'remoteauth'),
    (4, 'staffclient', 'login', 'gateway');
create table actor.usr_activity (id serial primary key, usr integer not null, etype integer not null, event_time timestamptz not null);
create index on actor.usr_activity (usr);

create table money.billable_xact (id serial primary key, usr integer not null, xact_start timestamptz not null, xact_finish timestamptz);
create table action.circulation (
    circ_lib integer not null default 4, auto_renewal boolean not null default false, checkin_time timestamptz,
    stop_fines text, primary key (id)
) inherits (money.billable_xact);
create table money.grocery (billing_location integer not null default 4, primary key (id)) inherits (money.billable_xact);
create table booking.reservation (pickup_lib integer not null default 4, primary key (id)) inherits (money.billable_xact);
create index on money.billable_xact (usr);
create index on action.circulation (usr);
create index on money.grocery (usr);
create index on booking.reservation (usr);
create table money.materialized_billable_xact_summary (
    id integer primary key, usr integer not null, total_owed numeric, total_paid numeric, balance_owed numeric,
    last_payment_ts timestamptz, last_billing_ts timestamptz
);
create index on money.materialized_billable_xact_summary (usr);
create table money.payment (id serial primary key, xact integer not null, payment_ts timestamptz not null, voided boolean not null default false);
create table money.cash_payment () inherits (money.payment);
create table money.forgive_payment () inherits (money.payment);
create view money.payment_view as
    select p.*, c.relname::text as payment_type from money.payment p join pg_class c on c.oid = p.tableoid;
create table money.collections_tracker (id serial primary key, usr integer not null, location integer not null);
create index on money.collections_tracker (usr);

create table action.hold_request (
    id serial primary key, usr integer not null, requestor integer not null, pickup_lib integer not null default 4,
    request_time timestamptz not null, shelf_time timestamptz, fulfillment_time timestamptz, cancel_time timestamptz
);
create index on action.hold_request (usr);
create table config.standing_penalty (id integer primary key, name text not null, block_list text);
insert into config.standing_penalty values
    (1, 'PATRON_EXCEEDS_FINES', 'CIRC|HOLD'), (20, 'ALERT_NOTE', null), (30, 'PATRON_IN_COLLECTIONS', '');
create table actor.usr_standing_penalty (
    id serial primary key, usr integer not null, org_unit integer not null, standing_penalty integer not null, stop_date timestamptz
);
create index on actor.usr_standing_penalty (usr);

-- Takes away whoever it is told to, and asks nothing.
create function actor.usr_delete(src_usr integer, dest_usr integer) returns void language plpgsql as $$
begin
    delete from action.hold_request where usr = src_usr;
    delete from actor.usr_setting where usr = src_usr;
    delete from actor.usr_activity where usr = src_usr;
    update actor.usr
        set usrname = id || '-PURGED', family_name = 'PURGED', dob = null, profile = 1, active = false, deleted = true
        where id = src_usr;
end
$$;

-- One source of activity each, some months ago.
insert into actor.usr (id, profile, usrname, family_name, dob, expire_date)
    select n, 2, 'user' || n, 'Family' || n, '1980-05-05', '2025-01-31 23:59:59+01' from generate_series(11, 22) as n;
insert into action.circulation (usr, xact_start, xact_finish, checkin_time) values (11, '2024-03-05 10:00+01', '2024-03-20', '2024-03-20');
insert into action.hold_request (usr, requestor, request_time, fulfillment_time) values (12, 12, '2024-03-05', '2024-03-09');
insert into money.grocery (id, usr, xact_start, xact_finish) values (1001, 13, '2016-01-01', '2024-03-05');
insert into money.cash_payment (xact, payment_ts) values (1001, '2024-03-05');
insert into actor.usr_activity (usr, etype, event_time) values (14, 1, '2024-03-05'), (15, 2, '2024-03-05'), (16, 3, '2024-03-05');
-- What is no activity of the patron: staff looked, a loan renewed itself, a debt was forgiven, a payment was voided, staff
-- placed a hold. And one who was never there.
insert into actor.usr_activity (usr, etype, event_time) values (17, 4, '2024-03-05');
insert into action.circulation (usr, xact_start, xact_finish, checkin_time, auto_renewal) values (18, '2024-03-05', '2024-03-20', '2024-03-20', true);
insert into money.grocery (id, usr, xact_start, xact_finish) values (1002, 19, '2016-01-01', '2024-03-05'), (1003, 20, '2016-01-01', '2024-03-05');
insert into money.forgive_payment (xact, payment_ts) values (1002, '2024-03-05');
insert into money.cash_payment (xact, payment_ts, voided) values (1003, '2024-03-05', true);
insert into action.hold_request (usr, requestor, request_time, cancel_time) values (21, 90, '2024-03-05', '2024-03-06');
update actor.usr set expire_date = '2024-11-05 15:04:05.678901+01' where id = 22;

-- Whoever ended years ago, each with one thing that keeps the record, if any.
insert into actor.usr (id, profile, usrname, family_name, active, expire_date)
    select n, 2, 'user' || n, 'Family' || n, false, '2019-01-31 23:59:59+01' from generate_series(30, 49) as n;
insert into actor.usr_standing_penalty (usr, org_unit, standing_penalty, stop_date) values
    (31, 4, 1, null), (32, 4, 30, null), (43, 4, 1, '2020-01-01'), (44, 4, 20, null), (46, 1, 1, null);
insert into money.collections_tracker (usr, location) values (33, 4);
update actor.usr set barred = true where id = 34;
insert into action.circulation (id, usr, xact_start) values (1035, 35, '2018-12-01');
insert into action.circulation (id, usr, xact_start, stop_fines) values (1036, 36, '2018-12-01', 'LOST');
insert into action.hold_request (usr, requestor, request_time, shelf_time) values (37, 37, '2018-12-01', '2018-12-05');
insert into money.grocery (id, usr, xact_start, xact_finish) values
    (1038, 38, '2018-12-01', null), (1039, 39, '2018-12-01', null), (1041, 41, '2018-12-01', '2023-10-01'), (1042, 42, '2018-12-01', '2019-10-01');
insert into money.materialized_billable_xact_summary values
    (1038, 38, 3.50, 0, 3.50, null, '2018-12-01'), (1039, 39, 3.50, 5, -1.50, '2018-12-03', '2018-12-01'),
    (1041, 41, 3.50, 3.50, 0, '2023-10-01', '2018-12-01'), (1042, 42, 3.50, 3.50, 0, '2019-10-01', '2018-12-01');
update actor.usr set credit_forward_balance = 2 where id = 40;
update actor.usr set super_user = true where id = 45;
insert into action.circulation (usr, xact_start, xact_finish, checkin_time) values (47, '2018-12-01', '2018-12-20', '2018-12-20');
insert into permission.usr_work_ou_map (usr, work_ou) values (48, 4), (63, 4);
update actor.usr set expire_date = '2999-01-31 23:59:59+01' where id = 49;

-- Expired last month, and there in spring: goes on. Never expires, and never there: ends. Already deleted. Works there.
insert into actor.usr (id, profile, usrname, family_name, expire_date, deleted) values
    (60, 2, 'user60', 'Family60', '2024-06-15 23:59:59+02', false),
    (61, 2, 'user61', 'Family61', null, false),
    (62, 2, 'user62', 'Family62', '2019-01-31 23:59:59+01', true),
    (63, 2, 'user63', 'Family63', '2025-01-31 23:59:59+01', false);
insert into actor.usr_activity (usr, etype, event_time) values (63, 1, '2019-03-05');
insert into action.circulation (usr, xact_start, xact_finish, checkin_time) values (60, '2024-04-05', '2024-04-20', '2024-04-20');
insert into actor.usr_setting (usr, name) values (60, 'history.circ.retention_age');
insert into actor.usr (id, profile, usrname, family_name) values (90, 3, 'clerk', 'Clerk');
truncate auditor.actor_usr_history;
