//! The functions of the ABI, which call the methods of a [`Plugin`]. A panic is caught here and becomes a failure.

#![expect(unsafe_code, reason = "this is the boundary: it turns the host's pointers into references and back")]

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::abi;
use crate::facts::{Patron, list, text};
use crate::plugin::{Plugin, Setup, Verdicts};

/// The description of a plugin. Each call of the entry makes one that is never freed; the host calls it once.
pub fn description<P: Plugin>() -> *const abi::Plugin {
    let text = |text: &'static str| abi::Text { bytes: text.as_ptr(), length: text.len() };
    let reasons: &'static [abi::Text] = P::REASONS.iter().copied().map(text).collect::<Vec<_>>().leak();
    Box::leak(Box::new(abi::Plugin {
        abi_version: abi::VERSION,
        size: abi::size::<abi::Plugin>(),
        name: text(P::NAME),
        version: text(P::VERSION),
        reasons: reasons.as_ptr(),
        reason_count: reasons.len(),
        create: Some(create::<P>),
        decide: Some(decide::<P>),
        destroy: Some(destroy::<P>),
    }))
}

/// # Safety
/// The host calls it as the ABI says: all pointers are valid for the call, `instance` and `failure` for writing.
unsafe extern "C" fn create<P: Plugin>(
    setup: *const abi::Setup,
    instance: *mut abi::Instance,
    failure: *mut abi::Failure,
) -> i32 {
    // SAFETY: as the caller promises.
    let (setup, instance, failure) = unsafe { (&*setup, &mut *instance, &mut *failure) };
    // SAFETY: the ABI promises this number of texts.
    let columns: Vec<&str> = unsafe { list(setup.columns, setup.column_count) }.iter().map(text).collect();
    let setup = Setup { config: text(&setup.config), columns: &columns };
    match catch_unwind(|| P::create(&setup)) {
        Ok(Ok(plugin)) => {
            instance.state = Box::into_raw(Box::new(plugin)).cast();
            // An instance is `Sync`, and `decide` takes it by shared reference.
            instance.parallel = 1;
            0
        }
        Ok(Err(told)) => tell(failure, abi::NO_PATRON, &told),
        Err(panic) => tell(failure, abi::NO_PATRON, &panicked(&*panic)),
    }
}

/// # Safety
/// The host calls it as the ABI says: `state` is of an instance that `create` made, all pointers are valid for the call,
/// those of `verdicts` and `failure` for writing.
unsafe extern "C" fn decide<P: Plugin>(
    state: *mut c_void,
    batch: *const abi::Batch,
    verdicts: *mut abi::Verdicts,
    failure: *mut abi::Failure,
) -> i32 {
    // SAFETY: as the caller promises; an instance is only ever shared.
    let (plugin, batch, verdicts, failure) = unsafe { (&*state.cast::<P>(), &*batch, &mut *verdicts, &mut *failure) };
    // SAFETY: the ABI promises this number of patrons, and room for verdicts that nobody else looks at during the call.
    let (patrons, memberships, records) = unsafe {
        (
            list(batch.patrons, batch.patron_count),
            list_mut(verdicts.memberships, verdicts.membership_count),
            list_mut(verdicts.records, verdicts.record_count),
        )
    };
    let mut at = 0;
    let judged = catch_unwind(AssertUnwindSafe(|| {
        for (index, raw) in patrons.iter().enumerate() {
            at = index;
            let range = |first: u32, count: u32| first as usize..first as usize + count as usize;
            let mut verdicts = Verdicts {
                memberships: &mut memberships[range(raw.first_membership, raw.membership_count)],
                records: &mut records[range(raw.first_record, raw.record_count)],
                reasons: P::REASONS,
            };
            plugin.decide(&Patron { raw, run_date: batch.run_date }, &mut verdicts);
        }
    }));
    match judged {
        Ok(()) => 0,
        Err(panic) => tell(failure, u32::try_from(at).unwrap_or(abi::NO_PATRON), &panicked(&*panic)),
    }
}

/// # Safety
/// `state` is of an instance that `create` made; no call is going on and none follows.
unsafe extern "C" fn destroy<P: Plugin>(state: *mut c_void) {
    // SAFETY: `create` made it in this way, and nobody else has it.
    let plugin = unsafe { Box::from_raw(state.cast::<P>()) };
    // Nothing depends on the instance any more, so that a panic while it ends does no harm.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(plugin)));
}

/// # Safety
/// `first` points at `count` valid items that nobody else uses for `'a`.
unsafe fn list_mut<'a, T>(first: *mut T, count: usize) -> &'a mut [T] {
    if count == 0 {
        return &mut [];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts_mut(first, count) }
}

/// Puts as much of a sentence as fits into the host's room for it.
fn tell(failure: &mut abi::Failure, patron: u32, sentence: &str) -> i32 {
    let end = sentence.floor_char_boundary(failure.capacity);
    // SAFETY: the host's room has `capacity` bytes, and `end` is not more.
    unsafe { std::ptr::copy_nonoverlapping(sentence.as_ptr(), failure.text, end) };
    failure.length = end;
    failure.patron = patron;
    1
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("without a text"))
}
