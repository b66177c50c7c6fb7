//! What is too old goes.

use std::time::Duration;

use chrono::TimeDelta;
use envelope::{Cause, Clock};
use testkit::turn_clock;
use uuid::Uuid;

use crate::support::{Setup, added};

const FIGURES: &str = "SELECT count(DISTINCT resolution) FROM figures";
const DAYS: &str = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'envelopes'::regclass";

#[tokio::test]
async fn minutes_hours_and_the_index_go_after_their_days_and_days_stay() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let now = Clock::system().now();
    let event = |days: i64| {
        let time = now - TimeDelta::days(days);
        cart.caused(time, &added(Uuid::new_v4(), "CUP", 1, 1), &Cause::default())
    };
    cart.publish(vec![event(0), event(2), event(6), event(40), event(-2)]).await;
    let kept = ["--minutes-kept-days", "3", "--hours-kept-days", "30", "--events-kept-days", "4"];
    let instance = setup.start(&kept).await;
    setup.until_counted(5, 0).await;
    // What is older never comes in, and what is dated far ahead is not in the index.
    assert_eq!(setup.count("SELECT count(*) FROM envelopes").await, 2);
    assert_eq!(setup.count(DAYS).await, 2);
    for (resolution, expected) in [("minute", 3), ("hour", 4), ("day", 5)] {
        let query = sqlx::query_scalar(
            "SELECT sum(value)::bigint FROM figures WHERE resolution = $1 AND measure = 'additions'",
        );
        let additions: i64 = query.bind(resolution).fetch_one(&setup.pool).await.unwrap();
        assert_eq!(additions, expected, "{resolution}");
    }
    instance.stop().await;

    for (days, figures, index) in [(10, 2, 0), (60, 1, 0)] {
        turn_clock(&setup.pool, Duration::from_hours(days * 24)).await;
        let instance = setup.start(&kept).await;
        setup.until(FIGURES, figures).await;
        setup.until(DAYS, index).await;
        instance.stop().await;
    }
    setup.until("SELECT count(*) FROM taken", 0).await;
    assert_eq!(setup.count("SELECT sum(value)::bigint FROM figures WHERE measure = 'additions'").await, 5);
    setup.end().await;
}

#[tokio::test]
async fn without_an_index_figures_are_counted_all_the_same() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let event = cart.caused(Clock::system().now(), &added(Uuid::new_v4(), "CUP", 1, 1), &Cause::default());
    cart.publish(vec![event]).await;
    let instance = setup.start(&["--events-kept-days", "0"]).await;
    setup.until_counted(1, 0).await;
    assert_eq!(setup.count("SELECT count(*) FROM envelopes").await, 0);
    instance.stop().await;
    setup.end().await;
}
