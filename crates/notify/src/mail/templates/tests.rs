use std::time::SystemTime;

use iso_currency::Currency;
use lettre::message::Mailbox;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

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
fn what_goes_with_the_cart_is_told_if_it_is_known() {
    let letters = Letters::new().unwrap();
    let suggesting = Addition { suggestions: vec!["Tea\ntowel".into(), "Egg <cup>".into()], ..addition("x") };
    for (language, words) in [("en", "Goes well with your cart"), ("de", "Passt dazu")] {
        let with = letters.render(&suggesting, language).unwrap();
        let without = letters.render(&addition("x"), language).unwrap();
        for (text, cup) in [(&with.text, "Egg <cup>"), (&with.html, "Egg &lt;cup&gt;")] {
            assert!(text.contains(words) && text.contains("Tea towel") && text.contains(cup), "{text}");
        }
        assert!(!without.text.contains(words) && !without.html.contains(words));
    }
}

fn letter(name: &str, language: &str) -> Letter {
    Letters::new().unwrap().render(&addition(name), language).unwrap()
}

fn sent(letter: Letter, to: &str) -> Result<String, Unwritable> {
    let from: Mailbox = "Cartwheel <shop@cartwheel.example>".parse().unwrap();
    let message = write(letter, &from, to, Uuid::nil(), SystemTime::UNIX_EPOCH)?;
    Ok(String::from_utf8(message.formatted()).unwrap())
}

#[test]
fn a_mail_tells_the_product_the_pieces_and_the_prices() {
    let letter = letter("T-LIGHT HOLDER", "en");
    assert_eq!(letter.subject, "In your cart: 6 × T-LIGHT HOLDER");
    for words in [&letter.text, &letter.html] {
        for part in ["T-LIGHT HOLDER", "85123A", "6 × 2.55 GBP", "15.30 GBP", "10", "25.50 GBP"] {
            assert!(words.contains(part), "{part} is missing in {words}");
        }
    }
}

#[test]
fn the_shoppers_language_decides_and_english_is_for_everybody_else() {
    assert_eq!(letter("x", "de").subject, "Im Warenkorb: 6 × x");
    assert_eq!(letter("x", "DE-at"), letter("x", "de"));
    assert!(letter("x", "de").html.contains(r#"<html lang="de">"#));
    assert_eq!(letter("x", "fr"), letter("x", "en"));
    assert_eq!(letter("x", ""), letter("x", "en"));
    assert_eq!(letter("x", "deutsch"), letter("x", "en"));
}

#[test]
fn a_name_is_escaped_in_html_and_stands_as_it_is_in_text() {
    let letter = letter("<script>alert(1)</script> & Co", "en");
    assert!(!letter.html.contains("<script"));
    assert!(letter.html.contains("&lt;script&gt;"));
    assert!(letter.text.contains("<script>alert(1)</script> & Co"));
}

#[test]
fn a_long_name_is_shortened_in_the_subject_only() {
    let name = "lamp ".repeat(40);
    let letter = letter(&name, "en");
    assert!(letter.subject.chars().count() < 100 && letter.subject.ends_with('…'));
    assert!(letter.text.contains(name.trim_end()));
}

#[test]
fn the_message_id_comes_from_the_event() {
    let mail = sent(letter("lamp", "en"), "a@example.test").unwrap();
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
        assert!(matches!(sent(letter("lamp", "en"), none), Err(Unwritable::Address)), "{none:?}");
    }
}

proptest! {
    /// No name adds a header, whatever it is made of.
    #[test]
    fn a_name_cannot_add_a_header(name in "(\r\n|\n|\r|Bcc: |a@b.test|\u{2028}|\u{85}|[ -~]|\\PC|\\s){0,120}") {
        let mail = sent(letter(&name, "en"), "a@example.test").unwrap();
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
        prop_assert_eq!(letter(&name, "en").text.lines().count(), letter("lamp", "en").text.lines().count());
    }
}
