use axum::extract::FromRef;
use envelope::Clock;
use service::Lifecycle;

use crate::console::ConsoleState;
use crate::forms::FormKey;
use crate::live::{Live, Most, Tickets};
use crate::picture_origins::PictureOrigins;
use crate::services::Services;
use crate::settings::Settings;
use crate::shop::Categories;

/// What the pages are made from.
#[derive(Clone, FromRef)]
pub struct WebState {
    pub services: Services,
    pub form_key: FormKey,
    pub clock: Clock,
    pub categories: Categories,
    pub live: Live,
    pub picture_origins: PictureOrigins,
    pub console: ConsoleState,
}

impl WebState {
    pub fn new(settings: &Settings, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let clock = lifecycle.clock();
        let tickets = Tickets::new(&settings.token_secret, clock)?;
        let of_a_client = usize::try_from(settings.server.limits.limit_connections)?;
        let most = Most { all: usize::try_from(settings.live_streams)?, of_a_client };
        Ok(Self {
            services: Services::new(&settings.services)?,
            form_key: FormKey::new(&settings.token_secret)?,
            clock,
            categories: Categories::default(),
            live: Live::new(tickets, most, lifecycle.stop()),
            picture_origins: PictureOrigins::new(&settings.picture_origins),
            console: ConsoleState::new(&settings.admin_key, &settings.token_secret, clock)?,
        })
    }
}
