//! Conditional requests ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests)): what a client does
//! only to the cart that it has seen, and what it need not be sent again.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH};
use sha2::{Digest, Sha256};

service::texts! {
    /// The change is made only if the cart still has this version: `"7"`, as the `ETag` of an answer says it. What follows
    /// the hyphen in an `ETag` of GET, which also covers what others say of the cart, doesn't count here. `*`: whatever
    /// version it has.
    pub(super) IfMatch: "a list of ETags", 1..=500, "printable ASCII, such as '\"7\"'", "^[ -~]*$", for example "\"7\"";

    /// The `ETag` of the answer that the client has: it isn't sent again as long as it would be the same.
    pub(super) IfNoneMatch: "a list of ETags", 1..=500, "printable ASCII", "^[ -~]*$",
        for example "\"7-1f0c9a3b5d7e8f60\"";
}

/// The versions of which the cart must have one; none, if any will do. A weak or a foreign tag is no version.
pub(super) fn expected_versions(headers: &HeaderMap) -> Option<Vec<i64>> {
    let tags = tags(headers, &IF_MATCH);
    let any = tags.is_empty() || tags.contains(&"*");
    (!any).then(|| tags.into_iter().filter_map(version).collect())
}

/// The tag of a cart in this version, as a change answers it.
pub(super) fn version_tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The tag of an answer with all that is shown of the cart, also what others say of it.
pub(super) fn body_tag(version: i64, body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let hash = hash.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    format!("\"{version}-{hash:016x}\"")
}

fn version(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    tag.split_once('-').map_or(tag, |(version, _)| version).parse().ok()
}

fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("unreadable"));
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|tag| !tag.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::header::IF_NONE_MATCH;
    use service::knows;

    use super::*;

    fn expected(value: &str) -> Option<Vec<i64>> {
        expected_versions(&HeaderMap::from_iter([(IF_MATCH, value.parse().unwrap())]))
    }

    #[test]
    fn a_change_may_expect_one_of_several_versions() {
        assert_eq!(expected_versions(&HeaderMap::new()), None);
        assert_eq!(expected("*"), None);
        assert_eq!(expected("\"7\""), Some(vec![7]));
        assert_eq!(expected(&format!("{}, \"9\"", body_tag(8, b"{}"))), Some(vec![8, 9]));
    }

    #[test]
    fn what_is_no_version_matches_none() {
        for tag in ["W/\"7\"", "7", "\"seven\"", "\"\""] {
            assert_eq!(expected(tag), Some(Vec::new()), "{tag}");
        }
    }

    #[test]
    fn a_tag_is_known_weak_or_strong_and_depends_on_the_body() {
        let tag = body_tag(7, b"a");
        let known =
            |value: &str| knows(&HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]), &tag);
        assert!(known(&tag) && known(&format!("\"x\", W/{tag}")) && known("*"));
        assert!(!known("\"7\"") && !known(&body_tag(7, b"b")) && !known(&body_tag(8, b"a")));
    }
}
