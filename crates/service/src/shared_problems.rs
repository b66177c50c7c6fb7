//! The problems that routes of every service can answer with. A service's own are in its `http/problems.rs`.

use crate::problems;

problems! {
    /// The database or another component is unavailable; the request itself is fine.
    UNAVAILABLE: 503 "unavailable";
    /// The service failed; the request itself is fine.
    INTERNAL: 500 "internal";

    /// The admin key is missing or wrong.
    ADMIN_KEY_NEEDED: 401 "admin-key-needed";
    /// The cart's token is missing.
    CART_TOKEN_NEEDED: 401 "cart-token-needed";
    /// There is no such cart, or the token does not open it.
    UNKNOWN_CART: 404 "unknown-cart";

    /// The body is not JSON.
    MALFORMED_JSON: 400 "malformed-json";
    /// The body's content type is not JSON.
    WRONG_CONTENT_TYPE: 415 "wrong-content-type";
    /// The body is compressed; no route accepts that.
    ENCODED_BODY: 415 "encoded-body";
    /// The body did not arrive in time.
    SLOW_BODY: 408 "slow-body";
    /// The body is longer than this route accepts.
    BODY_TOO_LONG: 413 "body-too-long";
    /// A field of the body is unknown, missing, or of the wrong type; the detail says which, and where it is.
    UNFITTING_BODY: 422 "unfitting-body";
    /// A part of the path has the wrong form.
    UNFITTING_PATH: 400 "unfitting-path";
    /// A query parameter is unknown, missing, or has the wrong form; the detail says which.
    UNFITTING_QUERY: 400 "unfitting-query";
    /// The client has sent too many such requests within a minute; `Retry-After` says when it may send the next one.
    TOO_MANY_REQUESTS: 429 "too-many-requests";
    /// There is nothing at this path.
    UNKNOWN_PATH: 404 "unknown-path";
    /// The path does not support this method.
    WRONG_METHOD: 405 "wrong-method";

    /// No event with this id is parked.
    NOT_PARKED: 404 "not-parked";
    /// An earlier event of the same subject is parked; the detail says which one comes first.
    NOT_FIRST: 409 "not-first";
    /// Earlier events of the same subject are missing; the detail says which.
    EVENTS_MISSING: 409 "events-missing";
    /// No timer with this id has failed.
    NO_FAILED_TIMER: 404 "no-failed-timer";
    /// No dead letter has this id.
    NO_DEAD_LETTER: 404 "no-dead-letter";
    /// No event is missing before this one: there is nothing to release.
    NOTHING_MISSING: 409 "nothing-missing";
}
