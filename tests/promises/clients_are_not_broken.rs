use std::path::{Path, PathBuf};

use events::PARTICIPANTS;
use serde_json::Value;

use crate::harness::TestShop;

fn committed(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/openapi/{service}.json"))
}

/// `UPDATE=1` writes the descriptions anew, but never over one whose clients the new one would break.
#[tokio::test]
async fn no_client_of_a_committed_description_is_broken_and_what_is_committed_is_up_to_date() {
    let shop = TestShop::with_all().await;
    let mut stale = Vec::new();
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let url = format!("{}/openapi.json", shop.url(service));
        let new: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let text = serde_json::to_string_pretty(&new).unwrap() + "\n";
        let file = committed(service);
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        if let Ok(old) = serde_json::from_str::<Value>(&written) {
            let breaks = contract::compatibility::openapi::breaks(&old, &new);
            let told: Vec<String> = breaks.iter().map(|one| format!("- {one}\n")).collect();
            assert!(breaks.is_empty(), "\nThis change breaks clients of {service}:\n{}", told.concat());
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &text).unwrap();
        } else if written != text {
            stale.push(service);
        }
    }
    shop.end().await;
    assert!(
        stale.is_empty(),
        "\nThe change breaks nobody, but docs/openapi is out of date for {stale:?}: write it anew and commit it: \
         UPDATE=1 ./cartwheel test clients_are_not_broken"
    );
}
