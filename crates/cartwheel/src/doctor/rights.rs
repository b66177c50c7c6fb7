//! Whether each service's broker user can log in, can do its work, and can do no more.

use bus::Broker;
use endpoint::AmqpUrl;

use super::broker::Place;
use super::finding::Finding;
use super::management::Rights;
use crate::topology::topology;

pub async fn examine(place: &Place, users: &[(String, AmqpUrl)]) -> Vec<Finding> {
    if users.is_empty() {
        return vec![Finding::not_checked("rights", "no --broker-user was given")];
    }
    let mut findings = Vec::new();
    for (service, url) in users {
        findings.push(examine_user(place, service, url).await);
    }
    findings
}

async fn examine_user(place: &Place, service: &str, url: &AmqpUrl) -> Finding {
    let subject = format!("{service}'s broker user");
    let user = url.user().unwrap_or_default().to_owned();
    if let Err(error) = Broker::new(url.expose(), "doctor").answers().await {
        let fix = "Are user, password and virtual host correct? Does the user have any permission in this virtual host?";
        return Finding::wrong(subject, error.to_string(), fix);
    }
    let topology = topology();
    let Some(service) = topology.services.iter().find(|known| known.name == service) else {
        return Finding::not_checked(subject, "there is no such service");
    };
    let wanted = service.permissions();
    let wanted = Rights { configure: wanted.configure, write: wanted.write, read: wanted.read };
    match place.management.rights(&place.vhost, &user).await {
        Ok(Some(found)) if found == wanted => {
            Finding::ok(subject, "has the permissions it needs, and no more")
        }
        Ok(found) => {
            let found = found.map_or_else(|| "none".to_owned(), |found| shown(&found));
            Finding::wrong(
                subject,
                format!("has the rights {found}, but should have {}", shown(&wanted)),
                format!(
                    "rabbitmqctl set_permissions -p '{}' '{user}' '{}' '{}' '{}'",
                    place.vhost, wanted.configure, wanted.write, wanted.read
                ),
            )
        }
        Err(error) => Finding::not_checked(subject, format!("{error:#}")),
    }
}

fn shown(Rights { configure, write, read }: &Rights) -> String {
    format!("configure '{configure}', write '{write}', read '{read}'")
}
