//! The history in a file: append-only, a line of JSON for each step. It survives a kill of the process at any moment (not
//! of the machine: nothing is flushed).
//!
//! A request without an answer stays in it until a later run repeats it with the same key; so the history is complete over
//! all runs.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::history_line::HistoryLine;
use super::recorded::Recorded;

/// The history of one shop's data.
pub struct HistoryFile {
    path: PathBuf,
    file: File,
}

impl HistoryFile {
    /// Opens the file, or a new one if there is none or `fresh` is asked for, and reads it. A last line that was torn by
    /// a kill is cut off.
    ///
    /// # Errors
    /// When the file can't be written or is damaged, or when another process writes it.
    pub fn open(path: &Path, fresh: bool) -> anyhow::Result<(Self, Recorded)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        let at = || format!("the demo's history {}", path.display());
        let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).clone();
        let file = options.open(path).with_context(at)?;
        file.try_lock().with_context(|| format!("{} is in use by another demo", path.display()))?;
        if fresh {
            file.set_len(0).with_context(at)?;
        }
        let (recorded, whole) = Recorded::read(path)?;
        file.set_len(whole).with_context(at)?;
        Ok((Self { path: path.to_owned(), file }, recorded))
    }

    /// Appends a line, with one write, so that clients can write at the same time without a lock.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, entry: &HistoryLine<'_>) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        (&self.file).write_all(&line).with_context(|| format!("writing {}", self.path.display()))
    }

    /// What it has recorded by now.
    ///
    /// # Errors
    /// When it can't be read or is damaged.
    pub fn read(&self) -> anyhow::Result<Recorded> {
        Ok(Recorded::read(&self.path)?.0)
    }
}
