//! The received mails: an append-only mbox file, and an index of it in memory.

pub(crate) mod index;
pub(crate) mod mails;
mod mbox;
pub(crate) mod writer;

use std::fs::{File, Permissions};
use std::io::BufReader;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use envelope::Clock;

use index::Index;
use mails::Store;
use writer::{StoreHandle, Writer};

/// Mails are nobody else's.
const PRIVATE: u32 = 0o600;

/// Opens the file, if there is one, and finds its mails again. The store reads it; the writer appends what comes
/// through the intake.
pub(crate) async fn open(
    path: Option<PathBuf>,
    clock: Clock,
) -> anyhow::Result<(Arc<Store>, Writer, StoreHandle)> {
    let (index, file, end) = match path.clone() {
        Some(path) => {
            let (index, file, end) = tokio::task::spawn_blocking(move || find_again(&path)).await??;
            (index, Some(file), end)
        }
        None => (Index::default(), None, 0),
    };
    let store = Arc::new(Store::new(index, path));
    let (writer, intake) = Writer::new(store.clone(), file, end, clock);
    Ok((store, writer, intake))
}

fn find_again(path: &PathBuf) -> anyhow::Result<(Index, File, u64)> {
    let at = || format!("the mailbox's store {}", path.display());
    let file =
        File::options().read(true).append(true).create(true).mode(PRIVATE).open(path).with_context(at)?;
    // A former release let everybody read it.
    file.set_permissions(Permissions::from_mode(PRIVATE)).with_context(at)?;
    file.try_lock().with_context(|| format!("{} is in use by another mailbox", path.display()))?;
    let size = file.metadata().with_context(at)?.len();
    let mut index = Index::default();
    let end = mbox::scan(BufReader::new(&file), size, |kept| index.add(kept)).with_context(at)?;
    if end < size {
        // A mail that was being written when the process was killed, and so was never answered with 250.
        file.set_len(end).with_context(at)?;
        tracing::warn!(bytes = size - end, "mailbox cut off the last mail of its store, it was not whole");
    }
    Ok((index, file, end))
}
