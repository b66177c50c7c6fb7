//! Whether exchanges, queues and bindings are as the contract says, and whether every queue has a consumer.

use std::collections::BTreeSet;

use bus::{BusError, LogRetention, Topology, dead_letters_of};
use service::remedies::DEAD_LETTERS;

use super::broker::Place;
use super::finding::Finding;
use crate::topology::topology;

const RUN: &str =
    "Run `cartwheel topology`: it declares what is missing, and consumers catch up by themselves.";

/// A queue that is bound again gets no marker, since nothing recorded that the binding was missing.
const BIND: &str = "Run `cartwheel topology`. What was published meanwhile is read from the event log when a later \
                    event of the same subject arrives; to catch up on all of it at once, delete the queue first.";

pub async fn examine(place: &Place, log: LogRetention) -> Vec<Finding> {
    let topology = Topology { log, ..topology() };
    let flaws = match topology.check(&place.broker()).await {
        Ok(flaws) => flaws,
        Err(error) => return vec![Finding::not_checked("topology", error.to_string())],
    };
    let mut findings: Vec<Finding> = flaws
        .missing
        .iter()
        .map(|what| Finding::wrong("topology", format!("{what} is missing"), RUN))
        .collect();
    let differing = |difference: &bus::Difference| {
        Finding::wrong("topology", difference.description(), difference.advice())
    };
    findings.extend(flaws.differences.iter().map(differing));
    match place.management.bindings(&place.vhost).await {
        Ok(found) => {
            let found: BTreeSet<_> = found.into_iter().collect();
            for (exchange, queue) in topology.bindings() {
                if !found.contains(&(exchange.clone(), queue.clone())) {
                    let what = format!("queue '{queue}' is not bound to exchange '{exchange}'");
                    findings.push(Finding::wrong("topology", what, BIND));
                }
            }
        }
        Err(error) => findings.push(Finding::not_checked("bindings", format!("{error:#}"))),
    }
    if findings.is_empty() {
        findings.push(Finding::ok("topology", "every exchange, queue and binding exists"));
    }
    findings.extend(queues(place).await);
    findings
}

async fn queues(place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    for service in topology().services.iter().filter(|service| !service.listens_to.is_empty()) {
        let broker = place.broker();
        let name = &service.name;
        let subject = format!("queue '{name}'");
        match broker.queue(name).await {
            Ok((0, ready)) => findings.push(Finding::wrong(
                subject,
                format!("it has no consumer; {ready} messages wait"),
                format!("Start the service {name}, or look at its `/health/details` for what it waits for."),
            )),
            looked => findings.extend(failed(subject, looked)),
        }
        let dead = dead_letters_of(name);
        let subject = format!("queue '{dead}'");
        match broker.queue(&dead).await {
            Ok((_, letters)) if letters > 0 => findings.push(Finding::wrong(
                subject,
                format!("{letters} dead letters: messages that the broker gave up on, or that no relay sent"),
                DEAD_LETTERS,
            )),
            looked => findings.extend(failed(subject, looked)),
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("queues", "every queue has a consumer, and there are no dead letters"));
    }
    findings
}

/// A missing queue is already reported with the topology.
fn failed<T>(subject: String, looked: Result<T, BusError>) -> Option<Finding> {
    looked
        .err()
        .filter(|error| !matches!(error, BusError::Missing(_)))
        .map(|error| Finding::not_checked(subject, error.to_string()))
}
