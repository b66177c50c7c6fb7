/// Whether this has the form of a BCP 47 tag.
pub(super) fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().is_some_and(|part| (2..=3).contains(&part.len()) && is_alphabetic(part));
    primary && tag.len() <= 35 && subtags.all(|part| (1..=8).contains(&part.len()) && is_alphanumeric(part))
}

fn is_alphabetic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_bcp_47_tags() {
        for good in ["en", "de-AT", "zh-Hant-TW", "gsw"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "e", "english", "en_GB", "en-", "en-\r\n", "12"] {
            assert!(!is_language(bad), "{bad}");
        }
    }
}
