//! The requests that the bench makes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::addition::Addition;
use crate::writer::Job;

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: i64,
}

/// Serves forever.
pub async fn serve(listener: TcpListener, additions: mpsc::Sender<Job>) -> anyhow::Result<()> {
    let routes = Router::new()
        .route("/health/ready", get(async || StatusCode::OK))
        .route("/carts", post(open))
        .route("/carts/{cart}/items", post(add))
        .with_state(additions);
    Ok(axum::serve(listener, routes).await?)
}

async fn open() -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({"id": Uuid::now_v7(), "token": ""})))
}

async fn add(
    State(additions): State<mpsc::Sender<Job>>,
    Path(cart): Path<Uuid>,
    Json(item): Json<Item>,
) -> StatusCode {
    let addition = Addition { id: Uuid::now_v7(), cart, sku: item.sku, quantity: item.quantity };
    let (committed, answer) = oneshot::channel();
    // The writer is gone only when the process ends.
    if additions.send(Job { addition, committed }).await.is_err() || answer.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::NO_CONTENT
}
