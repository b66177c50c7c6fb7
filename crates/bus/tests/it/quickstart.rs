//! The example in `examples/` does what it says.

#[path = "../../examples/lamps.rs"]
mod lamps;

#[tokio::test]
async fn the_lamps_example_plays_to_its_end() {
    let servers = testkit::servers().await;
    let space = testkit::Space::new(servers).await;
    let played = lamps::run(&space.amqp_admin_url(), &servers.postgres_url).await;
    assert!(played.is_ok(), "{played:?}");
    space.remove().await;
}
