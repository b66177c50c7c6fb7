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
            let state = match component.state() {
                HealthState::Up => "up".to_owned(),
                HealthState::Starting => "starting".to_owned(),
                HealthState::Down(reason) => reason,
            };
            parts.insert(component.name().to_owned(), state);
        }
        Report { ready: parts.values().all(|state| state == "up"), parts }
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
