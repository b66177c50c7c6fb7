//! Events in and out of a service, without a broker.

use bus::{Failure, Handler};
use envelope::{Cause, Clock, Envelope, EventType};
use sqlx::PgPool;

/// An event as its publisher would send it.
pub fn event<E: EventType>(event: &E) -> Envelope {
    Envelope::new(event, &Cause::started_by("a test"), Clock::system().now())
        .unwrap_or_else(|error| panic!("an event that cannot be written: {error}"))
}

/// Hands events to a handler in a transaction of their own, as a consumer does.
///
/// # Errors
/// When the handler refuses them; then nothing has changed.
pub async fn handle(handler: &impl Handler, pool: &PgPool, events: &[Envelope]) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    handler.handle(&events.iter().collect::<Vec<_>>(), &mut transaction).await?;
    bus::commit(transaction).await?;
    Ok(())
}

/// What waits in a service's outbox, in order: everything that it published, where there is no broker.
pub async fn published(pool: &PgPool) -> Vec<Envelope> {
    let rows = sqlx::query_scalar::<_, Vec<u8>>("SELECT body FROM bus.outbox ORDER BY id");
    let bodies = rows.fetch_all(pool).await.unwrap_or_else(|error| panic!("the outbox: {error}"));
    let read = |body: &Vec<u8>| serde_json::from_slice(body);
    bodies.iter().map(|body| read(body).unwrap_or_else(|error| panic!("in the outbox: {error}"))).collect()
}

/// All of one type that was published, in order.
pub async fn published_of<E: EventType>(pool: &PgPool) -> Vec<E> {
    let events = published(pool).await;
    let read = |event: &Envelope| event.read().unwrap_or_else(|error| panic!("in the outbox: {error}"));
    events.iter().filter_map(read).collect()
}
