//! `docs/metrics.md` names every metric. It is written from the list in the code; this test holds one against the other,
//! and `UPDATE=1` writes it again.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::fmt::Write;
use std::path::Path;

use service::metrics::{ALL, Kind, Metric};

const INTRODUCTION: &str = "# Metrics\n\nWhat `/metrics` exposes, for Prometheus. Every service has it at its own address; \
`up` at its one address for all. The number of a label's values is bounded: routes are patterns, and event types beyond \
a hundred count as `other`. This page is generated: `UPDATE=1 cargo test -p service --test metrics`.\n\n\
| metric | type | labels | what it measures |\n|---|---|---|---|\n";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for Metric { name, kind, labels, help } in ALL {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(page, "| `{name}` | {kind} | {} | {help} |", labels.join(", ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_metrics_is_up_to_date() {
    testkit::assert_up_to_date("docs/metrics.md", &page(), "cargo test -p service --test metrics");
}

#[test]
fn names_follow_the_conventions() {
    for Metric { name, kind, labels, .. } in ALL {
        let is_total = name.ends_with("_total");
        assert_eq!(is_total, *kind == Kind::Counter, "{name}: counters, and only they, end in _total");
        assert!(name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'), "{name}");
        // One server may serve several services, and what it refuses gets to none of them.
        let of_the_server = ["http_server_refusals_total", "http_server_connections"].contains(name);
        assert!(labels.contains(&"service") || of_the_server, "{name}");
        if matches!(kind, Kind::Histogram(_)) && !name.ends_with("_events") {
            assert!(name.ends_with("_seconds"), "{name}: durations are in seconds");
        }
    }
}

/// The files that describe alerts, and what to do at each.
fn alerts_and_operations() -> [String; 2] {
    ["compose/prometheus/alerts.yml", "docs/operations.md"].map(|file| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
    })
}

#[test]
fn every_alert_links_to_what_to_do_at_it() {
    let [alerts, operations] = alerts_and_operations();
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(
            operations.contains(&format!("\n### {name}\n")),
            "docs/operations.md says nothing about {name}"
        );
        let link = format!("runbook_url: \"docs/operations.md#{}\"", name.to_lowercase());
        assert!(alerts.contains(&link), "{name} has no link: {link}");
    }
}

#[test]
fn alerts_ask_for_metrics_that_exist() {
    let [alerts, _] = alerts_and_operations();
    let word = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_');
    let prefixes = ["bus_", "calls_", "http_", "notify_", "recommend_", "unreadable_"];
    let asked = alerts
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:"))
        .flat_map(|line| line.split(word));
    let asked: Vec<&str> =
        asked.filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix))).collect();
    assert!(asked.len() > 10, "{asked:?}");
    for name in asked {
        let exists =
            |metric: &Metric| name == metric.name || name.strip_suffix("_count") == Some(metric.name);
        assert!(ALL.iter().any(exists), "no metric is called {name}");
    }
}
