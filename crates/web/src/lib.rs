//! The pages: a storefront for shoppers under `/shop`, and a console for those who run the shop under `/console`; and
//! `/live`, which tells them what happens. They are written on the server, know the services by their REST APIs and the event
//! log only, and work without scripts.

mod assets;
mod console;
mod cookies;
mod forms;
mod front;
mod language;
mod live;
mod money;
mod origin;
mod page;
mod picture_origins;
pub mod sample;
mod security;
mod services;
mod settings;
mod shop;
mod state;
mod texts;
mod unknown;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use bus::{Broker, EventLog};
use service::{Lifecycle, metrics_route, with_request_layers};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

pub use front::front_page;
pub use settings::Settings;

use state::WebState;

/// Prepares the pages, starts to follow the event log, and returns their routes: `/shop`, `/console` and what belongs to
/// them.
///
/// # Errors
/// When a setting makes no sense.
pub fn start(settings: &Settings, lifecycle: &Lifecycle) -> anyhow::Result<Router> {
    let state = WebState::new(settings, lifecycle)?;
    let log = EventLog::new(Broker::new(settings.broker_url.expose(), "web"));
    let follower = live::follower(log, state.live.clone(), lifecycle.clock());
    lifecycle.spawn("web event log", follower.run(lifecycle.stop()));
    let pages = Router::new().nest("/shop", shop::routes(&state)).nest("/console", console::routes(&state));
    let pages = pages
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(security::Policy::new(&state.picture_origins), security::headers)),
        )
        .merge(live::routes())
        .with_state(state);
    Ok(with_request_layers("web", pages.merge(assets::routes())))
}

/// The pages alone at an address.
pub fn alone(pages: Router) -> Router {
    let alive = || get(async || "alive");
    Router::new()
        .route("/", front_page("/shop"))
        .route("/health/live", alive())
        .route("/health/ready", alive())
        .merge(metrics_route())
        .merge(pages)
}

#[cfg(test)]
mod tests;
