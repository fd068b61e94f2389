//! What a plugin prints, passed on to standard error by the host: line by line, with nothing in it that a terminal obeys, and not
//! without end. The plugin itself has no hold of the host's standard error, which may be a file.

use std::io::{self, PipeReader, Read, Write};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lapse_policy::shown;

/// No more of it is passed on, in bytes.
const MOST: usize = 64 << 10;
/// A longer line is passed on in pieces, in bytes.
const LINE: usize = 4096;
/// How long the last of it may take after the plugin's process has ended.
const LAST: Duration = Duration::from_secs(1);

/// Passes on what comes through a pipe. Dropped, it has passed on everything, unless that takes too long.
#[derive(Debug)]
pub(crate) struct Printed(JoinHandle<()>);

impl Printed {
    /// Begins to pass it on.
    pub fn pass_on(from: PipeReader) -> io::Result<Printed> {
        let thread = std::thread::Builder::new().name("plugin-printed".into());
        Ok(Printed(thread.spawn(move || pass_on(from, &mut io::stderr()))?))
    }
}

impl Drop for Printed {
    fn drop(&mut self) {
        let until = Instant::now() + LAST;
        while !self.0.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn pass_on(mut from: impl Read, to: &mut impl Write) {
    let mut left = MOST;
    let mut line = Vec::new();
    let mut show = |line: &mut Vec<u8>| {
        // Where standard error is gone, nobody wants to know.
        let _ = writeln!(to, "{}", shown(&String::from_utf8_lossy(line)));
        line.clear();
    };
    let mut buffer = [0; LINE];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        // What is not passed on is read all the same, so that the plugin need not wait.
        let some = &buffer[..count.min(left)];
        left -= some.len();
        for &byte in some {
            if byte != b'\n' {
                line.push(byte);
            }
            if byte == b'\n' || line.len() == LINE {
                show(&mut line);
            }
        }
    }
    if !line.is_empty() {
        show(&mut line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_commanded_the_terminal_and_filled_the_disk_with_what_it_printed() {
        let passed_on = |printed: &[u8]| {
            let mut told = Vec::new();
            pass_on(printed, &mut told);
            String::from_utf8(told).unwrap()
        };
        assert_eq!(passed_on(b"a\n\x1b[2Jb\xff"), "a\n\\u001b[2Jb\u{fffd}\n");
        assert!(passed_on(&vec![b'x'; 10 << 20]).len() < MOST + 100);
    }
}
