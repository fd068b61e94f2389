//! The libraries that the system loads together with a plugin. Their names are looked up among the system's own; a place that
//! the plugin names itself could hold anything, and its pin does not cover what is there.

use object::elf::{
    DT_AUDIT, DT_AUXILIARY, DT_DEPAUDIT, DT_FILTER, DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, DynamicTag,
    FileHeader64, PT_DYNAMIC,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, ReadRef};

/// The first place from which a library has the system load others; none where it names none, or is not read by this
/// system's loader at all. The loader goes by the segments, and so does this.
pub(crate) fn linked_by_path(bytes: &[u8]) -> Option<String> {
    let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let at =
        |address: u64, size: u64| segments.iter().find_map(|of| of.data_range(endian, bytes, address, size).ok()?);
    for segment in segments.iter().filter(|segment| segment.p_type(endian) == PT_DYNAMIC) {
        let Ok(Some(entries)) = segment.dynamic(endian, bytes) else { continue };
        let value = |tag: DynamicTag| {
            let entry = entries.iter().find(|entry| entry.d_tag(endian) == tag)?;
            Some(entry.d_val(endian))
        };
        let texts = at(value(DT_STRTAB)?, value(DT_STRSZ)?)?;
        for entry in entries {
            let named = || {
                let text = texts.read_bytes_at_until(entry.d_val(endian)..texts.len() as u64, 0).ok();
                text.map_or_else(
                    || "a place that cannot be read".to_owned(),
                    |text| String::from_utf8_lossy(text).into_owned(),
                )
            };
            match entry.d_tag(endian) {
                DT_NEEDED if named().contains('/') => return Some(named()),
                // Places to look in, further libraries that are asked for symbols, and those that watch the loader.
                DT_RPATH | DT_RUNPATH | DT_FILTER | DT_AUXILIARY | DT_AUDIT | DT_DEPAUDIT => return Some(named()),
                _ => {}
            }
        }
    }
    None
}
