//! `ready`: checks that an address answers with success, for health checks where there is no other HTTP client.

use std::process::ExitCode;
use std::time::Duration;

use crate::cli::operators::Ready;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks, and prints what is wrong.
#[allow(clippy::print_stdout)]
pub async fn ready(Ready { url }: &Ready) -> anyhow::Result<ExitCode> {
    let answer = match endpoint::client(TIMEOUT)?.get(url.expose()).send().await {
        Ok(answer) => answer,
        Err(error) => {
            println!("no answer: {error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    if answer.status().is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}: {}", answer.status(), answer.text().await.unwrap_or_default());
    Ok(ExitCode::FAILURE)
}
