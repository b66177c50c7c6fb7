use anyhow::Context as _;
use bus::Broker;
use cartwheel::up::accounts::Accounts;
use mailbox::Mailbox;
use uuid::Uuid;

use super::audit::Audit;
use super::backlog::Backlog;
use super::cart_event::read_cart_events;
use super::databases::Databases;
use super::invariants::time::Periods;
use super::invariants::{
    cart_events, dead_letters, event_log, figures, holds, lines, mails, pairs, parked, positions, stock, time,
};
use crate::history::ExpectedCarts;

/// Compares what clients had acknowledged with what every service has.
pub struct Checker {
    databases: Databases,
    mailbox: Option<Mailbox>,
    /// As the administrator.
    broker: Broker,
    periods: Option<Periods>,
}

/// Which carts a history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Some of the shop's carts; others are not looked at.
    SomeCarts,
    /// All carts that the shop ever had: a cart that is not in the history is an error. What all carts have led to
    /// together is checked as well: the event log, what recommend has learned, and what analytics has counted.
    AllCarts {
        /// Whether the event log has everything from the beginning.
        log_is_whole: bool,
    },
}

impl Checker {
    /// Connects to what there is to check. Without a mailbox, mails are checked as far as notify has them.
    ///
    /// # Errors
    /// When a database can't be reached.
    pub async fn open(accounts: &Accounts, mailbox: Option<Mailbox>) -> anyhow::Result<Self> {
        let broker = Broker::new(accounts.broker_as_administrator()?, "checker");
        Ok(Self { databases: Databases::open(accounts).await?, mailbox, broker, periods: None })
    }

    /// Also checks that no cart says too early that nothing was changed for these periods.
    #[must_use]
    pub fn with_periods(self, periods: Periods) -> Self {
        Self { periods: Some(periods), ..self }
    }

    /// Every service's database.
    #[must_use]
    pub fn databases(&self) -> &Databases {
        &self.databases
    }

    /// Something once everything has settled: no event is on its way, and no mail. For waiting; a database that can't
    /// be read has not settled.
    pub async fn settled(&self) -> Option<()> {
        Backlog::of(&self.databases).await.is_ok_and(|backlog| backlog.is_empty()).then_some(())
    }

    /// Checks every invariant. To be called once everything has [settled](Self::settled).
    ///
    /// # Errors
    /// When something can't be read.
    pub async fn check(&self, expected: &ExpectedCarts, scope: Scope) -> anyhow::Result<Audit> {
        let recorded: Vec<Uuid> = expected.keys().copied().collect();
        let carts = (scope == Scope::SomeCarts).then_some(recorded.as_slice());
        let databases = &self.databases;
        let mut audit = Audit::of(expected);
        let findings = &mut audit.findings;
        let events = read_cart_events(databases, carts).await.context("the carts' events")?;
        cart_events::check(expected, &events, findings);
        let of_time = time::check(databases, &events, carts, self.periods, findings).await;
        of_time.context("what carts say in time")?;
        lines::check(databases, expected, &events, carts, findings).await.context("the carts' lines")?;
        positions::check(databases, expected, &events, findings).await.context("positions")?;
        stock::check(databases, findings).await.context("stock")?;
        holds::check(databases, &events, carts, findings).await.context("holds")?;
        parked::check(databases, findings).await.context("parked events")?;
        dead_letters::check(&self.broker, findings).await.context("dead letters")?;
        if let Scope::AllCarts { log_is_whole } = scope {
            pairs::check(databases, &events, findings).await.context("recommend's pairs")?;
            let log = event_log::check(&self.broker, &events, log_is_whole, findings).await;
            log.context("the event log")?;
            if log_is_whole {
                figures::check(databases, &events, findings).await.context("analytics' figures")?;
            }
        }
        let mails = mails::check(databases, self.mailbox.as_ref(), expected, carts, &events, findings).await;
        (audit.mails_sent, audit.mails_resent) = mails.context("mails")?;
        audit.count(&events);
        Ok(audit)
    }
}
