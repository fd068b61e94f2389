//! The libraries that the system loads together with a plugin. Their names are looked up among the system's own; a place that
//! the plugin names itself could hold anything, and its pin does not cover what is there. What cannot be read here as the
//! loader reads it is refused, since it may name anything.

use object::Endianness;
use object::elf::{
    DT_AUDIT, DT_AUXILIARY, DT_DEPAUDIT, DT_FILTER, DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_STRTAB, DynamicTag,
    FileHeader64, PT_DYNAMIC, PT_LOAD, ProgramHeader64,
};
use object::read::elf::{FileHeader, ProgramHeader};

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
    let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let image = Image { bytes, endian, segments };
    let mut dynamic = segments.iter().filter(|segment| segment.p_type(endian) == PT_DYNAMIC);
    let of_library = dynamic.next()?;
    if dynamic.next().is_some() {
        return Some(UNREADABLE.to_owned());
    }
    image.place(of_library).unwrap_or_else(|Unreadable| Some(UNREADABLE.to_owned()))
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
        let entries: Vec<(DynamicTag, u64)> = section
            .as_chunks::<ENTRY>()
            .0
            .iter()
            .map(|entry| self.entry(entry))
            .take_while(|&(tag, _)| tag != DT_NULL)
            .take(MOST + 1)
            .collect();
        if entries.len() > MOST {
            return Err(Unreadable);
        }
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
            let end =
                start.saturating_add(segment.p_memsz(self.endian)).checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
            segment.p_type(self.endian) == PT_LOAD && (start - start % PAGE..end).contains(&address)
        };
        let mut there = self.segments.iter().filter(is_there);
        let (segment, None) = (there.next()?, there.next()) else { return None };
        let within = usize::try_from(address.checked_sub(segment.p_vaddr(self.endian))?).ok()?;
        segment.data(self.endian, self.bytes).ok()?.get(within..)
    }
}
