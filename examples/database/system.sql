-- A small library system of its own making, in SQLite: its tables, five patrons, and the views by which lapse reads them.

create table version (number text);
create table person (number integer primary key, name text, born text);
create table card (number integer primary key, person integer, branch text, kind text, starts text, ends text, state text, remark text);
create table visit (person integer, branch text, day text);
create table money (person integer, branch text, owed text, loans integer);

insert into version values ('4');
insert into person values
    (1, 'An', '2010-03-01'), (2, 'Bert', '2009-05-05'), (3, 'Cis', '2008-01-01'), (4, 'Dirk', '2007-01-01'), (5, 'Els', '2009-01-01');
insert into card values
    (11, 1, 'example', 'youth', '2021-01-01', '2025-12-31', 'open', null),
    (12, 2, 'example', 'youth', '2021-02-01', '2026-01-31', 'open', 'new card in May'),
    (13, 3, 'example', 'youth', '2019-01-01', '2021-12-31', 'closed', null),
    (14, 4, 'example', 'youth', '2019-01-01', '2021-12-31', 'closed', null),
    (15, 5, 'example', 'youth', '2024-06-28', '2025-06-27', 'open', null);
insert into visit values
    (1, 'example', '2022-01-10'), (2, 'example', '2022-03-10'), (3, 'example', '2020-01-01'), (4, 'example', '2020-01-01'),
    (5, 'example', '2025-06-20');
insert into money select number, 'example', '0.00', 0 from person;

create view lapse_patrons as
    select cast(number as text) as patron_id, born as birth_date, null as profile_last_active, null as loan_history from person;
create view lapse_memberships as
    select cast(person as text) as patron_id, branch as library, kind as subscription, starts as valid_from, ends as valid_until,
           case state when 'open' then 'active' else 'deregistered' end as status
    from card;
create view lapse_activity as
    select cast(person as text) as patron_id, branch as library, 'loan' as source, max(day) as last_active
    from visit group by person, branch;
create view lapse_accounts as
    select cast(person as text) as patron_id, branch as library, owed, '0' as credit, '' as blocks, loans as items,
           null as settled_on
    from money;
