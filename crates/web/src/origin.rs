use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Browsers say from which site's page a form was sent; programs that are none may leave it out.
pub fn is_of_this_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if text("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return false;
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return true };
    let host = text(HOST.as_str()).unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, site)| !host.is_empty() && site.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own(name: &str, value: &str) -> bool {
        let mut headers = HeaderMap::from_iter([(HOST, "shop.example:8080".parse().unwrap())]);
        headers.insert(name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap());
        is_of_this_site(&headers)
    }

    #[test]
    fn only_pages_of_this_site_send_forms() {
        for own in ["http://shop.example:8080", "https://Shop.Example:8080"] {
            assert!(is_own("origin", own), "{own}");
        }
        assert!(is_own("sec-fetch-site", "same-origin") && is_own("accept", "*/*"));
        for other in
            ["http://evil.example", "http://shop.example", "null", "http://shop.example:8080.evil.example"]
        {
            assert!(!is_own("origin", other), "{other}");
        }
        assert!(!is_own("sec-fetch-site", "cross-site") && !is_own("sec-fetch-site", "same-site"));
    }
}
