//! `dead-letters`: lists what RabbitMQ gave up delivering to a service, or the service took for no event, and puts it back.

use bus::{Broker, DeadLetter};

use crate::cli::dead_letters::{DeadLetters, LettersOf};
use crate::table::table;

/// Runs the command.
#[allow(clippy::print_stdout)]
pub async fn dead_letters(command: &DeadLetters) -> anyhow::Result<()> {
    match command {
        DeadLetters::List(whose) => list(whose, &of(whose).list(whose.limit.into()).await?),
        DeadLetters::PutBack(whose) => {
            let number = of(whose).put_back(whose.limit.into()).await?;
            println!(
                "{number} are back in the queue '{}'. What comes here again is no event: see the log.",
                whose.service
            );
        }
    }
    Ok(())
}

fn of(LettersOf { service, broker, .. }: &LettersOf) -> bus::DeadLetters {
    bus::DeadLetters::of(service, Broker::new(broker.rabbitmq_url.expose(), "operator"))
}

#[allow(clippy::print_stdout)]
fn list(LettersOf { service, .. }: &LettersOf, letters: &[DeadLetter]) {
    if letters.is_empty() {
        println!("{service} has no dead letters");
        return;
    }
    let mut shown = table(&["reason", "type", "events", "bytes"]);
    for DeadLetter { reason, kind, events, bytes, .. } in letters {
        let about = match events.as_slice() {
            [] => "none: it is not an event".to_owned(),
            [(source, subject, sequence)] => format!("{sequence} of {subject} from {source}"),
            [(source, subject, sequence), rest @ ..] => {
                format!("{sequence} of {subject} from {source}, and {} more", rest.len())
            }
        };
        shown.add_row([reason, kind, &about, &bytes.to_string()]);
    }
    println!("{shown}");
}
