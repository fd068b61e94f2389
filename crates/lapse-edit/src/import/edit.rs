//! Changes of one library file. Everything else in it stays as it is: comments, order, layout.

use lapse_policy::{Day, Key};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::EditError;

/// The file of a new library.
pub fn new_library(code: &str) -> DocumentMut {
    let mut document = DocumentMut::new();
    let mut library = Table::new();
    library.insert(Key::LibraryCode.spec().name, code.into());
    document.insert("library", Item::Table(library));
    document
}

/// Makes sure that the file has `[subscriptions.CODE]`, below its other subscriptions.
pub fn add_subscription(document: &mut DocumentMut, code: &str) -> Result<(), EditError> {
    let after = position(document.get("subscriptions")).or_else(|| position(document.get("library")));
    let subscriptions = document.entry("subscriptions").or_insert_with(|| implicit(false));
    let inline = subscriptions.is_inline_table();
    let subscriptions = subscriptions.as_table_like_mut().ok_or(EditError::NoTable)?;
    if !subscriptions.contains_key(code) {
        let table = if inline {
            Item::Value(InlineTable::new().into())
        } else {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            table.set_position(after);
            Item::Table(table)
        };
        subscriptions.insert(code, table);
    }
    Ok(())
}

/// Sets a value in the file's own table of a subscription.
pub fn set(document: &mut DocumentMut, code: &str, key: Key, value: &str) -> Result<(), EditError> {
    add_subscription(document, code)?;
    let subscriptions =
        document.get_mut("subscriptions").and_then(Item::as_table_like_mut).ok_or(EditError::NoTable)?;
    put(subscriptions.get_mut(code).ok_or(EditError::NoTable)?, key, value)
}

/// Sets a value of a subscription from a day on: in the amendment of that day that sets it already, else in one of that day
/// with the same reason, else in a new one, which stands where its date belongs.
pub fn amend(
    document: &mut DocumentMut,
    from: Day,
    reason: &str,
    code: &str,
    (key, value): (Key, &str),
) -> Result<(), EditError> {
    let last = position(Some(document.as_item()));
    let amendments = document.entry("amendment").or_insert_with(|| ArrayOfTables::new().into());
    let amendments = amendments.as_array_of_tables_mut().ok_or(EditError::AmendmentsInList)?;
    let date = from.to_string();
    let dated = |table: &Table| table.get("from").and_then(Item::as_datetime).map(ToString::to_string);
    let of_day = || (0..amendments.len()).filter(|&index| amendments.get(index).and_then(dated) == Some(date.clone()));
    let sets = |index: &usize| {
        let subscriptions = amendments.get(*index).and_then(|table| table.get("subscriptions"));
        subscriptions.and_then(|table| table.get(code)).is_some_and(|table| table.get(key.spec().name).is_some())
    };
    let same_reason = |index: &usize| {
        amendments.get(*index).and_then(|table| table.get("reason")).and_then(Item::as_str) == Some(reason)
    };
    let found = of_day().find(sets).or_else(|| of_day().find(same_reason));
    let index = found.unwrap_or_else(|| {
        let later = |table: &Table| dated(table).is_some_and(|other| other > date);
        let index = amendments.iter().position(later).unwrap_or(amendments.len());
        let place = match index.checked_sub(1) {
            Some(before) => amendments.get(before).and_then(subtree_position),
            None => amendments.get(0).map_or(last, Table::position),
        };
        amendments.insert(index, new_amendment(from, reason, place));
        index
    });
    let amendment = amendments.get_mut(index).ok_or(EditError::NoTable)?;
    let subscriptions = amendment.entry("subscriptions").or_insert_with(|| implicit(true));
    let subscriptions = subscriptions.as_table_like_mut().ok_or(EditError::NoTable)?;
    put(subscriptions.entry(code).or_insert_with(|| Item::Value(InlineTable::new().into())), key, value)
}

fn new_amendment(from: Day, reason: &str, position: Option<isize>) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.set_position(position);
    let date: Value = from.to_string().parse().expect("a day is a TOML date");
    table.insert("from", Item::Value(date));
    table.insert("reason", reason.into());
    table
}

/// A table that only holds others. They are written as `subscriptions.CODE = ...`, or below headers of their own.
fn implicit(dotted: bool) -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    table.set_dotted(dotted);
    Item::Table(table)
}

/// Sets a key of a table. The comment of a value that is replaced stays.
fn put(table: &mut Item, key: Key, value: &str) -> Result<(), EditError> {
    let name = key.spec().name;
    let mut value: Value = value.parse().expect("a value of the list is written as TOML");
    match table {
        Item::Value(Value::InlineTable(inline)) => {
            let commented = inline.to_string().contains('#');
            inline.insert(name, value);
            if !commented {
                inline.fmt();
            }
        }
        item => {
            let table: &mut dyn TableLike = item.as_table_like_mut().ok_or(EditError::NoTable)?;
            match table.get_mut(name).and_then(Item::as_value_mut) {
                Some(old) => {
                    *value.decor_mut() = old.decor().clone();
                    *old = value;
                }
                None => {
                    table.insert(name, Item::Value(value));
                }
            }
        }
    }
    Ok(())
}

/// The place, in the file, of the last table in an item.
fn position(item: Option<&Item>) -> Option<isize> {
    match item? {
        Item::Table(table) => subtree_position(table),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(subtree_position).max(),
        Item::None | Item::Value(_) => None,
    }
}

/// The place, in the file, of the last table in a table, which may be the table itself.
fn subtree_position(table: &Table) -> Option<isize> {
    table.iter().filter_map(|(_, item)| position(Some(item))).chain(table.position()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "# Peer.\n\n[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\" # up to 18\n\n\
                        [cleanup]\nended_months = 12\n";

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn changed(text: &str, change: impl FnOnce(&mut DocumentMut)) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        change(&mut document);
        document.to_string()
    }

    #[test]
    fn a_new_subscription_stands_below_the_others_and_nothing_else_moves() {
        let text = changed(PEER, |peer| set(peer, "adult", Key::Fee, "\"5.00\"").unwrap());
        assert_eq!(text, PEER.replace("[cleanup]", "[subscriptions.adult]\nfee = \"5.00\"\n\n[cleanup]"));
    }

    #[test]
    fn a_value_that_is_replaced_leaves_its_comment() {
        let text = changed(PEER, |peer| set(peer, "youth", Key::Category, "\"junior\"").unwrap());
        assert_eq!(text, PEER.replace("category = \"youth\"", "category = \"junior\""));
    }

    #[test]
    fn two_changes_of_a_day_with_one_reason_share_an_amendment() {
        let text = changed(PEER, |peer| {
            let from = day("2022-07-01");
            amend(peer, from, "FAQ", "youth", (Key::Renewal, "\"conditional\"")).unwrap();
            amend(peer, from, "FAQ", "youth", (Key::LapseMonths, "24")).unwrap();
            amend(peer, from, "FAQ", "adult", (Key::Renewal, "\"none\"")).unwrap();
            amend(peer, from, "Council", "adult", (Key::Fee, "\"1.00\"")).unwrap();
        });
        let expected = "\n[[amendment]]\nfrom = 2022-07-01\nreason = \"FAQ\"\n\
                        subscriptions.youth = { renewal = \"conditional\", lapse_months = 24 }\n\
                        subscriptions.adult = { renewal = \"none\" }\n\
                        \n[[amendment]]\nfrom = 2022-07-01\nreason = \"Council\"\nsubscriptions.adult = { fee = \"1.00\" }\n";
        assert_eq!(text, format!("{PEER}{expected}"));
    }

    #[test]
    fn an_amendment_stands_where_its_date_belongs_even_among_amendments_with_tables_of_their_own() {
        let with = "[library]\ncode = \"peer\"\n\n[[amendment]]\nfrom = 2021-01-01\nreason = \"a\"\n\n\
                    [amendment.subscriptions.adult]\nfee = \"0.00\" # free\n\n[[amendment]]\nfrom = 2023-01-01\nreason = \"b\"\n\
                    cleanup = { ended_months = 12 }\n";
        let [first, middle, last] = ["2020-01-01", "2022-07-01", "2024-01-01"]
            .map(|from| changed(with, |peer| amend(peer, day(from), "c", "adult", (Key::Fee, "\"2.00\"")).unwrap()));
        let new = |from: &str| {
            format!("[[amendment]]\nfrom = {from}\nreason = \"c\"\nsubscriptions.adult = {{ fee = \"2.00\" }}\n")
        };
        let before = "[[amendment]]\nfrom = 2021";
        assert_eq!(first, with.replace(before, &format!("{}\n{before}", new("2020-01-01"))));
        let before = "[[amendment]]\nfrom = 2023";
        assert_eq!(middle, with.replace(before, &format!("{}\n{before}", new("2022-07-01"))));
        assert_eq!(last, format!("{with}\n{}", new("2024-01-01")));
    }

    #[test]
    fn a_key_that_an_amendment_of_the_day_sets_is_changed_there() {
        let with = format!(
            "{PEER}\n[[amendment]]\nfrom = 2022-07-01\nreason = \"a\"\nsubscriptions.youth.lapse_months = 60 # five\n"
        );
        let text =
            changed(&with, |peer| amend(peer, day("2022-07-01"), "b", "youth", (Key::LapseMonths, "24")).unwrap());
        assert_eq!(text, with.replace("= 60", "= 24"));
    }

    #[test]
    fn amendments_in_one_list_are_left_alone() {
        let mut document: DocumentMut = "amendment = []\nlibrary.code = \"peer\"\n".parse().unwrap();
        assert_eq!(
            amend(&mut document, day("2022-07-01"), "b", "youth", (Key::Fee, "1")),
            Err(EditError::AmendmentsInList)
        );
    }
}
