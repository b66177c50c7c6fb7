//! The pages: a storefront for shoppers under `/shop`, and a console for those who run the shop under `/console`. They are
//! written on the server, know the services by their REST APIs only, and work without scripts.

mod assets;
mod console;
mod front;
mod language;
mod page;
mod security;
mod services;
mod settings;
mod shop;
mod state;
mod texts;
mod unknown;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use service::{Lifecycle, metrics_route, with_request_layers};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

pub use front::front_page;
pub use settings::Settings;

use console::ConsoleState;
use services::Services;
use state::WebState;

/// Prepares the pages, and returns their routes: `/shop`, `/console` and what belongs to them.
///
/// # Errors
/// When a setting makes no sense.
pub fn start(settings: &Settings, lifecycle: &Lifecycle) -> anyhow::Result<Router> {
    let console = ConsoleState::new(&settings.admin_key, &settings.token_secret, lifecycle.clock())?;
    let state = WebState::new(Services::new(&settings.services)?, console);
    let pages = Router::new().nest("/shop", shop::routes()).nest("/console", console::routes(&state));
    let pages = pages
        .layer(ServiceBuilder::new().layer(CompressionLayer::new()).layer(from_fn(security::headers)))
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
