//! The carts' HTTP API.

use anyhow::anyhow;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_extra::TypedHeader;
use axum_extra::headers::Authorization;
use axum_extra::headers::authorization::Bearer;
use ruststream::prelude::App;
use ruststream::runtime::{HealthProbe, HealthState};
use serde::Serialize;
use sqlx::PgPool;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::cart::{self, Addition, Cart};
use crate::{database, outbox, topology};

#[derive(Clone)]
struct Shop {
    pool: PgPool,
    relay: HealthProbe,
}

#[derive(Serialize)]
struct NewCart {
    id: Uuid,
    token: String,
}

/// Serves at this address until the relay ends, or until Ctrl-C.
pub async fn serve(address: &str) -> anyhow::Result<()> {
    let pool = database::open().await?;
    topology::declare().await?;
    let relay = outbox::relay(pool.clone())?.start().await?;
    let routes = Router::new()
        .route("/health/ready", get(ready))
        .route("/carts", post(create_cart))
        .route("/carts/{cart}/items", post(add_item))
        .with_state(Shop { pool, relay: relay.health() });
    let stopping = relay.stopping();
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = stopping => {}
        }
    };
    axum::serve(TcpListener::bind(address).await?, routes).with_graceful_shutdown(stop).await?;
    Ok(relay.shutdown().await?)
}

async fn ready(State(shop): State<Shop>) -> Result<StatusCode, Error> {
    sqlx::query("SELECT true").execute(&shop.pool).await?;
    match shop.relay.state() {
        HealthState::Running => Ok(StatusCode::OK),
        state => Err(Error::Failed(anyhow!("the relay is {state:?}"))),
    }
}

async fn create_cart(State(shop): State<Shop>) -> Result<(StatusCode, Json<NewCart>), Error> {
    let token = Uuid::new_v4().simple().to_string();
    let id = cart::create(&shop.pool, &token).await?;
    Ok((StatusCode::CREATED, Json(NewCart { id, token })))
}

async fn add_item(
    State(shop): State<Shop>,
    Path(id): Path<Uuid>,
    TypedHeader(Authorization(bearer)): TypedHeader<Authorization<Bearer>>,
    headers: HeaderMap,
    Json(addition): Json<Addition>,
) -> Result<Json<Cart>, Error> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key =
        key.filter(|key| key.len() <= 200).ok_or(Error::Unprocessable("an idempotency key is missing"))?;
    if addition.sku.is_empty() || addition.sku.len() > 64 || !(1..=1000).contains(&addition.quantity) {
        return Err(Error::Unprocessable("a SKU has 1 to 64 bytes, and a quantity is 1 to 1,000"));
    }
    let cart = cart::add(&shop.pool, id, bearer.token(), key, &addition).await?;
    cart.map(Json).ok_or(Error::NotFound)
}

enum Error {
    NotFound,
    Unprocessable(&'static str),
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "no such cart, or not its token").into_response(),
            Self::Unprocessable(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
            Self::Failed(error) => {
                tracing::error!("{error:#}");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}
