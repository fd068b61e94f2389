//! The ABI does not change by accident: the size of every struct and the offset of every field, in Rust and in C, and the
//! header compiled as C11 and as C++17 without a warning.

use std::fmt::Write as _;
use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use lapse_plugin::abi;

/// A struct: its name in C, its size in Rust, its fields with their offsets.
struct Layout {
    name: &'static str,
    size: usize,
    fields: Vec<(&'static str, usize)>,
}

macro_rules! layouts {
    ($($c:literal $rust:ident { $($field:ident),+ $(,)? })+) => {
        vec![$(Layout {
            name: $c,
            size: size_of::<abi::$rust>(),
            fields: vec![$((stringify!($field), offset_of!(abi::$rust, $field))),+],
        }),+]
    };
}

fn layouts() -> Vec<Layout> {
    layouts! {
        "lapse_text" Text { bytes, length }
        "lapse_library" Library {
            code, name, group, ended_months, settled_months, pseudonymise_days, finance_months, group_kind, in_policy,
            in_scope, reserved,
        }
        "lapse_subscription" Subscription {
            code, name, category, fee_cents, term_months, lapse_months, holder, renewal, in_policy, reserved,
        }
        "lapse_membership" Membership {
            library, subscription, columns, valid_from, valid_until, valid_until_after, last_activity, status, outcome,
            reason, reserved,
        }
        "lapse_record" Record {
            library, columns, blocks, settled_on, has_account, owes, has_credit, has_items,
        }
        "lapse_patron" Patron {
            id, columns, memberships, records, membership_count, record_count, first_membership, first_record,
            birth_date, profile_last_active, held, keeps_history, reserved,
        }
        "lapse_batch" Batch {
            size, run_date, patrons, patron_count, memberships, membership_count, records, record_count, libraries,
            library_count, subscriptions, subscription_count,
        }
        "lapse_verdict" Verdict { opinion, reason }
        "lapse_verdicts" Verdicts { size, reserved, memberships, membership_count, records, record_count }
        "lapse_setup" Setup { size, reserved, config, columns, column_count }
        "lapse_instance" Instance { size, parallel, state }
        "lapse_failure" Failure { size, patron, text, capacity, length }
        "lapse_plugin" Plugin {
            abi_version, size, name, version, reasons, reason_count, create, decide, destroy,
        }
    }
}

/// The layout of version 1 where pointers have 64 bits: size, then the offset of each field.
const VERSION_1: &[(&str, usize, &[usize])] = &[
    ("lapse_text", 16, &[0, 8]),
    ("lapse_library", 72, &[0, 16, 32, 48, 52, 56, 60, 64, 65, 66, 67]),
    ("lapse_subscription", 72, &[0, 16, 32, 48, 56, 60, 64, 65, 66, 67]),
    ("lapse_membership", 48, &[0, 8, 16, 24, 28, 32, 36, 40, 41, 42, 43]),
    ("lapse_record", 40, &[0, 8, 16, 32, 36, 37, 38, 39]),
    ("lapse_patron", 72, &[0, 16, 24, 32, 40, 44, 48, 52, 56, 60, 64, 65, 66]),
    ("lapse_batch", 88, &[0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80]),
    ("lapse_verdict", 4, &[0, 2]),
    ("lapse_verdicts", 40, &[0, 4, 8, 16, 24, 32]),
    ("lapse_setup", 40, &[0, 4, 8, 24, 32]),
    ("lapse_instance", 16, &[0, 4, 8]),
    ("lapse_failure", 32, &[0, 4, 8, 16, 24]),
    ("lapse_plugin", 80, &[0, 4, 8, 24, 40, 48, 56, 64, 72]),
];

#[test]
#[cfg(target_pointer_width = "64")]
fn every_struct_of_the_abi_is_as_version_1_fixed_it() {
    let now = layouts();
    assert_eq!(abi::VERSION, 1);
    assert_eq!(now.len(), VERSION_1.len());
    for (now, (name, size, offsets)) in now.iter().zip(VERSION_1) {
        assert_eq!((now.name, now.size), (*name, *size));
        let now: Vec<usize> = now.fields.iter().map(|&(_, offset)| offset).collect();
        assert_eq!(now, *offsets, "{name}");
    }
}

/// A program in C or C++ that holds the header against the layouts of Rust.
fn program(assert: &str) -> String {
    let mut program = String::from("#include \"lapse_plugin.h\"\n");
    for Layout { name, size, fields } in layouts() {
        let _ = writeln!(program, "{assert}(sizeof({name}) == {size}, \"size of {name}\");");
        for (field, offset) in fields {
            let _ = writeln!(program, "{assert}(offsetof({name}, {field}) == {offset}, \"{name}.{field}\");");
        }
    }
    for (number, name) in [
        (abi::VERSION, "LAPSE_ABI_VERSION"),
        (abi::NO_PATRON, "LAPSE_NO_PATRON"),
        (abi::opinion::NONE.into(), "LAPSE_NO_OPINION"),
        (abi::opinion::KEEP.into(), "LAPSE_KEEP"),
        (abi::opinion::DEREGISTER.into(), "LAPSE_DEREGISTER"),
        (abi::status::CANCELLED.into(), "LAPSE_STATUS_CANCELLED"),
        (abi::outcome::EXPIRED.into(), "LAPSE_OUTCOME_EXPIRED"),
        (abi::reason::INACTIVE.into(), "LAPSE_REASON_INACTIVE"),
        (abi::reason::NOT_RENEWED.into(), "LAPSE_REASON_NOT_RENEWED"),
        (abi::reason::SUCCEEDED.into(), "LAPSE_REASON_SUCCEEDED"),
        (abi::reason::CANCELLED.into(), "LAPSE_REASON_CANCELLED"),
        (abi::reason::ACTIVITY_UNKNOWN.into(), "LAPSE_REASON_ACTIVITY_UNKNOWN"),
        (abi::reason::END.into(), "LAPSE_REASON_END"),
        (abi::reason::KEEP.into(), "LAPSE_REASON_KEEP"),
        (abi::reason::GRACE.into(), "LAPSE_REASON_GRACE"),
        (abi::holder::ADMINISTRATIVE.into(), "LAPSE_HOLDER_ADMINISTRATIVE"),
        (abi::renewal::NONE.into(), "LAPSE_RENEWAL_NONE"),
    ] {
        let _ = writeln!(program, "{assert}({name} == {number}u, \"{name}\");");
    }
    program.push_str("int main(void) {\n");
    for (year, month, day) in [(1, 1, 1), (1970, 1, 1), (2000, 2, 29), (2022, 7, 1), (9999, 12, 31)] {
        let days = lapse_plugin::Date::new(year, month, day).unwrap().days();
        let _ = writeln!(program, "    if (lapse_date({year}, {month}, {day}) != {days}) return 1;");
        let _ = writeln!(
            program,
            "    {{ lapse_text text = LAPSE_TEXT(\"{year:04}-{month:02}-{day:02}\");\n      if (lapse_parse_date(text) != {days}) return 2; }}"
        );
    }
    program.push_str(
        "    if (lapse_date(2022, 2, 29) != LAPSE_NO_DATE || lapse_date(2022, 13, 1) != LAPSE_NO_DATE) return 3;\n",
    );
    program.push_str("    return 0;\n}\n");
    program
}

fn compiles_and_runs(compiler: &str, standard: &str, language: &str, assert: &str) {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("layout");
    let binary = dir.path().join("layout-test");
    std::fs::write(&source, program(assert)).unwrap();
    let ran = Command::new(compiler)
        .args([standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-x", language, "-I"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .arg(&source)
        .arg("-o")
        .arg(&binary)
        .output()
        .unwrap_or_else(|error| panic!("the compiler {compiler} is needed for this test: {error}"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(Command::new(&binary).status().unwrap().success());
}

#[test]
fn the_header_is_c11_with_the_layout_of_rust() {
    compiles_and_runs("cc", "-std=c11", "c", "_Static_assert");
}

#[test]
fn the_header_is_cpp17_with_the_layout_of_rust() {
    compiles_and_runs("c++", "-std=c++17", "c++", "static_assert");
}
