//! The clients' own record of what they asked for and what they were promised: an append-only file, a line of JSON
//! for each step. It survives a kill of the process at any moment (not of the machine: nothing is flushed).
//!
//! A question without an answer stays a question until a later run repeats it with the same key; so the books balance
//! over all runs.

mod record;

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use record::{Question, Record};

/// The file of one shop's data.
pub struct Ledger {
    path: PathBuf,
    file: File,
}

/// A line of the ledger.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry<'a> {
    /// A cart was opened.
    Opened {
        /// The cart.
        cart: Uuid,
        /// The token that opens it.
        #[serde(borrow)]
        token: Cow<'a, str>,
    },
    /// An addition is about to be sent.
    Asked {
        /// Its idempotency key.
        key: Uuid,
        /// The cart.
        cart: Uuid,
        /// The product.
        #[serde(borrow)]
        sku: Cow<'a, str>,
        /// How many pieces more.
        quantity: i64,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// It was acknowledged.
    Acknowledged {
        /// Its idempotency key.
        key: Uuid,
        /// The cart's version after it.
        version: i64,
    },
    /// It was refused.
    Refused {
        /// Its idempotency key.
        key: Uuid,
        /// The kind of problem: `quantity-too-large`.
        #[serde(borrow)]
        problem: Cow<'a, str>,
    },
}

impl Ledger {
    /// Opens a ledger, a new one where there is none or `fresh` is asked for, and reads what it says. A last line that
    /// was torn by a kill is cut off.
    ///
    /// # Errors
    /// When the file can't be written or makes no sense, or when another process writes it.
    pub fn open(path: &Path, fresh: bool) -> anyhow::Result<(Self, Record)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        let at = || format!("the demo's ledger {}", path.display());
        let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).clone();
        let file = options.open(path).with_context(at)?;
        file.try_lock().with_context(|| format!("{} is in use by another demo", path.display()))?;
        if fresh {
            file.set_len(0).with_context(at)?;
        }
        let (record, whole) = Record::read(path)?;
        file.set_len(whole).with_context(at)?;
        Ok((Self { path: path.to_owned(), file }, record))
    }

    /// Appends a line, with one write, so that clients can write at the same time without a lock.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, entry: &Entry<'_>) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        (&self.file).write_all(&line).with_context(|| format!("writing {}", self.path.display()))
    }

    /// What it says now.
    ///
    /// # Errors
    /// When it can't be read or makes no sense.
    pub fn read(&self) -> anyhow::Result<Record> {
        Ok(Record::read(&self.path)?.0)
    }
}
