//! Ids that nearly match (domain.md, "Rows that belong to nobody"): a spreadsheet takes the zeros of an id away, and a debt with
//! them. A row whose id no patron has holds those patrons whose id it nearly has.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::Reject;
use crate::slips::{end_without_slips, id_without_slips};
use crate::source::{self, Source, Together};
use crate::{Progress, Table, TableError};

/// The patrons whose ids some rows nearly have, by what is left of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nearly {
    /// The ids of the patrons, in the order of their table.
    patrons: HashMap<String, Vec<String>>,
}

/// Rows that belong to nobody, by what is left of their ids.
pub(crate) struct Strays {
    left: HashSet<String>,
    /// The last bytes of what is left, which tell most patrons apart from all of them at once.
    ends: [bool; 256],
}

impl Strays {
    /// Those among the rows that cannot be used.
    pub fn of(rejects: &[Reject]) -> Strays {
        let of_nobody = rejects.iter().filter(|reject| reject.of_nobody);
        let left: HashSet<String> = of_nobody.filter_map(|reject| id_without_slips(&reject.value)).collect();
        let mut ends = [false; 256];
        for end in left.iter().filter_map(|left| left.bytes().last()) {
            ends[usize::from(end)] = true;
        }
        Strays { left, ends }
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// What is left of the id of a patron, where a row nearly has it.
    pub fn near(&self, id: &str) -> Option<String> {
        if end_without_slips(id).is_some_and(|end| !self.ends[usize::from(end)]) {
            return None;
        }
        id_without_slips(id).filter(|left| self.left.contains(left))
    }

    /// The patrons of a source whose ids these rows nearly have.
    pub fn look(&self, source: &dyn Source, threads: usize) -> Result<Nearly, TableError> {
        let mut nearly = Nearly::default();
        let Some(patrons) = source.table(Table::Patrons, &[])? else { return Ok(nearly) };
        let fields = Table::Patrons.columns().len();
        let found = source::read(Table::Patrons, &*patrons, threads, &Progress::default(), |records| {
            let mut found = Vec::new();
            let mut together = Together::new(fields);
            while records.next(&mut together)? {
                for (_, fields) in together.iter() {
                    let id = fields[0].as_str();
                    found.extend(self.near(id).map(|left| (left, id.to_owned())));
                }
            }
            Ok(found)
        })?;
        for (left, id) in found.into_iter().flatten() {
            nearly.add(left, id);
        }
        Ok(nearly)
    }
}

/// This many patrons are named in the problem of a row.
const NAMED: usize = 3;

impl Nearly {
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
        let named: Vec<String> = patrons.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
        let more = patrons.len().saturating_sub(NAMED);
        let (named, has) = match (named.as_slice(), more) {
            ([one], 0) => (one.clone(), "has"),
            ([before @ .., last], 0) => (format!("{} and {last}", before.join(", ")), "have"),
            (named, more) => (format!("{} and {more} more", named.join(", ")), "have"),
        };
        Some(format!(
            "the patrons table has no such patron, but {named} nearly {has} this id and may be meant; write it as the patrons \
             table does"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
