-- The roles by which lapse works on a PostgreSQL server, each with what its commands need and nothing else. Run it as the
-- owner of the database, once the views stand in the schema `lapse`; running it again changes nothing. Then let people in:
--
--     alter role lapse_read login password '…';
--     alter role lapse_act login password '…';

do $$
begin
    -- Reads the views, and lapse's own tables: `run`, `plan`, `log`.
    if not exists (select from pg_catalog.pg_roles where rolname = 'lapse_read') then
        create role lapse_read nologin noinherit nosuperuser nocreatedb nocreaterole noreplication;
    end if;
    -- Acts, and keeps lapse's own tables: `register init`, `apply`, `undo`, `purge`.
    if not exists (select from pg_catalog.pg_roles where rolname = 'lapse_act') then
        create role lapse_act nologin noinherit nosuperuser nocreatedb nocreaterole noreplication;
    end if;
    -- What everybody may do in this database by default is more than either needs.
    execute format('revoke create, temporary on database %I from public', current_database());
    execute format('grant connect on database %I to lapse_read, lapse_act', current_database());
    execute format('alter role lapse_read in database %I set search_path = lapse', current_database());
    execute format('alter role lapse_act in database %I set search_path = lapse', current_database());
    execute format('alter role lapse_read in database %I set default_transaction_read_only = on', current_database());
end
$$;

create schema if not exists lapse;
revoke create on schema public from public;

-- A view is read with the rights of its owner, so that nobody needs any on the tables behind it.
grant usage on schema lapse to lapse_read, lapse_act;
grant select on all tables in schema lapse to lapse_read;
grant select on lapse.patrons, lapse.memberships, lapse.activity, lapse.accounts to lapse_act;

-- Lapse's own tables belong to whoever acts, who alone can vacuum them, and can be read by whoever plans.
grant create on schema lapse to lapse_act;
alter default privileges for role lapse_act in schema lapse grant select on tables to lapse_read;

-- What a run may change in the tables of the library system is for you to say, column by column, as the register's actions
-- need it; for example:
--
--     grant usage on schema actor to lapse_act;
--     grant select (id, expire_date, deleted), update (expire_date, deleted, active) on actor.usr to lapse_act;
