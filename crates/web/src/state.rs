use crate::services::Services;

/// What the pages are made from.
#[derive(Clone)]
pub struct WebState {
    pub services: Services,
}

impl WebState {
    pub fn new(services: Services) -> Self {
        Self { services }
    }
}
