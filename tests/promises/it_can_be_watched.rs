mod watched_shop;

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry::trace::TraceId;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Method;
use serde_json::{Value, json};
use service::metrics::{ALL, Kind, Metric};
use testkit::eventually;

use crate::harness::{Seen, TIMEOUT, TestShop};
use watched_shop::WatchedShop;

/// A sample's name and labels: `name{label="value"} 1`.
fn sample(line: &str) -> (String, BTreeMap<String, String>) {
    let Some((name, rest)) = line.split_once('{') else {
        return (line.split(' ').next().unwrap().to_owned(), BTreeMap::new());
    };
    let labels = rest.rsplit_once('}').unwrap().0;
    let labels = labels.split("\",").map(|label| {
        let (name, value) = label.split_once("=\"").unwrap();
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    });
    (name.to_owned(), labels.collect())
}

fn metric(name: &str) -> Option<&'static Metric> {
    let of_histogram = |metric: &Metric| {
        let part = name.strip_prefix(metric.name);
        matches!(metric.kind, Kind::Histogram(_)) && matches!(part, Some("_bucket" | "_sum" | "_count"))
    };
    ALL.iter().find(|metric| {
        if matches!(metric.kind, Kind::Histogram(_)) { of_histogram(metric) } else { metric.name == name }
    })
}

#[tokio::test]
async fn the_metrics_are_those_that_are_documented_and_no_label_is_without_a_bound() {
    let shop = WatchedShop::new().await;
    let page = eventually("the mail was counted, and the backlog looked at", TIMEOUT, async || {
        let page = shop.metrics().await;
        let has = |line: &str| page.contains(line);
        (has(r#"bus_events_published_total{service="notify",type="notify.email-sent.v1"} 1"#)
            && has(r#"bus_queue_messages{service="notify"}"#)
            && has(r#"bus_timers{service="cart","#)
            && has(r#"bus_component_up{service="cart",component="consumer"} 1"#))
        .then_some(page)
    })
    .await;
    let mut seen = BTreeSet::new();
    for line in page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, mut labels) = sample(line);
        let metric = metric(&name).unwrap_or_else(|| panic!("{name} is not in service::metrics::ALL"));
        if name.ends_with("_bucket") {
            labels.remove("le").unwrap();
        }
        let names: Vec<&str> = labels.keys().map(String::as_str).collect();
        let documented: BTreeSet<&str> = metric.labels.iter().copied().collect();
        assert_eq!(names, documented.into_iter().collect::<Vec<_>>(), "{line}");
        for value in labels.values() {
            assert!(!value.contains(&shop.cart) && !value.contains('@'), "{line}");
            assert!(!shop.secrets.contains(value), "{line}");
        }
        seen.insert(metric.name);
    }
    let unseen: Vec<&str> =
        ALL.iter().map(|metric| metric.name).filter(|name| !seen.contains(name)).collect();
    let nothing_happened = [
        "http_server_refusals_total",
        "bus_event_failures_total",
        "bus_timer_lateness_seconds",
        "bus_timer_failures_total",
    ];
    assert_eq!(
        unseen, nothing_happened,
        "nobody was refused, nothing failed, and no timer has fired; everything else has samples"
    );
    assert!(page.contains(r#"route="/carts/{id}/items",status="200""#), "routes are patterns");
    shop.end().await;
}

#[tokio::test]
async fn one_trace_leads_from_the_request_to_every_effect_and_to_the_mail() {
    let shop = WatchedShop::new().await;
    let (root, trace) = eventually("the trace up to the mail", TIMEOUT, async || {
        let all = shop.receiver.all();
        let root = all.iter().find(|seen| {
            seen.span.name == "POST /carts/{id}/items"
                && seen.attributes()["http.response.status_code"] == "200"
        })?;
        let trace: Vec<Seen> =
            all.iter().filter(|seen| seen.span.trace_id == root.span.trace_id).cloned().collect();
        // Every service exports its spans when it likes: what is looked at below must all have come.
        let sent = trace.iter().find(|seen| seen.span.name == "send cart.carts")?;
        let taken = trace.iter().filter(|seen| seen.span.parent_span_id == sent.span.span_id);
        let takers = ["process inventory", "process recommend", "process notify"];
        let all_took = takers.iter().all(|name| {
            let taken = taken.clone().find(|seen| seen.span.name == *name);
            taken.is_some_and(|taken| all.iter().any(|seen| seen.span.span_id == taken.span.links[0].span_id))
        });
        let others = ["send inventory.holds", "process cart", "send mail", "send notify.mails"];
        let is_whole = all_took && others.iter().all(|name| trace.iter().any(|seen| seen.span.name == *name));
        is_whole.then(|| (root.clone(), trace))
    })
    .await;
    let child = |parent: &Seen, service: &str, name: &str, kind: SpanKind| {
        let found = trace.iter().find(|seen| {
            (seen.service.as_str(), seen.span.name.as_str()) == (service, name)
                && seen.span.parent_span_id == parent.span.span_id
        });
        let found = found.unwrap_or_else(|| panic!("no '{name}' of {service} below '{}'", parent.span.name));
        assert_eq!(found.span.kind(), kind, "{name}");
        found.clone()
    };
    assert_eq!((root.service.as_str(), root.span.kind()), ("cartwheel-cart", SpanKind::Server));
    let sent = child(&root, "cartwheel-cart", "send cart.carts", SpanKind::Producer);
    let attributes = sent.attributes();
    assert_eq!(attributes["messaging.system"], "rabbitmq");
    assert_eq!(attributes["messaging.destination.name"], "cart.carts");
    assert_eq!(attributes["messaging.rabbitmq.destination.routing_key"], "cart.item-added.v1");
    for service in ["inventory", "recommend", "notify"] {
        let (maker, name) = (format!("cartwheel-{service}"), format!("process {service}"));
        let processed = child(&sent, &maker, &name, SpanKind::Consumer);
        let batch = &processed.span.links[0];
        let batches = shop.receiver.all();
        let batch = batches.iter().find(|seen| seen.span.span_id == batch.span_id).unwrap();
        let links_back =
            |link: &opentelemetry_proto::tonic::trace::v1::span::Link| link.span_id == sent.span.span_id;
        assert!(batch.span.links.iter().any(links_back), "the batch links to what it has of this trace");
    }
    let held = child(&sent, "cartwheel-inventory", "process inventory", SpanKind::Consumer);
    let answer = child(&held, "cartwheel-inventory", "send inventory.holds", SpanKind::Producer);
    child(&answer, "cartwheel-cart", "process cart", SpanKind::Consumer);
    let noted = child(&sent, "cartwheel-notify", "process notify", SpanKind::Consumer);
    child(&noted, "cartwheel-notify", "send mail", SpanKind::Client);
    child(&noted, "cartwheel-notify", "send notify.mails", SpanKind::Producer);

    let is_probe = |seen: &Seen| seen.span.name.contains("/health/") || seen.span.name.contains("/metrics");
    assert!(!shop.receiver.all().iter().any(is_probe), "what asks every few seconds makes no traces");
    let attributes =
        shop.receiver.all().iter().flat_map(|seen| seen.attributes().into_values()).collect::<Vec<_>>();
    for secret in &shop.secrets {
        assert!(!attributes.iter().any(|value| value.contains(secret)), "a secret in a span");
    }
    shop.end().await;
}

#[tokio::test]
async fn log_lines_tell_their_trace_and_neither_addresses_nor_tokens() {
    let shop = WatchedShop::new().await;
    eventually("the mail was sent", TIMEOUT, async || {
        shop.metrics().await.contains("notify.email-sent.v1").then_some(())
    })
    .await;
    let lines = shop.lines.lock().unwrap().clone();
    assert!(lines.len() > 50, "debug lines: {}", lines.len());
    for line in &lines {
        for secret in &shop.secrets {
            assert!(!line.contains(secret), "a secret in a log line: {}", line.replace(secret, "…"));
        }
    }
    let of_cart = |line: &&Value| {
        line["span"]["path"].as_str().is_some_and(|path| path.contains(&shop.cart))
            && line["span"]["name"] == "request"
    };
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_cart: Vec<&Value> = lines.iter().filter(of_cart).collect();
    assert!(!of_cart.is_empty());
    let logged: BTreeSet<&str> =
        of_cart.iter().filter_map(|line| line["span"]["trace_id"].as_str()).collect();
    assert!(!logged.is_empty() && logged.iter().all(|id| id.len() == 32), "{logged:?}");
    eventually("the traces that the log lines name", TIMEOUT, async || {
        let traces: BTreeSet<String> =
            shop.receiver.all().iter().map(|seen| hex(&seen.span.trace_id)).collect();
        logged.iter().all(|id| traces.contains(*id)).then_some(())
    })
    .await;
    shop.end().await;
}

fn hex(bytes: &[u8]) -> String {
    TraceId::from_bytes(bytes.try_into().unwrap()).to_string()
}

#[tokio::test]
async fn who_sends_no_traces_passes_a_trace_on_unchanged() {
    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACESTATE: &str = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
    let shop = TestShop::with(&["catalog", "cart", "inventory"]).await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 5).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let item = json!({"sku": "LANTERN", "quantity": 2});
    let request = storefront.request(Method::POST, &cart, "/items").header("traceparent", TRACEPARENT);
    let request = request.header("tracestate", TRACESTATE);
    request.json(&item).send().await.unwrap().error_for_status().unwrap();
    shop.until("inventory", "SELECT held FROM stock", 2).await;
    for kind in ["cart.item-added.v1", "inventory.stock-held.v1"] {
        let exported = eventually(kind, TIMEOUT, async || {
            let exported = shop.as_administrator(&["events", "export", "--type", kind]);
            serde_json::from_str::<Value>(exported.lines().next()?).ok()
        })
        .await;
        assert_eq!(exported["traceparent"], TRACEPARENT, "{kind}");
        assert_eq!(exported["tracestate"], TRACESTATE, "{kind}");
    }
    shop.end().await;
}
