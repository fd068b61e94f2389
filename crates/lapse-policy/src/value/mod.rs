//! A value of a policy file, as the type that the schema gives its key. The files below read it from what TOML gave:
//! `read` all kinds, with the help of `code`, `dates`, and of `plugin` and `config` for those of `[plugins.NAME]`; `test` reads the tests
//! of keeps and ends; `misfit` says why a value does not fit.

mod code;
mod config;
mod dates;
mod misfit;
mod plugin;
mod read;
mod test;

pub(crate) use code::{NO_LIBRARY, bad_code, quoted};
pub use code::{as_key, file_stem, folded, is_code};
pub(crate) use misfit::{Misfit, type_name};
pub(crate) use plugin::bad_name;
pub(crate) use read::read;
pub use test::CONDITIONS;
pub(crate) use test::{test, unknown_fact};

use crate::{
    Day, EmptyCell, FactKind, Fee, Grant, GroupKind, Holder, Isolation, KeepOf, MonthDay, PluginColumn, Removal,
    Renewal, Scope, Span, Test,
};

/// The word that takes away what a key would have otherwise.
pub(crate) const UNSET: &str = "none";

/// A value that fits its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Number(u32),
    Fee(Fee),
    Holder(Holder),
    Renewal(Renewal),
    Scope(Scope),
    GroupKind(GroupKind),
    Date(Day),
    Boolean(bool),
    Grants(Vec<Grant>),
    Columns(Vec<PluginColumn>),
    /// As JSON.
    Config(String),
    Isolation(Isolation),
    MonthDay(MonthDay),
    /// Of [`Key::PseudonymiseMonths`](crate::Key), whose other unit is a plain number of days.
    Months(u32),
    Removal(Removal),
    FactKind(FactKind),
    EmptyCell(EmptyCell),
    KeepOf(Vec<KeepOf>),
    Holders(Vec<Holder>),
    Test(Test),
    /// `none`: as if nobody had said anything.
    Unset,
}

/// A type that a value can be taken as.
pub(crate) trait FromValue: Sized {
    /// The value as this type; none where the schema gives the key another.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($variant:ident $(| $other:ident)? => $type:ty,)+) => {
        $(impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                if let Value::$variant(value) $(| Value::$other(value))? = value { Some(value.clone()) } else { None }
            }
        })+
    };
}

from_value! {
    Text | Config => String,
    Texts => Vec<String>,
    Number => u32,
    Fee => Fee,
    Holder => Holder,
    Renewal => Renewal,
    Scope => Scope,
    GroupKind => GroupKind,
    Date => Day,
    Boolean => bool,
    Grants => Vec<Grant>,
    Columns => Vec<PluginColumn>,
    Isolation => Isolation,
    MonthDay => MonthDay,
    Removal => Removal,
    FactKind => FactKind,
    EmptyCell => EmptyCell,
    KeepOf => Vec<KeepOf>,
    Holders => Vec<Holder>,
    Test => Test,
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Unset => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl FromValue for Span {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(days) => Some(Span::Days(*days)),
            Value::Months(months) => Some(Span::Months(*months)),
            _ => None,
        }
    }
}
