//! The `Idempotency-Key` of a request.

use axum::http::HeaderMap;
use service::{BrokenRule, Problem};

use super::problems::BAD_IDEMPOTENCY_KEY;

pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

service::texts! {
    /// Makes the request repeatable: the same request with the same key takes effect once. A repeat is answered with the
    /// cart as it is then, and with `Idempotency-Replayed: true`. The key counts for its cart, and for a day.
    pub(super) ChangeKey: "an Idempotency-Key", 1..=200, "printable ASCII; a UUID is a good one", "^[ -~]*$",
        for example "3f0e8a52-7c41-4f0b-9d3a-5a1c2b7e9f10";

    /// Makes the request repeatable: the same request with the same key opens one cart. A repeat within a day gets that
    /// cart's token too: so the key is a secret, like the token. Make a new random one for each cart, and show it to nobody.
    pub(super) OpeningKey: "an Idempotency-Key that opens a cart", 36..=36,
        "a random UUID (version 4 or 7), new for each cart, since whoever knows it gets the cart's token",
        "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[47][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$",
        for example "3f0e8a52-7c41-4f0b-9d3a-5a1c2b7e9f10";
}

/// The request's key, if it has one.
pub(super) fn key<K: std::str::FromStr<Err = BrokenRule> + Into<String>>(
    headers: &HeaderMap,
) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    // What is no UTF-8 has a character that no kind of key has, and so it is refused like the others.
    let key = String::from_utf8_lossy(key.as_bytes()).parse::<K>();
    let key = key.map_err(|broken| BAD_IDEMPOTENCY_KEY.problem(format!("{broken}.")).at(IDEMPOTENCY_KEY))?;
    Ok(Some(key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(text: &str) -> Result<Option<String>, Problem> {
        let headers = [(IDEMPOTENCY_KEY.parse().unwrap(), text.parse().unwrap())];
        key::<OpeningKey>(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn a_cart_is_opened_with_a_random_uuid_or_without_a_key() {
        assert_eq!(key::<OpeningKey>(&HeaderMap::new()).unwrap(), None);
        for good in [uuid::Uuid::new_v4(), uuid::Uuid::now_v7()] {
            assert_eq!(opening(&good.to_string()).unwrap(), Some(good.to_string()));
        }
    }

    #[test]
    fn what_somebody_else_could_choose_too_is_refused_and_the_problem_says_what_to_do() {
        let by_time_and_machine = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
        let nothing_special = "00000000-0000-0000-0000-000000000000";
        for bad in
            ["", "order-1", "a-key-of-more-than-sixteen-characters", by_time_and_machine, nothing_special]
        {
            let problem = opening(bad).unwrap_err();
            assert_eq!(problem.problem_type(), BAD_IDEMPOTENCY_KEY);
            assert!(problem.detail().contains("a random UUID (version 4 or 7)"), "{}", problem.detail());
        }
    }
}
