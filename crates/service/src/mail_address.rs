//! Email addresses that can be written to. What a shop takes is what its mails can be sent to.

use std::str::FromStr;

/// In bytes, by [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 253;
const MAX_ADDRESS: usize = 254;
const MAX_LABEL: usize = 63;
/// What an unquoted local part may hold besides letters and digits, by
/// [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
const ATOM: &str = "!#$%&'*+-/=?^_`{|}~";

/// An address as mail servers take it: its domain in ASCII, international names in Punycode.
///
/// Its local part may have other letters than ASCII's
/// ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)): only mail servers with SMTPUTF8 take those.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress {
    local: String,
    domain: String,
}

/// Why nothing can be sent to an address, without the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmailable(&'static str);

impl MailAddress {
    /// What is before the @.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What is after the @, in ASCII and in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

impl FromStr for MailAddress {
    type Err = Unmailable;

    fn from_str(text: &str) -> Result<Self, Unmailable> {
        if text.ends_with('>') {
            return Err(Unmailable("it has a name around it: send only what is between < and >"));
        }
        let (local, domain) = text.rsplit_once('@').ok_or(Unmailable("it has no @"))?;
        check_local(local).map_err(Unmailable)?;
        let domain = ascii(domain).map_err(Unmailable)?;
        if local.len() + 1 + domain.len() > MAX_ADDRESS {
            return Err(Unmailable("it has more than 254 bytes"));
        }
        Ok(Self { local: local.to_owned(), domain })
    }
}

/// Says why mail can't be sent to an address, for [`TextRule::and`](crate::TextRule::and).
#[must_use]
pub fn why_unmailable(text: &str) -> Option<&'static str> {
    text.parse::<MailAddress>().err().map(|Unmailable(reason)| reason)
}

fn check_local(local: &str) -> Result<(), &'static str> {
    let is_allowed = |letter: char| {
        letter == '.'
            || letter.is_alphanumeric()
            || ATOM.contains(letter)
            || (!letter.is_ascii() && !letter.is_whitespace() && !letter.is_control())
    };
    match local {
        "" => Err("there is nothing before its @"),
        _ if local.len() > MAX_LOCAL => Err("it has more than 64 bytes before its @"),
        _ if local.starts_with('"') => Err("it is quoted, which many mail servers refuse"),
        _ if local.contains('@') => Err("it has two @"),
        _ if !local.chars().all(is_allowed) => Err("a character before its @ can't be in an address"),
        _ if local.split('.').any(str::is_empty) => Err("a dot before its @ begins, ends or doubles"),
        _ => Ok(()),
    }
}

fn ascii(domain: &str) -> Result<String, &'static str> {
    if domain.starts_with('[') {
        return Err("its domain is an IP address: give it by name");
    }
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| "its domain is no domain name")?;
    let is_label = |label: &str| !label.is_empty() && label.len() <= MAX_LABEL;
    if domain.len() > MAX_DOMAIN || !domain.split('.').all(is_label) {
        return Err("its domain is no domain name");
    }
    if domain.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err("its domain is an IP address: give it by name");
    }
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_the_wire(text: &str) -> String {
        let MailAddress { local, domain } = text.parse().unwrap();
        format!("{local}@{domain}")
    }

    #[test]
    fn what_can_be_sent_is_taken() {
        for good in
            ["a@b.test", "a.b+c@example.test", "o'hara@localhost", "x_y-z@a-b.example", "müller@example.test"]
        {
            assert_eq!(on_the_wire(good), good);
        }
    }

    #[test]
    fn an_international_domain_is_sent_in_punycode_and_a_domain_in_lower_case() {
        assert_eq!(on_the_wire("a@bücher.example"), "a@xn--bcher-kva.example");
        assert_eq!(on_the_wire("Ann@EXAMPLE.test"), "Ann@example.test");
    }

    #[test]
    fn what_can_not_be_sent_is_refused_with_the_reason() {
        for (bad, reason) in [
            ("nobody", "no @"),
            ("@example.test", "there is nothing before"),
            ("Ann <a@example.test>", "between < and >"),
            (r#""a b"@example.test"#, "quoted"),
            ("a b@example.test", "can't be in an address"),
            ("a@b@example.test", "two @"),
            ("a@example.test\r\nBcc: b@example.test", "two @"),
            ("a\0@example.test", "can't be in an address"),
            (".a@example.test", "a dot"),
            ("a..b@example.test", "a dot"),
            ("a@", "no domain name"),
            ("a@exa_mple.test", "no domain name"),
            ("a@-example.test", "no domain name"),
            ("a@example..test", "no domain name"),
            ("a@[192.0.2.1]", "an IP address"),
            ("a@192.0.2.1", "an IP address"),
        ] {
            let said = bad.parse::<MailAddress>().err().map(|error| error.to_string()).unwrap_or_default();
            assert!(said.contains(reason), "{bad}: {said}");
        }
        let long = format!("{}@example.test", "a".repeat(65));
        assert!(long.parse::<MailAddress>().is_err());
        let long = format!("a@{}example.test", "abcdefghi.".repeat(25));
        assert!(long.parse::<MailAddress>().is_err());
    }
}
