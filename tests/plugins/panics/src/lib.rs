//! A plugin that panics at one patron.

use lapse_plugin::{Patron, Plugin, Setup, Verdicts};

struct Panics;

impl Plugin for Panics {
    const NAME: &str = "panics";
    const VERSION: &str = "1.0.0";
    const REASONS: &[&str] = &[];

    fn create(_: &Setup<'_>) -> Result<Self, String> {
        Ok(Panics)
    }

    fn decide(&self, patron: &Patron<'_>, _: &mut Verdicts<'_>) {
        assert_ne!(patron.id(), "P2", "an unlucky number");
    }
}

lapse_plugin::export!(Panics);
