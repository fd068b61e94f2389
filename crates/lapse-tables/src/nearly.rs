//! Ids that nearly match (domain.md, "Rows that belong to nobody"): a spreadsheet takes the zeros of an id away, and a debt with
//! them. A row whose id no patron has holds those patrons whose id it nearly has.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::reject::cut;
use crate::slips::{LeftOfIds, id_without_slips};
use crate::source::{LookedFor, Source, find_rows};
use crate::{Reject, Table, TableError};

/// The patrons whose ids some rows nearly have, by what is left of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nearly {
    /// The ids of the patrons, in the order of their table.
    patrons: HashMap<String, Vec<String>>,
}

/// What is left of the ids of rows that belong to nobody.
pub(crate) fn left_of_strays(rejects: &[Reject]) -> LeftOfIds {
    let of_nobody = rejects.iter().filter(|reject| reject.of_nobody);
    LeftOfIds::new(of_nobody.filter_map(|reject| id_without_slips(&reject.value)))
}

/// This many patrons are named in the problem of a row.
const NAMED: usize = 3;

impl Nearly {
    /// The patrons of a source whose ids these rows nearly have.
    pub fn find(source: &dyn Source, strays: &LeftOfIds, threads: usize) -> Result<Nearly, TableError> {
        let mut nearly = Nearly::default();
        let found = find_rows(source, Table::Patrons, LookedFor::Nearly(strays), &[], threads, false)?;
        for (_, mut fields) in found.into_iter().flat_map(|(found, _)| found.rows) {
            let id = fields.swap_remove(0);
            nearly.add(id_without_slips(&id).unwrap_or_default(), id);
        }
        Ok(nearly)
    }

    /// Adds a patron, in the order of their table.
    pub fn add(&mut self, left: String, id: String) {
        let patrons = self.patrons.entry(left).or_default();
        if !patrons.contains(&id) {
            patrons.push(id);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.patrons.is_empty()
    }

    /// The ids of all patrons who are held for a row that nearly has their id.
    pub fn held(&self) -> HashSet<String> {
        self.patrons.values().flatten().cloned().collect()
    }

    /// Says of each row that nearly has the id of a patron whom it holds.
    pub fn tell(&self, rejects: &mut [Reject]) {
        if self.is_empty() {
            return;
        }
        let mut told: BTreeMap<String, Option<String>> = BTreeMap::new();
        for reject in rejects.iter_mut().filter(|reject| reject.of_nobody) {
            let sentence = told.entry(reject.value.clone()).or_insert_with(|| self.sentence(&reject.value));
            if let Some(sentence) = sentence {
                reject.problem.clone_from(sentence);
                reject.of_nobody = false;
            }
        }
    }

    fn sentence(&self, id: &str) -> Option<String> {
        let patrons = self.patrons.get(&id_without_slips(id)?)?;
        let who = who_nearly_have(patrons);
        Some(format!(
            "the patrons table has no such patron, but {who} this id and may be meant; write it as the patrons table does"
        ))
    }
}

/// The patrons of a source whose ids nearly are `id`, each once, in the order of their table. Files of patrons are searched for
/// the bytes of the id; those of other tables are not looked at.
pub fn patrons_nearly(source: &dyn Source, id: &str, threads: usize) -> Result<Vec<String>, TableError> {
    let Some(left) = id_without_slips(id) else { return Ok(Vec::new()) };
    let found = Nearly::find(source, &LeftOfIds::new([left]), threads)?;
    Ok(found.patrons.into_values().flatten().collect())
}

/// Says of some patrons that they nearly have an id, as in "`00123` nearly has".
pub fn who_nearly_have(patrons: &[String]) -> String {
    let named: Vec<String> = patrons.iter().take(NAMED).map(|id| format!("`{}`", cut(id))).collect();
    let more = patrons.len().saturating_sub(NAMED);
    match (named.as_slice(), more) {
        ([one], 0) => format!("{one} nearly has"),
        ([before @ .., last], 0) => format!("{} and {last} nearly have", before.join(", ")),
        (named, more) => format!("{} and {more} more nearly have", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Folder;

    #[test]
    fn few_strays_are_looked_for_in_the_text_and_many_in_the_rows_alike() {
        let dir = tempfile::tempdir().unwrap();
        let patrons: Vec<String> = (1..=40).map(|id| format!("00{id}\n\" P{id}\"")).collect();
        std::fs::write(dir.path().join("patrons.csv"), format!("patron_id\n{}\n", patrons.join("\n"))).unwrap();
        let source = Folder::new(dir.path());
        for number in [1, 3, 16, 17, 40, 80] {
            let strays = LeftOfIds::new((1..=number).flat_map(|id| [id.to_string(), format!("p{id}")]));
            let found = Nearly::find(&source, &strays, 2).unwrap();
            let expected = (1..=number.min(40)).flat_map(|id| [format!("00{id}"), format!(" P{id}")]);
            assert_eq!(found.held(), expected.collect::<HashSet<_>>(), "{number}");
        }
    }

    #[test]
    fn the_patrons_whom_a_row_holds_are_named_three_of_them_at_the_most() {
        let told = |ids: &[&str]| {
            let mut nearly = Nearly::default();
            for id in ids {
                nearly.add("1".to_owned(), (*id).to_owned());
            }
            let sentence = nearly.sentence("1").unwrap();
            sentence.split_once("but ").unwrap().1.split_once(" this id").unwrap().0.to_owned()
        };
        assert_eq!(told(&["01"]), "`01` nearly has");
        assert_eq!(told(&["01", "001"]), "`01` and `001` nearly have");
        assert_eq!(told(&["01", "01"]), "`01` nearly has");
        assert_eq!(told(&["01", "02", "03", "04", "05"]), "`01`, `02`, `03` and 2 more nearly have");
    }
}
