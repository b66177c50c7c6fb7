//! Whether a policy takes messages away from the shop's queues. Policies are set beside the topology, by pattern, so one that
//! was meant for other queues may match these as well.

use std::collections::BTreeSet;

use bus::{EVENT_LOG, dead_letters_of};

use super::broker::Place;
use super::finding::Finding;
use super::management::Queue;
use crate::topology::topology;

const SUBJECT: &str = "policies";
/// What deletes messages, refuses them, or sends them elsewhere, other than the topology says.
const HARMFUL: [&str; 9] = [
    "message-ttl",
    "expires",
    "max-length",
    "max-length-bytes",
    "max-age",
    "delivery-limit",
    "overflow",
    "dead-letter-exchange",
    "dead-letter-routing-key",
];

pub async fn examine(place: &Place) -> Vec<Finding> {
    let queues = match place.management.queues(&place.vhost).await {
        Ok(queues) => queues,
        Err(error) => return vec![Finding::not_checked(SUBJECT, format!("{error:#}"))],
    };
    let ours = names();
    let findings: Vec<Finding> = queues
        .iter()
        .filter(|queue| ours.contains(&queue.name))
        .filter_map(|queue| harmful(&place.vhost, queue))
        .collect();
    if findings.is_empty() {
        return vec![Finding::ok(SUBJECT, "none takes messages away from the shop's queues")];
    }
    findings
}

fn names() -> BTreeSet<String> {
    let services = topology().services.into_iter();
    let of_services = services.flat_map(|service| [dead_letters_of(&service.name), service.name]);
    of_services.chain([EVENT_LOG.to_owned()]).collect()
}

fn harmful(vhost: &str, queue: &Queue) -> Option<Finding> {
    let found: Vec<String> = HARMFUL
        .iter()
        .filter_map(|key| Some(format!("{key} {}", queue.effective_policy_definition.get(*key)?)))
        .collect();
    if found.is_empty() {
        return None;
    }
    let by = [
        ("policy", &queue.policy, "clear_policy"),
        ("operator policy", &queue.operator_policy, "clear_operator_policy"),
    ];
    let by = by.iter().filter_map(|(kind, name, command)| {
        Some((*kind, name.as_deref().filter(|name| !name.is_empty())?, *command))
    });
    let by: Vec<_> = by.collect();
    let names: Vec<String> = by.iter().map(|(kind, name, _)| format!("the {kind} '{name}'")).collect();
    let commands: Vec<String> = by
        .iter()
        .map(|(_, name, command)| format!("`rabbitmqctl {command} -p '{vhost}' '{name}'`"))
        .collect();
    Some(Finding::wrong(
        format!("queue '{}'", queue.name),
        format!(
            "{} sets {} for it: events would be lost or stay away",
            names.join(" and "),
            found.join(", ")
        ),
        format!(
            "Change its pattern so that it matches no queue of the shop, or remove it: {}",
            commands.join("; ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_policy_that_takes_messages_away_is_named_and_one_that_does_not_is_not() {
        let of = |definition| -> Queue {
            serde_json::from_value(json!({
                "name": "cart", "type": "quorum", "policy": "all", "operator_policy": null,
                "effective_policy_definition": definition,
            }))
            .unwrap()
        };
        assert!(harmful("shop", &of(json!({"queue-leader-locator": "balanced"}))).is_none());
        assert!(harmful("shop", &of(json!({}))).is_none());
        let found = harmful("shop", &of(json!({"message-ttl": 60000, "max-length": 5}))).unwrap();
        let State::Wrong { what, fix } = found.state else { panic!("{found:?}") };
        assert!(what.starts_with("the policy 'all' sets message-ttl 60000, max-length 5 for it"), "{what}");
        assert!(fix.ends_with("`rabbitmqctl clear_policy -p 'shop' 'all'`"), "{fix}");
    }

    #[test]
    fn every_queue_of_the_topology_is_looked_at() {
        let names = names();
        for name in ["cart", "cart.dead", "event-log"] {
            assert!(names.contains(name), "{names:?}");
        }
    }
}
