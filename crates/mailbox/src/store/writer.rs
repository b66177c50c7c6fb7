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
    index::{Kept, Place},
    mails::Store,
    mbox::{self, Record},
};

/// Mails that may go into one write.
const GROUP: usize = 256;

struct Deposit {
    record: Record,
    kept: oneshot::Sender<u64>,
}

/// The mail could not be written; the writer has logged why.
#[derive(Debug)]
pub(crate) struct NotKept;

/// The way into the store, for every connection.
#[derive(Clone)]
pub(crate) struct Intake {
    deposits: mpsc::Sender<Deposit>,
    clock: Clock,
}

impl Intake {
    /// Returns the mail's number once it is in the store.
    pub(crate) async fn keep(&self, from: String, to: Vec<String>, mail: &[u8]) -> Result<u64, NotKept> {
        let record = mbox::encode(from, to, mail, self.clock.now().trunc_subsecs(0));
        let (kept, answer) = oneshot::channel();
        self.deposits.send(Deposit { record, kept }).await.map_err(|_| NotKept)?;
        answer.await.map_err(|_| NotKept)
    }
}

pub(crate) struct Writer {
    store: Arc<Store>,
    file: Option<Arc<File>>,
    end: u64,
    /// A write failed midway, so there may be a part of a mail after `end`.
    torn: bool,
    deposits: mpsc::Receiver<Deposit>,
}

impl Writer {
    pub(super) fn new(store: Arc<Store>, file: Option<File>, end: u64, clock: Clock) -> (Self, Intake) {
        let (waiting, deposits) = mpsc::channel(GROUP);
        (
            Self { store, file: file.map(Arc::new), end, torn: false, deposits },
            Intake { deposits: waiting, clock },
        )
    }

    /// Writes until the last intake is gone. All mails that wait are written at once, so that many clients cost
    /// hardly more than one.
    pub(crate) async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.deposits.recv_many(&mut group, GROUP).await > 0 {
            match self.append(&group).await {
                Ok(()) => self.list(&mut group),
                Err(error) => {
                    tracing::error!(%error, mails = group.len(), "mailbox can't write to its store");
                    group.clear();
                }
            }
        }
    }

    async fn append(&mut self, group: &[Deposit]) -> io::Result<()> {
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

    fn list(&mut self, group: &mut Vec<Deposit>) {
        let mut index = self.store.index_mut();
        for Deposit { record, kept } in group.drain(..) {
            let Record { bytes, body, summary } = record;
            let place = match self.file {
                Some(_) => Place::File { offset: self.end + body as u64, length: bytes.len() - body },
                None => Place::Memory(bytes[body..].into()),
            };
            self.end += bytes.len() as u64;
            let number = index.add(Kept { summary, place });
            // Nobody to answer: the client's connection broke meanwhile. The mail stays, as with any mail server.
            let _ = kept.send(number);
        }
    }
}
