use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use events::PARTICIPANTS;
use serde_json::Value;

use crate::harness::TestShop;

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

/// Types of problems with their statuses and meanings, and who answers with them.
type Problems = BTreeMap<(String, String, String), Vec<&'static str>>;

async fn problems(shop: &TestShop) -> Problems {
    let mut problems = Problems::new();
    for service in described() {
        let url = format!("{}/problems", shop.url(service));
        let described: Vec<Value> = reqwest::get(url).await.unwrap().json().await.unwrap();
        for problem in described {
            let text = |field: &str| problem[field].as_str().unwrap().to_owned();
            problems.entry((text("type"), text("status"), text("meaning"))).or_default().push(service);
        }
    }
    problems
}

#[tokio::test]
async fn every_type_of_problem_is_in_the_catalogue() {
    let shop = everything().await;
    let problems = problems(&shop).await;
    shop.end().await;
    let mut page = "# Problems\n\nWhat a request that fails is answered with: `application/problem+json` (RFC 9457). `type` is for programs and keeps its\n\
                    meaning; `detail` is for people, says what to do, and may change; `field` names what doesn't fit, where it is one\nfield. \
                    `GET` of a type (`/problems/unknown-sku`) tells which routes answer with it.\n\n\
                    | type | status | when | answered by |\n|---|---|---|---|\n".to_owned();
    page.extend(problems.into_iter().map(|((name, status, meaning), services)| {
        // The pages answer with fewer, as they have nothing for operators over REST.
        let of_all = PARTICIPANTS.iter().all(|participant| services.contains(&participant.service));
        let services = if of_all { "all".to_owned() } else { services.join(", ") };
        format!("| `{name}` | {status} | {meaning} | {services} |\n")
    }));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        committed, page,
        "docs/problems.md is out of date: UPDATE=1 ./cartwheel test clients_are_not_broken"
    );
}
