-- The roles by which lapse works on the server of a Koha, each with what its commands need and nothing else. Run it as an
-- administrator of the server, after views.sql; running it again changes nothing. Replace `koha.` as there. Then let people in:
--
--     CREATE USER reader@localhost IDENTIFIED BY '…'; GRANT lapse_read TO reader@localhost;
--     SET DEFAULT ROLE lapse_read FOR reader@localhost;
--
-- and the same with lapse_act for whoever applies plans.

-- Reads the views, and lapse's own tables: `run`, `plan`, `log`. A view is read with the rights of whoever made it, so that this
-- role needs none on the tables behind it.
CREATE ROLE IF NOT EXISTS lapse_read;
GRANT SELECT ON lapse_views.* TO lapse_read;
GRANT SELECT ON lapse.* TO lapse_read;

-- Acts, and keeps lapse's own tables: `register init`, `apply`, `undo`, `purge`.
CREATE ROLE IF NOT EXISTS lapse_act;
GRANT SELECT ON lapse_views.* TO lapse_act;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON lapse.* TO lapse_act;

-- What the actions of register.toml do in Koha's own tables, column by column.
GRANT SELECT (borrowernumber, dateexpiry), UPDATE (dateexpiry) ON koha.borrowers TO lapse_act;
GRANT INSERT ON koha.action_logs TO lapse_act;
GRANT SELECT (borrowernumber), DELETE ON koha.deletedborrowers TO lapse_act;

-- With this, whoever waits for a lock in vain is told who holds locks. It also shows what others on the server do now.
--     GRANT PROCESS ON *.* TO lapse_act;
