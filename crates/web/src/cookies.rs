//! Cookies: read from requests, and written so that no script and no other site can use them.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// A cookie to set. It is for this site's pages only: no script reads it, and no other site's form sends it.
pub struct Cookie<'a> {
    pub name: &'static str,
    pub value: &'a str,
    /// The pages that get it: `/shop`.
    pub path: &'static str,
    /// How long browsers keep it, in seconds; 0 deletes it.
    pub max_age: u32,
    /// Not even by a link from elsewhere.
    pub strict: bool,
}

/// The value of a request's cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Whether the browser reached this site by HTTPS, as the proxy in front says.
pub fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

impl Cookie<'_> {
    /// The header that sets it; none where the value can't stand in one.
    pub fn header(&self, https: bool) -> Option<(HeaderName, HeaderValue)> {
        let Self { name, value, path, max_age, strict } = self;
        let same_site = if *strict { "Strict" } else { "Lax" };
        let secure = if https { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite={same_site}{secure}");
        HeaderValue::try_from(text).ok().map(|text| (SET_COOKIE, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("a=1; cart=x.y=; b=2"))]);
        assert_eq!(cookie(&headers, "cart"), Some("x.y="));
        assert_eq!(cookie(&headers, "c"), None);
    }

    #[test]
    fn a_cookie_is_for_this_site_alone() {
        let cookie = Cookie { name: "cart", value: "x", path: "/shop", max_age: 9, strict: false };
        let text = |https| cookie.header(https).unwrap().1.to_str().unwrap().to_owned();
        assert_eq!(text(false), "cart=x; Path=/shop; Max-Age=9; HttpOnly; SameSite=Lax");
        assert!(text(true).ends_with("; Secure"));
    }
}
