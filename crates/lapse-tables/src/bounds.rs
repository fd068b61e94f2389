//! How much a file may hold, so that a small one cannot fill the memory.

/// What is too much. What is more than a bound ends with a sentence, before it is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The bytes of a line, or of a record over several lines.
    pub line: usize,
    /// How many times larger than the file its rows may be when they are unpacked. CSV packs 20 to 50 times, and NDJSON, whose
    /// every line has the names of the columns, 50 to 150 times.
    pub expansion: u64,
    /// The bytes to which any file may unpack.
    pub unpacked: u64,
    /// The bytes that rows which cannot be used may take in memory: of some four million, as many as nobody looks through.
    pub rejects: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { line: 16 << 20, expansion: 300, unpacked: 256 << 20, rejects: 1 << 30 }
    }
}

impl Bounds {
    /// How many bytes a file of `packed` bytes may unpack to.
    pub fn unpacked(&self, packed: u64) -> u64 {
        self.unpacked.max(packed.saturating_mul(self.expansion))
    }
}
