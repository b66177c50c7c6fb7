//! The one task that appends to the store.

use std::{
    fs::File,
    io::{self, Write as _},
    sync::Arc,
};

use chrono::SubsecRound as _;
use envelope::Clock;
use tokio::sync::{mpsc, oneshot};

use super::{
    index::{Location, NewEntry},
    mails::Store,
    mbox::{self, Record},
};

/// Mails that may go into one write.
const GROUP: usize = 256;

struct WriteRequest {
    record: Record,
    kept: oneshot::Sender<u64>,
}

/// The mail could not be written; the writer has logged why.
#[derive(Debug)]
pub(crate) struct WriteFailed;

/// The way into the store, for every connection.
#[derive(Clone)]
pub(crate) struct StoreHandle {
    requests: mpsc::Sender<WriteRequest>,
    clock: Clock,
}

impl StoreHandle {
    /// Returns the mail's number once it is in the store.
    pub(crate) async fn keep(&self, from: String, to: Vec<String>, mail: &[u8]) -> Result<u64, WriteFailed> {
        let record = mbox::encode(from, to, mail, self.clock.now().trunc_subsecs(0));
        let (kept, answer) = oneshot::channel();
        self.requests.send(WriteRequest { record, kept }).await.map_err(|_| WriteFailed)?;
        answer.await.map_err(|_| WriteFailed)
    }
}

pub(crate) struct Writer {
    store: Arc<Store>,
    file: Option<Arc<File>>,
    end: u64,
    /// A write failed midway, so there may be a part of a mail after `end`.
    torn: bool,
    requests: mpsc::Receiver<WriteRequest>,
}

impl Writer {
    pub(super) fn new(store: Arc<Store>, file: Option<File>, end: u64, clock: Clock) -> (Self, StoreHandle) {
        let (waiting, requests) = mpsc::channel(GROUP);
        (
            Self { store, file: file.map(Arc::new), end, torn: false, requests },
            StoreHandle { requests: waiting, clock },
        )
    }

    /// Writes until the last intake is gone. All mails that wait are written at once, so that many clients cost
    /// hardly more than one.
    pub(crate) async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.requests.recv_many(&mut group, GROUP).await > 0 {
            match self.append(&group).await {
                Ok(()) => self.list(&mut group),
                Err(error) => {
                    tracing::error!(%error, mails = group.len(), "mailbox can't write to its store");
                    group.clear();
                }
            }
        }
    }

    async fn append(&mut self, group: &[WriteRequest]) -> io::Result<()> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let bytes: Vec<u8> = group.iter().flat_map(|deposit| &deposit.record.bytes).copied().collect();
        let (torn, end) = (std::mem::replace(&mut self.torn, true), self.end);
        let write = tokio::task::spawn_blocking(move || {
            if torn {
                file.set_len(end)?;
            }
            (&*file).write_all(&bytes)
        });
        write.await??;
        self.torn = false;
        Ok(())
    }

    fn list(&mut self, group: &mut Vec<WriteRequest>) {
        let mut index = self.store.index_mut();
        for WriteRequest { record, kept } in group.drain(..) {
            let Record { bytes, body, summary } = record;
            let place = match self.file {
                Some(_) => Location::File { offset: self.end + body as u64, length: bytes.len() - body },
                None => Location::Memory(bytes[body..].into()),
            };
            self.end += bytes.len() as u64;
            let number = index.add(NewEntry { summary, place });
            // Nobody to answer: the client's connection broke meanwhile. The mail stays, as with any mail server.
            let _ = kept.send(number);
        }
    }
}
