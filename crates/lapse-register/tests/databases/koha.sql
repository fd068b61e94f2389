-- A stand-in for the few tables of Koha that the views read, with only the columns that they name and one that they do not.
create table systempreferences (variable varchar(50) primary key, value mediumtext);
create table borrowers (
    borrowernumber int primary key auto_increment, surname longtext, dateofbirth date, branchcode varchar(10) not null,
    categorycode varchar(10) not null, dateenrolled date, dateexpiry date, lastseen datetime, flags int,
    privacy int not null default 1, protected tinyint(1) not null default 0
);
create table deletedborrowers like borrowers;
create table items (itemnumber int primary key, homebranch varchar(10));
create table issues (
    issue_id int primary key, borrowernumber int, itemnumber int, branchcode varchar(10), issuedate datetime,
    key (borrowernumber), constraint foreign key (borrowernumber) references borrowers (borrowernumber) on delete restrict
);
create table old_issues like issues;
create table checkout_renewals (
    renewal_id int primary key auto_increment, checkout_id int, renewal_type varchar(9), timestamp timestamp, key (checkout_id)
);
create table reserves (
    reserve_id int primary key, borrowernumber int not null, reservedate date, branchcode varchar(10), found varchar(1),
    key (borrowernumber), constraint foreign key (borrowernumber) references borrowers (borrowernumber) on delete cascade
);
create table old_reserves (
    reserve_id int primary key, borrowernumber int, reservedate date, branchcode varchar(10), found varchar(1), key (borrowernumber)
);
create table accountlines (
    accountlines_id int primary key, issue_id int, borrowernumber int, branchcode varchar(10), `date` timestamp,
    amountoutstanding decimal(28, 6), credit_type_code varchar(80), debit_type_code varchar(80), key (borrowernumber)
);
create table account_offsets (
    id int primary key auto_increment, debit_id int, type varchar(16), created_on timestamp, key (debit_id)
);
create table borrower_debarments (
    borrower_debarment_id int primary key auto_increment, borrowernumber int not null, expiration date, type varchar(50),
    key (borrowernumber)
);
create table borrower_relationships (id int primary key auto_increment, guarantor_id int, guarantee_id int, key (guarantor_id));
create table action_logs (
    action_id int primary key auto_increment, timestamp timestamp default current_timestamp, user int not null, module text,
    action text, object int, info text, interface varchar(30)
);

insert into systempreferences values ('Version', '23.1105000');
-- All were last there long ago, so that whatever keeps one is what is told beside them.
insert into borrowers (borrowernumber, surname, dateofbirth, branchcode, categorycode, dateenrolled, dateexpiry, lastseen, flags, privacy, protected) values
    (1, 'to deregister', '1980-01-02', 'CPL', 'PT', '2010-01-01', '2022-12-31', '2015-05-05 23:30:00', null, 0, 0),
    (2, 'to deregister', '1981-01-02', 'MPL', 'PT', '2010-01-01', '2022-12-31', null, null, 1, 0),
    (3, 'is active', '1982-01-02', 'CPL', 'PT', '2010-01-01', '2022-12-31', '2022-11-11 10:00:00', null, 1, 0),
    (4, 'never ends', '1983-01-02', 'CPL', 'PT', '2010-01-01', '9999-12-31', '2015-05-05 10:00:00', 0, 1, 0),
    (10, 'to delete', '1984-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (11, 'to delete', '1985-01-02', 'MPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 2, 0),
    (12, 'has a loan', '1986-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (13, 'has a hold that waits', '1987-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (14, 'owes', '1988-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (15, 'has credit', '1989-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (16, 'is debarred', '1990-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (17, 'is a guarantor', '1970-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (18, 'is staff', '1971-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', 4, 1, 0),
    (19, 'is protected', '1972-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 1),
    (20, 'paid lately', '1973-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0),
    (21, 'suspended', '1974-01-02', 'CPL', 'PT', '2010-01-01', '2018-12-31', '2015-05-05 10:00:00', null, 1, 0);
insert into items values (501, 'MPL'), (502, 'CPL');
insert into issues values (601, 12, 501, 'CPL', '2016-01-01 10:00:00');
-- Of whoever stood here nobody knows any more.
insert into old_issues values (602, null, 502, 'CPL', '2022-12-01 10:00:00'), (603, 10, 502, 'CPL', '2014-01-01 10:00:00');
insert into checkout_renewals (checkout_id, renewal_type, timestamp) values
    (601, 'Manual', '2017-02-02 10:00:00'), (601, 'Automatic', '2022-12-02 10:00:00'), (602, 'Manual', '2022-12-02 10:00:00');
insert into reserves values (701, 13, '2016-03-03', 'CPL', 'W'), (702, 10, '2015-03-03', 'CPL', null);
insert into old_reserves values (703, null, '2022-12-03', 'CPL', 'F'), (704, 11, '2014-03-03', 'MPL', 'F');
insert into accountlines values
    (801, 601, 14, null, '2018-01-01 10:00:00', 12.500000, null, 'OVERDUE'),
    (802, null, 15, 'MPL', '2018-01-01 10:00:00', -3.250000, 'CREDIT', null),
    (803, null, 20, 'CPL', '2018-01-01 10:00:00', 0, null, 'LOST'),
    (804, null, 20, 'CPL', '2022-06-06 10:00:00', 0, 'PAYMENT', null);
insert into account_offsets (debit_id, type, created_on) values (803, 'CREATE', '2018-01-01 10:00:00'), (803, 'APPLY', '2022-06-06 10:00:00');
insert into borrower_debarments (borrowernumber, expiration, type) values
    (16, null, 'MANUAL'), (21, '9999-01-01', 'SUSPENSION'), (10, '2019-01-01', 'OVERDUES');
insert into borrower_relationships (guarantor_id, guarantee_id) values (17, 3);
