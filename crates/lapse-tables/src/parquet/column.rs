//! A column of a batch, each value written as CSV would have it, so that what is said of a value does not depend on the
//! format.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowNativeTypeOp, BooleanArray, DictionaryArray, PrimitiveArray, StringArray};
use arrow_schema::DataType;
use lapse_policy::Day;

/// How many bytes a day takes as text.
const DAY: usize = 10;

/// A column of a batch.
pub(super) enum Column {
    Text(StringArray),
    /// Numbers of the texts.
    Coded(DictionaryArray<Int32Type>, StringArray),
    /// With ten bytes for each; spaces for what is no day of the calendar.
    Days(PrimitiveArray<Date32Type>, String),
    Boolean(BooleanArray),
    Number(Number),
    /// Whose values are all null.
    Nothing,
}

/// A column of numbers: nearly all of them zeros, which are written once.
pub(super) struct Number {
    values: ArrayRef,
    written: fn(&dyn Array, usize) -> String,
    is_zero: fn(&dyn Array, usize) -> bool,
    zero: String,
}

/// What a column holds, in words, where it is nothing that a table can have.
pub(super) fn unreadable(kind: &DataType) -> Option<&'static str> {
    match kind {
        DataType::Timestamp(..) | DataType::Date64 => Some("points in time"),
        DataType::Struct(_) | DataType::List(_) | DataType::Map(..) => Some("nested values"),
        DataType::Binary | DataType::FixedSizeBinary(_) => Some("bytes that are not marked as text"),
        kind if is_read(kind) => None,
        _ => Some("values of another kind"),
    }
}

fn is_read(kind: &DataType) -> bool {
    kind.is_integer()
        || kind.is_decimal()
        || matches!(
            kind,
            DataType::Utf8
                | DataType::Date32
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
                | DataType::Null
        )
}

impl Column {
    pub fn new(values: &ArrayRef) -> Column {
        macro_rules! numbers {
            ($($kind:pat => $type:ty, $written:expr;)+) => {
                match values.data_type() {
                    DataType::Utf8 => Column::Text(values.as_string().clone()),
                    DataType::Dictionary(..) => {
                        let coded = values.as_dictionary::<Int32Type>();
                        Column::Coded(coded.clone(), coded.values().as_string().clone())
                    }
                    DataType::Date32 => Column::days(values.as_primitive().clone()),
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

    fn days(days: PrimitiveArray<Date32Type>) -> Column {
        let mut texts = Vec::with_capacity(days.len() * DAY);
        for &day in days.values() {
            texts.extend_from_slice(&Day::from_days_since_1970(day).map_or([b' '; DAY], Day::to_bytes));
        }
        Column::Days(days, String::from_utf8(texts).expect("a day is written in ASCII"))
    }

    /// The text of a row, empty for null, if there is one to borrow; what is left is [`Column::written`].
    #[inline]
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Column::Text(values) => Some(if values.is_null(row) { "" } else { values.value(row) }),
            Column::Coded(values, texts) => Some(values.key(row).map_or("", |key| texts.value(key))),
            Column::Days(days, _) if days.is_null(row) => Some(""),
            Column::Days(_, texts) => Some(&texts[row * DAY..][..DAY]).filter(|text| !text.starts_with(' ')),
            Column::Boolean(values) if values.is_null(row) => Some(""),
            Column::Boolean(values) => Some(if values.value(row) { "true" } else { "false" }),
            Column::Number(number) if number.values.is_null(row) => Some(""),
            Column::Number(number) => (number.is_zero)(&number.values, row).then_some(&number.zero),
            Column::Nothing => Some(""),
        }
    }

    /// The text of a row that has none to borrow.
    #[cold]
    pub fn written(&self, row: usize) -> String {
        match self {
            Column::Text(_) | Column::Coded(..) | Column::Boolean(_) | Column::Nothing => String::new(),
            Column::Days(days, _) => format!("day {} from 1970-01-01", days.value(row)),
            Column::Number(number) => (number.written)(&number.values, row),
        }
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
