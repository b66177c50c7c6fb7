use std::time::{Duration, Instant};

use lettre::{AsyncTransport as _, Message};

use crate::support::Started;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_sender_that_writes_a_mail_and_its_end_separately_is_not_held_up() -> anyhow::Result<()> {
    let started = Started::in_memory().await?;
    let sender = started.sender()?;
    let began = Instant::now();
    for number in 0..100 {
        sender.send(three_kilobytes(number)?).await?;
    }
    // Delayed acknowledgements, of 40 ms each, would make it more than four.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    Ok(())
}

fn three_kilobytes(number: usize) -> anyhow::Result<Message> {
    let line = "A line of sixty-four bytes, so that the arithmetic is easy. ...\r\n";
    Ok(Message::builder()
        .from("Shop <shop@example.test>".parse()?)
        .to("shopper@example.test".parse()?)
        .subject(format!("Order {number}"))
        .message_id(Some(format!("<{number}@example.test>")))
        .body(line.repeat(42))?)
}
