//! Everything behind one address: its documentation, what its problems mean, and pages of other origins that call it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use tokio::process::Child;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

async fn started(everything: &Everything<'_>) -> Child {
    let process = everything.command().spawn().unwrap();
    servers::ready::until_success(&format!("{}/cart/health/delivery", everything.url()), TIMEOUT)
        .await
        .unwrap();
    process
}

#[tokio::test]
async fn the_docs_open_on_what_shoppers_use_explain_each_problem_and_other_origins_may_call() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = started(&everything).await;
    let client = reqwest::Client::new();
    for page in ["/shop", "/console"] {
        let answer = client.get(format!("{}{page}", everything.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{page}");
        assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"), "{page}");
    }
    let browser = client.get(everything.url()).header("accept", "text/html").send().await.unwrap();
    assert_eq!(browser.url().path(), "/shop");
    let get = async |path: &str| {
        let request = client.get(format!("{}{path}", everything.url())).header("accept-encoding", "gzip");
        request.send().await.unwrap()
    };

    for path in ["/", "/docs", "/cart/docs", "/inventory/docs/"] {
        let page = get(path).await;
        assert_eq!((page.status().as_u16(), page.url().path()), (200, "/docs/"), "{path}");
    }
    assert_eq!(get("/inventory/docs/").await.url().query(), Some("urls.primaryName=/inventory/openapi.json"));
    let page = get("/docs/swagger-ui.css").await;
    assert_eq!(page.headers()["content-encoding"], "gzip");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    assert!(page.headers()["cache-control"].to_str().unwrap().contains("max-age"));
    let script =
        client.get(format!("{}/docs/swagger-initializer.js", everything.url())).send().await.unwrap();
    let script = script.text().await.unwrap();
    let first = script.find("/openapi.json").unwrap();
    assert!(script[..first].ends_with("/cart"), "{script}");

    let all = client.get(format!("{}/openapi.json", everything.url())).send().await.unwrap();
    let all: Value = all.json().await.unwrap();
    let mut names = BTreeMap::<&str, u32>::new();
    for operation in
        all["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        *names.entry(operation["operationId"].as_str().unwrap()).or_default() += 1;
    }
    let repeated: Vec<_> = names.iter().filter(|(_, times)| **times > 1).collect();
    assert!(repeated.is_empty(), "{repeated:?}");

    let refused = client.get(format!("{}/carts/none", everything.url())).send().await.unwrap();
    let refused: Value = refused.json().await.unwrap();
    let meaning = client
        .get(format!("{}{}", everything.url(), refused["type"].as_str().unwrap()))
        .send()
        .await
        .unwrap();
    let meaning: Value = meaning.json().await.unwrap();
    assert_eq!(meaning["type"], refused["type"]);
    assert!(
        meaning["answers"][0]["routes"].as_array().unwrap().contains(&"GET /carts/{id}".into()),
        "{meaning}"
    );
    assert_eq!(get("/problems/none").await.status(), 404);

    let asked = client
        .request(Method::OPTIONS, format!("{}/carts", everything.url()))
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,idempotency-key,if-match");
    let allowed = asked.send().await.unwrap();
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "*");
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("if-match"));
}
