use std::time::Instant;

use envelope::Clock;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use mailbox::{Mailbox, Options};
use tokio_util::sync::CancellationToken;

const CLIENTS: usize = 32;

/// Mails into the mailbox by SMTP, and the start of a mailbox that finds them in its store.
#[tokio::main]
pub async fn run(mails: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Some(folder.path().join("mails.mbox"));
    let options = Options { smtp: "127.0.0.1:0".parse()?, store, clock: Clock::system() };
    let stop = CancellationToken::new();
    let mailbox = Mailbox::start(options.clone(), stop.clone()).await?;
    let start = Instant::now();
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let sender = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mailbox.smtp_url())?.build();
        clients.push(tokio::spawn(async move {
            for number in 0..mails / CLIENTS {
                sender.send(three_kilobytes(client, number)?).await?;
            }
            anyhow::Ok(())
        }));
    }
    for client in clients {
        client.await??;
    }
    println!("{} mails of 3 kB received in {:.1?}", mailbox.delivered(), start.elapsed());
    stop.cancel();
    mailbox.stopped().await;

    let start = Instant::now();
    let again = Mailbox::start(options, CancellationToken::new()).await?;
    println!("{} mails found in the store in {:.1?}", again.delivered(), start.elapsed());
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
