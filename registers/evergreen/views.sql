-- What lapse reads of Evergreen (its schema of version 3.17, PostgreSQL 12 or later): views in a schema of lapse's own.
-- Run it as the owner of Evergreen's tables; running it again changes nothing.
--
-- Each view begins with `usr`, the number of the patron. The register asks for the patrons of a batch by it, so that the
-- database goes there by an index; by `patron_id`, a text, it would go through whole tables.
-- Days are those of the session's time zone, which the register sets.

create schema if not exists lapse;

-- Who is a patron: not whoever works there. Staff are users too, whose cards seldom see a loan, and a policy for patrons would
-- lock them out.
create or replace view lapse.lapse_usr as
select u.id, u.profile, u.home_ou, u.dob, u.active, u.barred, u.create_date, u.expire_date, u.credit_forward_balance
from actor.usr u
where not u.deleted
    and not u.super_user
    and not exists (select 1 from permission.usr_work_ou_map w where w.usr = u.id);

create or replace view lapse.lapse_patrons as
select
    u.id as usr,
    u.id::text as patron_id,
    u.dob as birth_date,
    null::date as profile_last_active,
    -- Whoever asked for a history of loans keeps it.
    exists (
        select 1 from actor.usr_setting s
        where s.usr = u.id and s.name in ('history.circ.retention_start', 'history.circ.retention_age')
    ) as loan_history
from lapse.lapse_usr u;

create or replace view lapse.lapse_memberships as
select
    u.id as usr,
    u.id::text as patron_id,
    o.shortname as library,
    trim(both '-' from regexp_replace(lower(g.name), '[^a-z0-9]+', '-', 'g')) as subscription,
    -- A record that came from another system can expire before it was created.
    least(u.create_date, u.expire_date)::date as valid_from,
    -- Whoever was switched off before the card expired ended on a day that Evergreen does not keep.
    case when u.active or u.expire_date < now() then nullif(u.expire_date, 'infinity')::date end as valid_until,
    case when u.active then 'active' else 'cancelled' end as status
from lapse.lapse_usr u
join permission.grp_tree g on g.id = u.profile
join actor.org_unit o on o.id = u.home_ou;

create or replace view lapse.lapse_activity as
select x.usr, x.usr::text as patron_id, o.shortname as library, x.source, x.last_active
from (
    -- What staff did in the name of a patron says nothing of the patron.
    select
        a.usr,
        null::integer as ou,
        case when t.ehow = 'sip2' then 'sip2' when t.ewho = 'opac' then 'opac' else 'login' end as source,
        max(a.event_time)::date as last_active
    from actor.usr_activity a
    join config.usr_activity_type t on t.id = a.etype
    where t.ewho is distinct from 'staffclient'
    group by 1, 3
    union all
    select c.usr, c.circ_lib, 'circ', max(c.xact_start)::date
    from action.circulation c
    where not c.auto_renewal
    group by 1, 2
    union all
    select h.usr, h.pickup_lib, 'hold', max(h.request_time)::date
    from action.hold_request h
    where h.requestor = h.usr
    group by 1, 2
    union all
    -- Money that came from the patron; what was forgiven or voided did not.
    select b.usr, null, 'payment', max(p.payment_ts)::date
    from money.billable_xact b
    join money.payment_view p on p.xact = b.id
    where not p.voided
        and p.payment_type in ('cash_payment', 'check_payment', 'credit_card_payment', 'debit_card_payment')
    group by 1
) x
join lapse.lapse_usr u on u.id = x.usr
left join actor.org_unit o on o.id = x.ou;

create or replace view lapse.lapse_accounts as
with part as (
    select
        s.usr,
        coalesce(c.circ_lib, g.billing_location, r.pickup_lib) as ou,
        greatest(s.balance_owed, 0) as owed,
        greatest(-s.balance_owed, 0) as credit,
        null::text as block,
        0 as items,
        case when s.balance_owed = 0 and s.total_owed > 0 then greatest(s.last_payment_ts, s.last_billing_ts)::date end
            as settled_on
    from money.materialized_billable_xact_summary s
    left join action.circulation c on c.id = s.id
    left join money.grocery g on g.id = s.id
    left join booking.reservation r on r.id = s.id
    union all
    select id, home_ou, 0, credit_forward_balance, null, 0, null
    from lapse.lapse_usr where credit_forward_balance > 0
    union all
    -- Penalties that forbid something; a note alone forbids nothing.
    select p.usr, p.org_unit, 0, 0, case when cp.name = 'PATRON_IN_COLLECTIONS' then 'bailiff' else 'general' end, 0, null
    from actor.usr_standing_penalty p
    join config.standing_penalty cp on cp.id = p.standing_penalty
    where (p.stop_date is null or p.stop_date > now())
        and (cp.block_list <> '' or cp.name = 'PATRON_IN_COLLECTIONS')
    union all
    select usr, location, 0, 0, 'bailiff', 0, null from money.collections_tracker
    union all
    select id, home_ou, 0, 0, 'general', 0, null from lapse.lapse_usr where barred
    union all
    -- Also what is lost or claimed, until it is checked in or written off.
    select usr, circ_lib, 0, 0, null, 1, null from action.circulation where checkin_time is null and xact_finish is null
    union all
    -- A hold that waits on the shelf.
    select usr, pickup_lib, 0, 0, null, 1, null from action.hold_request
    where shelf_time is not null and fulfillment_time is null and cancel_time is null
),
-- What hangs on a system or on the consortium counts at home.
placed as (
    select p.*, case when t.can_have_users then p.ou else u.home_ou end as at
    from part p
    join lapse.lapse_usr u on u.id = p.usr
    left join actor.org_unit o on o.id = p.ou
    left join actor.org_unit_type t on t.id = o.ou_type
)
select
    p.usr,
    p.usr::text as patron_id,
    o.shortname as library,
    sum(p.owed) as owed,
    sum(p.credit) as credit,
    string_agg(distinct p.block, '|') as blocks,
    sum(p.items) as items,
    max(p.settled_on) as settled_on
from placed p
join actor.org_unit o on o.id = p.at
group by p.usr, o.shortname;
