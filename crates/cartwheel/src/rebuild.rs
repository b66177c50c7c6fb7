//! `rebuild`: rebuilds from the event log what a service keeps of other services' events.

use anyhow::Context;

use crate::cli::serve::Projection;
use crate::topology::topology;

/// Rebuilds it and says how many events that took.
#[allow(clippy::print_stdout)]
pub async fn rebuild(projection: Projection) -> anyhow::Result<()> {
    let (name, settings) = match &projection {
        Projection::Cart(settings) => ("cart", settings),
        Projection::Recommend(settings) => ("recommend", settings),
    };
    let topology = topology();
    let service = topology.services.iter().find(|service| service.name == name).context(name)?;
    let events = match projection {
        Projection::Cart(_) => settings.run(service, cart::Copies).await?,
        Projection::Recommend(_) => settings.run(service, recommend::Recommend).await?,
    };
    println!("{name} was rebuilt from {events} events");
    Ok(())
}
