use envelope::Clock;
use secrecy::SecretString;
use service::AdminKey;

use super::flow::Sampler;
use super::numbers::DrawnCache;
use super::session::Sessions;

/// What the console is made from, besides the services.
#[derive(Clone)]
pub struct ConsoleState {
    pub sessions: Sessions,
    pub key: AdminKey,
    /// As it is sent to the services.
    pub admin_key: SecretString,
    pub sampler: Sampler,
    pub figures: DrawnCache,
    pub clock: Clock,
}

impl ConsoleState {
    pub fn new(admin_key: &SecretString, token_secret: &SecretString, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            sessions: Sessions::new(admin_key, token_secret, clock)?,
            key: AdminKey::new(admin_key),
            admin_key: admin_key.clone(),
            sampler: Sampler::default(),
            figures: DrawnCache::default(),
            clock,
        })
    }
}
