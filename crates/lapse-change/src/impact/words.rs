//! The words for the reasons that plugins give. Each side has its own, because their numbers differ from side to side.

use lapse_engine::ExtraReason;
use lapse_host::PluginsOn;
use lapse_tables::Extras;

use super::Side;

/// The words for the reasons that one side's plugins give.
pub struct Words<'a>(Option<PluginsOn<'a>>);

impl<'a> Words<'a> {
    /// The words of a side.
    pub fn of(side: &Side<'a>) -> Words<'a> {
        Words(side.plugins.on(side.of_day))
    }

    /// The word for one of them.
    pub fn of_reason(&self, reason: ExtraReason) -> &str {
        self.0.as_ref().map_or("", |plugins| plugins.word(reason))
    }
}
