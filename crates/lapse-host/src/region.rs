//! Memory that the host and a plugin's process both see: a large range of addresses, of which the system backs only what is
//! used. Nothing is mapped right after its end, so that a plugin that writes too far crashes at once.

#![expect(unsafe_code, reason = "maps memory")]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::{null_mut, with_exposed_provenance_mut};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

/// How many bytes a region has, which is room for the largest batch. A patron with more facts than this cannot be judged.
const LENGTH: usize = 256 << 20;
/// How many bytes after the end nobody may touch.
const GUARD: usize = 1 << 20;

/// A range of shared memory.
#[derive(Debug)]
pub(crate) struct Region {
    start: *mut u8,
    file: OwnedFd,
}

// SAFETY: only the holder of a `&mut Region` writes; the memory itself may be read from any thread.
unsafe impl Send for Region {}

impl Region {
    /// A new region, all zero.
    pub fn new() -> io::Result<Region> {
        Region::attach(anonymous_file()?.into())
    }

    /// The region that lies in `file`, at an address that the system chooses in this process.
    pub fn attach(file: OwnedFd) -> io::Result<Region> {
        // SAFETY: the kernel chooses the address of the reservation, so nothing else is there; the file is mapped over it.
        unsafe {
            let place = mmap_anonymous(
                null_mut(),
                LENGTH + GUARD,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )?;
            let start = mmap(
                place,
                LENGTH,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED | MapFlags::FIXED | MapFlags::NORESERVE,
                &file,
                0,
            )?;
            start.expose_provenance();
            Ok(Region { start: start.cast(), file })
        }
    }

    /// The address at which it begins in this process.
    pub fn address(&self) -> u64 {
        self.start.addr() as u64
    }

    /// How many bytes it has.
    pub const fn len() -> usize {
        LENGTH
    }

    /// The memory itself, which another process attaches.
    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Puts a value at a byte.
    pub fn put<T>(&mut self, at: usize, value: T) {
        assert!(at.is_multiple_of(align_of::<T>()) && at + size_of::<T>() <= LENGTH, "a value lies within the memory");
        // SAFETY: within the region and aligned, as just checked; `T` is a struct of the ABI, without a destructor.
        unsafe { self.start.add(at).cast::<T>().write(value) }
    }

    /// Puts bytes at a place.
    pub fn put_bytes(&mut self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= LENGTH, "bytes lie within the memory");
        // SAFETY: within the region, as just checked.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(at), bytes.len()) }
    }

    /// Makes `count` bytes the same.
    pub fn fill(&mut self, at: usize, count: usize, byte: u8) {
        assert!(at + count <= LENGTH, "bytes lie within the memory");
        // SAFETY: within the region, as just checked.
        unsafe { self.start.add(at).write_bytes(byte, count) }
    }

    /// Copies bytes out. What a plugin wrote is read only in the copy, which the plugin cannot change any more.
    pub fn copy(&self, at: usize, count: usize, to: &mut Vec<u8>) {
        assert!(at + count <= LENGTH, "bytes lie within the memory");
        to.clear();
        to.reserve(count);
        // SAFETY: within the region, as just checked, and into room that was just made.
        unsafe {
            std::ptr::copy_nonoverlapping(self.start.add(at), to.as_mut_ptr(), count);
            to.set_len(count);
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this length, and nothing borrows from it.
        let _ = unsafe { munmap(self.start.cast(), LENGTH + GUARD) };
    }
}

/// A pointer to what lies at an address in the process that will follow it.
pub(crate) fn pointer<T>(address: u64) -> *mut T {
    with_exposed_provenance_mut(usize::try_from(address).expect("both processes have addresses of one size"))
}

#[cfg(target_os = "linux")]
fn anonymous_file() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    let file = File::from(memfd_create("lapse-batch", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.set_len(LENGTH as u64)?;
    // A plugin that made it shorter would end the host at its next look.
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn anonymous_file() -> io::Result<File> {
    let file = tempfile::tempfile()?;
    file.set_len(LENGTH as u64)?;
    Ok(file)
}
