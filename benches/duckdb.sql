-- The monthly run of domain.md (stages 1, 2 and 3, retention) as a query. Rejects aside: the benchmark's data has none.
-- The views *_file stand for the input, whatever its format; OUT for the output folder; both come from duckdb_job.py.
-- Texts are looked up once, then patrons and libraries are numbers: row numbers of the tables here, which are also the
-- order in which rows are written.

-- Input -------------------------------------------------------------------------------------------------------------

SET VARIABLE run = (SELECT run FROM run_file);
SET VARIABLE profile_since = (SELECT profile_since FROM run_file);

CREATE TEMP TABLE patron AS
SELECT patron_id, profile_last_active, coalesce(loan_history, true) AS keeps_history FROM patrons_file;

CREATE TEMP TABLE membership AS
SELECT patron_id, library, subscription, valid_from, valid_until, coalesce(status, 'active') AS status
FROM memberships_file;

CREATE TEMP TABLE account AS
SELECT p.rowid AS patron, a.library, a.owed, a.credit, a.blocks, a.items, a.settled_on, a.position
FROM (SELECT *, row_number() OVER () AS position FROM accounts_file) a JOIN patron p USING (patron_id);

-- A library that the policy does not know is judged by the consortium's settings, the row without a code.
CREATE TEMP TABLE library AS
SELECT library, true AS in_policy, * EXCLUDE (library) FROM libraries_file WHERE library IS NOT NULL
UNION ALL
SELECT found.library, false, l.* EXCLUDE (library)
FROM (SELECT library FROM membership UNION SELECT library FROM account) found
CROSS JOIN libraries_file l
WHERE l.library IS NULL AND found.library NOT IN (SELECT library FROM libraries_file WHERE library IS NOT NULL);

CREATE TEMP TABLE subscription AS SELECT * FROM subscriptions_file;

-- Last activity: over all libraries, or here and without a library; a date after the run counts as the run day ------

CREATE TEMP TABLE activity AS
SELECT p.rowid AS patron, a.library, s.source_set, least(a.last_active, getvariable('run')) AS day
FROM activity_file a JOIN source_sets_file s USING (source) JOIN patron p USING (patron_id);

CREATE TEMP TABLE activity_anywhere AS
SELECT patron, source_set, max(day) AS day FROM activity GROUP BY ALL;

CREATE TEMP TABLE activity_without_library AS
SELECT patron, source_set, max(day) AS day FROM activity
WHERE library IS NULL AND source_set IN (SELECT source_set FROM library WHERE scope = 'library')
GROUP BY ALL;

CREATE TEMP TABLE activity_here AS
SELECT a.patron, l.rowid AS library, max(a.day) AS day
FROM activity a JOIN library l ON a.library = l.library AND a.source_set = l.source_set AND l.scope = 'library'
GROUP BY ALL;

DROP TABLE activity;

-- Stage 1, each membership: the first row of the table that applies -------------------------------------------------

CREATE TEMP TABLE decided AS
WITH facts AS (
    SELECT
        p.rowid AS patron, l.rowid AS library, l.recognising_group, m.rowid AS position, m.subscription, m.valid_from,
        m.valid_until, m.status, s.subscription IS NOT NULL AS in_policy, s.renewal, s.free, s.term_months, s.holder,
        s.active_since,
        CASE l.scope WHEN 'patron' THEN anywhere.day ELSE greatest(here.day, nowhere.day) END AS last_activity
    FROM membership m
    JOIN patron p USING (patron_id)
    JOIN library l USING (library)
    LEFT JOIN subscription s ON s.library = m.library AND s.subscription = m.subscription
    LEFT JOIN activity_anywhere anywhere ON anywhere.patron = p.rowid AND anywhere.source_set = l.source_set
    LEFT JOIN activity_without_library nowhere ON nowhere.patron = p.rowid AND nowhere.source_set = l.source_set
    LEFT JOIN activity_here here ON here.patron = p.rowid AND here.library = l.rowid
), not_lapsed AS (
    SELECT *,
        CASE
            WHEN holder <> 'person' THEN 'not-a-person'
            WHEN renewal = 'automatic' THEN 'automatic'
            WHEN renewal = 'none' THEN 'no-renewal'
            WHEN NOT free THEN 'paid'
            WHEN coalesce(last_activity, valid_from) >= active_since THEN 'active'
        END AS why_not,
        valid_until < getvariable('run') AS has_passed
    FROM facts
), first_row AS (
    SELECT *,
        CASE
            WHEN NOT in_policy THEN 1
            WHEN status <> 'active' THEN 2
            WHEN valid_from > getvariable('run') THEN 3
            WHEN why_not IS NULL THEN 4
            WHEN has_passed IS NOT true THEN 5
            WHEN renewal = 'automatic' OR renewal = 'conditional' AND free THEN 6
            ELSE 7
        END AS first_row,
        datesub('month', date_trunc('month', valid_until), date_trunc('month', getvariable('run'))) // term_months
            AS terms
    FROM not_lapsed
)
SELECT
    patron, library, recognising_group, position, subscription, valid_from,
    CASE first_row
        WHEN 1 THEN if(status <> 'active' OR has_passed IS true, 'expired', 'valid')
        WHEN 2 THEN 'expired'
        WHEN 3 THEN 'valid'
        WHEN 4 THEN 'deregistered'
        WHEN 5 THEN 'valid'
        WHEN 6 THEN 'renewed'
        ELSE 'expired'
    END AS outcome,
    CASE first_row
        WHEN 1 THEN 'no-policy'
        WHEN 2 THEN 'ended'
        WHEN 3 THEN 'starts-later'
        WHEN 4 THEN 'inactive'
        WHEN 7 THEN 'not-renewed'
        ELSE why_not
    END AS reason,
    CASE
        WHEN first_row = 4 THEN getvariable('run') - 1
        WHEN first_row <> 6 THEN valid_until
        -- Always counted from the original end, so that the day of the month does not drift.
        WHEN valid_until + to_months((terms * term_months)::INTEGER) >= getvariable('run')
            THEN (valid_until + to_months((terms * term_months)::INTEGER))::DATE
        ELSE (valid_until + to_months(((terms + 1) * term_months)::INTEGER))::DATE
    END AS valid_until,
    last_activity,
    outcome IN ('valid', 'renewed') AS is_valid
FROM first_row;

DROP TABLE membership;

COPY (
    SELECT p.patron_id, l.library, d.subscription, d.valid_from, d.outcome, d.reason, d.valid_until, d.last_activity
    FROM decided d JOIN patron p ON p.rowid = d.patron JOIN library l ON l.rowid = d.library
    ORDER BY d.patron, d.position
) TO 'OUT/memberships.csv' (HEADER);

-- Stage 2, each patron in each library ------------------------------------------------------------------------------

CREATE TEMP TABLE record AS
WITH here AS (
    SELECT patron, library, bool_or(is_valid) AS is_valid, bool_or(valid_until IS NULL) AS unknown_end,
        max(valid_until) AS last_end, min(position) AS position
    FROM decided GROUP BY patron, library
), recognised AS (
    SELECT DISTINCT patron, recognising_group FROM decided WHERE is_valid AND recognising_group IS NOT NULL
), open AS (
    SELECT a.* EXCLUDE (library), l.rowid AS library FROM account a JOIN library l USING (library)
)
SELECT
    coalesce(here.patron, open.patron) AS patron, coalesce(here.library, open.library) AS library,
    here.position AS membership, open.position AS account,
    concat_ws(' ',
        CASE WHEN here.is_valid THEN 'valid-membership' END,
        CASE WHEN here.is_valid IS NOT true AND recognised.patron IS NOT NULL THEN 'valid-in-group' END,
        CASE WHEN NOT here.is_valid AND (here.unknown_end OR here.last_end >= l.ended_since) THEN 'ended-recently' END,
        CASE WHEN open.owed <> 0 THEN 'owes' END,
        CASE WHEN open.credit <> 0 THEN 'credit' END,
        CASE WHEN list_has_any(string_split(open.blocks, '|'), string_split(l.blocks, '|')) THEN 'blocked' END,
        CASE WHEN open.items <> 0 THEN 'items' END,
        CASE WHEN open.settled_on >= l.settled_since THEN 'settled-recently' END,
        CASE WHEN here.patron IS NULL THEN 'no-membership' END,
        CASE WHEN NOT l.in_policy THEN 'no-policy' END
    ) AS reasons
FROM here
FULL JOIN open ON open.patron = here.patron AND open.library = here.library
JOIN library l ON l.rowid = coalesce(here.library, open.library)
LEFT JOIN recognised ON recognised.patron = coalesce(here.patron, open.patron)
    AND recognised.recognising_group = l.recognising_group;

-- All clear: deleted everywhere. Clear here and kept elsewhere: archived here.
COPY (
    WITH judged AS (
        SELECT r.*,
            CASE
                WHEN r.reasons <> '' THEN 'kept'
                WHEN r.patron IN (SELECT patron FROM record WHERE reasons <> '') THEN 'archived'
                ELSE 'deleted'
            END AS outcome
        FROM record r
    )
    SELECT
        p.patron_id, l.library, j.outcome,
        CASE j.outcome WHEN 'kept' THEN j.reasons WHEN 'archived' THEN 'kept-elsewhere' ELSE 'all-clear' END AS reasons,
        CASE WHEN j.outcome <> 'deleted' AND NOT p.keeps_history THEN l.pseudonymise_before END AS pseudonymise_before,
        CASE WHEN j.outcome <> 'deleted' THEN l.purge_finance_before END AS purge_finance_before
    FROM judged j JOIN patron p ON p.rowid = j.patron JOIN library l ON l.rowid = j.library
    ORDER BY j.patron, j.membership NULLS LAST, j.account
) TO 'OUT/records.csv' (HEADER);

-- Stage 3, each profile ---------------------------------------------------------------------------------------------

COPY (
    WITH profile AS (
        SELECT rowid AS patron, patron_id,
            concat_ws(' ',
                CASE WHEN profile_last_active >= getvariable('profile_since') THEN 'active' END,
                CASE WHEN rowid IN (SELECT patron FROM decided WHERE is_valid) THEN 'valid-membership' END
            ) AS reasons
        FROM patron WHERE profile_last_active IS NOT NULL
    )
    SELECT patron_id, if(reasons = '', 'deleted', 'kept') AS outcome, if(reasons = '', 'inactive', reasons) AS reasons
    FROM profile ORDER BY patron
) TO 'OUT/profiles.csv' (HEADER);
