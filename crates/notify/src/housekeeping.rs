//! What is to be done again and again: mails that the release before has queued are adopted, and the addresses of those that
//! it has sent are masked, since it may run beside this one; mails that failed long ago are given up; hours in which addresses
//! have got mails are forgotten.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::store::Store;

const INTERVAL: Duration = Duration::from_mins(1);

/// Works until `stop`.
pub async fn run(store: Store, failed_kept_days: u16, stop: CancellationToken) {
    loop {
        match store.adopt().await {
            Ok(0) => {}
            Ok(mails) => info!(mails, "emails of the previous release are adopted"),
            Err(error) => warn!(%error, "emails of the previous release can't be adopted; retrying"),
        }
        if let Err(error) = store.mask_sent().await {
            warn!(%error, "the addresses of mails that were sent can't be masked; retrying");
        }
        match store.give_up(failed_kept_days).await {
            Ok(0) => {}
            Ok(mails) => info!(mails, "mails that failed long ago are given up"),
            Err(error) => warn!(%error, "mails that failed long ago can't be given up; retrying"),
        }
        if let Err(error) = store.forget_quotas().await {
            warn!(%error, "how many mails addresses got can't be forgotten; retrying");
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}
