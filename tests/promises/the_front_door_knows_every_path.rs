//! What the services describe is found behind the front door, or is for inside.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{FrontDoor, TestShop};

/// A client meets all services at one address: there, the type of each of their problems has to lead somewhere.
#[tokio::test]
async fn every_type_of_problem_of_every_service_is_explained_there() {
    let shop = TestShop::with(&["cart"]).await;
    let address = shop.url("cart").trim_start_matches("http://").parse().unwrap();
    let Some(door) = FrontDoor::before(&[("cart", vec![address])].into(), &[]).await else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalogue = std::fs::read_to_string(root.join("docs/problems.md")).unwrap();
    let lines = catalogue.lines().filter_map(|line| line.strip_prefix("| `/problems/"));
    let mut explained = 0;
    for line in lines {
        let (name, columns) = line.split_once('`').unwrap();
        let [status, meaning] = [1, 2].map(|column| columns.split('|').nth(column).unwrap().trim());
        let answer = reqwest::get(format!("{}/problems/{name}", door.url)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], format!("/problems/{name}"));
        let mut answers = problem["answers"].as_array().unwrap().iter();
        let same =
            |answer: &Value| answer["status"].as_u64() == status.parse().ok() && answer["meaning"] == meaning;
        assert!(answers.any(same), "{line}: {problem}");
        explained += 1;
    }
    assert!(explained > 60, "{explained}");
    shop.end().await;
}

/// The described paths that operators call from inside: the console and the command line do it for them.
const INSIDE: [&str; 6] = ["/admin", "/parked", "/dead-letters", "/timers", "/audit", "/health"];

#[test]
fn every_described_path_leads_to_its_service_or_is_for_inside() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let map = std::fs::read_to_string(root.join("compose/haproxy/routes.map")).unwrap();
    let lines = map.lines().filter(|line| !line.starts_with('#'));
    let routes: Vec<(Regex, &str)> = lines
        .map(|line| line.split_once(' ').unwrap())
        .map(|(path, service)| (Regex::new(path).unwrap(), service.trim()))
        .collect();
    let mut services = BTreeSet::new();
    for file in std::fs::read_dir(root.join("docs/openapi")).unwrap().map(|entry| entry.unwrap().path()) {
        let service = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let description: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for path in description["paths"].as_object().unwrap().keys() {
            let leads_to = routes.iter().find(|(route, _)| route.is_match(path)).map(|(_, service)| *service);
            // Streams have a backend of their own, with the same instances as the pages.
            let leads_to = leads_to.map(|service| if service == "live" { "web" } else { service });
            let is_inside = INSIDE.iter().any(|inside| path.starts_with(inside));
            assert_eq!(leads_to, (!is_inside).then_some(service.as_str()), "{path} of {service}");
        }
        services.insert(service);
    }
    assert!(services.len() >= 5, "{services:?}");
}
