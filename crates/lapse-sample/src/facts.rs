//! The facts that the policy declares: a column for each, whose cells lie around the bounds of its tests, and rows of activity
//! for the sources that they name. They have random choices of their own, so that the other columns are those of a policy without
//! facts.

use lapse_policy::{
    DateTest, Day, DayPolicy, EmptyCell, Entry, FactKind, FactSource, FactTable, FactTest, NumberTest, Test, TestedFact,
};
use lapse_tables::Table;

use crate::chance::{Chance, back};
use crate::field::{Field, field};

/// The columns and sources of facts.
pub struct Facts {
    run: Day,
    chance: Chance,
    columns: Vec<Column>,
    sources: Vec<Field>,
}

/// A column of facts.
struct Column {
    table: Table,
    name: String,
    kind: FactKind,
    /// An empty cell is as good as one that says that there is none.
    may_be_empty: bool,
    bounds: Bounds,
}

/// What the tests of a fact compare it with, at any library.
#[derive(Default)]
struct Bounds {
    /// Counts, or amounts in cents.
    numbers: Vec<u64>,
    /// Days from which a term is over on the run day.
    days: Vec<Day>,
    codes: Vec<String>,
}

impl Facts {
    /// Those that a policy declares, whether a keep or an end in force looks at them or not.
    pub fn of(policy: &DayPolicy, seed: u64) -> Facts {
        let mut columns: Vec<Column> = Vec::new();
        let mut sources: Vec<Field> = Vec::new();
        for (number, fact) in policy.facts.iter().enumerate() {
            let bounds = Bounds::of(policy, number);
            match &fact.source {
                FactSource::Activity { sources: named } => {
                    let new: Vec<Field> = named.iter().map(|name| field(name)).collect();
                    sources.extend(new.into_iter().filter(|name| !is_counted(policy, name)));
                }
                FactSource::Column { table, column } => {
                    let table = match table {
                        FactTable::Patrons => Table::Patrons,
                        FactTable::Memberships => Table::Memberships,
                        FactTable::Accounts => Table::Accounts,
                    };
                    match columns.iter_mut().find(|known| known.table == table && known.name == *column) {
                        Some(known) => known.bounds.add(bounds),
                        None => columns.push(Column {
                            table,
                            name: column.clone(),
                            kind: fact.kind,
                            may_be_empty: fact.empty == EmptyCell::None,
                            bounds,
                        }),
                    }
                }
            }
        }
        sources.sort();
        sources.dedup();
        // Another sequence than that of the patrons.
        Facts { run: policy.date, chance: Chance::new(seed ^ 0x6661_6374), columns, sources }
    }

    /// The names of the columns of a table, as fields.
    pub fn names(&self, table: Table) -> impl Iterator<Item = Field> {
        self.columns.iter().filter(move |column| column.table == table).map(|column| field(&column.name))
    }

    /// How many columns a table has.
    pub fn count(&self, table: Table) -> usize {
        self.columns.iter().filter(|column| column.table == table).count()
    }

    /// The cells of a row of a table.
    pub fn row(&mut self, table: Table) -> Vec<Vec<u8>> {
        let Facts { run, chance, columns, .. } = self;
        columns.iter().filter(|column| column.table == table).map(|column| column.cell(*run, chance)).collect()
    }

    /// The sources of which the next patron has a row of activity beside those that count, each with its day.
    pub fn activity(&mut self) -> Vec<(&[u8], Day)> {
        let Facts { run, chance, sources, .. } = self;
        let mut rows = Vec::new();
        for source in &*sources {
            if chance.per_mille(400) {
                rows.push((&**source, back(*run, i64::from(chance.small(4 * 365)))));
            }
        }
        rows
    }
}

fn is_counted(policy: &DayPolicy, source: &[u8]) -> bool {
    let mut counted = policy.all_settings().flat_map(|settings| &settings.activity.sources.value);
    counted.any(|counted| *field(counted) == *source)
}

impl Bounds {
    fn of(policy: &DayPolicy, fact: usize) -> Bounds {
        let mut bounds = Bounds::default();
        let in_force = policy.all_settings().flat_map(|settings| settings.entries.in_force());
        for FactTest { fact: tested, test } in in_force.flat_map(Entry::tests) {
            if *tested == TestedFact::Declared(fact) {
                bounds.see(&test.value, policy.date);
            }
        }
        bounds
    }

    fn see(&mut self, test: &Test, run: Day) {
        match test {
            Test::Number(NumberTest { over, at_least, under, at_most }) => {
                self.numbers.extend([over, at_least, under, at_most].into_iter().flatten());
            }
            Test::Date(DateTest { within_months, within_days, past_months, past_days, round: _, after: _ }) => {
                let months = [within_months, past_months].into_iter().flatten();
                self.days.extend(months.map(|months| run.add_months(-months.cast_signed())));
                let days = [within_days, past_days].into_iter().flatten();
                self.days.extend(days.map(|days| run.add_days(-days.cast_signed())));
            }
            Test::AnyOf(codes) => self.codes.extend(codes.iter().cloned()),
            Test::Is(_) | Test::Age { .. } | Test::Months(_) => {}
        }
        self.numbers.dedup();
        self.days.dedup();
        self.codes.dedup();
    }

    fn add(&mut self, other: Bounds) {
        self.numbers.extend(other.numbers);
        self.days.extend(other.days);
        self.codes.extend(other.codes);
    }
}

impl Column {
    fn cell(&self, run: Day, chance: &mut Chance) -> Vec<u8> {
        // Some cells are empty, as in any extract: few where nobody knows then, most where there is none.
        if chance.per_mille(if self.may_be_empty { 600 } else { 20 }) {
            return Vec::new();
        }
        match self.kind {
            FactKind::Flag => if chance.per_mille(150) { "true" } else { "false" }.into(),
            FactKind::Count => self.number(chance, 6).to_string().into_bytes(),
            FactKind::Amount => {
                let cents = self.number(chance, 5000);
                format!("{}.{:02}", cents / 100, cents % 100).into_bytes()
            }
            FactKind::Date => {
                let near = self.bounds.days.get(chance.below(4) as usize);
                let day = match near {
                    Some(&bound) => back(bound, i64::from(chance.below(3)) - 1),
                    None => back(run, i64::from(chance.small(5 * 365))),
                };
                day.to_bytes().to_vec()
            }
            FactKind::Code => {
                let named = chance.per_mille(300);
                let code = chance.one(&self.bounds.codes).filter(|_| named);
                code.map_or_else(|| b"other".to_vec(), |code| code.clone().into_bytes())
            }
        }
    }

    /// A number around a bound, or a small one.
    fn number(&self, chance: &mut Chance, most: u32) -> u64 {
        match self.bounds.numbers.get(chance.below(4) as usize) {
            Some(&bound) => (bound + u64::from(chance.below(3))).saturating_sub(1),
            None if chance.per_mille(600) => 0,
            None => u64::from(chance.small(most)),
        }
    }
}
