//! What every service has for operators.

use reqwest::Method;
use serde_json::json;

use crate::every_call_has_an_example::call::{Call, call, operator, shopper};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

/// What the cart service publishes of the first of these carts is not an event, of the second one is lost.
pub fn parked() -> Vec<Call> {
    let unreadable = "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body := 'no event'; RETURN NEW; END $$;
         CREATE TRIGGER broken BEFORE INSERT ON bus.outbox FOR EACH ROW WHEN (NEW.sequence = 1) EXECUTE FUNCTION broken();";
    let lost = "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;";
    let open = || call("cart", POST, "/carts").json(json!({"shopper": {"email": "eve@example.test"}}));
    let add = || {
        shopper(POST, "/carts/{broken}/items")
            .token("broken_token")
            .json(json!({"sku": "85123A", "quantity": 1}))
    };
    vec![
        open().keep("broken", "/id").keep("broken_token", "/token").before(unreadable),
        operator("notify", GET, "/parked?state=failed")
            .until("/0/subject", "{broken}")
            .keep("failed", "/0/id"),
        operator("notify", GET, "/parked/{failed}"),
        operator("notify", POST, "/parked/retry").json(json!({"subject": "{broken}", "dry_run": true})),
        operator("notify", POST, "/parked/discard")
            .json(json!({"subject": "{broken}", "reason": "sent by a test", "dry_run": true})),
        operator("notify", POST, "/parked/{failed}/retry"),
        operator("notify", POST, "/parked/{failed}/discard"),
        open().keep("broken", "/id").keep("broken_token", "/token").before(lost),
        add(),
        operator("notify", GET, "/parked?state=waiting")
            .until("/0/subject", "{broken}")
            .keep("waiting", "/0/id"),
        operator("notify", POST, "/parked/release").json(json!({"subject": "{broken}", "dry_run": true})),
        operator("notify", POST, "/parked/{waiting}/release"),
    ]
}

/// As if RabbitMQ had given up on an event, and somebody had published what is none.
pub fn dead_letters() -> Vec<Call> {
    let event = json!({
        "type": "catalog.product-changed.v1",
        "headers": {"source": "/catalog/products", "subject": "85123A", "sequence": 1},
    });
    vec![
        operator("notify", GET, "/dead-letters").dead_letter(event.clone()).keep("letter", "/0/id"),
        operator("notify", GET, "/dead-letters/{letter}"),
        operator("notify", POST, "/dead-letters/{letter}/take-back?reason=the%20disk%20was%20full"),
        operator("notify", POST, "/dead-letters/take-back").dead_letter(event),
        operator("notify", GET, "/dead-letters?limit=1").dead_letter(json!({})).keep("letter", "/0/id"),
        operator("notify", POST, "/dead-letters/{letter}/discard?reason=no%20event"),
        operator("notify", POST, "/dead-letters/discard?reason=no%20events").dead_letter(json!({})),
    ]
}

pub fn timers() -> Vec<Call> {
    let failed = "INSERT INTO bus.timers (kind, key, due, next_attempt, attempts, error)
                  SELECT 'publication', key, bus.now(), NULL, 9, 'the product can''t be read' FROM unnest('{21754,84879}'::text[]) AS key";
    vec![
        operator("catalog", GET, "/timers?state=failed")
            .before(failed)
            .keep("one", "/0/id")
            .keep("other", "/1/id"),
        operator("catalog", POST, "/timers/{one}/discard"),
        operator("catalog", POST, "/timers/{other}/retry"),
        operator("catalog", POST, "/timers/retry").json(json!({"kind": "publication"})),
        operator("catalog", GET, "/audit?limit=1"),
    ]
}
