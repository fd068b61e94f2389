//! The columns of facts in the records of a table: where each stands among the fields, and what its cells mean (policy.md,
//! "Facts, keeps, ends"). A cell that is not of the fact's type makes its row unusable.

use lapse_engine::{FactColumn, FactColumns, FactColumnsTold, FactValue};
use lapse_policy::{BuiltInFact, EmptyCell, FactKind, FactTable};

use crate::Table;
use crate::asked::AskedColumn;
use crate::codes::{Intern, Renumberings};
use crate::reject::{Fault, RowFault};
use crate::source::{Field, RowPlace};
use crate::tables::value::{amount, count, optional_date};

/// What is asked of a source beyond the columns of its tables: texts, and the columns of facts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Those whose texts are asked for, then those of facts that the source has.
    pub columns: Vec<AskedColumn>,
    /// How many of them are asked for their texts.
    texts: usize,
    /// The facts of each table, in the order of [`FactTable::ALL`].
    facts: [FactFields; 3],
}

impl Asked {
    /// The texts that are asked for, and the facts of which a source tells those in `told`; `has` says whether it has a
    /// column.
    pub fn of(
        texts: &[AskedColumn],
        columns: &FactColumns,
        told: FactColumnsTold,
        has: impl Fn(Table, &str) -> bool,
    ) -> Asked {
        let mut asked = Asked { columns: texts.to_vec(), texts: texts.len(), facts: Default::default() };
        for &of in FactTable::ALL {
            let table = Table::of_facts(of);
            let fields = columns.of(of).iter().enumerate().map(|(place, column)| {
                if !told.has_column(columns, of, place) {
                    return FactField { what: What::Untold, field: None };
                }
                match column {
                    FactColumn::OfAccounts(fact) => FactField {
                        what: What::OfAccounts(*fact == BuiltInFact::Items),
                        field: table.columns().iter().position(|column| column.name == fact.as_str()),
                    },
                    FactColumn::Declared { column, kind, empty } => FactField {
                        what: What::Declared(*kind, *empty),
                        field: has(table, column).then(|| asked.field(table, column)),
                    },
                }
            });
            asked.facts[of as usize] = FactFields { fields: fields.collect() };
        }
        asked
    }

    /// The place of a column among the fields of a record of its table.
    fn field(&mut self, table: Table, name: &str) -> usize {
        let of_table = AskedColumn::names(&self.columns, table);
        let place = of_table.iter().position(|column| column == name);
        if place.is_none() {
            self.columns.push(AskedColumn { table, name: name.to_owned() });
        }
        table.columns().len() + place.unwrap_or(of_table.len())
    }

    /// The columns whose texts are asked for.
    pub fn texts(&self) -> &[AskedColumn] {
        &self.columns[..self.texts]
    }

    /// How many texts are asked of a row of a table.
    pub fn texts_of(&self, table: Table) -> usize {
        self.texts().iter().filter(|column| column.table == table).count()
    }

    /// The facts of a table.
    pub fn facts(&self, table: Table) -> &FactFields {
        match table {
            Table::Patrons => &self.facts[FactTable::Patrons as usize],
            Table::Memberships => &self.facts[FactTable::Memberships as usize],
            Table::Accounts => &self.facts[FactTable::Accounts as usize],
            Table::Activity => &NONE,
        }
    }

    /// The name of the column that a field of a record is of.
    pub fn column(&self, table: Table, field: usize) -> String {
        match table.columns().get(field) {
            Some(column) => column.name.to_owned(),
            None => AskedColumn::names(&self.columns, table).swap_remove(field - table.columns().len()),
        }
    }
}

impl Table {
    /// The table whose columns are these facts.
    pub const fn of_facts(facts: FactTable) -> Table {
        match facts {
            FactTable::Patrons => Table::Patrons,
            FactTable::Memberships => Table::Memberships,
            FactTable::Accounts => Table::Accounts,
        }
    }
}

static NONE: FactFields = FactFields { fields: Vec::new() };

/// The facts of one table, in the order of [`FactColumns`].
#[derive(Clone, Debug, Default)]
pub(crate) struct FactFields {
    fields: Vec<FactField>,
}

#[derive(Clone, Copy, Debug)]
struct FactField {
    what: What,
    /// Its place among the fields of a record; none where each cell is empty.
    field: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// The extract does not have the column, so that the fact is unknown for all.
    Untold,
    /// A number of the accounts table, which is a count or else an amount; empty is zero.
    OfAccounts(bool),
    /// A declared fact.
    Declared(FactKind, EmptyCell),
}

impl FactFields {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Reads the facts of a row to the end of `values`; those that cannot be read are unknown, and the first of them is told. It is apart, so
    /// that what reads no facts stays small.
    #[inline(never)]
    pub fn read(
        &self,
        fields: &[Field<'_>],
        codes: &mut impl Intern,
        values: &mut Vec<FactValue>,
    ) -> Result<(), RowFault> {
        let mut fault = None;
        for fact in &self.fields {
            let value = fact.read(fields, codes).unwrap_or_else(|found| {
                fault.get_or_insert(found);
                FactValue::UNKNOWN
            });
            values.push(value);
        }
        fault.map_or(Ok(()), Err)
    }

    /// Gives the cells of codes among the facts of some rows the numbers that everybody uses.
    fn renumber(&self, values: &mut [FactValue], to: &Renumberings) {
        let codes = self.fields.iter().map(|fact| matches!(fact.what, What::Declared(FactKind::Code, _)));
        let codes: Vec<bool> = codes.collect();
        for row in values.chunks_mut(codes.len().max(1)) {
            for (value, _) in row.iter_mut().zip(&codes).filter(|&(_, &is_code)| is_code) {
                if let Some(mut cell) = value.codes() {
                    to.blocks.apply(&mut cell);
                    *value = FactValue::of_codes(cell);
                }
            }
        }
    }
}

impl FactField {
    #[inline]
    fn read(self, fields: &[Field<'_>], codes: &mut impl Intern) -> Result<FactValue, RowFault> {
        let at = self.field.unwrap_or_default();
        let field = self.field.map(|field| &fields[field]);
        let (kind, empty) = match self.what {
            What::Untold => return Ok(FactValue::UNKNOWN),
            What::OfAccounts(is_count) => (if is_count { FactKind::Count } else { FactKind::Amount }, EmptyCell::None),
            What::Declared(kind, empty) => (kind, empty),
        };
        let is_empty = |field: &&Field<'_>| !matches!(field, Field::Text(text) if text.is_empty());
        let Some(field) = field.filter(is_empty) else {
            return Ok(match empty {
                EmptyCell::Unknown => FactValue::UNKNOWN,
                EmptyCell::None => FactValue::NONE,
            });
        };
        match kind {
            FactKind::Date => optional_date(at, field).map(FactValue::of_day),
            FactKind::Count => count(at, field).map(FactValue::of_count),
            FactKind::Amount => amount(at, field).map(|(cents, and_more)| FactValue::of_amount(cents, and_more)),
            FactKind::Code => Ok(FactValue::of_codes(codes.blocks(&field.text()))),
            FactKind::Flag => match field.as_str() {
                "true" => Ok(FactValue::TRUE),
                "false" => Ok(FactValue::NONE),
                other => Err(RowFault::new(at, other, Fault::NotABoolean)),
            },
        }
    }
}

/// The facts of rows, row by row in the order of the table, with the place of each.
#[derive(Default)]
pub(crate) struct FactRows {
    places: Vec<RowPlace>,
    values: Vec<FactValue>,
}

impl FactRows {
    /// Adds a row; without facts it adds nothing.
    pub fn push(&mut self, at: RowPlace, values: &[FactValue]) {
        if !values.is_empty() {
            self.places.push(at);
            self.values.extend_from_slice(values);
        }
    }

    /// Adds the rows of a later piece, whose codes get the numbers that everybody uses.
    pub fn append(&mut self, mut piece: FactRows, facts: &FactFields, to: &Renumberings) {
        if !to.are_trivial() {
            facts.renumber(&mut piece.values, to);
        }
        self.places.append(&mut piece.places);
        self.values.append(&mut piece.values);
    }

    /// The facts of the rows at `places`, in their order.
    pub fn tell(&self, facts: &FactFields, places: impl Iterator<Item = RowPlace>) -> Vec<FactValue> {
        let mut told = Vec::new();
        if !facts.is_empty() {
            for at in places {
                let row = self.places.binary_search(&at).expect("each row that is used was noted");
                told.extend_from_slice(&self.values[row * facts.len()..][..facts.len()]);
            }
        }
        told
    }
}
