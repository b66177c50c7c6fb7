//! The plans of executed statements, as PostgreSQL's `auto_explain` reports them to the clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sqlx::PgPool;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The most rows that a statement may read one after the other.
const MOST_SCANNED: f64 = 1_000.0;
/// The most buffers that a statement may touch for each row that it gets or gives.
const BUFFERS_A_ROW: f64 = 20.0;
/// What a statement may touch beside that.
const BUFFERS: f64 = 100.0;

/// From now on, the service's sessions with its database report each statement's plan and what it touched.
pub async fn explain_all(database: &PgPool) {
    let settings = [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        "auto_explain.log_buffers = on",
        "auto_explain.log_timing = off",
        "auto_explain.log_format = 'json'",
        "auto_explain.log_level = 'notice'",
    ];
    sqlx::query("LOAD 'auto_explain'").execute(database).await.unwrap();
    let whose = "SELECT format('ALTER ROLE %I IN DATABASE %I SET ', pg_get_userbyid(datdba), datname) FROM pg_database
                 WHERE datname = current_database()";
    let whose: String = sqlx::query_scalar(whose).fetch_one(database).await.unwrap();
    for setting in settings {
        let alter = format!("{whose}{setting}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(alter)).execute(database).await.unwrap();
    }
}

/// The plans that this process's connections are told of.
#[derive(Clone, Default)]
pub struct Executed(Arc<Mutex<Vec<Value>>>);

impl Executed {
    pub fn listen() -> Self {
        let executed = Self::default();
        let subscriber = tracing_subscriber::registry().with(executed.clone());
        // Each test has a process of its own.
        tracing::subscriber::set_global_default(subscriber).unwrap();
        executed
    }

    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }

    /// How many statements were executed, and which look at more than they need, one by one with what they look at.
    pub fn expensive(&self) -> (usize, BTreeMap<String, String>) {
        let executed = self.0.lock().unwrap();
        (executed.len(), executed.iter().filter_map(expensive).collect())
    }
}

impl Executed {
    /// How many of the service's own statements were executed, and how many buffers they touched.
    pub fn own_statements(&self) -> (usize, f64) {
        let executed = self.0.lock().unwrap();
        let own = executed.iter().filter(|executed| {
            let query = executed["Query Text"].as_str().unwrap_or_default();
            // A consumer asks now and then whether the database answers, which reads no table.
            !query.replace("bus.now()", "").contains("bus.") && executed["Plan"]["Node Type"] != "Result"
        });
        let buffers = own.clone().map(|executed| buffers(&executed["Plan"])).sum();
        (own.count(), buffers)
    }
}

impl<S: Subscriber> Layer<S> for Executed {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Executed {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        if let Some((_, plan)) = text.split_once("plan:\n")
            && let Ok(plan) = serde_json::from_str(plan)
        {
            self.0.lock().unwrap().push(plan);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

fn expensive(executed: &Value) -> Option<(String, String)> {
    let query = executed["Query Text"].as_str().unwrap_or_default();
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut nodes = Vec::new();
    collect(&executed["Plan"], &mut nodes);
    for node in &nodes {
        let scanned = number(node, "Actual Loops")
            * (number(node, "Actual Rows") + number(node, "Rows Removed by Filter"));
        if node["Node Type"] == "Seq Scan" && scanned > MOST_SCANNED {
            return Some((query, format!("{scanned} rows of {} one after the other", node["Relation Name"])));
        }
    }
    let root = nodes.first()?;
    let buffers = buffers(root);
    let rows =
        nodes.iter().filter(|node| is_input_or_output(node, root)).map(|node| number(node, "Actual Rows"));
    let rows = rows.fold(1.0, f64::max);
    (buffers > BUFFERS + BUFFERS_A_ROW * rows)
        .then(|| (query, format!("{buffers} buffers for {rows} rows: {}", shape(&nodes))))
}

fn buffers(plan: &Value) -> f64 {
    number(plan, "Shared Hit Blocks") + number(plan, "Shared Read Blocks")
}

/// Whether a node's rows are those that the statement gets, gives, changes, or counts up to a limit.
fn is_input_or_output(node: &Value, root: &Value) -> bool {
    let is_changed = root["Node Type"] == "ModifyTable" && root["Plans"][0] == *node;
    ["Function Scan", "Limit"].iter().any(|kind| node["Node Type"] == *kind) || node == root || is_changed
}

/// The plan's nodes with their buffers, from the root.
fn shape(nodes: &[&Value]) -> String {
    let node = |node: &&Value| {
        let on = ["Relation Name", "Index Name"].map(|key| node[key].as_str().unwrap_or_default());
        format!("{} {} {}", node["Node Type"], on.join(" "), number(node, "Shared Hit Blocks"))
    };
    nodes.iter().map(node).collect::<Vec<_>>().join("; ")
}

fn collect<'a>(plan: &'a Value, nodes: &mut Vec<&'a Value>) {
    nodes.push(plan);
    for child in plan["Plans"].as_array().into_iter().flatten() {
        collect(child, nodes);
    }
}

fn number(node: &Value, key: &str) -> f64 {
    node[key].as_f64().unwrap_or_default()
}
