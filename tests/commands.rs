//! The commands as they are typed: what they print, where, and how they end.

mod check;
mod explain;
mod help;
mod interrupt;
mod notes;
mod out;
mod report;
mod run;
mod show;
mod streams;

use crate::program::Folder;

const CONSORTIUM: &str = "\
guards = { max_source_age_days = 36500, max_newest_date_days = 36500, max_unmatched_percent = 100, max_rejected_percent = 100 }
consortium = { name = \"Two towns\" }




[[amendment]]
from = 2022-07-01
reason = \"Renewal becomes conditional\"
enforce = true
only = { holder = \"person\" }
subscription = { renewal = \"conditional\", lapse_months = 24 }
";

const PEER: &str = "\
[library]
code = \"peer\"
name = \"Bibliotheek Peer\"

[subscriptions.youth]
category = \"youth\"
lapse_months = 60

[subscriptions.adult]
name = \"Volwassenen\"
fee = \"5.00\"
renewal = \"none\"
";

const RIEMST: &str = "[library]\ncode = \"riemst\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n";

/// A consortium of two libraries, without data.
fn two_towns() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/peer.toml", PEER),
        ("policies/libraries/riemst.toml", RIEMST),
    ])
}

/// The same with three patrons: one who lapses, one who owes money, and one who has only an id.
fn with_data() -> Folder {
    let folder = two_towns();
    folder.write(
        "data/patrons.csv",
        "patron_id,birth_date,profile_last_active,loan_history\nP1,2010-05-01,2019-01-01,false\nP2,,2022-06-01,\nP3,,,\n",
    );
    folder.write(
        "data/memberships.csv",
        "patron_id,library,subscription,valid_from,valid_until,status\n\
         P1,peer,youth,2015-01-01,2022-12-31,\n\
         P1,riemst,youth,2012-01-01,2013-01-01,cancelled\n\
         P2,peer,adult,2021-07-01,2022-06-30,\n\
         P2,riemst,youth,2012-01-01,2022-06-15,\n",
    );
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nP1,peer,wise,2019-06-01\nP2,,sip2,2022-05-01\n",
    );
    folder.write("data/accounts.csv", "patron_id,library,owed,credit,blocks,items\nP2,peer,1.50,,,\n");
    folder
}
