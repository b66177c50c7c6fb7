//! What is wrong, and how to fix it: in the words of `cartwheel doctor`, as far as metrics show it.

use service::remedies::{
    DEAD_LETTERS, OUTBOX_STUCK, PARKED, REFUSED, TIMERS_FAILED, TIMERS_LATE, UNCONFIRMED,
};

use super::reading::ServiceFlow;

/// A queue in which more wait is looked at.
const LONG_QUEUE: f64 = 10_000.0;
/// An outbox whose oldest event is older does not empty; a timer that is later is not fired.
const LATE: f64 = 60.0;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub service: &'static str,
    pub what: String,
    pub fix: &'static str,
    /// The page of the console on which it can be fixed.
    pub page: Option<String>,
}

/// What is wrong with a service.
pub fn findings(service: &ServiceFlow) -> Vec<Finding> {
    let name = service.name;
    if !service.answers {
        let fix =
            "Is it running? Its log says why it has ended. Events wait for it in its queue; nothing is lost.";
        return vec![Finding { service: name, what: "does not answer".to_owned(), fix, page: None }];
    }
    let mut found = Vec::new();
    let mut add = |is_wrong: bool, what: String, fix: &'static str, page: Option<&str>| {
        if is_wrong {
            found.push(Finding { service: name, what, fix, page: page.map(str::to_owned) });
        }
    };
    for component in &service.down {
        add(true, format!("its {component} is not up"), fix_of(component), None);
    }
    let parked = format!("/console/parked?service={name}");
    let ServiceFlow { parked_failed, dead, refused, unconfirmed, timers_failed, calls_failed, .. } = service;
    add(
        *parked_failed > 0.0,
        format!("{} could not be processed", counted(*parked_failed, "event")),
        PARKED,
        Some(&parked),
    );
    add(*dead > 0.0, counted(*dead, "dead letter"), DEAD_LETTERS, Some(&parked));
    add(
        *refused > 0.0,
        format!("the broker refuses {} of its outbox", counted(*refused, "event")),
        REFUSED,
        None,
    );
    add(
        *unconfirmed > 0.0,
        format!("{} published and not confirmed", counted(*unconfirmed, "event")),
        UNCONFIRMED,
        None,
    );
    add(
        service.outbox_age > LATE && *unconfirmed == 0.0 && *refused == 0.0,
        format!("its outbox does not empty: the oldest event is {:.0} s old", service.outbox_age),
        OUTBOX_STUCK,
        None,
    );
    add(
        service.queue > LONG_QUEUE,
        format!("{} messages wait in its queue", service.queue),
        "Is its consumer up? If it only has more to do than it can, start another instance: they share the queue.",
        None,
    );
    add(
        service.timers_late > LATE,
        format!("its timers are overdue, the first by {:.0} s", service.timers_late),
        TIMERS_LATE,
        None,
    );
    add(
        *timers_failed > 0.0,
        format!("{} failed too often, waiting for an operator", counted(*timers_failed, "timer")),
        TIMERS_FAILED,
        None,
    );
    add(
        *calls_failed > 0.0,
        format!("{} failed", counted(*calls_failed, "mail")),
        "The page Mails shows the errors. Once the cause is fixed, send them again.",
        Some("/console/mails?status=failed"),
    );
    for target in &service.circuits_open {
        let fix = "Is it up, and reachable from here? It is tried now and then; what waits is sent once it answers.";
        add(true, format!("the {target} does not answer"), fix, None);
    }
    found
}

/// `1 event`, `2 events`.
fn counted(number: f64, what: &str) -> String {
    let plural = if number.total_cmp(&1.0).is_eq() { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn fix_of(component: &str) -> &'static str {
    match component {
        "relay" => {
            "Does the broker answer, and may the service publish? Events wait in the outbox; nothing is lost."
        }
        "consumer" => {
            "Does the broker answer, and is the queue there? `cartwheel topology` declares it again."
        }
        _ => "Its log says what it waits for.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(service: ServiceFlow) -> Vec<String> {
        findings(&ServiceFlow { name: "cart", answers: true, ..service })
            .into_iter()
            .map(|found| found.what)
            .collect()
    }

    #[test]
    fn nothing_is_wrong_with_a_service_that_works() {
        assert_eq!(
            wrong(ServiceFlow { queue: 300.0, outbox: 5.0, outbox_age: 1.0, ..Default::default() }),
            [""; 0]
        );
    }

    #[test]
    fn what_is_wrong_is_named_once() {
        assert_eq!(findings(&ServiceFlow::default())[0].what, "does not answer");
        assert_eq!(
            wrong(ServiceFlow { parked_failed: 2.0, ..Default::default() }),
            ["2 events could not be processed"]
        );
        assert_eq!(wrong(ServiceFlow { dead: 1.0, ..Default::default() }), ["1 dead letter"]);
        let stuck = ServiceFlow { outbox_age: 90.0, unconfirmed: 7.0, ..Default::default() };
        assert_eq!(wrong(stuck), ["7 events published and not confirmed"]);
        let down = ServiceFlow { down: vec!["relay".to_owned()], outbox_age: 90.0, ..Default::default() };
        assert_eq!(
            wrong(down),
            ["its relay is not up", "its outbox does not empty: the oldest event is 90 s old"]
        );
    }
}
