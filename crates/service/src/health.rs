//! `/health/live` and `/health/ready`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use bus::{Health, HealthState};
use serde::Serialize;
use sqlx::PgPool;

const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether a service can do its work: its database, its relay and consumer, and tasks of its own.
#[derive(Clone)]
pub(crate) struct Readiness {
    pub pool: PgPool,
    pub components: Vec<Health>,
    /// How long a component may have work and make no progress.
    pub stall_timeout: Duration,
}

#[derive(Serialize)]
struct Report {
    ready: bool,
    /// "up", or what is wrong.
    parts: BTreeMap<String, String>,
}

impl Readiness {
    /// Live: the process answers. Ready: everything that it needs is there right now.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/health/live", get(async || "alive"))
            .route("/health/ready", get(ready))
            .with_state(self)
    }

    async fn report(&self) -> Report {
        let mut parts = BTreeMap::from([("database".to_owned(), self.database().await)]);
        for component in &self.components {
            parts.insert(component.name().to_owned(), self.state(component));
        }
        Report { ready: parts.values().all(|state| state == "up"), parts }
    }

    fn state(&self, component: &Health) -> String {
        let stalled = component.without_progress();
        match component.state() {
            HealthState::Up if stalled > self.stall_timeout => {
                format!("it has work, and has made no progress for {} s", stalled.as_secs())
            }
            HealthState::Up => "up".to_owned(),
            HealthState::Starting => "starting".to_owned(),
            HealthState::CatchingUp => "catching up with the event log".to_owned(),
            HealthState::Down(reason) => reason,
        }
    }

    async fn database(&self) -> String {
        let asked = sqlx::query("SELECT 1").execute(&self.pool);
        match tokio::time::timeout(DATABASE_TIMEOUT, asked).await {
            Ok(Ok(_)) => "up".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        }
    }
}

async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    let report = readiness.report().await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_component_that_has_work_and_makes_no_progress_is_not_ready_and_the_reason_is_given() {
        let pool = PgPool::connect_lazy("postgres://nobody@localhost/nothing").unwrap();
        let readiness = Readiness { pool, components: Vec::new(), stall_timeout: Duration::ZERO };
        let consumer = Health::new("consumer");
        consumer.up();
        assert_eq!(readiness.state(&consumer), "up");
        consumer.busy();
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert_eq!(readiness.state(&consumer), "it has work, and has made no progress for 0 s");
        consumer.idle();
        assert_eq!(readiness.state(&consumer), "up");
    }
}
