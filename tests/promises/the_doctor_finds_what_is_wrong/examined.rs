use std::time::Duration;

use cartwheel::cli::log_limits::LogLimits;
use cartwheel::cli::operators::Doctor;
use cartwheel::doctor::{Finding, State, examine};
use endpoint::{Endpoint, Protocol};
use events::PARTICIPANTS;
use reqwest::Client;
use serde_json::Value;

use crate::harness::{TIMEOUT, TestShop};

/// Everything that the doctor can check of the shop.
pub fn everything(shop: &TestShop) -> Doctor {
    let accounts = &shop.shop.accounts;
    let services = PARTICIPANTS.map(|participant| participant.service);
    let of_each = services.map(|service| (service.to_owned(), accounts.of(service).unwrap()));
    let databases = of_each.iter().map(|(service, account)| (service.clone(), read(&account.database_url)));
    let broker_users = of_each.iter().map(|(service, account)| (service.clone(), read(&account.broker_url)));
    Doctor {
        rabbitmq_url: read(&accounts.broker_as_administrator().unwrap()),
        management_url: Some(read(&shop.administration.management)),
        databases: databases.collect(),
        broker_users: broker_users.collect(),
        passwords: None,
        log: LogLimits { event_log_max_gib: 4, event_log_max_days: 30 },
        event_log_min_hours: 48,
    }
}

pub fn read<P: Protocol>(url: &str) -> Endpoint<P> {
    url.parse().unwrap()
}

pub fn wrong(findings: &[Finding]) -> Vec<String> {
    let wrong = findings.iter().filter_map(|finding| match &finding.state {
        State::Wrong { what, fix } => Some(format!("{}: {what}. {fix}", finding.subject)),
        _ => None,
    });
    wrong.collect()
}

/// Waits until the doctor finds exactly this much wrong, each with these words.
pub async fn finds(shop: &TestShop, expected: &[&str]) {
    let mut last = Vec::new();
    let found = tokio::time::timeout(TIMEOUT, async {
        loop {
            last = wrong(&examine(&everything(shop)).await.unwrap());
            let fits = |words: &&str| last.iter().any(|found| found.contains(*words));
            if last.len() == expected.len() && expected.iter().all(fits) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    assert!(found.await.is_ok(), "expected {expected:?}, found {last:#?}");
}

pub async fn delete(shop: &TestShop, path: &str) {
    let url = format!("{}/api/{path}", shop.administration.management.trim_end_matches('/'));
    Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
}

pub async fn put(shop: &TestShop, path: &str, body: &Value) {
    let url = format!("{}/api/{path}", shop.administration.management.trim_end_matches('/'));
    Client::new().put(url).json(body).send().await.unwrap().error_for_status().unwrap();
}
