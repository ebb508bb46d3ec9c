//! A progress bar on a terminal, once work has taken longer than half a second.
//!
//! In: how much there is to do and how much has been done, from any thread. Out: a bar on stderr, gone at the end.
//! Cost: one atomic addition per call until the bar is due.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes less is over before a bar could be read.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// The progress of one piece of work.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    waiting: AtomicBool,
}

impl Progress {
    /// Work of `total` items; `wanted` says whether a bar may be drawn at all.
    pub fn new(label: &'static str, total: u64, wanted: bool) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        // The template is a constant; were it wrong, the default bar would do.
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {human_pos}/{human_len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(label);
        Progress { bar, started: super::clock::start(), waiting: AtomicBool::new(wanted) }
    }

    /// So many items more are done.
    pub fn advance(&self, items: u64) {
        self.bar.inc(items);
        if self.waiting.load(Ordering::Relaxed)
            && self.started.elapsed() > PATIENCE
            && self.waiting.swap(false, Ordering::Relaxed)
        {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
