//! Rows as Parquet: one row group for the rows that are made together, its columns packed on the thread that made them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::arrow;
use super::column::{Kind, OutColumn, TABLES, schema_of};
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
        Rows { shapes: self.shapes.clone(), unsealed: arrow::Rows::default(), packed: [const { None }; 3] }
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
    pub unsealed: arrow::Rows,
    shapes: Arc<[Shape; 3]>,
    /// The columns as they will stand in the files; none where there is no row.
    packed: [Option<Result<Vec<ArrowColumnChunk>, ParquetError>>; 3],
}

impl Rows {
    /// Packs the columns. The codes by number are those of the rows.
    pub fn seal(&mut self, libraries: &[Box<[u8]>], subscriptions: &[Box<[u8]>]) {
        self.unsealed.seal(libraries, subscriptions);
        for ((packed, shape), rows) in self.packed.iter_mut().zip(&*self.shapes).zip(&mut self.unsealed.sealed) {
            *packed = rows.take().map(|rows| pack(shape, &rows));
        }
    }
}

fn pack(shape: &Shape, rows: &RecordBatch) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    // A number is needed for encrypted files alone.
    let writers = shape.factory.create_column_writers(0)?;
    let columns = writers.into_iter().zip(shape.schema.fields()).zip(rows.columns());
    columns
        .map(|((mut writer, field), column)| {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            writer.close()
        })
        .collect()
}
