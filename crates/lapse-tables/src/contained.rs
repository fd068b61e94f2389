//! Work that may panic on a damaged file, contained: readers of some formats trust what a file says of itself.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is doing such work.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Does work that panics on some damaged files; none where it does. Such a panic prints nothing, since the file is told of in a
/// sentence. For that the first call puts itself before the panic hook of the program, which hears of all other panics.
pub fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !CONTAINED.get() {
                told(panic);
            }
        }));
    });
    let before = CONTAINED.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(before);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_contained_is_silent() {
        assert_eq!(contained(|| 1), Some(1));
        assert_eq!(contained(|| -> i32 { panic!("a damaged page") }), None);
        assert!(!CONTAINED.get());
    }
}
