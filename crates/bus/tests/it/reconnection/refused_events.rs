//! An event that the broker refuses holds up its own subject only.

use std::time::Duration;

use testkit::{eventually, turn_clock};

use super::pipeline::{Pipeline, with_private_servers};
use crate::fixture::TIMEOUT;

#[test]
fn an_event_that_is_too_large_for_the_broker_is_set_aside_and_goes_out_once_the_broker_takes_it() {
    with_private_servers(async |servers| {
        servers.rabbitmq.set_max_message_size(1000).await.unwrap();
        let pipeline = Pipeline::new(servers).await;
        let fixture = &pipeline.fixture;
        let long = "x".repeat(400);
        fixture.place(&[("dan", 1), (&long, 1), ("dan", 2), (&long, 2), ("zoe", 1)]).await;
        fixture.until("dan", &[1, 2]).await;
        fixture.until("zoe", &[1]).await;
        eventually("one is refused", TIMEOUT, async || {
            let backlog = fixture.backlog_of_orders().await;
            ((backlog.outbox, backlog.refused) == (2, 1)).then_some(())
        })
        .await;
        fixture.place(&[("dan", 3)]).await;
        fixture.until("dan", &[1, 2, 3]).await;
        pipeline.is_up().await;

        servers.rabbitmq.set_max_message_size(1 << 20).await.unwrap();
        // A channel keeps the limit that it began with: the first of these is refused again, which ends the channel.
        let mut later = Duration::ZERO;
        eventually("all have gone out", TIMEOUT, async || {
            later += Duration::from_mins(11);
            turn_clock(&fixture.orders_db, later).await;
            (fixture.waiting().await == 0).then_some(())
        })
        .await;
        fixture.until(&long, &[1, 2]).await;
        pipeline.fixture.end().await;
    });
}
