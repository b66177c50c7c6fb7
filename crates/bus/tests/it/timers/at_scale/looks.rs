//! What looks for due timers touch, as PostgreSQL's `auto_explain` reports it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::super::fixture::Fixture;

/// From now on, the service's new sessions report each statement's plan and what it touched.
pub async fn explain_all(fixture: &Fixture) {
    let mut admin = PgConnection::connect(&fixture.space.admin_database_url("orders")).await.unwrap();
    let settings = [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        "auto_explain.log_buffers = on",
        "auto_explain.log_timing = off",
        "auto_explain.log_format = 'json'",
        "auto_explain.log_level = 'notice'",
    ];
    sqlx::query("LOAD 'auto_explain'").execute(&mut admin).await.unwrap();
    let whose = "SELECT format('ALTER ROLE %I IN DATABASE %I SET ', pg_get_userbyid(datdba), datname) FROM pg_database
                 WHERE datname = current_database()";
    let whose: String = sqlx::query_scalar(whose).fetch_one(&mut admin).await.unwrap();
    for setting in settings {
        let alter = sqlx::AssertSqlSafe(format!("{whose}{setting}"));
        sqlx::raw_sql(alter).execute(&mut admin).await.unwrap();
    }
}

/// The looks that this process's connections are told of.
#[derive(Clone, Default)]
pub struct Looks(Arc<Mutex<Vec<f64>>>);

impl Looks {
    pub fn listen() -> Self {
        let looks = Self::default();
        // Each test has a process of its own.
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(looks.clone())).unwrap();
        looks
    }

    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }

    /// How many buffers each has touched.
    pub fn touched(&self) -> Vec<f64> {
        self.0.lock().unwrap().clone()
    }
}

impl<S: Subscriber> Layer<S> for Looks {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Looks {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        let Some((_, plan)) = text.split_once("plan:\n") else { return };
        let Ok(plan) = serde_json::from_str::<Value>(plan) else { return };
        if plan["Query Text"].as_str().is_some_and(|query| query.contains("AS again")) {
            let number = |key: &str| plan["Plan"][key].as_f64().unwrap_or_default();
            self.0.lock().unwrap().push(number("Shared Hit Blocks") + number("Shared Read Blocks"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// For how long PostgreSQL has been busy with statements of this database.
pub async fn busy_milliseconds(fixture: &Fixture) -> f64 {
    let query = "SELECT active_time FROM pg_stat_database WHERE datname = current_database()";
    sqlx::query_scalar(query).fetch_one(&fixture.pool).await.unwrap()
}

/// The time that a process has used, of its line in `/proc`.
pub fn ticks(stat: &str) -> u64 {
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|field| fields.get(*field)?.parse::<u64>().ok()).sum()
}
