//! What the author of a plugin for `lapse` depends on. A plugin is a rule about patrons that no key of a policy file expresses.
//!
//! A plugin implements [`Plugin`] and names itself once with [`export!`]:
//!
//! ```
//! use lapse_plugin::{Outcome, Patron, Plugin, Setup, Verdicts};
//!
//! struct NeverAlone;
//!
//! impl Plugin for NeverAlone {
//!     const NAME: &str = "never-alone";
//!     const VERSION: &str = env!("CARGO_PKG_VERSION");
//!     const REASONS: &[&str] = &["last-one"];
//!
//!     fn create(_: &Setup<'_>) -> Result<Self, String> {
//!         Ok(NeverAlone)
//!     }
//!
//!     fn decide(&self, patron: &Patron<'_>, verdicts: &mut Verdicts<'_>) {
//!         if patron.memberships().all(|membership| membership.outcome() == Outcome::Deregistered)
//!             && let Some(first) = patron.memberships().next()
//!         {
//!             verdicts.keep_membership(&first, "last-one");
//!         }
//!     }
//! }
//!
//! lapse_plugin::export!(NeverAlone);
//! ```
//!
//! The library is built as a `cdylib` and named in a policy file, which also says what the plugin may decide and pins its
//! bytes. A panic is caught and ends the run with a message that names the patron. [`testing`] judges made-up patrons in a
//! unit test; `lapse plugin check` tries the library as the host will use it. [`abi`] has the structs that cross the
//! boundary; `include/lapse_plugin.h` has them for plugins in C.

pub mod abi;
mod date;
mod export;
mod facts;
mod plugin;
pub mod testing;

/// The header for plugins in C, `lapse_plugin.h`.
pub const HEADER: &str = include_str!("../include/lapse_plugin.h");

/// The sources of this crate, each with its path, for a plugin's project that has a copy of it.
#[doc(hidden)]
pub const SOURCES: [(&str, &str); 7] = [
    ("src/abi.rs", include_str!("abi.rs")),
    ("src/date.rs", include_str!("date.rs")),
    ("src/export.rs", include_str!("export.rs")),
    ("src/facts.rs", include_str!("facts.rs")),
    ("src/lib.rs", include_str!("lib.rs")),
    ("src/plugin.rs", include_str!("plugin.rs")),
    ("src/testing.rs", include_str!("testing.rs")),
];

pub use date::Date;
#[doc(hidden)]
pub use export::description;
pub use facts::{Column, Holder, Library, Membership, Outcome, Patron, Reason, Record, Renewal, Status, Subscription};
pub use plugin::{Plugin, Setup, Verdicts};

/// Exports a type that implements [`Plugin`] as the plugin of this library. A library has one plugin.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        // The symbol that the host looks for; its name is part of the ABI.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        extern "C" fn lapse_plugin_entry() -> *const $crate::abi::Plugin {
            $crate::description::<$plugin>()
        }
    };
}
