//! The mails that were received: an append-only mbox, and an index of it in memory.

mod index;
mod mbox;
mod writer;

use std::{
    fs::File,
    io::{self, BufReader, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use anyhow::Context as _;

pub use index::{Query, Summary};
pub(crate) use writer::Intake;

use envelope::Clock;
use index::{Index, Place};
use writer::Writer;

pub(crate) struct Store {
    index: RwLock<Index>,
    path: Option<PathBuf>,
}

/// Opens the file, when there is one, and finds its mails again. The store reads, the writer appends what comes
/// through the intake.
pub(crate) async fn open(
    path: Option<PathBuf>,
    clock: Clock,
) -> anyhow::Result<(Arc<Store>, Writer, Intake)> {
    let (index, file, end) = match path.clone() {
        Some(path) => {
            let (index, file, end) = tokio::task::spawn_blocking(move || find_again(&path)).await??;
            (index, Some(file), end)
        }
        None => (Index::default(), None, 0),
    };
    let store = Arc::new(Store { index: RwLock::new(index), path });
    let (writer, intake) = Writer::new(store.clone(), file, end, clock);
    Ok((store, writer, intake))
}

fn find_again(path: &PathBuf) -> anyhow::Result<(Index, File, u64)> {
    let at = || format!("the mailbox's store {}", path.display());
    let file = File::options().read(true).append(true).create(true).open(path).with_context(at)?;
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

impl Store {
    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn source(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.index().place(number) else { return Ok(None) };
        let (offset, length) = match place {
            Place::Memory(body) => return Ok(Some(mbox::decode(&body))),
            Place::File { offset, length } => (offset, length),
        };
        let Some(path) = self.path.clone() else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut body = vec![0; length];
            file.read_exact(&mut body)?;
            Ok(Some(mbox::decode(&body)))
        });
        read.await?
    }
}
