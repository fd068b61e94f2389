//! A value of a policy file, as the type that the schema gives its key. The files below read it from what TOML gave:
//! `read` all kinds, with the help of `code`, and of `plugin` and `config` for those of `[plugins.NAME]`; `misfit` says why it does not fit.

mod code;
mod config;
mod misfit;
mod plugin;
mod read;

pub(crate) use code::{NO_LIBRARY, bad_code};
pub use code::{as_key, file_stem, folded, is_code};
pub(crate) use misfit::type_name;
pub(crate) use plugin::bad_name;
pub(crate) use read::read;

use crate::{Day, Fee, Grant, GroupKind, Holder, Isolation, PluginColumn, Renewal, Scope};

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
}
