//! A plugin's library, loaded into this process for good: the check of its version, its description, its instances.

#![expect(unsafe_code, reason = "loads foreign code and calls it")]

use std::ffi::c_void;
use std::mem::offset_of;
use std::path::Path;

use lapse_plugin::abi;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW, Symbol};

use crate::description::{Description, Refusal};
use crate::library_error::{LONGEST_WORD, LibraryError, MOST_REASONS};
use crate::region::pointer;

/// A loaded library. It is never unloaded, because its code and its statics may be in use for as long as the process lives.
#[derive(Debug)]
pub(crate) struct PluginLibrary {
    pub description: Description,
    create: Create,
    decide: Decide,
    destroy: Destroy,
}

type Create = unsafe extern "C" fn(*const abi::Setup, *mut abi::Instance, *mut abi::Failure) -> i32;
type Decide = unsafe extern "C" fn(*mut c_void, *const abi::Batch, *mut abi::Verdicts, *mut abi::Failure) -> i32;
type Destroy = unsafe extern "C" fn(*mut c_void);

/// An instance of a plugin.
#[derive(Debug)]
pub(crate) struct Instance {
    /// Whether `decide` may be called from several threads at once.
    pub parallel: bool,
    state: *mut c_void,
    decide: Decide,
    destroy: Destroy,
}

// SAFETY: the state belongs to the plugin. `decide` is called from several threads at once only where the plugin allows it
// (`parallel`): whoever shares an instance makes sure of that.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl PluginLibrary {
    /// Loads a library.
    pub fn open(path: &Path) -> Result<PluginLibrary, LibraryError> {
        // SAFETY: loading runs the initialisers of the library. A plugin that runs in the host's process is trusted to do
        // that; all others are loaded in a process of their own.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|error| LibraryError::NotALibrary(told_by_system(&error, path).into()))?;
        // SAFETY: the symbol has this type in every version of the ABI.
        let entry: Symbol<abi::Entry> = unsafe { library.get(abi::ENTRY) }.map_err(|_| LibraryError::NoEntry)?;
        let entry = *entry;
        // Dropping it would unload the library.
        std::mem::forget(library);
        // SAFETY: the entry takes no arguments in every version of the ABI.
        let plugin = unsafe { entry() };
        // SAFETY: what the entry gives lives as long as the library, which is never unloaded.
        unsafe { PluginLibrary::of(plugin) }
    }

    /// # Safety
    /// `plugin` is null, or points at the description of a plugin, of any version, that is never freed.
    unsafe fn of(plugin: *const abi::Plugin) -> Result<PluginLibrary, LibraryError> {
        if plugin.is_null() {
            return Err(LibraryError::NoDescription);
        }
        // SAFETY: version and size come first in every version of the ABI.
        let (version, size) = unsafe { ((*plugin).abi_version, (&raw const (*plugin).size).read()) };
        if version > abi::VERSION {
            return Err(LibraryError::Newer(version));
        }
        if version < 1 || size < abi::size::<abi::Plugin>() {
            return Err(LibraryError::UnknownVersion { version, size });
        }
        // SAFETY: it has the size of this version at least.
        let plugin = unsafe { &*plugin };
        let (Some(create), Some(decide), Some(destroy)) = (plugin.create, plugin.decide, plugin.destroy) else {
            return Err(LibraryError::FunctionMissing);
        };
        // SAFETY: the ABI promises the texts.
        let description = unsafe { describe(plugin)? };
        Ok(PluginLibrary { description, create, decide, destroy })
    }

    /// Makes an instance.
    pub fn create(&self, config: &str, columns: &[String]) -> Result<Instance, Refusal> {
        let columns: Vec<abi::Text> = columns.iter().map(|column| text(column)).collect();
        let setup = abi::Setup {
            size: abi::size::<abi::Setup>(),
            reserved: 0,
            config: text(config),
            columns: columns.as_ptr(),
            column_count: columns.len(),
        };
        let mut instance =
            abi::Instance { size: abi::size::<abi::Instance>(), parallel: 0, state: std::ptr::null_mut() };
        // SAFETY: every pointer is valid for the call.
        let result = call_for(|failure| unsafe { (self.create)(&raw const setup, &raw mut instance, failure) });
        result.map(|()| Instance {
            parallel: instance.parallel != 0,
            state: instance.state,
            decide: self.decide,
            destroy: self.destroy,
        })
    }
}

impl Instance {
    /// Has the plugin judge the batch whose structs lie at these bytes of a region that begins at `address` in this process.
    /// The host wrote them for this process, so that every pointer in them is valid here.
    pub fn judge(&self, address: u64, batch: usize, verdicts: usize) -> Result<(), Refusal> {
        let batch = pointer::<abi::Batch>(address + batch as u64);
        let verdicts = pointer::<abi::Verdicts>(address + verdicts as u64);
        // SAFETY: both point at structs of the ABI in memory that stays mapped during the call.
        call_for(|failure| unsafe { (self.decide)(self.state, batch, verdicts, failure) })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: `create` made it, and nothing uses it any more.
        unsafe { (self.destroy)(self.state) }
    }
}

/// Calls a function of a plugin, which may give a reason why it cannot do its work.
fn call_for(call: impl FnOnce(*mut abi::Failure) -> i32) -> Result<(), Refusal> {
    let mut room = vec![0_u8; 4096];
    let mut failure = abi::Failure {
        size: abi::size::<abi::Failure>(),
        patron: abi::NO_PATRON,
        text: room.as_mut_ptr(),
        capacity: room.len(),
        length: 0,
    };
    if call(&raw mut failure) == 0 {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&room[..failure.length.min(room.len())]);
    let text = text.trim().trim_end_matches('.');
    let text = if text.is_empty() { "it did not say why" } else { text };
    Err(Refusal { text: text.into(), patron: (failure.patron != abi::NO_PATRON).then_some(failure.patron) })
}

/// # Safety
/// The texts that `plugin` points at are valid.
unsafe fn describe(plugin: &abi::Plugin) -> Result<Description, LibraryError> {
    if plugin.reason_count > MOST_REASONS || (plugin.reason_count > 0 && plugin.reasons.is_null()) {
        return Err(LibraryError::ReasonsUnreadable);
    }
    // SAFETY: as the caller promises.
    let (name, version) = unsafe { (read(plugin.name), read(plugin.version)) };
    let unreadable = |what: &str| LibraryError::NotText(what.into());
    let name = name.ok_or_else(|| unreadable("name"))?;
    let version = version.ok_or_else(|| unreadable("version"))?;
    let mut reasons: Vec<String> = Vec::with_capacity(plugin.reason_count);
    for index in 0..plugin.reason_count {
        // SAFETY: as the caller promises.
        let reason = unsafe { read(*plugin.reasons.add(index)) };
        let reason = reason.ok_or_else(|| unreadable(&format!("reason number {}", index + 1)))?;
        reasons.push(reason);
    }
    let description = Description { name, version, reasons };
    description.check()?;
    Ok(description)
}

/// The text, where it is valid UTF-8 and not too long.
///
/// # Safety
/// `text` is null, or points at as many bytes as it says.
unsafe fn read(text: abi::Text) -> Option<String> {
    if text.bytes.is_null() || text.length > LONGEST_WORD {
        return None;
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { std::slice::from_raw_parts(text.bytes, text.length) };
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn text(text: &str) -> abi::Text {
    abi::Text { bytes: text.as_ptr(), length: text.len() }
}

/// What the system says about a library, without the path of our copy of it, which means nothing to people.
fn told_by_system(error: &libloading::Error, path: &Path) -> String {
    let told = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    told.replace(&format!("{}: ", path.display()), "")
}

const _: () = assert!(offset_of!(abi::Plugin, abi_version) == 0 && offset_of!(abi::Plugin, size) == 4);

#[cfg(test)]
mod tests {
    use super::*;

    struct Fine;

    impl lapse_plugin::Plugin for Fine {
        const NAME: &str = "fine";
        const VERSION: &str = "1.2.3";
        const REASONS: &[&str] = &["so"];

        fn create(setup: &lapse_plugin::Setup<'_>) -> Result<Self, String> {
            if setup.config == "{}" { Ok(Fine) } else { Err("no config, please.\n".into()) }
        }

        fn decide(&self, _: &lapse_plugin::Patron<'_>, _: &mut lapse_plugin::Verdicts<'_>) {}
    }

    /// What the host makes of the description of a plugin that was changed in this way.
    fn changed(change: impl FnOnce(&mut abi::Plugin)) -> Result<Description, LibraryError> {
        let plugin = lapse_plugin::description::<Fine>().cast_mut();
        // SAFETY: it was just made, and nothing else has it.
        unsafe {
            change(&mut *plugin);
            PluginLibrary::of(plugin).map(|library| library.description)
        }
    }

    #[test]
    fn a_plugin_of_this_version_is_described() {
        let described = changed(|_| {}).unwrap();
        assert_eq!(
            (&*described.name, &*described.version, &described.reasons[..]),
            ("fine", "1.2.3", &["so".into()][..])
        );
    }

    #[test]
    fn a_newer_plugin_is_refused_with_both_versions() {
        let told = changed(|plugin| plugin.abi_version = 7).unwrap_err().to_string();
        assert!(told.contains("version 7 of the plugin interface") && told.contains("knows version 1"), "{told}");
    }

    #[test]
    fn a_description_that_breaks_the_interface_is_refused() {
        for told in [
            changed(|plugin| plugin.abi_version = 0),
            changed(|plugin| plugin.size = 8),
            changed(|plugin| plugin.decide = None),
            changed(|plugin| plugin.name = text("Not kebab")),
            changed(|plugin| plugin.version.bytes = std::ptr::null()),
            changed(|plugin| plugin.reason_count = 70_000),
        ] {
            assert!(told.is_err());
        }
        // SAFETY: a null pointer is refused before anything is read.
        assert!(unsafe { PluginLibrary::of(std::ptr::null()) }.is_err());
    }

    #[test]
    fn a_reason_must_be_utf_8_and_kebab_case_and_there_once() {
        let with = |reasons: &[&'static [u8]]| {
            let reasons: Vec<_> =
                reasons.iter().map(|reason| abi::Text { bytes: reason.as_ptr(), length: reason.len() }).collect();
            let reasons = reasons.leak();
            changed(|plugin| {
                plugin.reasons = reasons.as_ptr();
                plugin.reason_count = reasons.len();
            })
        };
        assert!(with(&[b"a", b"b-2"]).is_ok());
        let told = with(&[b"a", b"\xff"]).unwrap_err().to_string();
        assert_eq!(
            told,
            "its reason number 2 is not a text in UTF-8 that can be shown, of 200 bytes at most; have it corrected"
        );
        for reasons in [&[&b""[..]][..], &[b"A"], &[b"a b"], &[b"a--b"], &[b"a/b"], &[b"a", b"a"]] {
            assert!(with(reasons).is_err(), "{reasons:?}");
        }
    }

    #[test]
    fn an_instance_is_made_or_the_plugin_says_why_not() {
        // SAFETY: it is never freed.
        let library = unsafe { PluginLibrary::of(lapse_plugin::description::<Fine>()) }.unwrap();
        assert!(library.create("{}", &[]).unwrap().parallel);
        let told = library.create("{\"x\":1}", &[]).unwrap_err();
        assert_eq!(told, Refusal { text: "no config, please".into(), patron: None });
    }
}
