use lettre::AsyncTransport as _;
use mailbox::{Behaviour, HangUp, Stage};

use crate::support::{Started, mail};

#[tokio::test]
async fn a_temporary_refusal_is_a_451_and_nothing_is_kept() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.mailbox.behave_for(1, Behaviour::Refuse { at: Stage::Sender, code: 451, text: "later" });
    let sender = started.sender()?;
    let refusal = sender.send(mail("a@example.test", "Hello", "1@x")?).await.unwrap_err();
    assert!(refusal.is_transient(), "{refusal}");
    assert_eq!(refusal.status().map(|code| code.to_string()).as_deref(), Some("451"));
    assert_eq!(started.mailbox.delivered(), 0);

    sender.send(mail("a@example.test", "Hello", "1@x")?).await?;
    assert_eq!((started.mailbox.delivered(), started.mailbox.resent()), (1, 0));
    Ok(())
}

#[tokio::test]
async fn recipients_that_match_are_refused_for_ever_and_others_are_not() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.mailbox.behave(Behaviour::RefuseRecipients("*@gone.test".into()));
    let refusal = started.sender()?.send(mail("a@gone.test", "Hello", "1@x")?).await.unwrap_err();
    assert!(refusal.is_permanent(), "{refusal}");
    assert_eq!(refusal.status().map(|code| code.to_string()).as_deref(), Some("550"));
    started.send(mail("a@here.test", "Hello", "2@x")?).await?;
    started.mailbox.behave(Behaviour::Accept);
    started.send(mail("a@gone.test", "Hello", "3@x")?).await?;
    assert_eq!(started.mailbox.delivered(), 2);
    Ok(())
}

#[tokio::test]
async fn a_connection_cut_before_storing_leaves_no_mail() -> anyhow::Result<()> {
    cut_at(HangUp::BeforeStoring, 0, false).await
}

#[tokio::test]
async fn a_connection_cut_before_answering_leaves_a_mail_that_the_sender_does_not_know_of()
-> anyhow::Result<()> {
    cut_at(HangUp::BeforeAnswering, 1, false).await
}

#[tokio::test]
async fn a_connection_cut_after_answering_is_cut_all_the_same() -> anyhow::Result<()> {
    cut_at(HangUp::AfterAnswering, 1, true).await
}

async fn cut_at(moment: HangUp, delivered: u64, answered: bool) -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    started.mailbox.behave_for(1, Behaviour::HangUp(moment));
    let mut client = started.client().await?;
    let answer = client.hand_over("a@example.test", "Subject: x\r\n\r\nx").await?;
    assert_eq!(answer.starts_with("250"), answered, "{answer:?}");
    assert!(client.is_cut().await);
    assert_eq!(started.mailbox.delivered(), delivered);

    started.send(mail("a@example.test", "Hello", "1@x")?).await?;
    assert_eq!(started.mailbox.delivered(), delivered + 1);
    Ok(())
}
