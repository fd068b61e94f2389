//! The canonical layout of case files. `lapse-edit` lays files out, and does not know case files; the order of their keys
//! comes from the crate that reads them.

use lapse_cases::casefile::{Column, FILE_KEYS, case_keys};
use lapse_edit::NoLayout;
use lapse_edit::layout::CaseOrder;

/// The keys of case files, in the order in which their reader lists them.
pub fn case_order() -> CaseOrder {
    CaseOrder {
        file: FILE_KEYS.to_vec(),
        case: case_keys().collect(),
        expect: Column::ALL.into_iter().flat_map(Column::keys).collect(),
    }
}

/// A policy or case file in canonical layout.
pub fn format(text: &str) -> Result<String, NoLayout> {
    lapse_edit::layout::format(text, &case_order())
}
