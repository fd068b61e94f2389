//! What decides a move, in words.

use std::rc::Rc;

/// What decides a move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The key and its value in the new policy; empty where no setting decides.
    pub setting: String,
    /// Where the setting stands, or what decides instead of a setting.
    pub by: String,
}

impl Decided {
    /// A code in the tables is a slip by one of the policies alone, which holds the patron.
    pub(super) fn by_a_slip() -> Rc<Decided> {
        let by = "a code in the tables is nearly one that only one of the policies has".to_owned();
        Rc::new(Decided { setting: String::new(), by })
    }
}
