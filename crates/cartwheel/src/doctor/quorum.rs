//! Whether every quorum queue and the event log have their quorum, without which publishers get no confirms for what goes there;
//! and whether they have replicas on several nodes, where there are several.

use bus::EVENT_LOG;

use super::broker::Place;
use super::finding::Finding;
use super::management::Queue;

const SUBJECT: &str = "quorum of the queues";
/// With this many replicas a queue outlives any one of its nodes.
const REPLICAS: usize = 3;

pub async fn examine(place: &Place) -> Vec<Finding> {
    let asked =
        async { anyhow::Ok((place.management.queues(&place.vhost).await?, place.management.nodes().await?)) };
    let (queues, nodes) = match asked.await {
        Ok(found) => found,
        Err(error) => return vec![Finding::not_checked(SUBJECT, format!("{error:#}"))],
    };
    let mut findings: Vec<Finding> = queues.iter().filter_map(without_quorum).collect();
    findings.extend(queues.iter().filter_map(|queue| stopped_stream(queue, &place.vhost)));
    findings.extend(too_few_replicas(&place.vhost, &queues, nodes.len()));
    if findings.is_empty() {
        findings.push(Finding::ok(SUBJECT, "every queue and the event log have it"));
    }
    findings
}

/// A cluster whose queues were declared while it was a single node keeps them there.
fn too_few_replicas(vhost: &str, queues: &[Queue], nodes: usize) -> Option<Finding> {
    let few = |queue: &&Queue| {
        ["quorum", "stream"].contains(&queue.kind.as_str()) && queue.members.len() < REPLICAS
    };
    let names: Vec<&str> = queues.iter().filter(few).map(|queue| queue.name.as_str()).collect();
    if nodes < REPLICAS || names.is_empty() {
        return None;
    }
    let mut fix = format!(
        "On each node that lacks them: `rabbitmq-queues grow <node> all --vhost-pattern '^{vhost}$'`"
    );
    if names.contains(&EVENT_LOG) {
        fix = format!(
            "{fix}; for the event log `rabbitmq-streams add_replica '{EVENT_LOG}' <node> --vhost '{vhost}'`"
        );
    }
    Some(Finding::wrong(
        "replicas of the queues",
        format!(
            "the cluster has {nodes} nodes, but there are fewer than {REPLICAS} replicas of {}: the loss of a node stops them",
            names.join(", ")
        ),
        fix + ".",
    ))
}

fn without_quorum(queue: &Queue) -> Option<Finding> {
    if queue.kind != "quorum" {
        return None;
    }
    let (online, members) = (queue.online.len(), queue.members.len());
    let what = if queue.leader.as_ref().is_none_or(String::is_empty) {
        "none of its replicas leads".to_owned()
    } else if !queue.members.is_empty() && online * 2 <= members {
        format!("{online} of {members} replicas are running")
    } else {
        return None;
    };
    Some(Finding::wrong(
        format!("queue '{}'", queue.name),
        format!("it is without its quorum: {what}"),
        format!(
            "Bring back most of its nodes ({}). Until then don't restart services that publish to it: what their relays \
             publish gets to the other queues, but a new relay waits for this one.",
            queue.members.join(", ")
        ),
    ))
}

/// After several faults in a row, RabbitMQ may give up starting a stream's replicas, though their nodes run.
fn stopped_stream(queue: &Queue, vhost: &str) -> Option<Finding> {
    let Queue { name, kind, online, members, .. } = queue;
    if kind != "stream" || members.is_empty() || online.len() * 2 > members.len() {
        return None;
    }
    let (running, all) = (online.len(), members.len());
    Some(Finding::wrong(
        format!("stream '{name}'"),
        format!(
            "it is without its quorum, and nothing is published: {running} of {all} replicas are running"
        ),
        format!(
            "Bring back most of its nodes ({}). If they run: `rabbitmq-streams restart_stream '{name}' --vhost '{vhost}'`.",
            members.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn queue(leader: Option<&str>, members: &[&str], online: &[&str]) -> Queue {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Queue {
            name: "cart".into(),
            kind: "quorum".into(),
            leader: leader.map(str::to_owned),
            members: owned(members),
            online: owned(online),
            ..Queue::default()
        }
    }

    #[test]
    fn a_queue_is_without_its_quorum_unless_one_leads_and_most_of_its_replicas_run() {
        assert!(without_quorum(&queue(Some("a"), &["a", "b", "c"], &["a", "b"])).is_none());
        assert!(without_quorum(&queue(Some("a"), &["a"], &["a"])).is_none());
        assert!(without_quorum(&queue(Some(""), &["a"], &["a"])).is_some());
        assert!(without_quorum(&queue(None, &["a"], &["a"])).is_some());
        assert!(without_quorum(&Queue { kind: "classic".into(), ..queue(None, &[], &[]) }).is_none());
        let found = without_quorum(&queue(Some("b"), &["a", "b", "c"], &["b"])).unwrap();
        let State::Wrong { what, fix } = found.state else { panic!("{found:?}") };
        assert_eq!(what, "it is without its quorum: 1 of 3 replicas are running");
        assert!(fix.starts_with("Bring back most of its nodes (a, b, c)."), "{fix}");
    }

    #[test]
    fn a_stream_of_which_most_replicas_have_stopped_is_to_be_restarted() {
        let log = |online: &[&str]| Queue {
            name: EVENT_LOG.to_owned(),
            kind: "stream".into(),
            ..queue(Some("a"), &["a", "b", "c"], online)
        };
        assert!(stopped_stream(&log(&["a", "b"]), "shop").is_none());
        assert!(stopped_stream(&queue(Some("a"), &["a", "b", "c"], &["a"]), "shop").is_none());
        let found = stopped_stream(&log(&["a"]), "shop").unwrap();
        let State::Wrong { what, fix } = found.state else { panic!("{found:?}") };
        assert!(what.ends_with("1 of 3 replicas are running"), "{what}");
        assert!(fix.contains("restart_stream 'event-log' --vhost 'shop'"), "{fix}");
    }

    #[test]
    fn queues_of_one_replica_are_named_where_there_are_nodes_for_more() {
        let queues = [
            queue(Some("a"), &["a"], &["a"]),
            Queue { name: EVENT_LOG.to_owned(), kind: "stream".into(), ..queue(Some("a"), &["a"], &["a"]) },
            Queue { name: "full".to_owned(), ..queue(Some("a"), &["a", "b", "c"], &["a"]) },
            Queue { name: "other".to_owned(), kind: "classic".into(), ..queue(None, &[], &[]) },
        ];
        assert!(too_few_replicas("shop", &queues, 1).is_none());
        assert!(too_few_replicas("shop", &queues[2..], 3).is_none());
        let found = too_few_replicas("shop", &queues, 3).unwrap();
        let State::Wrong { what, fix } = found.state else { panic!("{found:?}") };
        assert!(what.contains("fewer than 3 replicas of cart, event-log:"), "{what}");
        assert!(fix.contains("--vhost-pattern '^shop$'") && fix.contains("add_replica 'event-log'"), "{fix}");
    }
}
