//! `serve mailbox`: a receiving mail server for local use.

use mailbox::{Mailbox, Options};
use service::{Lifecycle, ServerSettings};
use tracing::info;

use super::listen::listen;
use crate::address::ReservedAddress;
use crate::cli::serve::MailboxSettings;

pub async fn serve(
    settings: MailboxSettings,
    address: ReservedAddress,
    server: ServerSettings,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let options = Options { smtp: settings.smtp, store: settings.store, clock: lifecycle.clock() };
    let mailbox = Mailbox::start(options, lifecycle.stop()).await?;
    info!(smtp = mailbox.smtp_url(), "receiving mail");
    listen(mailbox.router(), address, server, lifecycle).await?;
    mailbox.stopped().await;
    Ok(())
}
