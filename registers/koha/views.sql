-- The four tables of lapse as views on the tables of Koha (23.11 or later, on MariaDB 10.5 or later). They only read.
--
-- Run it as somebody who may read Koha's tables: with the rights of that user the views are read, so that nobody else needs any.
-- Koha's database is called `koha` here; where it has another name (often koha_NAME), replace `koha.` by that name and a dot.
-- The views have a database to themselves, in which nobody may write: some of them could be written through.
--
-- Each view has Koha's own key, `borrowernumber`, as a column of its own, so that an apply asks for some patrons by it. Timestamps
-- are in the time zone of the session, which the register sets.

CREATE DATABASE IF NOT EXISTS lapse_views CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE lapse_views;

-- Koha has no word for a membership that was ended: a date of expiry that has passed is all. So that the next run knows what the last
-- one ended, it is noted here, beside lapse's own tables. Whoever is given another date in Koha is a member again.
CREATE DATABASE IF NOT EXISTS lapse CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS lapse.koha_deregistered (
    borrowernumber INT  NOT NULL PRIMARY KEY,
    ended          DATE NOT NULL
);

-- Which Koha it is: 23.1105000 is 23.11.05.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW koha_version AS
SELECT CAST(p.value AS DECIMAL(10, 7)) AS version
  FROM koha.systempreferences p
 WHERE p.variable = 'Version';

CREATE OR REPLACE SQL SECURITY DEFINER VIEW patrons AS
SELECT b.borrowernumber,
       CAST(b.borrowernumber AS CHAR)         AS patron_id,
       b.dateofbirth                          AS birth_date,
       CAST(NULL AS DATE)                     AS profile_last_active,
       -- 0 is forever, 1 as the library decides, 2 never.
       IF(b.privacy = 0, 'true', 'false')     AS loan_history
  FROM koha.borrowers b;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW memberships AS
SELECT b.borrowernumber,
       CAST(b.borrowernumber AS CHAR)         AS patron_id,
       b.branchcode                           AS library,
       b.categorycode                         AS subscription,
       -- Where there is none, lapse rejects the row and holds the patron.
       b.dateenrolled                         AS valid_from,
       IF(YEAR(b.dateexpiry) >= 9999, NULL, b.dateexpiry) AS valid_until,
       IF(d.borrowernumber IS NULL, 'active', 'deregistered') AS status
  FROM koha.borrowers b
  LEFT JOIN lapse.koha_deregistered d ON d.borrowernumber = b.borrowernumber AND d.ended = b.dateexpiry;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW activity AS
SELECT a.borrowernumber,
       CAST(a.borrowernumber AS CHAR)         AS patron_id,
       a.library,
       a.source,
       CAST(MAX(a.at) AS DATE)                AS last_active
  FROM (
    SELECT borrowernumber, NULL AS library, 'koha' AS source, lastseen AS at FROM koha.borrowers
    UNION ALL
    SELECT borrowernumber, branchcode, 'loan', issuedate FROM koha.issues
    UNION ALL
    SELECT borrowernumber, branchcode, 'loan', issuedate FROM koha.old_issues
    UNION ALL
    -- By hand only: what a program renews at night is no activity.
    SELECT i.borrowernumber, NULL, 'renewal', r.timestamp
      FROM koha.checkout_renewals r JOIN koha.issues i ON i.issue_id = r.checkout_id
     WHERE r.renewal_type = 'Manual'
    UNION ALL
    SELECT o.borrowernumber, NULL, 'renewal', r.timestamp
      FROM koha.checkout_renewals r JOIN koha.old_issues o ON o.issue_id = r.checkout_id
     WHERE r.renewal_type = 'Manual'
    UNION ALL
    SELECT borrowernumber, branchcode, 'hold', reservedate FROM koha.reserves
    UNION ALL
    SELECT borrowernumber, branchcode, 'hold', reservedate FROM koha.old_reserves
    UNION ALL
    SELECT borrowernumber, branchcode, 'payment', `date` FROM koha.accountlines WHERE credit_type_code = 'PAYMENT'
  ) a
 -- History that was made anonymous has no borrower any more, or the one that stands for all of them.
 WHERE a.at IS NOT NULL
   AND EXISTS (SELECT 1 FROM koha.borrowers b WHERE b.borrowernumber = a.borrowernumber)
 GROUP BY a.borrowernumber, a.library, a.source;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW accounts AS
SELECT p.borrowernumber,
       CAST(p.borrowernumber AS CHAR)         AS patron_id,
       p.library,
       CAST(SUM(p.owed) AS DECIMAL(28, 2))    AS owed,
       CAST(SUM(p.credit) AS DECIMAL(28, 2))  AS credit,
       GROUP_CONCAT(DISTINCT p.block ORDER BY p.block SEPARATOR '|') AS blocks,
       SUM(p.items)                           AS items,
       MAX(p.settled_on)                      AS settled_on
  FROM (
    SELECT a.borrowernumber, COALESCE(a.branchcode, i.branchcode, o.branchcode, b.branchcode) AS library,
           GREATEST(a.amountoutstanding, 0) AS owed, GREATEST(-a.amountoutstanding, 0) AS credit,
           NULL AS block, 0 AS items, NULL AS settled_on
      FROM koha.accountlines a
      JOIN koha.borrowers b       ON b.borrowernumber = a.borrowernumber
      LEFT JOIN koha.issues i     ON i.issue_id = a.issue_id
      LEFT JOIN koha.old_issues o ON o.issue_id = a.issue_id
     WHERE a.amountoutstanding <> 0
    UNION ALL
    -- The day on which a debt was paid off.
    SELECT d.borrowernumber, COALESCE(d.branchcode, i.branchcode, o.branchcode, b.branchcode), 0, 0, NULL, 0, DATE(f.created_on)
      FROM koha.accountlines d
      JOIN koha.borrowers b       ON b.borrowernumber = d.borrowernumber
      JOIN koha.account_offsets f ON f.debit_id = d.accountlines_id AND f.type = 'APPLY'
      LEFT JOIN koha.issues i     ON i.issue_id = d.issue_id
      LEFT JOIN koha.old_issues o ON o.issue_id = d.issue_id
     WHERE d.debit_type_code IS NOT NULL AND d.amountoutstanding = 0
    UNION ALL
    -- Debarments by hand are `general`; `suspension`, `overdues` and others go by their own names.
    SELECT x.borrowernumber, b.branchcode, 0, 0, IF(x.type = 'MANUAL', 'general', LOWER(x.type)), 0, NULL
      FROM koha.borrower_debarments x JOIN koha.borrowers b ON b.borrowernumber = x.borrowernumber
     WHERE x.expiration IS NULL OR x.expiration >= CURRENT_DATE
    UNION ALL
    -- Whom Koha itself refuses to delete, so that no plan proposes it: guarantors, staff and the protected.
    SELECT g.guarantor_id, b.branchcode, 0, 0, 'guarantor', 0, NULL
      FROM koha.borrower_relationships g JOIN koha.borrowers b ON b.borrowernumber = g.guarantor_id
    UNION ALL
    SELECT s.borrowernumber, s.branchcode, 0, 0, 'staff', 0, NULL FROM koha.borrowers s WHERE s.flags > 0
    UNION ALL
    SELECT s.borrowernumber, s.branchcode, 0, 0, 'protected', 0, NULL FROM koha.borrowers s WHERE s.protected = 1
    UNION ALL
    SELECT l.borrowernumber, COALESCE(t.homebranch, l.branchcode, b.branchcode), 0, 0, NULL, 1, NULL
      FROM koha.issues l
      JOIN koha.borrowers b    ON b.borrowernumber = l.borrowernumber
      LEFT JOIN koha.items t   ON t.itemnumber = l.itemnumber
    UNION ALL
    -- A hold that waits to be fetched, or travels. One that is only asked for keeps nobody, and goes with the patron.
    SELECT r.borrowernumber, COALESCE(r.branchcode, b.branchcode), 0, 0, NULL, 1, NULL
      FROM koha.reserves r JOIN koha.borrowers b ON b.borrowernumber = r.borrowernumber
     WHERE r.found IS NOT NULL
  ) p
 GROUP BY p.borrowernumber, p.library;
