use std::time::{Duration, Instant};

use lettre::{AsyncTransport as _, Message};
use mailbox::Limits;

use crate::support::{Smtp, Started};

#[tokio::test]
#[ignore = "a measurement: run it alone, with --run-ignored all --no-capture"]
async fn twenty_thousand_mails_take_well_under_a_minute() -> anyhow::Result<()> {
    const MAILS: usize = 20_000;
    const CLIENTS: usize = 32;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mails.mbox");
    let started = Started::with(Some(path.clone()), Limits::default()).await?;
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        let sender: Smtp = match Smtp::from_url(&started.mailbox.smtp_url()) {
            Ok(builder) => builder.build(),
            Err(error) => panic!("{error}"),
        };
        tokio::spawn(async move {
            for number in 0..MAILS / CLIENTS {
                sender.send(three_kilobytes(client, number)?).await?;
            }
            anyhow::Ok(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await??;
    }
    let took = began.elapsed();
    println!("{MAILS} mails in {took:?}");
    assert_eq!(started.mailbox.delivered(), MAILS as u64);
    assert!(took < Duration::from_mins(1), "{took:?}");
    started.stop().await;

    let began = Instant::now();
    let again = Started::with(Some(path), Limits::default()).await?;
    println!("found again in {:?}", began.elapsed());
    assert_eq!(again.mailbox.delivered(), MAILS as u64);
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_sender_that_writes_a_mail_and_its_end_separately_is_not_held_up() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let sender = started.sender()?;
    let began = Instant::now();
    for number in 0..100 {
        sender.send(three_kilobytes(0, number)?).await?;
    }
    // Delayed acknowledgements, of 40 ms each, would make it more than four.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    Ok(())
}

fn three_kilobytes(client: usize, number: usize) -> anyhow::Result<Message> {
    let line = "A line of sixty-four bytes, so that the arithmetic is easy. ...\r\n";
    Ok(Message::builder()
        .from("Shop <shop@example.test>".parse()?)
        .to(format!("shopper-{client}@example.test").parse()?)
        .subject(format!("Order {number}"))
        .message_id(Some(format!("<{client}-{number}@example.test>")))
        .body(line.repeat(42))?)
}
