//! Reading the received mails.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    index::{Index, Location},
    mbox,
};

/// The received mails.
pub(crate) struct Store {
    index: RwLock<Index>,
    path: Option<PathBuf>,
}

impl Store {
    pub(super) fn new(index: Index, path: Option<PathBuf>) -> Self {
        Self { index: RwLock::new(index), path }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn source(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.index().place(number) else { return Ok(None) };
        let (offset, length) = match place {
            Location::Memory(body) => return Ok(Some(mbox::decode(&body))),
            Location::File { offset, length } => (offset, length),
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
