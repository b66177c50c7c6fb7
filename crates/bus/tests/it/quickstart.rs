//! The example in `examples/` does what it says.

#[path = "../../examples/quickstart.rs"]
mod example;

#[tokio::test]
async fn the_quickstart_runs_to_its_end() {
    let servers = testkit::servers().await;
    let space = testkit::TestSpace::new(servers).await;
    let outcome = example::run(&space.amqp_admin_url(), &servers.postgres_url).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    space.remove().await;
}
