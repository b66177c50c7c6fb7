use std::time::Duration;

use lettre::{AsyncTransport as _, Message};
use mailbox::Limits;

use crate::support::{Started, mail};

#[tokio::test]
async fn a_mail_above_the_limit_is_refused_and_the_next_one_is_taken() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let big = |lines: usize| -> anyhow::Result<Message> {
        let builder = Message::builder().from("shop@example.test".parse()?).to("a@example.test".parse()?);
        Ok(builder
            .body("A line of sixty-four bytes, so that the arithmetic is easy. ...\r\n".repeat(lines))?)
    };
    let sender = started.sender()?;
    let refusal = sender.send(big(10 * 1024 * 1024 / 64)?).await.unwrap_err();
    assert_eq!(refusal.status().map(|code| code.to_string()).as_deref(), Some("552"));
    sender.send(big(9 * 1024 * 1024 / 64)?).await?;
    assert_eq!(started.mailbox.delivered(), 1);
    Ok(())
}

#[tokio::test]
async fn commands_too_long_and_lines_without_end_are_refused() -> anyhow::Result<()> {
    let started = Started::with(None, Limits { mail_bytes: 10_000, ..Limits::default() }).await?;
    let mut client = started.client().await?;
    assert_eq!(client.say(&format!("MAIL FROM:<{}>", "x".repeat(4090))).await?, "500 Line too long");
    assert_eq!(client.say("NOOP").await?, "250 OK");
    client.write(&"x".repeat(5000)).await?;
    assert_eq!(client.reply().await?, "500 Line too long");
    assert!(client.is_cut().await);

    let mut client = started.client().await?;
    client.say("MAIL FROM:<a@x>").await?;
    client.say("RCPT TO:<a@x>").await?;
    client.say("DATA").await?;
    client.write(&"x".repeat(20_000)).await?;
    assert!(client.reply().await?.starts_with("552"));
    assert!(client.is_cut().await);
    Ok(())
}

#[tokio::test]
async fn recipients_above_the_limit_are_refused() -> anyhow::Result<()> {
    let started = Started::with(None, Limits { recipients: 2, ..Limits::default() }).await?;
    let mut client = started.client().await?;
    for _ in 0..2 {
        client.say("MAIL FROM:<a@x>").await?;
        assert_eq!(client.say("RCPT TO:<1@x>").await?, "250 OK");
        assert_eq!(client.say("RCPT TO:<2@x>").await?, "250 OK");
        assert_eq!(client.say("RCPT TO:<3@x>").await?, "452 Too many recipients");
        client.say("DATA").await?;
        client.say("Subject: x\r\n\r\nx\r\n.").await?;
    }
    assert_eq!(started.mailbox.mail(2).await?.unwrap().summary.to, ["1@x", "2@x"]);
    Ok(())
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_a_word() -> anyhow::Result<()> {
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let started = Started::with(None, limits).await?;
    let mut client = started.client().await?;
    assert!(client.reply().await?.starts_with("421"));
    assert!(client.is_cut().await);
    Ok(())
}

#[tokio::test]
async fn connections_above_the_limit_wait_for_their_turn() -> anyhow::Result<()> {
    let started = Started::with(None, Limits { connections: 1, ..Limits::default() }).await?;
    let first = started.client().await?;
    let early = tokio::time::timeout(Duration::from_millis(100), started.client()).await;
    assert!(early.is_err());
    drop(first);
    started.client().await?;
    Ok(())
}

#[tokio::test]
async fn a_stop_says_goodbye_to_open_connections() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.send(mail("a@example.test", "Hello", "1@x")?).await?;
    let mut client = started.client().await?;
    started.stop().await;
    assert!(client.reply().await?.starts_with("421"));
    Ok(())
}
