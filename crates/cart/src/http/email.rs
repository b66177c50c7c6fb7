use service::why_unmailable;

service::texts! {
    /// Where emails go. A domain may have letters of any script; a name before the @ that has others than ASCII's gets mail only
    /// from servers with SMTPUTF8.
    pub(super) Email: "an email address", 3..=254, "a name, an @ and a domain, and nothing around them",
        r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFD]+@[^\u0000-\u0020\u007F-\u00A0\u2028\u2029\uFFFD@]+$",
        for example "shopper@example.test", and why_unmailable;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain_and_nothing_that_could_end_a_header() {
        for good in ["a@b.test", "a.b+c@example.test", "grün@example.test", "a@bücher.example"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "nobody",
            "@example.test",
            "a@",
            "a@b@c.test",
            "a@example.test\r\nBcc: b@example.test",
            "a\0@b.test",
            "Ann <a@example.test>",
            r#""a b"@example.test"#,
            "a@exa_mple.test",
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_refusal_says_why_and_does_not_repeat_the_address() {
        let refusal = "ann@exa_mple.test".parse::<Email>().unwrap_err().to_string();
        assert!(!refusal.contains("ann") && refusal.ends_with("; its domain is no domain name"), "{refusal}");
        assert!(!format!("{:?}", "ann@example.test".parse::<Email>().unwrap()).contains("ann"));
    }
}
