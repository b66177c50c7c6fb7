use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use events::PARTICIPANTS;
use serde_json::{Value, json};
use service::shared_problems::{UNKNOWN_PATH, WRONG_METHOD};

use crate::harness::{Everything, TIMEOUT, TestShop, administration, own_namespace};

/// The services, and the pages with what they offer to storefronts.
async fn everything() -> TestShop {
    let mut shop = TestShop::with_all().await;
    shop.start_pages().await;
    shop
}

fn described() -> impl Iterator<Item = &'static str> {
    PARTICIPANTS.iter().map(|participant| participant.service).chain(["web"])
}

fn committed(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/openapi/{service}.json"))
}

/// `UPDATE=1` writes the descriptions again, but never over one whose clients the new one would break.
#[tokio::test]
async fn no_client_of_a_committed_description_is_broken_and_what_is_committed_is_up_to_date() {
    let shop = everything().await;
    let (mut stale, mut broken) = (Vec::new(), Vec::new());
    for service in described() {
        let url = format!("{}/openapi.json", shop.url(service));
        let new: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let text = serde_json::to_string_pretty(&new).unwrap() + "\n";
        let file = committed(service);
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        if let Ok(old) = serde_json::from_str::<Value>(&written) {
            let breaks = contract::compatibility::openapi::breaks(&old, &new);
            broken.extend(breaks.iter().map(|one| format!("- {service}: {one}\n")));
            if !breaks.is_empty() {
                continue;
            }
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &text).unwrap();
        } else if written != text {
            stale.push(service);
        }
    }
    shop.end().await;
    assert!(broken.is_empty(), "\nThis change breaks clients:\n{}", broken.concat());
    assert!(
        stale.is_empty(),
        "\nThe change breaks nobody, but docs/openapi is out of date for {stale:?}: write it again and commit it: \
         UPDATE=1 ./cartwheel test clients_are_not_broken"
    );
}

/// A type of problem, its status, and what it means there: which services answer with it, on which routes.
type Problems = BTreeMap<(String, u16, String), BTreeSet<(String, String)>>;

/// From the description of everything behind one address.
fn problems(description: &Value) -> Problems {
    let mut problems = Problems::new();
    for anywhere in [UNKNOWN_PATH, WRONG_METHOD] {
        let name = format!("/problems/{}", anywhere.name);
        problems.insert((name, anywhere.status, anywhere.meaning.trim().to_owned()), BTreeSet::new());
    }
    for (path, operations) in entries(&description["paths"]) {
        for (method, operation) in entries(operations) {
            let (service, _) = operation["operationId"].as_str().unwrap().split_once('_').unwrap();
            let route = (service.to_owned(), format!("{} {path}", method.to_uppercase()));
            for (status, answer) in entries(&operation["responses"]) {
                for (name, example) in entries(&answer["content"]["application/problem+json"]["examples"]) {
                    let meaning = example["summary"].as_str().unwrap().to_owned();
                    let problem = (format!("/problems/{name}"), status.parse().unwrap(), meaning);
                    problems.entry(problem).or_default().insert(route.clone());
                }
            }
        }
    }
    problems
}

fn entries(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

/// `docs/problems.md`, for people.
fn page(problems: &Problems) -> String {
    let head = "# Problems\n\nA request that fails is answered with `application/problem+json` (RFC 9457). `type` is for programs and keeps its\n\
                meaning; `detail` is for people, says what to do, and may change; `field` names the field that is wrong, if it is one field.\n\
                `GET` of a type (`/problems/unknown-sku`) tells which routes answer with it.\n\n\
                | type | status | when | answered by |\n|---|---|---|---|\n";
    let lines = problems.iter().map(|((name, status, meaning), routes)| {
        let services: BTreeSet<&str> = routes.iter().map(|(service, _)| service.as_str()).collect();
        // The pages answer with fewer, as they have nothing for operators over REST.
        let of_all = PARTICIPANTS.iter().all(|participant| services.contains(participant.service));
        let services = if of_all || routes.is_empty() {
            "all".to_owned()
        } else {
            services.into_iter().collect::<Vec<_>>().join(", ")
        };
        format!("| `{name}` | {status} | {meaning} | {services} |\n")
    });
    head.to_owned() + &lines.collect::<String>()
}

/// What `GET` of a type answers: a line for each.
fn answers(problems: &Problems) -> String {
    let mut of_type = BTreeMap::<&str, Vec<Value>>::new();
    for ((name, status, meaning), routes) in problems {
        let routes: Vec<&str> = routes.iter().map(|(_, route)| route.as_str()).collect();
        let answer = json!({"status": status, "meaning": meaning, "routes": routes});
        of_type.entry(name).or_default().push(answer);
    }
    let lines =
        of_type.into_iter().map(|(name, answers)| json!({"type": name, "answers": answers}).to_string());
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

#[tokio::test]
async fn every_type_of_problem_is_in_the_catalogue() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = everything.command().spawn().unwrap();
    let url = format!("{}/openapi.json", everything.url());
    servers::ready::until_success(&url, TIMEOUT).await.unwrap();
    let problems = problems(&reqwest::get(url).await.unwrap().json().await.unwrap());
    let test = "./cartwheel test clients_are_not_broken";
    testkit::assert_up_to_date("docs/problems.md", &page(&problems), test);
    testkit::assert_up_to_date("crates/service/src/problems.json", &answers(&problems), test);
}
