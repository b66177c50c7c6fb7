mod delivery;

use reqwest::Method;
use serde_json::json;

use super::call::{Call, call, operator, shopper};
use delivery::{dead_letters, parked, timers};

const DELETE: Method = Method::DELETE;
const GET: Method = Method::GET;
const PATCH: Method = Method::PATCH;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

/// All examples, in the order of a shop's day.
pub fn all() -> Vec<Call> {
    [
        products(),
        imports(),
        stock(),
        carts(),
        other_carts(),
        availability(),
        suggestions(),
        mails(),
        parked(),
        dead_letters(),
        timers(),
        figures_and_events(),
        ends(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn products() -> Vec<Call> {
    let price = |amount: i64| json!({"amount": amount, "currency": "GBP"});
    vec![
        operator("catalog", POST, "/products").json(json!({
            "sku": "85123A", "name": "White metal lantern", "price": price(339), "categories": ["Home/Lighting"],
            "attributes": {"material": "metal"}, "translations": {"de": {"name": "Weiße Laterne"}},
        })),
        operator("catalog", PUT, "/products/22423").json(json!({"name": "Regency cakestand", "price": price(1275)})),
        operator("catalog", POST, "/products/import").json(json!([
            {"sku": "84879", "name": "Assorted bird ornament", "price": price(169)},
            {"sku": "21754", "name": "Home building block word", "price": price(595)},
        ])),
        call("catalog", GET, "/products/85123A"),
        call("catalog", GET, "/products?sku=85123A&sku=22423"),
        call("catalog", GET, "/products/search?q=latern&limit=1&facets=true").until("/products/0/sku", "85123A"),
        call("catalog", GET, "/products/85123A/prices"),
        operator("catalog", GET, "/products/export?format=csv"),
    ]
}

fn imports() -> Vec<Call> {
    let file = "sku;name;price;currency\n22720;Cake tins;4,95;GBP\n22721;;4,95;GBP\n";
    vec![
        operator("catalog", POST, "/imports").text("text/csv", file).keep("import", "/id"),
        operator("catalog", GET, "/imports/{import}").until("/finished", true),
        operator("catalog", DELETE, "/products/22720"),
    ]
}

fn stock() -> Vec<Call> {
    vec![
        operator("inventory", PUT, "/stock").json(json!([
            {"sku": "85123A", "on_hand": 10}, {"sku": "22423", "on_hand": 1}, {"sku": "84879", "on_hand": 50},
        ])),
        operator("inventory", POST, "/receipts").json(json!({
            "reference": "DN-2026-0815", "items": [{"sku": "21754", "quantity": 24}],
        })),
        operator("inventory", GET, "/receipts"),
        operator("inventory", POST, "/adjustments").json(json!({
            "reference": "breakage-17", "reason": "broken in transport", "items": [{"sku": "21754", "change": -1}],
        })),
        operator("inventory", PUT, "/stock.csv").text("text/csv", "sku;on_hand\n84879;48\n"),
        operator("inventory", GET, "/stock.csv"),
        call("inventory", GET, "/stock/85123A"),
        call("inventory", GET, "/stock?sku=85123A&sku=22423"),
        operator("inventory", GET, "/stock/21754/movements"),
    ]
}

fn carts() -> Vec<Call> {
    vec![
        call("cart", POST, "/carts")
            .json(json!({"shopper": {"email": "ada@example.test", "language": "en"}}))
            .header("Idempotency-Key", "7f3c6a52-6f0e-4a39-9a53-0e6d6a3f4c11")
            .keep("cart", "/id")
            .keep("token", "/token"),
        shopper(POST, "/carts/{cart}/items")
            .json(json!({"sku": "85123A", "quantity": 2}))
            .header("Idempotency-Key", "c2a6b1de-2f0b-4a53-8a3c-1f6f4f1c2b90"),
        shopper(POST, "/carts/{cart}/items/batch")
            .json(json!({"mode": "each", "items": [{"sku": "84879", "quantity": 3}, {"sku": "no-such", "quantity": 1}]})),
        shopper(PUT, "/carts/{cart}/items/22423").json(json!({"quantity": 1})),
        shopper(PATCH, "/carts/{cart}/items/84879").json(json!({"quantity": 2})),
        shopper(PUT, "/carts/{cart}/items/85123A/fields").json(json!({"fields": {"engraving": "For Ada"}})),
        shopper(PUT, "/carts/{cart}/note").json(json!({"note": "Please wrap it."})),
        shopper(GET, "/carts/{cart}").until("/lines/0/stock/status", "held"),
        Call { service: "web", ..shopper(POST, "/live/tickets").json(json!({"cart_id": "{cart}"})) },
        shopper(POST, "/carts/{cart}/items/84879/save"),
        shopper(POST, "/carts/{cart}/saved/84879/move-back").keep("version", "/version"),
        shopper(POST, "/carts/{cart}/price-changes/seen").json(json!({"version": "{version}"})),
        shopper(DELETE, "/carts/{cart}/items/84879"),
        // So that something goes with the lantern.
        shopper(PUT, "/carts/{cart}/items/84879").json(json!({"quantity": 1})),
        shopper(GET, "/carts/{cart}/history?limit=2"),
        shopper(GET, "/carts/{cart}/versions/2"),
        operator("cart", GET, "/admin/carts/{cart}"),
        operator("cart", GET, "/admin/carts/{cart}/history?limit=1"),
    ]
}

fn other_carts() -> Vec<Call> {
    vec![
        call("cart", POST, "/carts").keep("guest", "/id").keep("guest_token", "/token"),
        shopper(PUT, "/carts/{guest}/shopper")
            .token("guest_token")
            .json(json!({"email": "bob@example.test", "language": "de"})),
        shopper(POST, "/carts/{guest}/items")
            .token("guest_token")
            .json(json!({"sku": "22423", "quantity": 2})),
        shopper(POST, "/carts/{guest}/items/22423/save").token("guest_token"),
        shopper(DELETE, "/carts/{guest}/saved/22423").token("guest_token"),
        shopper(POST, "/carts/{guest}/items")
            .token("guest_token")
            .json(json!({"sku": "22423", "quantity": 2})),
        shopper(POST, "/carts/{cart}/merge").json(json!({"cart_id": "{guest}", "token": "{guest_token}"})),
        shopper(POST, "/carts/{cart}/token").keep("token", "/token"),
    ]
}

fn availability() -> Vec<Call> {
    vec![
        operator("inventory", GET, "/stock/22423/holds").until("/lines/0/wanted", 3),
        operator("inventory", DELETE, "/stock/85123A/holds/{cart}?reason=lost%20at%20the%20till"),
    ]
}

fn suggestions() -> Vec<Call> {
    vec![
        call("recommend", GET, "/products/trending?limit=2"),
        call("recommend", GET, "/products/85123A/related?limit=2").until("/related/0/sku", "84879"),
        Call { service: "recommend", ..shopper(GET, "/carts/{cart}/suggestions?limit=2") },
    ]
}

fn mails() -> Vec<Call> {
    vec![
        operator("notify", GET, "/mails?cart={cart}&limit=1").until("/mails/0/status", "sent"),
        // The mailbox refuses Bob's.
        operator("notify", GET, "/mails?status=failed&limit=1")
            .until("/mails/0/status", "failed")
            .keep("mail", "/mails/0/event_id"),
        operator("notify", POST, "/mails/{mail}/retry"),
        operator("notify", POST, "/mails/retry").json(json!({"error": "550", "dry_run": true})),
        call("notify", GET, "/unsubscribe?token={link}"),
        call("notify", POST, "/unsubscribe?token={link}"),
        operator("notify", POST, "/suppressions").json(json!({"address": "eve@example.test"})),
        operator("notify", GET, "/suppressions").keep("suppression", "/suppressions/0/id"),
        operator("notify", DELETE, "/suppressions/{suppression}"),
    ]
}

fn figures_and_events() -> Vec<Call> {
    vec![
        operator("analytics", GET, "/analytics/events?type=inventory.stock-held.v1&limit=1")
            .until("/events/0/type", "inventory.stock-held.v1")
            .keep("event", "/events/0/id"),
        operator("analytics", GET, "/analytics/events/{event}"),
        operator("analytics", GET, "/analytics/events/{event}/tree"),
        operator("analytics", GET, "/analytics/figures?by=day"),
        operator("analytics", GET, "/analytics/top-products?by=day&limit=1"),
        operator("analytics", GET, "/analytics/progress"),
    ]
}

fn ends() -> Vec<Call> {
    vec![
        shopper(DELETE, "/carts/{cart}/items"),
        operator("cart", DELETE, "/carts/{cart}/token"),
        shopper(DELETE, "/carts/{broken}").token("broken_token"),
        call("cart", POST, "/carts").keep("expired", "/id").keep("expired_token", "/token"),
        shopper(POST, "/carts/{expired}/items")
            .token("expired_token")
            .json(json!({"sku": "85123A", "quantity": 1})),
        shopper(POST, "/carts/{expired}/reopen")
            .token("expired_token")
            // Carts expire 30 days after their last change.
            .before(
                "CREATE OR REPLACE FUNCTION bus.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
                 RETURN now() + interval '31 days'",
            )
            .until("/cart/lines/0/sku", "85123A"),
    ]
}
