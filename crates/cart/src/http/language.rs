service::texts! {
    /// A language.
    pub(super) Language: "a language", 2..=35, "a BCP 47 tag, such as 'en' or 'de-AT'",
        "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", for example "en";
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_bcp_47_tags() {
        for good in ["en", "de-AT", "zh-Hant-TW", "gsw", Language::default().as_str()] {
            assert!(good.parse::<Language>().is_ok(), "{good}");
        }
        for bad in ["", "e", "english", "en_GB", "en-", "en-\r\n", "en\n", "12"] {
            assert!(bad.parse::<Language>().is_err(), "{bad}");
        }
    }
}
