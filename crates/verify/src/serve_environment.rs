//! The environment of `cartwheel serve`.

use std::net::SocketAddr;

use cartwheel::up::accounts::Account;
use cartwheel::up::secrets::Secrets;

/// What an instance of any service needs. All requests are of one client, and so without limits.
pub fn serve_environment(
    account: &Account,
    secrets: &Secrets,
    address: SocketAddr,
) -> Vec<(&'static str, String)> {
    vec![
        ("CARTWHEEL_DATABASE_URL", account.database_url.clone()),
        ("CARTWHEEL_BROKER_URL", account.broker_url.clone()),
        ("CARTWHEEL_LISTEN", address.to_string()),
        ("CARTWHEEL_ADMIN_KEY", secrets.admin_key.clone()),
        ("CARTWHEEL_TOKEN_SECRET", secrets.token_secret.clone()),
        ("CARTWHEEL_LIMITS", "nobody".to_owned()),
    ]
}
