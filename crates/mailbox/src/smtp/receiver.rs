//! What the protocol library asks about each mail.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use mailin::{Handler, Response, response};

use crate::{
    behaviour::{Faults, Stage},
    limits::Limits,
};

/// A mail that came in whole.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) mail: Vec<u8>,
    pub(crate) too_long: bool,
}

/// Where a whole mail is left for the connection, which can wait until it is stored.
#[derive(Clone, Default)]
pub(crate) struct Finished(Arc<Mutex<Option<Draft>>>);

impl Finished {
    pub(crate) fn take(&self) -> Option<Draft> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, draft: Draft) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(draft);
    }
}

pub(crate) struct Receiver {
    limits: Limits,
    faults: Arc<Faults>,
    finished: Finished,
    recipients: usize,
    draft: Draft,
}

impl Receiver {
    pub(crate) fn new(limits: Limits, faults: Arc<Faults>, finished: Finished) -> Self {
        Self { limits, faults, finished, recipients: 0, draft: Draft::default() }
    }
}

impl Handler for Receiver {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.recipients = 0;
        self.faults.refusal(Stage::Sender).unwrap_or(response::OK)
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if self.recipients == self.limits.recipients {
            return Response::custom(452, "Too many recipients".into());
        }
        if let Some(refusal) = self.faults.refusal(Stage::Recipient) {
            return refusal;
        }
        if self.faults.refuse_recipient(to) {
            return response::NO_MAILBOX;
        }
        self.recipients += 1;
        response::OK
    }

    fn data_start(&mut self, _: &str, from: &str, _: bool, to: &[String]) -> Response {
        self.draft =
            Draft { from: from.into(), to: to.into(), mail: Vec::with_capacity(4096), too_long: false };
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        let draft = &mut self.draft;
        if draft.too_long || draft.mail.len() + line.len() > self.limits.mail_bytes {
            draft.too_long = true;
            draft.mail = Vec::new();
        } else {
            draft.mail.extend_from_slice(line);
        }
        Ok(())
    }

    /// Never an error: after one the library would go on reading the next commands as parts of the mail. The
    /// connection replaces this answer by the real one.
    fn data_end(&mut self) -> Response {
        self.finished.put(std::mem::take(&mut self.draft));
        response::OK
    }
}
