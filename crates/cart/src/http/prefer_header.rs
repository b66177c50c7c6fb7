//! What a client prefers to be answered ([RFC 7240](https://www.rfc-editor.org/rfc/rfc7240)).

use axum::http::HeaderMap;

const PREFER: &str = "Prefer";
/// What is answered to a client that does not want to see the cart.
pub(super) const MINIMAL: &str = "return=minimal";

service::texts! {
    /// `return=minimal`: the answer to the change has no body, which is faster for large carts. Other preferences are
    /// ignored.
    pub(super) Preference: "a preference", 0..=200, "printable ASCII", "^[ -~]*$",
        for example "return=minimal";
}

/// Whether the client wants to see the cart after its change. What can't be read is ignored, as the RFC wants it.
pub(super) fn shows_cart(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = preferences.flat_map(|value| value.split(','));
    !preferences.any(|preference| {
        // Parameters may follow, and there may be quotes.
        let preference = preference.split(';').next().unwrap_or_default();
        let preference: String = preference.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
        preference.eq_ignore_ascii_case(MINIMAL)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cart_is_shown_unless_the_client_prefers_a_minimal_answer() {
        let shows = |values: &[&str]| {
            let headers = values.iter().map(|value| (PREFER.parse().unwrap(), value.parse().unwrap()));
            shows_cart(&headers.collect())
        };
        assert!(shows(&[]) && shows(&["return=representation"]) && shows(&["respond-async, wait=10"]));
        for minimal in ["return=minimal", "Return = \"minimal\"", "wait=1, return=minimal; foo=bar"] {
            assert!(!shows(&[minimal]), "{minimal}");
        }
        assert!(!shows(&["wait=1", "return=minimal"]));
    }
}
