//! `/health/…`: whether the process is alive, whether it is ready for requests, and whether it delivers events. These are
//! three questions: a cart whose broker is away takes requests, and a restart would not bring the broker back.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use bus::{Health, HealthState};
use serde::Serialize;
use sqlx::PgPool;
use tracing::debug;

const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// What a service consists of, as far as its health is asked for.
#[derive(Clone)]
pub(crate) struct HealthReport {
    pub pool: PgPool,
    /// What requests need, besides the database.
    pub serving: Vec<Health>,
    /// What events need: relay, consumer, timers.
    pub delivery: Vec<Health>,
    /// How long a component may have work and make no progress.
    pub stall_timeout: Duration,
}

/// The answer to anybody: a word for each part, without the reasons, which may name hosts and users.
#[derive(Serialize)]
struct Public {
    healthy: bool,
    parts: BTreeMap<String, &'static str>,
}

/// The answer to operators.
#[derive(Serialize)]
struct Details {
    ready: bool,
    delivering: bool,
    parts: BTreeMap<String, Part>,
}

/// How one part is.
#[derive(Clone, Serialize)]
struct Part {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

const UP: &str = "up";

impl HealthReport {
    /// For load balancers, orchestrators and monitoring.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/health/live", get(async || "alive"))
            .route("/health/ready", get(ready))
            .route("/health/delivery", get(delivery))
            .with_state(self.clone())
    }

    /// The same with reasons.
    pub fn routes_for_operators(&self) -> Router {
        Router::new().route("/health/details", get(details)).with_state(self.clone())
    }

    /// All tasks that report their health.
    pub fn components(&self) -> Vec<Health> {
        [self.serving.as_slice(), &self.delivery].concat()
    }

    async fn readiness(&self) -> BTreeMap<String, Part> {
        let mut parts = self.parts(&self.serving);
        parts.insert("database".to_owned(), self.database().await);
        parts
    }

    fn parts(&self, components: &[Health]) -> BTreeMap<String, Part> {
        components.iter().map(|component| (component.name().to_owned(), self.part(component))).collect()
    }

    fn part(&self, component: &Health) -> Part {
        let stalled = component.without_progress();
        match component.state() {
            HealthState::Up | HealthState::Standby if stalled > self.stall_timeout => {
                let reason = format!("there is work, and no progress for {} s", stalled.as_secs());
                Part { state: "stalled", reason: Some(reason) }
            }
            HealthState::Up => Part { state: UP, reason: None },
            HealthState::Standby => {
                Part { state: UP, reason: Some("standby: that of another instance is active".to_owned()) }
            }
            HealthState::Starting => Part { state: "starting", reason: None },
            HealthState::CatchingUp => Part { state: "catching up", reason: None },
            HealthState::Down(reason) => Part { state: "down", reason: Some(reason) },
        }
    }

    async fn database(&self) -> Part {
        let asked = sqlx::query("SELECT 1").execute(&self.pool);
        match tokio::time::timeout(DATABASE_TIMEOUT, asked).await {
            Ok(Ok(_)) => Part { state: UP, reason: None },
            Ok(Err(error)) => {
                debug!(%error, "the database is not ready");
                Part { state: "down", reason: Some(error.to_string()) }
            }
            Err(_) => Part { state: "down", reason: Some("no answer".to_owned()) },
        }
    }
}

impl Public {
    fn of(parts: BTreeMap<String, Part>) -> Self {
        let parts: BTreeMap<_, _> = parts.into_iter().map(|(name, part)| (name, part.state)).collect();
        Self { healthy: parts.values().all(|state| *state == UP), parts }
    }

    fn answer(self) -> impl IntoResponse {
        (if self.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(self))
    }
}

async fn ready(State(report): State<HealthReport>) -> impl IntoResponse {
    Public::of(report.readiness().await).answer()
}

async fn delivery(State(report): State<HealthReport>) -> impl IntoResponse {
    Public::of(report.parts(&report.delivery)).answer()
}

async fn details(State(report): State<HealthReport>) -> Json<Details> {
    let (mut readiness, mut delivery) = (report.readiness().await, report.parts(&report.delivery));
    let (ready, delivering) = (are_up(&readiness), are_up(&delivery));
    readiness.append(&mut delivery);
    Json(Details { ready, delivering, parts: readiness })
}

fn are_up(parts: &BTreeMap<String, Part>) -> bool {
    parts.values().all(|part| part.state == UP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(delivery: Vec<Health>) -> HealthReport {
        let pool = PgPool::connect_lazy("postgres://nobody:geheim@127.0.0.1:1/nothing").unwrap();
        HealthReport { pool, serving: Vec::new(), delivery, stall_timeout: Duration::ZERO }
    }

    #[tokio::test]
    async fn a_component_that_has_work_and_makes_no_progress_is_stalled() {
        let consumer = Health::new("consumer");
        let report = report(vec![consumer.clone()]);
        consumer.up();
        assert_eq!(report.part(&consumer).state, "up");
        consumer.busy();
        tokio::time::sleep(Duration::from_millis(2)).await;
        let part = report.part(&consumer);
        assert_eq!(
            (part.state, part.reason.as_deref()),
            ("stalled", Some("there is work, and no progress for 0 s"))
        );
        consumer.idle();
        assert_eq!(report.part(&consumer).state, "up");
    }

    #[tokio::test]
    async fn a_reason_is_for_operators_only() {
        let relay = Health::new("relay");
        relay.down("the broker: user cart at 10.0.0.7 is refused");
        let report = report(vec![relay]);
        let public = Public::of(report.parts(&report.delivery));
        assert_eq!(serde_json::to_string(&public).unwrap(), r#"{"healthy":false,"parts":{"relay":"down"}}"#);
        let Json(details) = details(State(report)).await;
        assert!(!details.ready && !details.delivering);
        assert!(details.parts["relay"].reason.as_ref().unwrap().contains("10.0.0.7"));
    }
}
