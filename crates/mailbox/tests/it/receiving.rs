use lettre::{AsyncTransport as _, Message};
use mailbox::{Limits, Query};

use crate::support::{Started, mail};

#[tokio::test]
async fn a_mail_that_was_sent_is_delivered_once() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.send(mail("shopper-1@example.test", "Your cart – grüße", "1@example.test")?).await?;

    let mailbox = &started.mailbox;
    assert_eq!((mailbox.delivered(), mailbox.resent()), (1, 0));
    assert_eq!(mailbox.deliveries_of("1@example.test"), 1);
    assert_eq!(mailbox.deliveries_of("<1@example.test>"), 1);
    assert_eq!(mailbox.deliveries_of("2@example.test"), 0);
    let kept = mailbox.mail(1).await?.unwrap();
    assert_eq!(kept.summary.from, "shop@example.test");
    assert_eq!(kept.summary.to, ["shopper-1@example.test"]);
    assert_eq!(kept.summary.subject, "Your cart – grüße");
    assert_eq!(kept.text.as_deref(), Some("Two lamps were added.\r\nThank you!"));
    assert_eq!(kept.html.as_deref(), Some("<p>Two <b>lamps</b> were added.</p>"));
    assert!(mailbox.mail(2).await?.is_none() && mailbox.mail(0).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_message_id_that_came_before_is_counted_as_sent_again() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    for id in ["1@x", "2@x", "1@x", "1@x"] {
        started.send(mail("a@example.test", "Hello", id)?).await?;
    }
    assert_eq!((started.mailbox.delivered(), started.mailbox.resent()), (4, 2));
    assert_eq!(started.mailbox.deliveries_of("1@x"), 3);
    Ok(())
}

#[tokio::test]
async fn one_connection_carries_many_mails() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    for number in 1..=50 {
        let answer = client.hand_over("a@example.test", "Subject: x\r\n\r\nx").await?;
        assert_eq!(answer, format!("250 OK, kept as mail {number}"));
    }
    assert_eq!(client.say("QUIT").await?, "221 Goodbye");
    assert!(client.is_cut().await);
    Ok(())
}

#[tokio::test]
async fn three_hundred_connections_at_once_are_served() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let started = Started::with(Some(folder.path().join("mails.mbox")), Limits::default()).await?;
    let mut clients = Vec::new();
    for _ in 0..300 {
        clients.push(started.client().await?);
    }
    let sending = clients.into_iter().enumerate().map(|(number, mut client)| {
        tokio::spawn(async move {
            let mail = format!("Message-ID: <{number}@x>\r\n\r\nmail {number}");
            client.hand_over("a@example.test", &mail).await
        })
    });
    for sent in sending.collect::<Vec<_>>() {
        assert!(sent.await??.starts_with("250"));
    }
    assert_eq!((started.mailbox.delivered(), started.mailbox.resent()), (300, 0));
    for mail in started.mailbox.mails(&Query { limit: 300, ..Query::default() }) {
        let kept = started.mailbox.mail(mail.number).await?.unwrap();
        let number = mail.message_id.as_ref().unwrap().trim_end_matches("@x");
        assert_eq!(kept.text.unwrap().trim_end(), format!("mail {number}"));
    }
    Ok(())
}

#[tokio::test]
async fn lines_that_begin_with_dots_arrive_unchanged() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let text = ".\r\n..\r\n.hidden\r\n...\r\nFrom here\r\n>From there\r\nend";
    let mail = Message::builder()
        .from("shop@example.test".parse()?)
        .to("a@example.test".parse()?)
        .body(text.to_owned())?;
    started.sender()?.send(mail).await?;
    assert_eq!(started.mailbox.mail(1).await?.unwrap().text.unwrap().trim_end(), text);
    Ok(())
}

#[tokio::test]
async fn a_dot_between_bare_line_feeds_does_not_end_a_mail() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    let smuggled = "Subject: x\r\n\r\none\n.\nMAIL FROM:<b@x>\r\ntwo\n.\r\nthree";
    client.hand_over("a@example.test", smuggled).await?;
    assert_eq!(started.mailbox.delivered(), 1);
    assert!(started.mailbox.mail(1).await?.unwrap().text.unwrap().contains("three"));
    Ok(())
}

#[tokio::test]
async fn bounces_parameters_and_bare_line_feeds_in_commands_are_accepted() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let mut client = started.client().await?;
    client.write("NOOP\n").await?;
    assert_eq!(client.reply().await?, "250 OK");
    assert_eq!(client.say("MAIL FROM:<> SIZE=17 BODY=8BITMIME").await?, "250 OK");
    assert_eq!(client.say("RCPT TO: <a@example.test>").await?, "250 OK");
    assert!(client.say("DATA").await?.starts_with("354"));
    assert!(client.say("\r\n.").await?.starts_with("250"));
    assert_eq!(started.mailbox.mails(&Query::default())[0].subject, "");
    Ok(())
}

#[tokio::test]
async fn mails_are_found_by_recipient_message_id_and_number() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    for (to, id) in [("a@x.test", "1@x"), ("b@x.test", "2@x"), ("a@x.test", "3@x")] {
        started.send(mail(to, "Hello", id)?).await?;
    }
    let numbers =
        |query: Query| -> Vec<u64> { started.mailbox.mails(&query).iter().map(|mail| mail.number).collect() };
    assert_eq!(numbers(Query::default()), [1, 2, 3]);
    assert_eq!(numbers(Query { to: Some("A@x.test".into()), ..Query::default() }), [1, 3]);
    assert_eq!(numbers(Query { to: Some("x.test".into()), ..Query::default() }), [0_u64; 0]);
    assert_eq!(numbers(Query { message_id: Some("<2@x>".into()), ..Query::default() }), [2]);
    assert_eq!(numbers(Query { after: 1, limit: 1, ..Query::default() }), [2]);
    assert_eq!(numbers(Query { after: u64::MAX, ..Query::default() }), [0_u64; 0]);
    Ok(())
}
