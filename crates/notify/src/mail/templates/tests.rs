use std::time::SystemTime;

use events::Money;
use iso_currency::Currency;
use lettre::message::Mailbox;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::mail::message::{CompositionError, Headers, compose};

fn addition(name: &str) -> Addition {
    Addition {
        sku: "85123A".into(),
        name: name.into(),
        quantity: 6,
        line_quantity: 10,
        unit_price: Money { amount: 255, currency: Currency::GBP },
        suggestions: Vec::new(),
    }
}

#[test]
fn suggestions_are_in_the_mail_if_there_are_any() {
    let templates = Templates::new().unwrap();
    let suggesting = Addition { suggestions: vec!["Tea\ntowel".into(), "Egg <cup>".into()], ..addition("x") };
    for (language, words) in [("en", "Goes well with your cart"), ("de", "Passt dazu")] {
        let with = templates.render(&suggesting, language, None).unwrap();
        let without = templates.render(&addition("x"), language, None).unwrap();
        for (text, cup) in [(&with.text, "Egg <cup>"), (&with.html, "Egg &lt;cup&gt;")] {
            assert!(text.contains(words) && text.contains("Tea towel") && text.contains(cup), "{text}");
        }
        assert!(!without.text.contains(words) && !without.html.contains(words));
    }
}

fn rendered(name: &str, language: &str) -> RenderedMail {
    Templates::new().unwrap().render(&addition(name), language, None).unwrap()
}

fn composed(mail: RenderedMail, to: &str) -> Result<String, CompositionError> {
    let from: Mailbox = "Cartwheel <shop@cartwheel.example>".parse().unwrap();
    let headers = Headers { from: &from, about: Uuid::nil(), at: SystemTime::UNIX_EPOCH, unsubscribe: None };
    Ok(String::from_utf8(compose(mail, headers, to)?.formatted()).unwrap())
}

#[test]
fn a_mail_says_where_to_unsubscribe_and_over_https_with_one_click() {
    let from: Mailbox = "Cartwheel <shop@cartwheel.example>".parse().unwrap();
    for (link, one_click) in [
        ("https://shop.example/unsubscribe?token=abc", true),
        ("http://localhost/unsubscribe?token=abc", false),
    ] {
        let mail = Templates::new().unwrap().render(&addition("x"), "de", Some(link)).unwrap();
        assert!(mail.text.contains(&format!("Keine solchen Mails mehr: {link}")), "{}", mail.text);
        assert!(mail.html.contains("Keine solchen Mails mehr</a>"), "{}", mail.html);
        let (about, at, url) = (Uuid::nil(), SystemTime::UNIX_EPOCH, link.parse().unwrap());
        let headers = Headers { from: &from, about, at, unsubscribe: Some(&url) };
        let message = compose(mail, headers, "ada@example.test").unwrap();
        let message = String::from_utf8(message.formatted()).unwrap();
        assert!(message.contains(&format!("List-Unsubscribe: <{link}>\r\n")), "{message}");
        assert_eq!(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), one_click);
    }
}

#[test]
fn a_mail_names_the_product_the_pieces_and_the_prices() {
    let mail = rendered("T-LIGHT HOLDER", "en");
    assert_eq!(mail.subject, "In your cart: 6 × T-LIGHT HOLDER");
    for words in [&mail.text, &mail.html] {
        for part in ["T-LIGHT HOLDER", "85123A", "6 × £2.55", "£15.30", "10", "£25.50"] {
            assert!(words.contains(part), "{part} is missing in {words}");
        }
    }
}

#[test]
fn the_mail_is_in_the_shoppers_language_or_in_english() {
    assert_eq!(rendered("x", "de").subject, "Im Warenkorb: 6 × x");
    assert_eq!(rendered("x", "DE-at"), rendered("x", "de"));
    assert!(rendered("x", "de").html.contains(r#"<html lang="de">"#));
    assert_eq!(rendered("x", "fr"), rendered("x", "en"));
    assert_eq!(rendered("x", ""), rendered("x", "en"));
    assert_eq!(rendered("x", "deutsch"), rendered("x", "en"));
}

#[test]
fn a_name_is_escaped_in_html_and_unchanged_in_text() {
    let mail = rendered("<script>alert(1)</script> & Co", "en");
    assert!(!mail.html.contains("<script"));
    assert!(mail.html.contains("&lt;script&gt;"));
    assert!(mail.text.contains("<script>alert(1)</script> & Co"));
}

#[test]
fn a_long_name_is_shortened_in_the_subject_only() {
    let name = "lamp ".repeat(40);
    let mail = rendered(&name, "en");
    assert!(mail.subject.chars().count() < 100 && mail.subject.ends_with('…'));
    assert!(mail.text.contains(name.trim_end()));
}

#[test]
fn the_message_id_comes_from_the_event() {
    let mail = composed(rendered("lamp", "en"), "a@example.test").unwrap();
    assert!(
        mail.contains("Message-ID: <00000000-0000-0000-0000-000000000000@cartwheel.example>\r\n"),
        "{mail}"
    );
    assert!(mail.contains("multipart/alternative"));
    assert!(mail.contains("Auto-Submitted: auto-generated\r\n"));
}

#[test]
fn what_is_no_address_gets_no_message() {
    for none in
        ["", "nobody", "a@b@c", "a@example.test\r\nBcc: b@example.test", "a@example.test, b@example.test"]
    {
        assert!(
            matches!(composed(rendered("lamp", "en"), none), Err(CompositionError::Address(_))),
            "{none:?}"
        );
    }
}

proptest! {
    /// No name adds a header, whatever it is made of.
    #[test]
    fn a_name_cannot_add_a_header(name in "(\r\n|\n|\r|Bcc: |a@b.test|\u{2028}|\u{85}|[ -~]|\\PC|\\s){0,120}") {
        let mail = composed(rendered(&name, "en"), "a@example.test").unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').unwrap_or((line, "")).0)
            .collect();
        let expected =
            ["From", "To", "Date", "Message-ID", "Auto-Submitted", "Subject", "MIME-Version", "Content-Type"];
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn a_name_cannot_add_a_line_to_the_text(name in "\\PC*[\r\n\u{b}\u{c}\u{85}]+\\PC*") {
        prop_assert_eq!(rendered(&name, "en").text.lines().count(), rendered("lamp", "en").text.lines().count());
    }
}
