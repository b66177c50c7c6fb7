use crate::harness::torture;

#[tokio::test]
async fn every_change_takes_effect_once_and_in_order_whatever_crashes() {
    let (good, printed) = torture("--changes 600 --faults 14", None).await;
    assert!(good, "{printed}");
    assert!(
        printed.contains("every acknowledged change took effect once, in order, in every service"),
        "{printed}"
    );
    for fault in [
        "a service killed",
        "connections cut",
        "connections stalled",
        "messages delivered again",
        "messages delivered early",
        "a service frozen",
        "a queue deleted",
        "a backup restored",
        "the event log made again",
        "messages that are no events",
        "RabbitMQ killed",
        "PostgreSQL killed",
    ] {
        assert!(printed.contains(fault), "no fault was '{fault}': {printed}");
    }
}
