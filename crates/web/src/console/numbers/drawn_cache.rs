use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use maud::Markup;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::span::Span;

/// How long figures are shown again: about as long as they take to change.
const SHOWN_FOR: Duration = Duration::from_secs(1);

/// The figures, or what there is to show where some are missing.
pub type Drawn = Result<Markup, Markup>;

/// Of which time, in which language.
type Figures = (Span, &'static str);

/// What was drawn last, for each time and language: however many look, analytics is asked once a second.
#[derive(Clone)]
pub struct DrawnCache {
    drawn: Arc<Mutex<HashMap<Figures, (Instant, Drawn)>>>,
    shown_for: Duration,
}

impl Default for DrawnCache {
    fn default() -> Self {
        Self { drawn: Arc::default(), shown_for: SHOWN_FOR }
    }
}

impl DrawnCache {
    /// What was drawn a moment ago, or is drawn now. Whoever comes meanwhile waits, and gets what the first has got.
    pub async fn or_drawn(
        &self,
        span: Span,
        language: &'static str,
        draw: impl Future<Output = Drawn>,
    ) -> Drawn {
        let mut drawn = self.drawn.lock().await;
        if let Some((at, markup)) = drawn.get(&(span, language))
            && at.elapsed() < self.shown_for
        {
            return markup.clone();
        }
        let markup = draw.await;
        drawn.insert((span, language), (Instant::now(), markup.clone()));
        markup
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[tokio::test]
    async fn figures_are_drawn_once_for_all_who_look_until_they_are_old() {
        for (shown_for, second) in [(Duration::MAX, "1"), (Duration::ZERO, "2")] {
            let cache = DrawnCache { shown_for, ..DrawnCache::default() };
            let draw = async |span, text: &'static str| {
                cache.or_drawn(span, "en", async move { Ok(html! { (text) }) }).await.unwrap().0
            };
            assert_eq!(draw(Span::Hour, "1").await, "1");
            assert_eq!(draw(Span::Hour, "2").await, second);
            assert_eq!(draw(Span::Day, "a day").await, "a day");
        }
    }
}
