//! What a person should look at before anybody acts on a result: a sentence for each kind of it, and a few lines below `diff`
//! and `forecast`, which have no tables beside them.

use std::fmt::Write as _;

use lapse_engine::Attention;
use lapse_engine::guards::Trip;

use super::guards;
use crate::terminal::{FAINT, WARNING, count, shown, thousands};

/// How many lines are shown below a result.
const SHOWN: usize = 10;

/// The lines under their heading; empty where there is nothing.
pub fn to_text(attention: &[Attention], trips: &[Trip]) -> String {
    let [open, answered] = guards::lines(trips);
    let trips = open.into_iter().chain(answered).map(|line| format!("guard: {line}"));
    let lines: Vec<String> = trips.chain(attention.iter().map(sentence)).collect();
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{WARNING}Needs attention{WARNING:#}\n");
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", shown(line));
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "  {FAINT}and {} more: `lapse run` lists them{FAINT:#}", lines.len() - SHOWN);
    }
    text
}

/// One sentence.
pub fn sentence(what: &Attention) -> String {
    match what {
        Attention::AccountsUnknown { columns, records } => format!(
            "nobody's account is known: the accounts table lacks {}, which alone holds {} (accounts-unknown); add the \
             columns, or leave them out of `cleanup.accounts_needed`",
            columns.join(", "),
            count(*records, "record", "records")
        ),
        Attention::ActivityUnknown { memberships } => format!(
            "nobody's activity is known: no row of activity is usable, which alone keeps {} (activity-unknown); add the feed \
             of activity",
            count(*memberships, "membership", "memberships")
        ),
        Attention::FactUnknown { fact, table, column, records, memberships } => {
            let lacks = match column {
                Some(column) => format!("the {table} table lacks `{column}`"),
                None => format!("no row of {table} is usable"),
            };
            let held = [(*records, "record", "records"), (*memberships, "membership", "memberships")];
            let held =
                held.into_iter().filter(|&(number, ..)| number > 0).map(|(number, one, many)| count(number, one, many));
            let held: Vec<String> = held.collect();
            let holds = match &*held.join(" and ") {
                "" => "; what is not known keeps, and ends nothing".to_owned(),
                held => format!(", which holds {held}"),
            };
            format!("the fact `{fact}` is unknown for everybody: {lacks}{holds}")
        }
        Attention::OfNobody { table, rows } => {
            let rows =
                count(*rows, "row belongs to no patron and holds nobody", "rows belong to no patron and hold nobody");
            format!("{table}: {rows}")
        }
        Attention::Rejected { table, rows } => {
            let rows =
                count(*rows, "row was rejected and its patron held", "rows were rejected and their patrons held");
            format!("{table}: {rows}; `lapse run` lists them")
        }
        Attention::NoPolicy { library, subscription, memberships, near } => format!(
            "{subscription} at {library} has no policy: {}{}",
            count(*memberships, "membership", "memberships"),
            meant(near.as_deref())
        ),
        Attention::UnknownLibrary { table, library, rows, near } => format!(
            "{table}: the policy has no library `{library}`: {}{}",
            count(*rows, "row", "rows"),
            meant(near.as_deref())
        ),
        Attention::UnknownSource { source, rows, near } => format!(
            "activity: no policy counts the source `{source}`: {}{}",
            count(*rows, "row", "rows"),
            meant(near.as_deref())
        ),
        Attention::UnknownBlock { library, kind, rows, near } => format!(
            "accounts: the block `{kind}` at {library} is in neither `cleanup.blocks` nor `cleanup.blocks_ignored`, and \
             holds: {}{}",
            count(*rows, "account", "accounts"),
            meant(near.as_deref())
        ),
        Attention::Repeated(rows) => {
            let memberships = count(*rows, "membership is", "memberships are");
            format!("{memberships} there twice: same patron, library, subscription and valid_from")
        }
        Attention::ManyTerms(rows) => {
            format!("{} renewed over more than two terms", count(*rows, "membership is", "memberships are"))
        }
        Attention::ActivityLooksEmpty(rows) => {
            let rows = count(*rows, "activity row has", "activity rows have");
            format!("{rows} a date that looks empty; each is no activity")
        }
        Attention::StartsLookEmpty(rows) => {
            let rows = count(*rows, "membership begins", "memberships begin");
            format!("{rows} on a date that looks empty, which stands")
        }
        Attention::ActivityAfterRun(rows) => {
            format!("activity after the run: {}; each counts as activity on the run day", thousands(*rows))
        }
        Attention::ProfilesAfterRun(profiles) => {
            format!("profiles last active after the run: {}", thousands(*profiles))
        }
        Attention::SettledAfterRun(accounts) => {
            format!("accounts settled after the run: {}", thousands(*accounts))
        }
    }
}

/// What follows the number of rows of an unknown code: which code of the policy may be meant.
pub fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
