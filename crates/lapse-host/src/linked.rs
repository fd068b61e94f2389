//! The libraries that the system loads together with a plugin. Their names are looked up among the system's own; a place that
//! the plugin names itself could hold anything, and its pin does not cover what is there. What cannot be read here as the
//! loader reads it is refused, since it may name anything.

use object::Endianness;
use object::elf::{
    DT_AUDIT, DT_AUXILIARY, DT_DEPAUDIT, DT_FILTER, DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_STRTAB, DynamicTag,
    FileHeader64, PN_XNUM, PT_DYNAMIC, PT_LOAD, ProgramHeader64,
};
use object::read::elf::{FileHeader, ProgramHeader};

/// How a library for processors of 64 bits begins.
const LIBRARY: [u8; 5] = [0x7f, b'E', b'L', b'F', 2];
/// The smallest pages on which the loader puts what it loads, in bytes.
const PAGE: u64 = 4096;
/// An entry of the dynamic section has a tag and a value, in bytes.
const ENTRY: usize = 16;
/// No name of a library is longer, in bytes, and no library has more entries: who looks at them waits for it.
const MOST: usize = 4096;
/// What is said of a place that cannot be read.
const UNREADABLE: &str = "a place that cannot be read";

/// The first place from which a library has the system load others; none where it names none, or where the system does not
/// load it at all.
pub(crate) fn linked_by_path(bytes: &[u8]) -> Option<String> {
    if !bytes.starts_with(&LIBRARY) {
        return None;
    }
    place(bytes).unwrap_or_else(|Unreadable| Some(UNREADABLE.to_owned()))
}

/// The same for what begins as a library does. The loader may load what cannot be read here, such as more program headers
/// than there are sections to count them.
fn place(bytes: &[u8]) -> Result<Option<String>, Unreadable> {
    let header = FileHeader64::<Endianness>::parse(bytes).map_err(|_| Unreadable)?;
    let endian = header.endian().map_err(|_| Unreadable)?;
    // The loader takes both for what they say, which otherwise stand for none and for a number that is told elsewhere.
    if header.e_phoff(endian) == 0 || header.e_phnum(endian) == PN_XNUM {
        return Err(Unreadable);
    }
    let segments = header.program_headers(endian, bytes).map_err(|_| Unreadable)?;
    let mut dynamic = segments.iter().filter(|segment| segment.p_type(endian) == PT_DYNAMIC);
    match (dynamic.next(), dynamic.next()) {
        (None, _) => Ok(None),
        (Some(dynamic), None) => Image { bytes, endian, segments }.place(dynamic),
        (Some(_), Some(_)) => Err(Unreadable),
    }
}

/// A library that is not read here as the loader reads it.
struct Unreadable;

/// A library as the loader maps it.
struct Image<'b> {
    bytes: &'b [u8],
    endian: Endianness,
    segments: &'b [ProgramHeader64<Endianness>],
}

impl Image<'_> {
    /// The first place that the dynamic section names, if there is any.
    fn place(&self, dynamic: &ProgramHeader64<Endianness>) -> Result<Option<String>, Unreadable> {
        let section = self.from(dynamic.p_vaddr(self.endian)).ok_or(Unreadable)?;
        let mut entries: Vec<(DynamicTag, u64)> =
            section.as_chunks::<ENTRY>().0.iter().map(|entry| self.entry(entry)).take(MOST + 1).collect();
        // The loader goes on until there is an end, also where the segment has none.
        let end = entries.iter().position(|&(tag, _)| tag == DT_NULL).ok_or(Unreadable)?;
        entries.truncate(end);
        let mut tables = entries.iter().filter(|(tag, _)| *tag == DT_STRTAB);
        let texts = match (tables.next(), tables.next()) {
            (Some(&(_, address)), None) => self.from(address).ok_or(Unreadable)?,
            (None | Some(_), _) => return Err(Unreadable),
        };
        for &(tag, at) in &entries {
            // Places to look in, further libraries that are asked for symbols, and those that watch the loader.
            let is_place = matches!(tag, DT_RPATH | DT_RUNPATH | DT_FILTER | DT_AUXILIARY | DT_AUDIT | DT_DEPAUDIT);
            if !is_place && tag != DT_NEEDED {
                continue;
            }
            let text = usize::try_from(at).ok().and_then(|at| texts.get(at..)).ok_or(Unreadable)?;
            let text = &text[..text.len().min(MOST)];
            let text = &text[..text.iter().position(|&byte| byte == 0).ok_or(Unreadable)?];
            // The loader puts a folder where a name has `$ORIGIN` or `$LIB`.
            if is_place || text.contains(&b'/') || text.contains(&b'$') {
                return Ok(Some(String::from_utf8_lossy(text).into_owned()));
            }
        }
        Ok(None)
    }

    fn entry(&self, entry: &[u8; ENTRY]) -> (DynamicTag, u64) {
        let (tag, value) = entry.split_at(ENTRY / 2);
        let number = |bytes: &[u8]| {
            let bytes = bytes.try_into().expect("half an entry has eight bytes");
            match self.endian {
                Endianness::Little => u64::from_le_bytes(bytes),
                Endianness::Big => u64::from_be_bytes(bytes),
            }
        };
        (DynamicTag(number(tag).cast_signed()), number(value))
    }

    /// The bytes of the file that the loader puts at an address, up to the end of what it puts there together. None where
    /// there are none, or where one segment lies over another.
    fn from(&self, address: u64) -> Option<&[u8]> {
        let is_there = |segment: &&ProgramHeader64<Endianness>| {
            let start = segment.p_vaddr(self.endian);
            let length = segment.p_memsz(self.endian).max(segment.p_filesz(self.endian));
            let end = start.saturating_add(length).checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
            segment.p_type(self.endian) == PT_LOAD && (start - start % PAGE..end).contains(&address)
        };
        let mut there = self.segments.iter().filter(is_there);
        let (segment, None) = (there.next()?, there.next()) else { return None };
        let within = usize::try_from(address.checked_sub(segment.p_vaddr(self.endian))?).ok()?;
        segment.data(self.endian, self.bytes).ok()?.get(within..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where things lie in the library of these tests, which is loaded at the addresses that are its places in the file.
    const HEADERS: u64 = 64;
    const SECTION: u64 = 0x200;
    const TEXTS: u64 = 0x800;
    const LENGTH: u64 = 0xc00;
    /// A text in the table of texts: a library of the system, and one that lies somewhere.
    const OF_SYSTEM: u64 = 1;
    const SOMEWHERE: u64 = 20;

    /// Program headers, entries of the dynamic section, and what a library is made of otherwise.
    struct Made {
        /// The type, the place in the file, the address, and the lengths in the file and in memory.
        segments: Vec<[u64; 5]>,
        entries: Vec<[u64; 2]>,
        headers: u64,
        count: Option<u16>,
        section: u64,
    }

    const LOADED: [u64; 5] = [PT_LOAD.0 as u64, 0, 0, LENGTH, LENGTH];
    const DYNAMIC: [u64; 5] = [PT_DYNAMIC.0 as u64, SECTION, SECTION, 0x100, 0x100];

    fn index(at: u64) -> usize {
        usize::try_from(at).unwrap()
    }

    fn entry(tag: DynamicTag, value: u64) -> [u64; 2] {
        [tag.0.cast_unsigned(), value]
    }

    impl Made {
        /// A library that needs another.
        fn needing(text: u64) -> Made {
            let entries = [entry(DT_NEEDED, text), entry(DT_STRTAB, TEXTS), entry(DT_NULL, 0)];
            Made {
                segments: [LOADED, DYNAMIC].into(),
                entries: entries.into(),
                headers: HEADERS,
                count: None,
                section: SECTION,
            }
        }

        fn with(mut self, change: impl FnOnce(&mut Made)) -> Made {
            change(&mut self);
            self
        }

        fn bytes(&self) -> Vec<u8> {
            let mut bytes = vec![0; 0x3000];
            let mut put = |at: u64, value: &[u8]| bytes[index(at)..][..value.len()].copy_from_slice(value);
            put(0, &[0x7f, b'E', b'L', b'F', 2, 1, 1]);
            put(32, &self.headers.to_le_bytes());
            put(52, &64_u16.to_le_bytes());
            put(54, &56_u16.to_le_bytes());
            put(56, &self.count.unwrap_or(u16::try_from(self.segments.len()).unwrap()).to_le_bytes());
            for (number, [kind, offset, address, in_file, in_memory]) in self.segments.iter().enumerate() {
                // After the type there are flags, and after the address another one.
                let fields = [*kind, *offset, *address, 0, *in_file, *in_memory, 0x1000];
                put(self.headers + number as u64 * 56, &fields.map(u64::to_le_bytes).concat());
            }
            for (number, entry) in self.entries.iter().enumerate() {
                put(self.section + number as u64 * 16, &entry.map(u64::to_le_bytes).concat());
            }
            put(TEXTS + OF_SYSTEM, b"libc.so.6");
            put(TEXTS + SOMEWHERE, b"/tmp/other.so");
            bytes
        }

        fn place(&self) -> Option<String> {
            linked_by_path(&self.bytes())
        }
    }

    /// These are not read as the loader reads them, and are refused.
    fn unreadable(made: Made, change: impl FnOnce(&mut Made)) {
        assert_eq!(made.with(change).place().as_deref(), Some(UNREADABLE));
    }

    #[test]
    fn libraries_of_the_system_are_told_from_those_that_lie_somewhere() {
        assert_eq!(Made::needing(OF_SYSTEM).place(), None);
        assert_eq!(Made::needing(SOMEWHERE).place().unwrap(), "/tmp/other.so");
        for tag in [DT_RPATH, DT_RUNPATH, DT_FILTER, DT_AUXILIARY, DT_AUDIT, DT_DEPAUDIT] {
            let made = Made::needing(OF_SYSTEM).with(|made| made.entries[0] = entry(tag, OF_SYSTEM));
            assert_eq!(made.place().unwrap(), "libc.so.6");
        }
    }

    #[test]
    fn what_the_system_does_not_load_is_left_to_it() {
        let mut of_32_bits = Made::needing(SOMEWHERE).bytes();
        of_32_bits[4] = 1;
        let without_section = Made::needing(SOMEWHERE).with(|made| made.segments.truncate(1)).bytes();
        for bytes in [&b"a text"[..], b"", &of_32_bits, &without_section] {
            assert_eq!(linked_by_path(bytes), None);
        }
    }

    #[test]
    fn a_second_dynamic_section_or_table_of_texts_hid_what_was_loaded() {
        unreadable(Made::needing(OF_SYSTEM), |made| made.segments.push(DYNAMIC));
        unreadable(Made::needing(OF_SYSTEM), |made| made.entries.insert(0, entry(DT_STRTAB, TEXTS)));
        unreadable(Made::needing(OF_SYSTEM), |made| made.entries[1] = entry(DT_NULL, 0));
    }

    #[test]
    fn program_headers_that_could_not_be_read_here_were_loaded() {
        let odd = Made::needing(SOMEWHERE).with(|made| made.headers = HEADERS + 1);
        assert_eq!(odd.place().unwrap(), "/tmp/other.so");
        unreadable(Made::needing(SOMEWHERE), |made| made.count = Some(PN_XNUM));
        // The loader takes the header of the file for the first of them.
        let mut bytes = Made::needing(SOMEWHERE).bytes();
        bytes[32..40].fill(0);
        assert_eq!(linked_by_path(&bytes).as_deref(), Some(UNREADABLE));
        for length in [5, 63, 64, 100] {
            assert_eq!(linked_by_path(&bytes[..length]).as_deref(), Some(UNREADABLE), "{length}");
        }
    }

    #[test]
    fn a_dynamic_section_went_on_after_its_segment() {
        // The rest of the page comes from the file, too.
        let made = Made::needing(OF_SYSTEM).with(|made| made.entries.insert(2, entry(DT_NEEDED, SOMEWHERE)));
        assert_eq!(made.place().unwrap(), "/tmp/other.so");
        let last = LENGTH - 2 * ENTRY as u64;
        unreadable(made, |made| {
            made.section = last;
            made.segments[1][1] = last;
            made.segments[1][2] = last;
        });
    }

    #[test]
    fn a_dynamic_section_without_an_end_is_not_read_to_it() {
        let entries = vec![entry(DT_NEEDED, OF_SYSTEM); (0x3000 - 0x200) / ENTRY];
        unreadable(Made::needing(OF_SYSTEM), |made| {
            made.entries = entries;
            made.segments[0][3] = 0x3000;
            made.segments[0][4] = 0x3000;
        });
        // More entries than any library has, each of which names a long text.
        let mut bytes = Made::needing(OF_SYSTEM).with(|made| made.segments[0][3..].fill(1 << 21)).bytes();
        bytes.resize(1 << 21, b'a');
        for at in 0..=MOST {
            let entry = entry(DT_NEEDED, 0x3000).map(u64::to_le_bytes).concat();
            bytes[index(SECTION) + at * ENTRY..][..ENTRY].copy_from_slice(&entry);
        }
        assert_eq!(linked_by_path(&bytes).as_deref(), Some(UNREADABLE));
    }

    #[test]
    fn one_segment_over_another_hid_what_was_loaded() {
        let over = |[in_file, in_memory]: [u64; 2]| {
            move |made: &mut Made| made.segments.insert(0, [LOADED[0], 0x1000, 0x1000, in_file, in_memory])
        };
        assert_eq!(Made::needing(OF_SYSTEM).with(over([16, 16])).place(), None);
        let below = |[in_file, in_memory]: [u64; 2]| {
            move |made: &mut Made| {
                made.segments[0] = [LOADED[0], 0x1000, 0x1000, LENGTH, LENGTH];
                made.segments[1][2] += 0x1000;
                made.entries[1][1] += 0x1000;
                made.segments.push([LOADED[0], 0x2000, 0, in_file, in_memory]);
            }
        };
        unreadable(Made::needing(OF_SYSTEM), below([16, 0x1001]));
        unreadable(Made::needing(OF_SYSTEM), below([0x1001, 16]));
    }

    #[test]
    fn places_that_no_segment_holds_are_not_read() {
        unreadable(Made::needing(LENGTH), |_| ());
        unreadable(Made::needing(u64::MAX), |_| ());
        for address in [LENGTH, 0x10_0000, u64::MAX] {
            unreadable(Made::needing(OF_SYSTEM), |made| made.segments[1][2] = address);
            unreadable(Made::needing(OF_SYSTEM), |made| made.entries[1][1] = address);
        }
        unreadable(Made::needing(OF_SYSTEM), |made| made.segments[0][2] = u64::MAX - 8);
        unreadable(Made::needing(OF_SYSTEM), |made| made.segments[0][3] = u64::MAX);
    }
}
