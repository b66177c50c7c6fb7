use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::services::Services;
use crate::services::catalog::ValueCount;

/// How long the categories are shown before they are asked for again.
const KEPT: Duration = Duration::from_secs(30);
/// How many fit above a page.
const SHOWN: usize = 12;

/// The topmost categories, which are above every page, and change seldom.
#[derive(Clone, Default)]
pub struct Categories(Arc<Mutex<Option<Known>>>);

/// When they were asked for, and what came back.
type Known = (Instant, Vec<ValueCount>);

impl Categories {
    /// The next page asks for them.
    pub async fn forget(&self) {
        *self.0.lock().await = None;
    }

    /// Those with most products. As long as the catalog is away, those that were known last.
    pub async fn top(&self, services: &Services) -> Vec<ValueCount> {
        let mut known = self.0.lock().await;
        if let Some((asked, categories)) = known.as_ref()
            && asked.elapsed() < KEPT
        {
            return categories.clone();
        }
        let found = services.search(&[("limit", "1"), ("facets", "true")]).await;
        let former = known.take().map(|(_, categories)| categories).unwrap_or_default();
        let categories = match found {
            Ok(found) => {
                let all = found.facets.map(|facets| facets.categories).unwrap_or_default();
                all.into_iter().filter(|one| !one.value.contains('/')).take(SHOWN).collect()
            }
            Err(_) => former,
        };
        // An empty shop may be filled at any moment.
        if !categories.is_empty() {
            *known = Some((Instant::now(), categories.clone()));
        }
        categories
    }
}
