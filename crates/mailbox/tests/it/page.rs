use axum::Router;
use lettre::message::{Message, MultiPart};

use crate::support::{Page, Started, mail};

const ATTACK: &str = "\"'><script>alert(1)</script>&";

async fn attacked() -> anyhow::Result<Started> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    let hostile = format!(
        "From: {ATTACK}\r\nTo: {ATTACK}\r\nSubject: {ATTACK}\r\nMessage-ID: <{ATTACK}>\r\nX-{ATTACK}: {ATTACK}\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{ATTACK}\r\n\
         --b\r\nContent-Type: text/x{ATTACK}; name=\"{}\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--",
        ATTACK.replace('"', ""),
    );
    client.say("MAIL FROM:<\"'&script@x.test>").await?;
    client.say("RCPT TO:<\"'&script@x.test>").await?;
    client.say("DATA").await?;
    assert!(client.say(&format!("{hostile}\r\n.")).await?.starts_with("250"));
    Ok(started)
}

#[tokio::test]
async fn nothing_that_a_mail_says_becomes_markup() -> anyhow::Result<()> {
    let started = attacked().await?;
    let search = "/?q=%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E%26";
    for path in ["/", "/mails/1", search] {
        let page = started.get(path).await?;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("&lt;script&gt;"), "{path}: {}", page.text);
        assert!(!page.text.contains("<script"), "{path}: {}", page.text);
        assert!(!page.text.contains("\"'"), "{path}: {}", page.text);
        assert!(!page.header("content-security-policy").contains("script"));
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    }
    Ok(())
}

#[tokio::test]
async fn links_to_other_pages_of_a_search_are_escaped() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    for _ in 0..51 {
        client.hand_over("a@x.test", "Subject: a&b \"c\"\r\n\r\nx").await?;
    }
    let page = started.get("/?q=a%26b+%22c%22").await?;
    assert!(page.text.contains("href=\"?page=2&amp;q=a%26b%20%22c%22\""), "{}", page.text);
    assert!(started.get("/?page=2&q=a%26b%20%22c%22").await?.text.contains(">1</td>"));
    Ok(())
}

#[tokio::test]
async fn html_of_a_mail_is_served_in_a_sandbox() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let body = MultiPart::alternative_plain_html(String::from("x"), format!("<p>x</p>{ATTACK}"));
    let hostile = Message::builder().from("a@x.test".parse()?).to("b@x.test".parse()?).multipart(body)?;
    started.send(hostile).await?;
    let html = started.get("/mails/1/html").await?;
    assert_eq!(html.text, format!("<p>x</p>{ATTACK}"));
    let policy = html.header("content-security-policy");
    assert!(policy.starts_with("sandbox; default-src 'none';"), "{policy}");
    assert!(!policy.contains("allow-"), "{policy}");
    let page = started.get("/mails/1").await?;
    assert!(page.markup().contains("<iframe sandbox src=\"../mails/1/html\""), "{}", page.text);

    let source = started.get("/mails/1/source").await?;
    assert_eq!(source.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(source.header("x-content-type-options"), "nosniff");
    assert!(source.header("content-security-policy").starts_with("sandbox;"));
    Ok(())
}

#[tokio::test]
async fn the_list_is_newest_first_paged_and_searchable() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    for number in 1..=120 {
        let to = format!("shopper-{number}@x.test");
        client.hand_over(&to, &format!("Subject: Order #{number}\r\n\r\nx")).await?;
    }
    let first = started.get("/").await?.text;
    assert!(first.find("Order #120<").unwrap() < first.find("Order #119<").unwrap());
    assert!(first.contains("Order #71<") && !first.contains("Order #70<"));
    let third = started.get("/?page=3").await?.text;
    assert!(third.contains("Order #20<") && third.contains("Order #1<") && !third.contains("Order #21<"));
    assert!(started.get("/?page=99999999999999999").await?.text.contains("Show the newest"));
    let found = started.get("/?q=SHOPPER-17@").await?.text;
    assert!(found.contains("Order #17<") && !found.contains("Order #117<"));
    Ok(())
}

#[tokio::test]
async fn the_page_works_alone_and_nested() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.send(mail("a@x.test", "Hello", "1@x")?).await?;
    let nested = || Router::new().nest("/mailbox", started.mailbox.router());
    let list = Page::get(nested(), "/mailbox").await?.markup();
    assert!(
        list.contains("href=\"./mailbox/mails/1\"") && list.contains("href=\"./mailbox/style.css\""),
        "{list}"
    );
    let mail = Page::get(nested(), "/mailbox/mails/1").await?.markup();
    assert!(mail.contains("href=\"../../mailbox\"") && mail.contains("href=\"../style.css\""), "{mail}");
    for path in ["/mailbox/style.css", "/mailbox/mails/1/html", "/mailbox/api/count"] {
        assert_eq!(Page::get(nested(), path).await?.status, 200, "{path}");
    }
    assert!(started.get("/").await?.markup().contains("href=\"./mails/1\""));
    assert!(started.get("/mails/1").await?.markup().contains("href=\"../\""));
    Ok(())
}

#[tokio::test]
async fn tools_read_the_mails_as_json() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    for (to, id) in [("a@x.test", "1@x"), ("b@x.test", "2@x"), ("b@x.test", "2@x")] {
        started.send(mail(to, "Hello", id)?).await?;
    }
    assert_eq!(started.get("/api/count").await?.json()?, serde_json::json!({"delivered": 3, "resent": 1}));
    let list = started.get("/api/mails?to=b@x.test&message_id=2@x&after=1&limit=1").await?.json()?;
    assert_eq!((list.as_array().unwrap().len(), &list[0]["number"]), (1, &2.into()));
    let mail = started.get("/api/mails/2").await?.json()?;
    assert_eq!((&mail["message_id"], &mail["subject"]), (&"2@x".into(), &"Hello".into()));
    assert!(mail["html"].as_str().unwrap().contains("<b>lamps</b>"));
    let missing = started.get("/api/mails/4").await?;
    assert_eq!((missing.status, missing.header("content-type")), (404, "application/problem+json"));
    assert_eq!(started.get("/mails/4").await?.status, 404);
    assert_eq!(started.get("/mails/4/html").await?.status, 404);
    Ok(())
}
