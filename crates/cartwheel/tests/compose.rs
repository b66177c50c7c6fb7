//! compose.yaml gives RabbitMQ its users in a file of its own, and this test holds it against the contract.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use bus::Permissions;
use cartwheel::topology::{pages, topology};
use serde_json::Value;

/// They declare, and look after everything.
const NO_SERVICES: [&str; 2] = ["admin", "topology"];

#[test]
fn each_service_may_do_in_containers_what_the_contract_says_and_no_more() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compose/rabbitmq/definitions.json");
    let definitions: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
    let written: BTreeMap<String, Permissions> = definitions["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let [configure, write, read] = ["configure", "write", "read"].map(|right| text(entry, right));
            (text(entry, "user"), Permissions { configure, write, read })
        })
        .filter(|(user, _)| !NO_SERVICES.contains(&user.as_str()))
        .collect();
    let wanted: BTreeMap<String, Permissions> = topology()
        .services
        .iter()
        .chain([&pages()])
        .map(|service| (service.name.clone(), service.permissions()))
        .collect();
    assert_eq!(written, wanted);
}
