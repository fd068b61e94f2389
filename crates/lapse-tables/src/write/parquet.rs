//! Rows as Parquet: one row group for the rows that are made together, its columns packed on the thread that made them.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int32Array, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lapse_policy::Day;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::{Kind, MembershipRow, OutColumn, ProfileRow, RecordRow, Sink, TABLES};
use crate::OutDirError;
use crate::outdir::OutFile;

/// The files of the three tables while a run writes them.
pub(crate) struct Files {
    files: [(PathBuf, SerializedFileWriter<OutFile>); 3],
    shapes: Arc<[Shape; 3]>,
}

/// What is needed to pack the columns of a table.
struct Shape {
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
}

impl Files {
    /// Starts files that are empty.
    pub fn new(files: [OutFile; 3]) -> Result<Files, OutDirError> {
        let mut tables = TABLES.iter();
        let started = files.map(|file| {
            let (_, columns) = tables.next().expect("a file for each table");
            let path = file.path().to_owned();
            let schema = schema_of(columns);
            let properties = Arc::new(properties_of(columns));
            let of_parquet = ArrowSchemaConverter::new().convert(&schema).map_err(|error| failed(&path, error))?;
            let writer = SerializedFileWriter::new(file, of_parquet.root_schema_ptr(), properties)
                .map_err(|error| failed(&path, error))?;
            let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
            Ok::<_, OutDirError>(((path, writer), Shape { schema, factory }))
        });
        let [memberships, records, profiles] = started;
        let ((memberships, of_memberships), (records, of_records), (profiles, of_profiles)) =
            (memberships?, records?, profiles?);
        let shapes = Arc::new([of_memberships, of_records, of_profiles]);
        Ok(Files { files: [memberships, records, profiles], shapes })
    }

    /// Empty rows to be filled.
    pub fn rows(&self) -> Rows {
        Rows {
            shapes: self.shapes.clone(),
            id: String::new(),
            memberships: Memberships::default(),
            records: Records::default(),
            profiles: Profiles::default(),
            packed: [const { None }; 3],
        }
    }

    /// Adds rows that were sealed.
    pub fn write(&mut self, rows: &mut Rows) -> Result<(), OutDirError> {
        for ((path, file), packed) in self.files.iter_mut().zip(&mut rows.packed) {
            let Some(packed) = packed.take() else { continue };
            let write = |columns: Vec<ArrowColumnChunk>| {
                let mut group = file.next_row_group()?;
                for column in columns {
                    column.append_to_row_group(&mut group)?;
                }
                group.close()
            };
            packed.and_then(write).map_err(|error| failed(path, error))?;
        }
        Ok(())
    }

    /// Writes what stands at the end of each.
    pub fn finish(self) -> Result<(), OutDirError> {
        self.files.into_iter().try_for_each(|(path, file)| match file.close() {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&path, error)),
        })
    }
}

pub(super) fn schema_of(columns: &[OutColumn]) -> SchemaRef {
    let word = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = columns.iter().map(|column| match column.kind {
        Kind::Id => Field::new(column.name, DataType::Utf8, false),
        Kind::Word => Field::new(column.name, word.clone(), false),
        Kind::MaybeWord => Field::new(column.name, word.clone(), true),
        Kind::Day => Field::new(column.name, DataType::Date32, false),
        Kind::MaybeDay => Field::new(column.name, DataType::Date32, true),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// How the columns of a table are packed: ids come seldom again, so that a dictionary of them would be of no use.
pub(super) fn properties_of(columns: &[OutColumn]) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in columns.iter().filter(|column| column.kind == Kind::Id) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
    }
    properties.build()
}

fn failed(path: &std::path::Path, error: ParquetError) -> OutDirError {
    let error = match error {
        ParquetError::External(error) => {
            error.downcast::<io::Error>().map_or_else(io::Error::other, |error: Box<io::Error>| *error)
        }
        error => io::Error::other(error),
    };
    OutDirError::Io { path: Some(path.to_owned()), error }
}

/// Rows of the three tables, in columns.
pub(crate) struct Rows {
    shapes: Arc<[Shape; 3]>,
    /// Of the patron at hand.
    id: String,
    memberships: Memberships,
    records: Records,
    profiles: Profiles,
    /// The columns as they will stand in the files; none where there is no row.
    packed: [Option<Result<Vec<ArrowColumnChunk>, ParquetError>>; 3],
}

#[derive(Default)]
struct Memberships {
    ids: StringBuilder,
    libraries: Vec<i32>,
    subscriptions: Vec<i32>,
    valid_from: Vec<i32>,
    outcomes: Words,
    reasons: Words,
    valid_until: Vec<Option<i32>>,
    last_activity: Vec<Option<i32>>,
}

#[derive(Default)]
struct Records {
    ids: StringBuilder,
    libraries: Vec<i32>,
    outcomes: Words,
    reasons: Words,
    pseudonymise_before: Vec<Option<i32>>,
    purge_finance_before: Vec<Option<i32>>,
}

#[derive(Default)]
struct Profiles {
    ids: StringBuilder,
    outcomes: Words,
    reasons: Words,
}

impl Rows {
    /// Packs the columns. The codes by number are those of the rows.
    pub fn seal(&mut self, libraries: &[Box<[u8]>], subscriptions: &[Box<[u8]>]) {
        let (libraries, subscriptions) = (texts(libraries), texts(subscriptions));
        let memberships = {
            let mut rows = std::mem::take(&mut self.memberships);
            vec![
                ids(&mut rows.ids),
                words(rows.libraries, &libraries),
                words(rows.subscriptions, &subscriptions),
                Arc::new(Date32Array::from(rows.valid_from)) as ArrayRef,
                rows.outcomes.finish(),
                rows.reasons.finish(),
                days(rows.valid_until),
                days(rows.last_activity),
            ]
        };
        let records = {
            let mut rows = std::mem::take(&mut self.records);
            vec![
                ids(&mut rows.ids),
                words(rows.libraries, &libraries),
                rows.outcomes.finish(),
                rows.reasons.finish(),
                days(rows.pseudonymise_before),
                days(rows.purge_finance_before),
            ]
        };
        let profiles = {
            let mut rows = std::mem::take(&mut self.profiles);
            vec![ids(&mut rows.ids), rows.outcomes.finish(), rows.reasons.finish()]
        };
        for ((packed, shape), columns) in
            self.packed.iter_mut().zip(&*self.shapes).zip([memberships, records, profiles])
        {
            *packed = (!columns[0].is_empty()).then(|| pack(shape, &columns));
        }
    }
}

fn pack(shape: &Shape, columns: &[ArrayRef]) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    // A number is needed for encrypted files alone.
    let writers = shape.factory.create_column_writers(0)?;
    let columns = writers.into_iter().zip(shape.schema.fields()).zip(columns);
    columns
        .map(|((mut writer, field), column)| {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            writer.close()
        })
        .collect()
}

impl Sink for Rows {
    fn patron(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    fn membership(&mut self, row: &MembershipRow<'_>) {
        let rows = &mut self.memberships;
        rows.ids.append_value(&self.id);
        rows.libraries.push(key(row.library.index));
        rows.subscriptions.push(key(row.subscription.index));
        rows.valid_from.push(row.valid_from.days_since_1970());
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reason.as_bytes());
        rows.valid_until.push(row.valid_until.map(Day::days_since_1970));
        rows.last_activity.push(row.last_activity.map(Day::days_since_1970));
    }

    fn record(&mut self, row: &RecordRow<'_>) {
        let rows = &mut self.records;
        rows.ids.append_value(&self.id);
        rows.libraries.push(key(row.library.index));
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reasons);
        rows.pseudonymise_before.push(row.pseudonymise_before.map(Day::days_since_1970));
        rows.purge_finance_before.push(row.purge_finance_before.map(Day::days_since_1970));
    }

    fn profile(&mut self, row: &ProfileRow<'_>) {
        let rows = &mut self.profiles;
        rows.ids.append_value(&self.id);
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reasons);
    }
}

/// A column of few texts.
#[derive(Default)]
struct Words {
    keys: Vec<i32>,
    texts: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, usize>,
    /// The place of the last text.
    last: usize,
}

impl Words {
    fn push(&mut self, text: &[u8]) {
        // Neighbours often have the same.
        if self.texts.get(self.last).is_none_or(|last| **last != *text) {
            self.last = self.numbers.get(text).copied().unwrap_or_else(|| {
                let number = self.texts.len();
                self.texts.push(text.into());
                self.numbers.insert(text.into(), number);
                number
            });
        }
        self.keys.push(key(self.last));
    }

    fn finish(self) -> ArrayRef {
        words(self.keys, &texts(&self.texts))
    }
}

fn key(index: usize) -> i32 {
    i32::try_from(index).expect("fewer than two billion distinct codes")
}

fn texts(texts: &[Box<[u8]>]) -> ArrayRef {
    let texts = texts.iter().map(|text| std::str::from_utf8(text).expect("codes and reasons are text"));
    Arc::new(StringArray::from_iter_values(texts))
}

fn ids(ids: &mut StringBuilder) -> ArrayRef {
    Arc::new(ids.finish())
}

fn words(keys: Vec<i32>, texts: &ArrayRef) -> ArrayRef {
    let words = DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), texts.clone());
    Arc::new(words.expect("a key is that of a text"))
}

fn days(days: Vec<Option<i32>>) -> ArrayRef {
    Arc::new(Date32Array::from(days))
}
