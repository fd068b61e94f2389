//! A plugin's library, loaded into this process for good: the version handshake, its description, its instances.

#![expect(unsafe_code, reason = "loads foreign code and calls it")]

use std::ffi::c_void;
use std::mem::offset_of;
use std::path::Path;

use lapse_plugin::abi;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW, Symbol};
use serde::{Deserialize, Serialize};

use crate::region::pointer;

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Its own name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// Every reason that it may give.
    pub reasons: Vec<String>,
}

/// A plugin's own answer that it cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// Its sentence.
    pub text: String,
    /// The patron that it is about, by its place in the batch.
    pub patron: Option<u32>,
}

/// A loaded library. It is never unloaded: its code and statics may be live as long as the process is.
#[derive(Debug)]
pub(crate) struct Loaded {
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

// SAFETY: the state is the plugin's own; `decide` is called from several threads at once only where it says that it may
// (`parallel`), which whoever shares an instance sees to.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Loaded {
    /// Loads a library. The error is a sentence for people.
    pub fn open(path: &Path) -> Result<Loaded, String> {
        // SAFETY: loading runs the library's initialisers, which is what a pinned plugin is trusted to do; all others run
        // in a process of their own.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
            format!("the file is no shared library for this machine ({})", told_by_system(&error, path))
        })?;
        // SAFETY: the symbol has this type in every version of the ABI.
        let entry: Symbol<abi::Entry> = unsafe { library.get(abi::ENTRY) }.map_err(|_| {
            format!("the library does not export `{}`, so it is no plugin for lapse; check `file`", abi::ENTRY)
        })?;
        let entry = *entry;
        // Never unloaded.
        std::mem::forget(library);
        // SAFETY: as the ABI says, whatever its version.
        let plugin = unsafe { entry() };
        // SAFETY: what the entry gives lives as long as the library, which is for good.
        unsafe { Loaded::of(plugin) }
    }

    /// # Safety
    /// `plugin` is null, or points at what a plugin describes itself with, of whatever version, for good.
    unsafe fn of(plugin: *const abi::Plugin) -> Result<Loaded, String> {
        if plugin.is_null() {
            return Err("its entry describes nothing; ask its author for a working version".into());
        }
        // SAFETY: version and size come first in every version of the ABI.
        let (version, size) = unsafe { ((*plugin).abi_version, (&raw const (*plugin).size).read()) };
        if version > abi::VERSION {
            return Err(format!(
                "it was built for version {version} of the plugin interface, and this lapse knows version {} at most; \
                 use a newer lapse, or have the plugin built for version {}",
                abi::VERSION,
                abi::VERSION
            ));
        }
        if version < 1 || size < abi::size::<abi::Plugin>() {
            return Err(format!(
                "it describes itself with version {version} and {size} bytes, which is no version of the plugin interface \
                 (version {} has {} bytes); have it built anew with the SDK or header of this lapse",
                abi::VERSION,
                abi::size::<abi::Plugin>()
            ));
        }
        // SAFETY: it has the size of this version at least.
        let plugin = unsafe { &*plugin };
        let (Some(create), Some(decide), Some(destroy)) = (plugin.create, plugin.decide, plugin.destroy) else {
            return Err("it leaves out one of the functions create, decide and destroy; have it completed".into());
        };
        // SAFETY: the ABI promises the texts.
        let description = unsafe { describe(plugin)? };
        Ok(Loaded { description, create, decide, destroy })
    }

    /// Makes an instance.
    pub fn create(&self, config: &str, columns: &[String]) -> Result<Instance, Told> {
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
        let result = tell(|failure| unsafe { (self.create)(&raw const setup, &raw mut instance, failure) });
        result.map(|()| Instance {
            parallel: instance.parallel != 0,
            state: instance.state,
            decide: self.decide,
            destroy: self.destroy,
        })
    }
}

impl Instance {
    /// Has the plugin judge the batch whose structs lie at these bytes of a region that begins at `address` here. The host
    /// wrote them there for this process: every pointer in them is good.
    pub fn judge(&self, address: u64, batch: usize, verdicts: usize) -> Result<(), Told> {
        let batch = pointer::<abi::Batch>(address + batch as u64);
        let verdicts = pointer::<abi::Verdicts>(address + verdicts as u64);
        // SAFETY: both point at structs of the ABI in memory that stays mapped during the call.
        tell(|failure| unsafe { (self.decide)(self.state, batch, verdicts, failure) })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: it was made by `create`, and nobody has it any more.
        unsafe { (self.destroy)(self.state) }
    }
}

/// Calls a function that may tell why it cannot.
fn tell(call: impl FnOnce(*mut abi::Failure) -> i32) -> Result<(), Told> {
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
    let text = if text.is_empty() { "it did not say why".to_owned() } else { text.replace('\n', " ") };
    Err(Told { text, patron: (failure.patron != abi::NO_PATRON).then_some(failure.patron) })
}

/// # Safety
/// The texts that `plugin` points at are valid.
unsafe fn describe(plugin: &abi::Plugin) -> Result<Description, String> {
    const MOST: usize = u16::MAX as usize;
    if plugin.reason_count > MOST || (plugin.reason_count > 0 && plugin.reasons.is_null()) {
        return Err(format!("its list of reasons cannot be read; a plugin has at most {MOST}"));
    }
    // SAFETY: as the caller promises.
    let (name, version) = unsafe { (read(plugin.name), read(plugin.version)) };
    let unreadable = |what: &str| format!("its {what} is not UTF-8 text; have it corrected");
    let name = name.ok_or_else(|| unreadable("name"))?;
    let version = version.ok_or_else(|| unreadable("version"))?;
    if !is_kebab_case(&name) {
        return Err(format!("its name {name:?} is not in lower case with hyphens, such as summer-grace"));
    }
    let mut reasons: Vec<String> = Vec::with_capacity(plugin.reason_count);
    for index in 0..plugin.reason_count {
        // SAFETY: as the caller promises.
        let reason = unsafe { read(*plugin.reasons.add(index)) };
        let reason = reason.ok_or_else(|| unreadable(&format!("reason number {}", index + 1)))?;
        if !is_kebab_case(&reason) {
            return Err(format!("its reason {reason:?} is not in lower case with hyphens, such as summer-grace"));
        }
        if reasons.contains(&reason) {
            return Err(format!("it declares the reason `{reason}` twice; have it corrected"));
        }
        reasons.push(reason);
    }
    Ok(Description { name, version, reasons })
}

/// The text, where it is one of a sensible length.
///
/// # Safety
/// `text` is null or points at as many bytes as it says.
unsafe fn read(text: abi::Text) -> Option<String> {
    if text.bytes.is_null() || text.length > 200 {
        return None;
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { std::slice::from_raw_parts(text.bytes, text.length) };
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// Such as `summer-grace`: a word of the output tables.
pub(crate) fn is_kebab_case(text: &str) -> bool {
    text.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

fn text(text: &str) -> abi::Text {
    abi::Text { bytes: text.as_ptr(), length: text.len() }
}

/// What the system says of a library, without the path of our copy of it, which means nothing to people.
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

    /// What is made of the description of a plugin after some change of it.
    fn changed(change: impl FnOnce(&mut abi::Plugin)) -> Result<Description, String> {
        let plugin = lapse_plugin::description::<Fine>().cast_mut();
        // SAFETY: it was just made and is nobody else's.
        unsafe {
            change(&mut *plugin);
            Loaded::of(plugin).map(|loaded| loaded.description)
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
        let told = changed(|plugin| plugin.abi_version = 7).unwrap_err();
        assert!(told.contains("version 7 of the plugin interface") && told.contains("knows version 1"), "{told}");
    }

    #[test]
    fn what_is_no_description_is_refused() {
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
        // SAFETY: null is looked at first.
        assert!(unsafe { Loaded::of(std::ptr::null()) }.is_err());
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
        assert_eq!(with(&[b"a", b"\xff"]).unwrap_err(), "its reason number 2 is not UTF-8 text; have it corrected");
        for reasons in [&[&b""[..]][..], &[b"A"], &[b"a b"], &[b"a--b"], &[b"a/b"], &[b"a", b"a"]] {
            assert!(with(reasons).is_err(), "{reasons:?}");
        }
    }

    #[test]
    fn an_instance_is_made_or_the_plugin_says_why_not() {
        // SAFETY: it lives for good.
        let loaded = unsafe { Loaded::of(lapse_plugin::description::<Fine>()) }.unwrap();
        assert!(loaded.create("{}", &[]).unwrap().parallel);
        let told = loaded.create("{\"x\":1}", &[]).unwrap_err();
        assert_eq!(told, Told { text: "no config, please".into(), patron: None });
    }
}
