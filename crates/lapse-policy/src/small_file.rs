//! Files that people write by hand, such as policies, cases and registers: each is small, and a file. What a link in a repository
//! leads to may be neither.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// More bytes than this has no file that people write by hand.
const MOST: u64 = 64 << 20;

/// The bytes of a file that people write by hand. Fails where it cannot be read, where it is no file (a pipe or a device would be
/// waited for, or never end), and where it has more than 64 MB.
pub fn read_small_file(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(refused("it is a pipe or a device, not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(refused("it has more than 64 MB, and so is no text that people write"));
    }
    Ok(bytes)
}

/// The same as text. Fails too where it is not UTF-8.
pub fn read_small_text(path: &Path) -> io::Result<String> {
    let bytes = read_small_file(path)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_file_that_led_to_a_device_filled_the_memory() {
        let read = |path: &str| read_small_file(Path::new(path)).unwrap_err().to_string();
        assert_eq!(read("/dev/zero"), "it is a pipe or a device, not a file");
        assert_eq!(read_small_file(Path::new("/")).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read_small_file(Path::new("/none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
