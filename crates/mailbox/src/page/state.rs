//! What every answer of the page needs.

use std::sync::Arc;

use crate::store::mails::Store;

/// What the page shows.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) store: Arc<Store>,
    /// Where mails can be sent to.
    pub(crate) smtp_url: String,
}
