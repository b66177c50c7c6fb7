//! Whether the broker answers, is recent enough, and accepts what is published.

use bus::Broker;
use endpoint::AmqpUrl;

use super::finding::Finding;
use super::management::{Management, Node};
use crate::cli::operators::Doctor;

/// The first release line that has everything needed: quorum queues, streams, and at-least-once dead lettering.
const OLDEST: (u32, u32) = (3, 10);
/// A disk with less than this multiple of its limit free is nearly full.
const DISK_MARGIN: u64 = 3;

/// Where the broker is.
pub struct Place {
    /// With the virtual host, as the administrator.
    pub amqp: AmqpUrl,
    /// The management API.
    pub management: Management,
    /// The virtual host.
    pub vhost: String,
}

impl Place {
    pub fn of(settings: &Doctor) -> Self {
        let amqp = settings.rabbitmq_url.clone();
        let management = Management::of(&amqp, settings.management_url.as_ref());
        let vhost = amqp.name().unwrap_or("/").to_owned();
        Self { amqp, management, vhost }
    }

    /// The broker, as the administrator.
    pub fn broker(&self) -> Broker {
        Broker::new(self.amqp.expose(), "doctor")
    }
}

pub async fn examine(place: &Place) -> Vec<Finding> {
    let mut findings = vec![answers(place).await, version(place).await];
    match place.management.nodes().await {
        Ok(nodes) => findings.extend(nodes.iter().map(|node| check_node(node, &nodes))),
        Err(error) => findings.push(unreachable(&error)),
    }
    findings
}

async fn answers(place: &Place) -> Finding {
    match place.broker().answers().await {
        Ok(()) => Finding::ok("broker", format!("answers, virtual host '{}'", place.vhost)),
        Err(error) => Finding::wrong(
            "broker",
            error.to_string(),
            "Is it running? Are host, port, virtual host, user and password in CARTWHEEL_RABBITMQ_URL correct?",
        ),
    }
}

async fn version(place: &Place) -> Finding {
    match place.management.version().await {
        Ok(version) => check_version(&version),
        Err(error) => unreachable(&error),
    }
}

fn unreachable(error: &anyhow::Error) -> Finding {
    Finding::wrong(
        "management API",
        format!("{error:#}"),
        "Is the plugin rabbitmq_management enabled? Is CARTWHEEL_RABBITMQ_MANAGEMENT_URL correct?",
    )
}

fn check_version(version: &str) -> Finding {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        return Finding::wrong(
            "broker's version",
            format!("RabbitMQ {version} has no at-least-once dead lettering"),
            format!("Use RabbitMQ {}.{} or newer.", OLDEST.0, OLDEST.1),
        );
    }
    Finding::ok("broker's version", format!("RabbitMQ {version}"))
}

/// `all` are those of the cluster.
fn check_node(node: &Node, all: &[Node]) -> Finding {
    membership_fault(node, all).unwrap_or_else(|| check_room(node))
}

fn membership_fault(node: &Node, all: &[Node]) -> Option<Finding> {
    let subject = format!("node {}", node.name);
    // Who asks a node in a split network hears that those beyond don't run.
    let is_beyond = all.iter().any(|other| other.partitions.contains(&node.name));
    if !node.running && is_beyond {
        Some(Finding::not_checked(subject, "it is cut off from the node that was asked"))
    } else if !node.running {
        Some(Finding::wrong(
            subject,
            "it is not running",
            "Start it, or restart it if it runs: the others don't always take a node back that stood still. If it is gone for \
             good, take it out of the cluster: `rabbitmqctl forget_cluster_node`.",
        ))
    } else if !node.partitions.is_empty() {
        let others = node.partitions.join(", ");
        let what = format!("it is cut off from {others}: the network was split");
        Some(Finding::wrong(subject, what, remedy_for_split(node, all.len())))
    } else {
        None
    }
}

fn check_room(node: &Node) -> Finding {
    let subject = format!("memory and disk of {}", node.name);
    let gigabytes = node.disk_free >> 30;
    if node.mem_alarm {
        Finding::wrong(
            subject,
            "a memory alarm blocks all publishers",
            "Until it clears, events wait in the outboxes. Give the broker more memory, or find the consumer that has stopped.",
        )
    } else if node.disk_free_alarm {
        Finding::wrong(
            subject,
            format!("a disk alarm blocks all publishers: {gigabytes} GiB free"),
            "Until it clears, events wait in the outboxes. Free space on the broker's disk.",
        )
    } else if node.disk_free < node.disk_free_limit.saturating_mul(DISK_MARGIN) {
        Finding::wrong(
            subject,
            format!(
                "only {} MiB free; publishers are blocked below {} MiB",
                node.disk_free >> 20,
                node.disk_free_limit >> 20
            ),
            "Free space on the broker's disk.",
        )
    } else {
        Finding::ok(subject, format!("no alarm, {gigabytes} GiB free"))
    }
}

/// The fewer nodes are restarted: the others have gone on. A side that has paused comes back by itself.
fn remedy_for_split(node: &Node, nodes: usize) -> String {
    let is_alone = node.partitions.len() * 2 >= nodes;
    let fewer = if is_alone { node.name.clone() } else { node.partitions.join(" and ") };
    format!("Fix the network, then restart {fewer}. Events wait meanwhile.")
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn is_wrong(finding: &Finding) -> bool {
        matches!(finding.state, State::Wrong { .. })
    }

    #[test]
    fn an_old_broker_is_named() {
        assert!(is_wrong(&check_version("3.9.29")));
        for version in ["3.10.8", "3.13.0", "4.0.5", "4.2.0-rc.1"] {
            assert!(!is_wrong(&check_version(version)), "{version}");
        }
    }

    #[test]
    fn a_full_disk_and_an_alarm_are_named() {
        let well = Node { running: true, disk_free: 100 << 30, disk_free_limit: 1 << 30, ..Node::default() };
        assert!(!is_wrong(&check_node(&well, &[])));
        assert!(is_wrong(&check_node(&Node { disk_free: 2 << 30, ..well.clone() }, &[])));
        assert!(is_wrong(&check_node(&Node { disk_free_alarm: true, ..well.clone() }, &[])));
        assert!(is_wrong(&check_node(&Node { mem_alarm: true, ..well.clone() }, &[])));
        assert!(is_wrong(&check_node(&Node::default(), &[])), "what a stopped node says of itself");
    }

    #[test]
    fn of_a_split_cluster_the_fewer_nodes_are_restarted() {
        let node = |name: &str, cut_off_from: &[&str]| Node {
            name: name.to_owned(),
            running: true,
            partitions: cut_off_from.iter().map(|&name| name.to_owned()).collect(),
            ..Node::default()
        };
        let all = [node("a", &["c"]), node("b", &["c"]), node("c", &["a", "b"])];
        for split in &all {
            let State::Wrong { fix, .. } = check_node(split, &all).state else { panic!("nothing is wrong") };
            assert!(fix.contains("restart c."), "{fix}");
        }
        let beyond = Node { running: false, ..node("c", &[]) };
        assert!(matches!(check_node(&beyond, &all).state, State::NotChecked(_)));
    }
}
