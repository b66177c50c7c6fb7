//! Whether the broker answers, is new enough, and takes what is published.

use anyhow::Context;
use bus::Broker;
use url::Url;

use super::Finding;
use super::management::{Management, Node};
use crate::cli::operators::Doctor;

/// The first line that has all that is needed: quorum queues, streams, and at-least-once dead lettering.
const OLDEST: (u32, u32) = (3, 10);
/// Below so many times its limit, a disk is soon full.
const ROOM: u64 = 3;

/// Where the broker is.
pub struct Place {
    /// With the virtual host, as the administrator.
    pub amqp: String,
    /// The management API.
    pub management: Management,
    /// The virtual host.
    pub vhost: String,
}

impl Place {
    pub fn of(settings: &Doctor) -> anyhow::Result<Self> {
        let amqp = Url::parse(&settings.rabbitmq_url).context("RabbitMQ's URL can't be read")?;
        let given = settings.management_url.as_deref().filter(|url| !url.is_empty());
        let management = match given {
            Some(url) => Management::at(url)?,
            None => Management::beside(&amqp)?,
        };
        let vhost = amqp.path().trim_start_matches('/').replace("%2F", "/").replace("%2f", "/");
        let vhost = if vhost.is_empty() { "/".to_owned() } else { vhost };
        Ok(Self { amqp: settings.rabbitmq_url.clone(), management, vhost })
    }
}

pub async fn examine(place: &Place) -> Vec<Finding> {
    let mut findings = vec![answers(place).await, version(place).await];
    match place.management.nodes().await {
        Ok(nodes) => findings.extend(nodes.iter().map(judge_node)),
        Err(error) => findings.push(unreachable(&error)),
    }
    findings
}

async fn answers(place: &Place) -> Finding {
    match Broker::new(&place.amqp, "doctor").answers().await {
        Ok(()) => Finding::well("broker", format!("answers, virtual host '{}'", place.vhost)),
        Err(error) => Finding::ill(
            "broker",
            error.to_string(),
            "Is it running? Do host, port, virtual host, user and password of CARTWHEEL_RABBITMQ_URL fit?",
        ),
    }
}

async fn version(place: &Place) -> Finding {
    match place.management.version().await {
        Ok(version) => judge_version(&version),
        Err(error) => unreachable(&error),
    }
}

fn unreachable(error: &anyhow::Error) -> Finding {
    Finding::ill(
        "management API",
        format!("{error:#}"),
        "Is the plugin rabbitmq_management enabled? Does CARTWHEEL_RABBITMQ_MANAGEMENT_URL fit?",
    )
}

fn judge_version(version: &str) -> Finding {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        return Finding::ill(
            "broker's version",
            format!("RabbitMQ {version} has no dead lettering at least once"),
            format!("Use RabbitMQ {}.{} or newer.", OLDEST.0, OLDEST.1),
        );
    }
    Finding::well("broker's version", format!("RabbitMQ {version}"))
}

fn judge_node(node: &Node) -> Finding {
    let subject = format!("memory and disk of {}", node.name);
    let gigabytes = node.disk_free >> 30;
    if node.mem_alarm {
        Finding::ill(
            subject,
            "a memory alarm blocks all publishers",
            "Events wait in the outboxes meanwhile. Give the broker more memory, or find who doesn't consume.",
        )
    } else if node.disk_free_alarm {
        Finding::ill(
            subject,
            format!("a disk alarm blocks all publishers: {gigabytes} GiB are free"),
            "Events wait in the outboxes meanwhile. Make room on the broker's disk.",
        )
    } else if node.disk_free < node.disk_free_limit.saturating_mul(ROOM) {
        Finding::ill(
            subject,
            format!(
                "only {} MiB are free, and at {} publishers are blocked",
                node.disk_free >> 20,
                node.disk_free_limit >> 20
            ),
            "Make room on the broker's disk.",
        )
    } else {
        Finding::well(subject, format!("no alarm, {gigabytes} GiB free"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn is_ill(finding: &Finding) -> bool {
        matches!(finding.state, State::Ill { .. })
    }

    #[test]
    fn an_old_broker_is_named() {
        assert!(is_ill(&judge_version("3.9.29")));
        for version in ["3.10.8", "3.13.0", "4.0.5", "4.2.0-rc.1"] {
            assert!(!is_ill(&judge_version(version)), "{version}");
        }
    }

    #[test]
    fn a_full_disk_and_an_alarm_are_named() {
        let well = Node { disk_free: 100 << 30, disk_free_limit: 1 << 30, ..Node::default() };
        assert!(!is_ill(&judge_node(&well)));
        assert!(is_ill(&judge_node(&Node { disk_free: 2 << 30, ..well.clone() })));
        assert!(is_ill(&judge_node(&Node { disk_free_alarm: true, ..well.clone() })));
        assert!(is_ill(&judge_node(&Node { mem_alarm: true, ..well })));
    }
}
