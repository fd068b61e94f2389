-- The roles by which lapse works on Evergreen, each with what its commands need and nothing else. Run it as the owner of
-- Evergreen's tables, after views.sql; running it again changes nothing. Then let people in:
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
    -- Evergreen's own programs own its tables and need none of this.
    execute format('revoke create, temporary on database %I from public', current_database());
    execute format('grant connect on database %I to lapse_read, lapse_act', current_database());
    -- Evergreen's triggers find their functions by this path.
    execute format(
        'alter role lapse_act in database %I set search_path = lapse, evergreen, public, pg_catalog', current_database());
    execute format('alter role lapse_read in database %I set search_path = lapse', current_database());
    execute format('alter role lapse_read in database %I set default_transaction_read_only = on', current_database());
end
$$;

revoke create on schema public from public;

-- A view is read with the rights of its owner, so that nobody needs any on the tables behind it.
grant usage on schema lapse to lapse_read, lapse_act;
grant select on lapse.lapse_patrons, lapse.lapse_memberships, lapse.lapse_activity, lapse.lapse_accounts
    to lapse_read, lapse_act;

-- Lapse's own tables belong to whoever acts, who alone can vacuum them, and can be read by whoever plans.
grant create on schema lapse to lapse_act;
alter default privileges for role lapse_act in schema lapse grant select on tables to lapse_read;

-- The marker of the register.
grant usage on schema config to lapse_read, lapse_act;
grant select on config.upgrade_log to lapse_read, lapse_act;

-- What the actions change, column by column: no names, no addresses.
grant usage on schema actor, money to lapse_act;
grant select (id, active, deleted, expire_date, profile), update (active, deleted, expire_date) on actor.usr to lapse_act;
grant select (usr, xact_finish) on money.billable_xact to lapse_act;

-- Triggers of actor.usr work with the rights of whoever changes a row; Evergreen's auditor adds one for each change.
do $$
begin
    if to_regclass('auditor.actor_usr_history') is not null then
        grant usage on schema auditor to lapse_act;
        grant insert on auditor.actor_usr_history to lapse_act;
        grant usage on sequence auditor.actor_usr_pkey_seq to lapse_act;
    end if;
    if to_regnamespace('evergreen') is not null then
        grant usage on schema evergreen to lapse_act;
    end if;
end
$$;

-- Evergreen's own function for it takes anybody away, open loans and debts too, and touches a hundred tables. This one takes
-- away only who is deleted and has nothing open, and gives a row where it did.
create or replace function lapse.purge_usr(patron integer) returns setof integer
language plpgsql security definer set search_path = evergreen, public, pg_catalog, pg_temp as $$
begin
    perform 1 from actor.usr u where u.id = patron and u.deleted and not u.super_user for update;
    if not found or exists (select 1 from money.billable_xact x where x.usr = patron and x.xact_finish is null) then
        return;
    end if;
    perform actor.usr_delete(patron, null);
    return next patron;
end
$$;
revoke all on function lapse.purge_usr(integer) from public;
grant execute on function lapse.purge_usr(integer) to lapse_act;
