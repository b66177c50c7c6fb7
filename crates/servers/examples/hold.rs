//! Starts servers in the given home, prints their URLs, and holds them until it is killed.
//!
//! `cargo run -p servers --example hold -- HOME [containers|local]`
#![allow(clippy::print_stdout)]

use servers::{ExistingServers, Options, Servers};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let home = arguments.next().unwrap_or_else(|| ".cartwheel".to_owned()).into();
    let backend = arguments.next().map(|word| word.parse()).transpose()?;
    let servers =
        Servers::start(&Options { home, fresh: false, backend }, &ExistingServers::default()).await?;
    for line in servers.explanation() {
        println!("{line}");
    }
    println!(
        "{}\n{}\n{}",
        servers.rabbitmq.amqp_url(),
        servers.rabbitmq.management_url(),
        servers.postgres.url()
    );
    std::future::pending::<()>().await;
    servers.stop().await
}
