//! A column of a batch, each value written as CSV would have it, so that what is said of a value does not depend on the
//! format.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowNativeTypeOp, BooleanArray, DictionaryArray, Int32Array, PrimitiveArray, StringArray,
};
use arrow_schema::DataType;
use lapse_policy::Day;

use super::field::Field;

/// A column of a batch.
pub(super) enum Column {
    Text(StringArray),
    /// Texts that are kept in another way, and how to get at one.
    OtherText(ArrayRef, fn(&dyn Array, usize) -> &str),
    /// A number for each row, and the texts that the numbers mean.
    Coded(DictionaryArray<Int32Type>, StringArray),
    /// Days, in a column whose values are days.
    Days(PrimitiveArray<Date32Type>),
    Boolean(BooleanArray),
    Number(Number),
    /// Nothing but nulls.
    Nothing,
}

/// A column of numbers: nearly all of them zeros, which are written once.
pub(super) struct Number {
    values: ArrayRef,
    written: fn(&dyn Array, usize) -> String,
    is_zero: fn(&dyn Array, usize) -> bool,
    zero: String,
}

/// What a column holds, in words, where no table can have that.
pub fn unreadable(kind: &DataType) -> Option<&'static str> {
    match kind {
        DataType::Timestamp(..) | DataType::Date64 => Some("points in time"),
        DataType::Struct(_) | DataType::List(_) | DataType::LargeList(_) | DataType::Map(..) => Some("nested values"),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Some("bytes that are not marked as text")
        }
        kind if is_read(kind) => None,
        _ => Some("values of another kind"),
    }
}

fn is_read(kind: &DataType) -> bool {
    match kind {
        DataType::Date32
        | DataType::Boolean
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Decimal256(..)
        | DataType::Null => true,
        DataType::Dictionary(_, values) => is_text(values),
        kind => kind.is_integer() || is_text(kind),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

impl Column {
    /// `of_days`: the table has days there.
    pub fn new(values: &ArrayRef, of_days: bool) -> Column {
        macro_rules! numbers {
            ($($kind:pat => $type:ty, $written:expr;)+) => {
                match values.data_type() {
                    DataType::Utf8 => Column::Text(values.as_string().clone()),
                    DataType::LargeUtf8 => {
                        Column::OtherText(values.clone(), |values, row| values.as_string::<i64>().value(row))
                    }
                    DataType::Utf8View => {
                        Column::OtherText(values.clone(), |values, row| values.as_string_view().value(row))
                    }
                    DataType::Dictionary(..) => coded(values),
                    DataType::Date32 if of_days => Column::Days(values.as_primitive().clone()),
                    DataType::Date32 => {
                        let days = values.as_primitive::<Date32Type>();
                        Column::Text(days.iter().map(|day| day.map(day_text)).collect())
                    }
                    DataType::Boolean => Column::Boolean(values.as_boolean().clone()),
                    $($kind => Column::Number(Number::new(
                        values.clone(),
                        |values, row| $written(values.as_primitive::<$type>(), row),
                        // The zeros of floating point numbers have a sign.
                        |values, row| !values.data_type().is_floating()
                            && values.as_primitive::<$type>().value(row).is_zero(),
                    )),)+
                    _ => Column::Nothing,
                }
            };
        }
        numbers! {
            DataType::Int8 => Int8Type, number;
            DataType::Int16 => Int16Type, number;
            DataType::Int32 => Int32Type, number;
            DataType::Int64 => Int64Type, number;
            DataType::UInt8 => UInt8Type, number;
            DataType::UInt16 => UInt16Type, number;
            DataType::UInt32 => UInt32Type, number;
            DataType::UInt64 => UInt64Type, number;
            DataType::Float32 => Float32Type, number;
            DataType::Float64 => Float64Type, number;
            DataType::Decimal128(..) => Decimal128Type, PrimitiveArray::<Decimal128Type>::value_as_string;
            DataType::Decimal256(..) => Decimal256Type, PrimitiveArray::<Decimal256Type>::value_as_string;
        }
    }

    /// Reads the values of rows, empty for null.
    pub fn read<'a: 'f, 'f>(&'a self, rows: Range<usize>, fields: impl Iterator<Item = &'f mut Field<'a>>) {
        match self {
            Column::Text(values) => {
                fill(rows, fields, |row| if values.is_null(row) { "" } else { values.value(row) });
            }
            Column::OtherText(values, text) => {
                fill(rows, fields, |row| if values.is_null(row) { "" } else { text(values, row) });
            }
            Column::Coded(values, texts) => {
                fill(rows, fields, |row| values.key(row).map_or("", |key| texts.value(key)));
            }
            Column::Days(values) => {
                for (row, field) in rows.zip(fields) {
                    let days = values.value(row);
                    // Each arm writes the field as a whole: made first and then moved, it takes longer.
                    if values.is_null(row) {
                        *field = Field::EMPTY;
                    } else if let Some(day) = Day::from_days_since_1970(days) {
                        *field = Field::Day(day);
                    } else {
                        *field = Field::Text(Cow::Owned(day_text(days)));
                    }
                }
            }
            Column::Boolean(values) => fill(rows, fields, |row| match values.value(row) {
                _ if values.is_null(row) => "",
                true => "true",
                false => "false",
            }),
            Column::Number(Number { values, written, is_zero, zero }) => {
                for (row, field) in rows.zip(fields) {
                    if values.is_null(row) {
                        *field = Field::EMPTY;
                    } else if is_zero(values, row) {
                        *field = Field::Text(Cow::Borrowed(zero));
                    } else {
                        *field = Field::Text(Cow::Owned(written(values, row)));
                    }
                }
            }
            Column::Nothing => fill(rows, fields, |_| ""),
        }
    }
}

/// A dictionary of texts: taken as it is when it is of the kind that is read from Parquet, and brought into that form when
/// its numbers or texts are of another kind or one of its texts is null.
fn coded(values: &ArrayRef) -> Column {
    let any = values.as_any_dictionary();
    if let Some(coded) = values.as_dictionary_opt::<Int32Type>()
        && let Some(texts) = coded.values().as_string_opt::<i32>()
        && texts.null_count() == 0
    {
        return Column::Coded(coded.clone(), texts.clone());
    }
    let texts = text_array(any.values());
    let keys: Vec<usize> = if texts.is_empty() { vec![0; values.len()] } else { any.normalized_keys() };
    let keys = keys.into_iter().enumerate().map(|(row, key)| {
        let is_null = any.keys().is_null(row) || texts.is_null(key);
        (!is_null).then(|| i32::try_from(key).expect("fewer than two billion distinct texts"))
    });
    let keys: Int32Array = keys.collect();
    let texts: StringArray = texts.iter().map(|text| Some(text.unwrap_or_default())).collect();
    let coded = DictionaryArray::new(keys, std::sync::Arc::new(texts.clone()));
    Column::Coded(coded, texts)
}

/// The same texts in the usual form.
fn text_array(values: &dyn Array) -> StringArray {
    match values.data_type() {
        DataType::LargeUtf8 => values.as_string::<i64>().iter().collect(),
        DataType::Utf8View => values.as_string_view().iter().collect(),
        _ => values.as_string::<i32>().clone(),
    }
}

#[inline]
fn fill<'a: 'f, 'f>(
    rows: Range<usize>,
    fields: impl Iterator<Item = &'f mut Field<'a>>,
    text: impl Fn(usize) -> &'a str,
) {
    for (row, field) in rows.zip(fields) {
        *field = Field::Text(Cow::Borrowed(text(row)));
    }
}

/// A day as CSV would have it, and what is none.
fn day_text(days: i32) -> String {
    match Day::from_days_since_1970(days) {
        Some(day) => day.to_string(),
        None => format!("day {days} from 1970-01-01"),
    }
}

impl Number {
    fn new(
        values: ArrayRef,
        written: fn(&dyn Array, usize) -> String,
        is_zero: fn(&dyn Array, usize) -> bool,
    ) -> Number {
        let first_zero = (0..values.len()).find(|&row| values.is_valid(row) && is_zero(&values, row));
        let zero = first_zero.map(|row| written(&values, row)).unwrap_or_default();
        Number { values, written, is_zero, zero }
    }
}

fn number<T: arrow_array::ArrowPrimitiveType>(values: &PrimitiveArray<T>, row: usize) -> String
where
    T::Native: std::fmt::Display,
{
    values.value(row).to_string()
}
