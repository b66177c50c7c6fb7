//! Whether every quorum queue has its quorum: without it, publishers get no confirms for what goes to the queue.

use super::broker::Endpoint;
use super::finding::Finding;
use super::management::Replicas;

pub async fn examine(place: &Endpoint) -> Vec<Finding> {
    let queues = match place.management.replicas(&place.vhost).await {
        Ok(queues) => queues,
        Err(error) => return vec![Finding::not_checked("quorum of the queues", format!("{error:#}"))],
    };
    let findings: Vec<Finding> = queues.iter().filter_map(without_quorum).collect();
    if findings.is_empty() {
        return vec![Finding::ok("quorum of the queues", "every quorum queue has it")];
    }
    findings
}

fn without_quorum(queue: &Replicas) -> Option<Finding> {
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

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn queue(leader: Option<&str>, members: &[&str], online: &[&str]) -> Replicas {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Replicas {
            name: "cart".into(),
            kind: "quorum".into(),
            leader: leader.map(str::to_owned),
            members: owned(members),
            online: owned(online),
        }
    }

    #[test]
    fn a_queue_is_without_its_quorum_unless_one_leads_and_most_of_its_replicas_run() {
        assert!(without_quorum(&queue(Some("a"), &["a", "b", "c"], &["a", "b"])).is_none());
        assert!(without_quorum(&queue(Some("a"), &["a"], &["a"])).is_none());
        assert!(without_quorum(&queue(Some(""), &["a"], &["a"])).is_some());
        assert!(without_quorum(&queue(None, &["a"], &["a"])).is_some());
        assert!(without_quorum(&Replicas { kind: "classic".into(), ..queue(None, &[], &[]) }).is_none());
        let found = without_quorum(&queue(Some("b"), &["a", "b", "c"], &["b"])).unwrap();
        let State::Wrong { what, fix } = found.state else { panic!("{found:?}") };
        assert_eq!(what, "it is without its quorum: 1 of 3 replicas are running");
        assert!(fix.starts_with("Bring back most of its nodes (a, b, c)."), "{fix}");
    }
}
