//! The floor of the benchmark: reads every file of one folder and writes as many bytes as the files of another hold,
//! with nothing done in between. No program on one thread that does the job can be faster on the same disk.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const PIECE: usize = 1 << 20;

fn main() -> io::Result<()> {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [read, written, out] = folders.as_slice() else {
        return Err(io::Error::other("say which folder to read, which has the sizes to write, and where to write"));
    };
    let mut piece = vec![b'0'; PIECE];
    for path in files(read)? {
        let mut file = File::open(path)?;
        while file.read(&mut piece)? > 0 {}
    }
    fs::create_dir_all(out)?;
    for path in files(written)? {
        let mut left = fs::metadata(&path)?.len();
        let mut file = File::create(out.join(path.file_name().unwrap_or_default()))?;
        while left > 0 {
            let length = left.min(PIECE as u64);
            let bytes = usize::try_from(length).map_or(&piece[..], |length| &piece[..length]);
            file.write_all(bytes)?;
            left -= length;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}
