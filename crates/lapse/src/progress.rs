//! A bar on a terminal while work on patrons takes longer than a second. It shows how many rows were read and how long the
//! rest will take, or the rows alone where nothing says how many are left.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lapse_tables::{Look, Progress};

use crate::terminal::count;

/// Work that takes no longer than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two drawings of the bar.
const BEAT: Duration = Duration::from_millis(100);
/// The number of steps in which the bar grows.
const PARTS: f64 = 1000.0;

/// Does `work`, and shows how far it is where standard error is a terminal.
pub fn shown<R>(progress: &Progress, work: impl FnOnce() -> R) -> R {
    if !stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, wait) = channel();
        scope.spawn(move || show(progress, &wait));
        let result = work();
        drop::<std::sync::mpsc::Sender<()>>(done);
        result
    })
}

/// Shows the bar until the other end of `wait` is dropped.
fn show(progress: &Progress, wait: &Receiver<()>) {
    let start = Instant::now();
    let goes_on = |time| wait.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let [rows_alone, with_share] = ["{spinner}  {msg}", "{bar:30} {percent:>3}%  {msg}"]
        .map(|template| ProgressStyle::with_template(template).expect("the template is in order"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is between 0 and 1")]
    let parts = |share: f64| (share * PARTS) as u64;
    let bar = ProgressBar::with_draw_target(Some(parts(1.0)), ProgressDrawTarget::stderr()).with_style(rows_alone);
    loop {
        let look = progress.look();
        if look.share > 0.0 {
            bar.set_style(with_share.clone());
            bar.set_position(parts(look.share));
        } else {
            bar.tick();
        }
        bar.set_message(sentence(look, start.elapsed()));
        if !goes_on(BEAT) {
            break;
        }
    }
    bar.finish_and_clear();
}

/// The number of rows that were read, and the time that is left if the remaining rows take as long as those.
fn sentence(look: Look, elapsed: Duration) -> String {
    let rows = count(look.rows, "row", "rows");
    if look.share < 0.01 {
        return rows;
    }
    let left = elapsed.mul_f64((1.0 - look.share) / look.share).as_secs();
    let (minutes, seconds) = (left / 60, left % 60);
    if minutes > 0 { format!("{rows}, {minutes} min {seconds} s left") } else { format!("{rows}, {seconds} s left") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_what_is_not_done() {
        let after = |share, seconds| sentence(Look { share, rows: 1_200_000 }, Duration::from_secs(seconds));
        assert_eq!(after(0.0, 5), "1,200,000 rows");
        assert_eq!(after(0.5, 5), "1,200,000 rows, 5 s left");
        assert_eq!(after(0.25, 30), "1,200,000 rows, 1 min 30 s left");
    }
}
