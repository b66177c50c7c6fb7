//! What can't be counted is said.

use envelope::{Cause, Clock};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Setup, added, recreate_log};

#[tokio::test]
async fn a_log_that_was_declared_again_is_a_loss_and_counting_goes_on() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let event = || cart.caused(Clock::system().now(), &added(Uuid::new_v4(), "CUP", 1, 1), &Cause::default());
    let instance = setup.start(&[]).await;
    cart.publish(vec![event(), event()]).await;
    setup.until_counted(2, 0).await;
    recreate_log(&setup.space).await;
    cart.publish(vec![event()]).await;
    setup.until_counted(3, 0).await;
    let progress = instance.get("/analytics/progress").await;
    let losses = progress["losses"].as_array().unwrap();
    assert_eq!((losses.len(), &losses[0]["messages"]), (1, &json!(null)), "{progress}");
    instance.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn an_event_whose_data_does_not_fit_is_in_the_index_and_in_no_figure() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let good = cart.caused(Clock::system().now(), &added(Uuid::new_v4(), "CUP", 1, 1), &Cause::default());
    let mut bad = cart.caused(Clock::system().now(), &added(Uuid::new_v4(), "CUP", 1, 1), &Cause::default());
    bad.data = serde_json::value::to_raw_value(&json!({"quantity": "many"})).unwrap();
    cart.publish(vec![bad.clone(), good]).await;
    let instance = setup.start(&[]).await;
    setup.until_counted(2, 0).await;
    assert_eq!(setup.count("SELECT passed_over FROM progress").await, 1);
    assert_eq!(
        setup
            .count(
                "SELECT sum(value)::bigint FROM figures WHERE resolution = 'day' AND measure = 'additions'"
            )
            .await,
        1
    );
    let shown = instance.get(&format!("/analytics/events/{}", bad.id)).await;
    assert_eq!(shown["event"]["data"], json!({"quantity": "many"}));
    instance.stop().await;
    setup.end().await;
}
