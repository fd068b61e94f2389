//! `lapse undo`: puts back what a run did, where the present state is what the run left.

use lapse_register::{ApplyError, Purpose, Undoable, Undoing};

use super::load;
use crate::cli::UndoArgs;
use crate::{Done, Failure, data, interrupt, terminal, text};

/// Undoes a run, or a part of it.
pub fn run(args: &UndoArgs) -> Result<Done, Failure> {
    let database = data::database(&args.database.data, Purpose::Act)?;
    let (who, goes_on) = (load::who(), interrupt::ends_between_batches());
    let (patron, library) = (args.patron.as_deref(), args.library.as_deref());
    let undoing = Undoing { run: args.run, patron, library, who: &who, goes_on: &goes_on };
    let undoable = undoing.look(&database)?;
    if undoable == Undoable::default() && (patron.is_some() || library.is_some()) {
        return Err(ApplyError::nothing("there is nothing left of this run to put back", patron, library).into());
    }
    terminal::say(&text::plan::undoable(args.run, &undoable));
    let undone = undoing.undo(&database)?;
    terminal::result(&text::plan::undone(args.run, &undone))?;
    Ok(if undone.stopped {
        Done::Interrupted
    } else if undone.left.is_empty() {
        Done::Well
    } else {
        Done::NeedsAttention
    })
}
