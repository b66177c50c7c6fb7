//! `/health/…` of the pages, where they are alone at an address.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use bus::{Health, HealthState};

/// Alive; ready for visitors; and whether streams are fed. Pages need no event log: one that is away takes no visitors away, and
/// who has just started waits only for its first attempt to read what happened before.
pub fn routes(following: Health) -> Router {
    let (ready, delivery) = (following.clone(), following);
    Router::new()
        .route("/health/live", get(async || "alive"))
        .route("/health/ready", get(async move || answer(ready.state() != HealthState::Starting)))
        .route("/health/delivery", get(async move || answer(delivery.is_up())))
}

fn answer(healthy: bool) -> (StatusCode, &'static str) {
    if healthy {
        (StatusCode::OK, "up")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the event log is not read")
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn status(health: &Health, path: &str) -> u16 {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes(health.clone()).oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn visitors_come_once_the_log_was_tried_and_stay_when_it_goes_away() {
        let health = Health::new("event log");
        assert_eq!(status(&health, "/health/ready").await, 503);
        health.up();
        assert_eq!(status(&health, "/health/ready").await, 200);
        assert_eq!(status(&health, "/health/delivery").await, 200);
        health.down("the broker is away");
        assert_eq!(status(&health, "/health/ready").await, 200);
        assert_eq!(status(&health, "/health/delivery").await, 503);
        assert_eq!(status(&health, "/health/live").await, 200);
    }
}
