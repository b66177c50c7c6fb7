//! The mailbox as its users see it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use envelope::Clock;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    behaviour::{Behaviour, Faults},
    limits::Limits,
    mail::Mail,
    page::{self, Page},
    smtp::{self, context::Context},
    store::{
        self,
        index::{Query, Summary},
        mails::Store,
    },
};

/// Where a mailbox listens and where it keeps the mails.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to receive mails at; port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The file to keep the mails in (mboxrd, so that mail programs can open it). It is created when missing, and
    /// what it holds is found again. `None` keeps the mails in memory only.
    pub store: Option<PathBuf>,
    /// Dates the mails.
    pub clock: Clock,
}

/// A running mailbox. Clones are cheap and show the same mails.
#[derive(Clone)]
pub struct Mailbox(Arc<Running>);

struct Running {
    smtp: SocketAddr,
    store: Arc<Store>,
    faults: Arc<Faults>,
    tasks: TaskTracker,
}

impl Mailbox {
    /// Opens the store, binds the address and receives mails in the background until `stop` is cancelled.
    ///
    /// # Errors
    /// When the address is taken, or the store is in use by another mailbox or isn't a mailbox's file.
    pub async fn start(options: Options, stop: CancellationToken) -> anyhow::Result<Self> {
        Self::start_limited(options, Limits::default(), stop).await
    }

    /// Like [`start`](Self::start), with other limits.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn start_limited(
        options: Options,
        limits: Limits,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let (store, writer, intake) = store::open(options.store, options.clock).await?;
        let listener = TcpListener::bind(options.smtp).await.with_context(|| {
            format!("the mailbox can't listen on {}; choose another address", options.smtp)
        })?;
        let smtp = listener.local_addr().context("the mailbox's own address")?;
        let faults = Arc::new(Faults::default());
        let tasks = TaskTracker::new();
        tasks.spawn(writer.run());
        let context = Context { limits, faults: faults.clone(), intake, tasks: tasks.clone(), stop };
        tasks.spawn(smtp::serve(context, listener));
        tasks.close();
        tracing::info!(%smtp, mails = store.index().len(), "mailbox receives");
        Ok(Self(Arc::new(Running { smtp, store, faults, tasks })))
    }

    /// Waits until everything is done after the token was cancelled: connections closed, the store free for another
    /// mailbox.
    pub async fn stopped(&self) {
        self.0.tasks.wait().await;
    }

    /// Where to send mails, as lettre and others understand it: `smtp://127.0.0.1:2525`.
    #[must_use]
    pub fn smtp_url(&self) -> String {
        let mut address = self.0.smtp;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        format!("smtp://{address}")
    }

    /// The page and its JSON, to be served alone or nested under any path.
    ///
    /// `/`, `/mails/{number}`, `/mails/{number}/html`, `/mails/{number}/source` for people; `/api/mails` (parameters
    /// as in [`Query`]), `/api/mails/{number}` and `/api/count` for tests and tools.
    pub fn router(&self) -> axum::Router {
        page::router(Page { store: self.0.store.clone(), smtp_url: self.smtp_url() })
    }

    /// How many mails were received, those found in the store at start included. A mail to several recipients counts
    /// once.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.0.store.index().len()
    }

    /// How many of the mails had a Message-ID that had come before.
    #[must_use]
    pub fn resent(&self) -> u64 {
        self.0.store.index().resent()
    }

    /// How often a mail with this Message-ID came, whether written with or without its angle brackets.
    #[must_use]
    pub fn deliveries_of(&self, message_id: &str) -> usize {
        self.0.store.index().deliveries_of(message_id)
    }

    /// The mails that match, oldest first.
    #[must_use]
    pub fn mails(&self, query: &Query) -> Vec<Arc<Summary>> {
        self.0.store.index().mails(query)
    }

    /// A whole mail, parsed; `None` when there is none with this number.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn mail(&self, number: u64) -> std::io::Result<Option<Mail>> {
        Mail::find(&self.0.store, number).await
    }

    /// A mail as in a real mailbox: as it was sent, below `Delivered-To` and `Return-Path`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn source(&self, number: u64) -> std::io::Result<Option<Vec<u8>>> {
        self.0.store.source(number).await
    }

    /// For tests of senders: from now on the mailbox behaves like this.
    pub fn behave(&self, behaviour: Behaviour) {
        self.0.faults.set(behaviour, None);
    }

    /// For tests of senders: behaves like this the next `times` it can, then accepts again.
    pub fn behave_for(&self, times: u64, behaviour: Behaviour) {
        self.0.faults.set(behaviour, Some(times));
    }

    /// Whether it accepts every mail now: what it was told to do a number of times is done.
    #[must_use]
    pub fn accepts(&self) -> bool {
        self.0.faults.are_over()
    }
}
