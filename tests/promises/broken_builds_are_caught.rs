//! Torture must be able to fail. Each test breaks one thing that delivery stands on, and has it found.

use crate::harness::torture;

async fn is_caught(fault: &str, faults: &str, findings: &[&str]) {
    let settings = format!("--changes 300 --settle-timeout 15 --seed 1 {faults}");
    let (good, printed) = torture(&settings, Some(fault)).await;
    assert!(!good, "{fault} was not caught: {printed}");
    assert!(printed.contains("promises were broken"), "{printed}");
    for finding in findings {
        assert!(printed.contains(finding), "'{finding}' was not found: {printed}");
    }
}

#[tokio::test]
async fn who_acknowledges_before_the_commit_loses_what_a_killed_service_had_in_its_hands() {
    is_caught("ack-before-commit", "--faults 3 --kinds kill-service", &["\nlost: ", "\nmails lost: "]).await;
}

#[tokio::test]
async fn who_publishes_outside_the_transaction_loses_what_a_killed_service_had_not_written() {
    is_caught(
        "publish-outside-transaction",
        "--faults 3 --kinds kill-service",
        &["\nlost: ", "\nmails lost: "],
    )
    .await;
}

#[tokio::test]
async fn who_ignores_positions_takes_duplicates() {
    is_caught("ignore-positions", "--faults 6 --kinds deliver-again", &["\ndoubled: "]).await;
}

#[tokio::test]
async fn who_ignores_waiting_passes_over_what_comes_late() {
    is_caught("ignore-waiting", "--faults 6 --kinds deliver-early", &["\nlost: "]).await;
}
