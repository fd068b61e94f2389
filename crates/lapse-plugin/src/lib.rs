//! Writing a plugin for `lapse`: a rule about patrons that no key of a policy file expresses.
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
//! Built as a `cdylib`, it is named in a policy file, which also says what it may decide and pins its bytes. A panic is
//! caught and ends the run with a message that names the patron. [`testing`] judges made-up patrons in a unit test; `lapse
//! plugin check` tries the library as the host will use it. [`abi`] is what crosses the boundary, and what
//! `include/lapse_plugin.h` is for plugins in C.

pub mod abi;
mod date;
mod export;
mod facts;
mod plugin;
pub mod testing;

/// The header for plugins in C, `lapse_plugin.h`.
pub const HEADER: &str = include_str!("../include/lapse_plugin.h");

pub use date::Date;
#[doc(hidden)]
pub use export::description;
pub use facts::{Holder, Library, Membership, Outcome, Patron, Reason, Record, Renewal, Status, Subscription};
pub use plugin::{Column, Plugin, Setup, Verdicts};

/// Exports a type that implements [`Plugin`] as the plugin of this library. Once in a library.
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
