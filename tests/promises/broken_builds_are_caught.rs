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

/// Whether mails are lost as well depends on how far notify was behind when it was killed: not at all, in some runs.
#[tokio::test]
async fn acknowledging_before_the_commit_loses_what_a_killed_service_was_processing() {
    is_caught("ack-before-commit", "--faults 3 --kinds kill-service", &["\nlost: "]).await;
}

#[tokio::test]
async fn publishing_outside_the_transaction_loses_events_when_a_service_is_killed() {
    is_caught(
        "publish-outside-transaction",
        "--faults 3 --kinds kill-service",
        &["\nlost: ", "\nmails lost: "],
    )
    .await;
}

#[tokio::test]
async fn ignoring_positions_processes_duplicates() {
    is_caught("ignore-positions", "--faults 6 --kinds deliver-again", &["\ndoubled: "]).await;
}

#[tokio::test]
async fn ignoring_gaps_loses_late_events() {
    is_caught("ignore-waiting", "--faults 6 --kinds deliver-early", &["\nlost: "]).await;
}

#[tokio::test]
async fn giving_numbers_again_after_a_restored_backup_publishes_two_events_as_one() {
    let two = "published two events as number";
    is_caught("reuse-numbers", "--faults 3 --kinds restore-backup", &["\ndoubled: ", two]).await;
}

#[tokio::test]
async fn losing_timers_leaves_carts_that_nobody_looks_at() {
    is_caught("lose-timers", "--faults 4 --kinds cut", &["\nlost: ", "no timer will look at cart"]).await;
}
