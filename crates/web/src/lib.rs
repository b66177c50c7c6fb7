//! The pages: a storefront for shoppers under `/shop`, and a console for those who run the shop under `/console`; and
//! `/live`, which tells them what happens. They are written on the server, know the services by their REST APIs and the event
//! log only, and work without scripts.

mod assets;
mod console;
mod cookies;
mod forms;
mod front;
mod grouped;
mod health;
mod language;
mod live;
mod money;
mod not_found;
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

use axum::Router;
use axum::middleware::from_fn_with_state;
use bus::{Broker, EventLog, Health};
use service::{Api, Lifecycle, metrics_route, with_request_layers};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

pub use front::front_page;
pub use settings::Settings;

use state::WebState;

const NAME: &str = "web";

/// The pages, and what follows the event log for them.
pub struct Pages {
    /// `/shop`, `/console` and what belongs to them.
    pub routes: Router,
    /// `/live`, for storefronts of all kinds.
    pub live: Api,
    following: Health,
}

/// Prepares the pages and starts to follow the event log.
///
/// # Errors
/// When a setting makes no sense.
pub fn start(settings: &Settings, lifecycle: &Lifecycle) -> anyhow::Result<Pages> {
    let state = WebState::new(settings, lifecycle)?;
    let log = EventLog::new(Broker::new(settings.broker_url.expose(), "web"));
    let follower = live::follower(log, state.live.clone(), lifecycle.clock());
    let following = follower.health();
    lifecycle.spawn("web event log", follower.run(lifecycle.stop()));
    let pages = Router::new().nest("/shop", shop::routes(&state)).nest("/console", console::routes(&state));
    let pages = pages
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(security::Policy::new(&state.picture_origins), security::headers)),
        )
        .with_state(state.clone());
    let live = Api::of_routes(NAME, live::routes(state));
    Ok(Pages { routes: with_request_layers(NAME, pages.merge(assets::routes())), live, following })
}

impl Pages {
    /// The pages alone at an address.
    pub fn alone(self) -> Router {
        Router::new()
            .route("/", front_page("/shop"))
            .merge(health::routes(self.following))
            .merge(metrics_route())
            .merge(self.routes)
            .merge(self.live.with_docs())
    }
}

#[cfg(test)]
mod tests;
