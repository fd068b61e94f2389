//! A list of rows as one Parquet file in memory, its columns typed as those of the output tables.

use std::sync::Arc;

use arrow_array::builder::{Date32Builder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use lapse_policy::Day;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

use super::column::{Kind, OutColumn, schema_of};
use super::parquet::properties_of;

/// This many rows are packed at a time.
const BATCH: usize = 1 << 16;

/// What stands in one column of a row.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// A text; an empty one is none.
    Text(&'a str),
    /// A day, where there is one.
    Day(Option<Day>),
}

/// Rows of one table, to become a Parquet file.
pub(super) struct ParquetList {
    schema: SchemaRef,
    writer: ArrowWriter<Vec<u8>>,
    columns: Vec<Values>,
    /// How many rows are not packed yet.
    waiting: usize,
}

/// The values of a column that are not packed yet.
enum Values {
    Ids(StringBuilder),
    Words(StringDictionaryBuilder<Int32Type>),
    Days(Date32Builder),
}

impl ParquetList {
    /// Without a row, with these columns.
    pub fn new(columns: &[OutColumn]) -> ParquetList {
        let values = |column: &OutColumn| match column.kind {
            Kind::Id => Values::Ids(StringBuilder::new()),
            Kind::Word | Kind::MaybeWord => Values::Words(StringDictionaryBuilder::new()),
            Kind::Day | Kind::MaybeDay => Values::Days(Date32Builder::new()),
        };
        let schema = schema_of(columns);
        let writer = in_memory(ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties_of(columns))));
        ParquetList { schema, writer, columns: columns.iter().map(values).collect(), waiting: 0 }
    }

    /// Adds a row, with a field for each column.
    pub fn row(&mut self, fields: &[Field<'_>]) {
        assert_eq!(fields.len(), self.columns.len(), "a row has a field for each column");
        for (values, field) in self.columns.iter_mut().zip(fields) {
            match (values, *field) {
                (Values::Ids(values), Field::Text(text)) => values.append_value(text),
                (Values::Words(values), Field::Text("")) => values.append_null(),
                (Values::Words(values), Field::Text(text)) => values.append_value(text),
                (Values::Days(values), Field::Day(day)) => values.append_option(day.map(Day::days_since_1970)),
                (Values::Ids(_) | Values::Words(_), Field::Day(_)) | (Values::Days(_), Field::Text(_)) => {
                    unreachable!("a field is of the kind of its column")
                }
            }
        }
        self.waiting += 1;
        if self.waiting == BATCH {
            self.pack();
        }
    }

    fn pack(&mut self) {
        let columns = self.columns.iter_mut().map(|values| match values {
            Values::Ids(values) => Arc::new(values.finish()) as ArrayRef,
            Values::Words(values) => Arc::new(values.finish()),
            Values::Days(values) => Arc::new(values.finish()),
        });
        let batch = RecordBatch::try_new(self.schema.clone(), columns.collect());
        in_memory(self.writer.write(&batch.expect("the columns are of the schema, with a value in each row")));
        self.waiting = 0;
    }

    /// The whole file.
    pub fn into_bytes(mut self) -> Vec<u8> {
        if self.waiting > 0 {
            self.pack();
        }
        in_memory(self.writer.into_inner())
    }
}

fn in_memory<T>(result: Result<T, ParquetError>) -> T {
    result.expect("rows of a known schema have a Parquet form, and memory takes it")
}
