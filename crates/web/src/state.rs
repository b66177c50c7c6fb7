use crate::console::ConsoleState;
use crate::services::Services;

/// What the pages are made from.
#[derive(Clone)]
pub struct WebState {
    pub services: Services,
    pub console: ConsoleState,
}

impl WebState {
    pub fn new(services: Services, console: ConsoleState) -> Self {
        Self { services, console }
    }
}
