//! The commands about mails.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use uuid::Uuid;

use super::service_url::ServiceUrl;

/// What to do about mails.
#[derive(Subcommand, Debug)]
pub enum Mails {
    /// List emails, in the order of the additions that they are about
    List(ListMails),
    /// Send failed emails again: one, those with a certain error, or all
    Retry(RetryMails),
}

/// Which mails to list.
#[derive(Args, Debug)]
pub struct ListMails {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,

    /// Only emails with this status
    #[arg(long)]
    pub status: Option<MailStatus>,

    /// Only emails whose error contains this text: `554`
    #[arg(long)]
    pub error: Option<String>,

    /// Only emails that are not sent because their address is on the suppression list, or has got too many in an hour
    #[arg(long)]
    pub suppressed: bool,

    /// Maximum emails to list
    #[arg(long, default_value_t = 100)]
    pub limit: u16,
}

/// The status of a mail.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MailStatus {
    /// It will be sent
    Queued,
    /// The mail server accepted it
    Sent,
    /// It was refused for good, or for more than a day
    Failed,
    /// There is nobody to write to: the cart had no shopper, or the shopper's address gets no email
    Unaddressed,
}

/// Which failed mails to send again.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("which").required(true).args(["event", "error", "all"])))]
pub struct RetryMails {
    /// The email about this event, from the list
    pub event: Option<Uuid>,

    /// The emails whose error contains this text: `554`
    #[arg(long)]
    pub error: Option<String>,

    /// All failed emails
    #[arg(long)]
    pub all: bool,

    /// Only print which they are
    #[arg(long, conflicts_with = "event")]
    pub dry_run: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}
