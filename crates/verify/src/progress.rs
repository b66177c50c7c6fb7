//! A bar on a terminal; elsewhere a plain line now and then.

use std::fmt::Write;
use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use cartwheel::table::grouped;

const BAR: &str = "{msg:<32} {bar:40} {human_pos}/{human_len}  {rate}/s  {elapsed}";
/// How many plain lines there are.
const LINES: u64 = 10;

/// How far something has come.
pub struct Progress {
    what: String,
    bar: Option<ProgressBar>,
    done: AtomicU64,
    all: u64,
}

impl Progress {
    /// Of so many.
    pub fn new(what: impl Into<String>, all: u64) -> Self {
        let what = what.into();
        let bar = (all > 0 && stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0}", state.per_sec());
            });
            ProgressBar::new(all).with_style(style.progress_chars("━╸ ")).with_message(what.clone())
        });
        Self { what, bar, done: AtomicU64::new(0), all }
    }

    /// One more is done.
    pub fn one_more(&self) {
        let before = self.done.fetch_add(1, Ordering::Relaxed);
        self.reached(before, before + 1);
    }

    /// So many are done.
    pub fn set(&self, done: u64) {
        let before = self.done.swap(done, Ordering::Relaxed);
        self.reached(before, done);
    }

    /// A line of its own.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }

    /// There is nothing to follow any more.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }

    fn reached(&self, before: u64, done: u64) {
        let line = |done: u64| done * LINES / self.all.max(1);
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if line(before) < line(done) => {
                eprintln!("{}: {} of {}", self.what, grouped(done), grouped(self.all));
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    /// What ends early leaves its bar as it is, on a line of its own.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}
