//! The rules for an event's names and numbers, so that every broker and every database accepts them. Checked before an event
//! is written into the outbox, and again on its arrival: others may publish too.

use envelope::{After, Envelope};

/// What a short string of AMQP holds, in bytes.
const LONGEST_NAME: usize = 255;
/// In bytes. A source and a subject are an index's key, of which PostgreSQL takes some 2,700 bytes.
const LONGEST_SUBJECT: usize = 512;

/// Why nobody can take an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// The message was not published by a relay.
    #[error("it has no event's headers")]
    NoHeaders,
    /// A name is missing.
    #[error("its {0} is empty")]
    Empty(&'static str),
    /// A name is too long.
    #[error("its {name} has {length} bytes, more than {limit}")]
    TooLong {
        /// Which.
        name: &'static str,
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A name holds what must not get into logs and databases.
    #[error("its {0} holds a control character")]
    ControlCharacter(&'static str),
    /// Its place among the events of its subject makes no sense.
    #[error("its sequence is {sequence} behind {previous}")]
    Misnumbered {
        /// Its number.
        sequence: i64,
        /// The number of the event before it.
        previous: i64,
    },
    /// What must be taken before it is of its own subject, whose order its number says.
    #[error("it names an event of its own subject as one of another that must be taken before")]
    AfterItself,
    /// Its publisher has no right to publish events of that source.
    #[error("it names the source '{origin}', but came by the exchange '{exchange}'")]
    Foreign {
        /// The source.
        origin: String,
        /// The exchange.
        exchange: String,
    },
    /// The event is larger than the service's settings allow.
    #[error("it has {length} bytes, more than {limit}")]
    TooLarge {
        /// What it has.
        length: usize,
        /// What it may have.
        limit: usize,
    },
}

/// Checks an event's names.
pub(crate) fn check_names(source: &str, subject: &str, event_type: &str) -> Result<(), InvalidEvent> {
    check("source", source, LONGEST_NAME)?;
    check("subject", subject, LONGEST_SUBJECT)?;
    check("type", event_type, LONGEST_NAME)
}

/// Checks what an event must not overtake.
pub(crate) fn check_after(event: &Envelope) -> Result<(), InvalidEvent> {
    let Some(After { source, subject, sequence }) = &event.after else { return Ok(()) };
    check("aftersource", source, LONGEST_NAME)?;
    check("aftersubject", subject, LONGEST_SUBJECT)?;
    check_numbers(*sequence, 0)?;
    if (source, subject) == (&event.source, &event.subject) { Err(InvalidEvent::AfterItself) } else { Ok(()) }
}

/// Checks a message's id.
pub(crate) fn check_id(id: &str) -> Result<(), InvalidEvent> {
    check("message id", id, LONGEST_NAME)
}

/// Checks an event's place among those of its subject.
pub(crate) fn check_numbers(sequence: i64, previous: i64) -> Result<(), InvalidEvent> {
    if (0..sequence).contains(&previous) {
        Ok(())
    } else {
        Err(InvalidEvent::Misnumbered { sequence, previous })
    }
}

fn check(name: &'static str, value: &str, limit: usize) -> Result<(), InvalidEvent> {
    if value.is_empty() {
        Err(InvalidEvent::Empty(name))
    } else if value.len() > limit {
        Err(InvalidEvent::TooLong { name, length: value.len(), limit })
    } else if value.chars().any(char::is_control) {
        Err(InvalidEvent::ControlCharacter(name))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_taken_and_others_are_not() {
        let placed = "orders.order-placed.v1";
        assert_eq!(check_names("/orders/orders", "Größe 7", placed), Ok(()));
        assert_eq!(
            check_names("/orders/orders", "a\0b", placed),
            Err(InvalidEvent::ControlCharacter("subject"))
        );
        assert_eq!(check_names("", "7", placed), Err(InvalidEvent::Empty("source")));
        let long = "x".repeat(513);
        let too_long = InvalidEvent::TooLong { name: "subject", length: 513, limit: 512 };
        assert_eq!(check_names("/orders/orders", &long, placed), Err(too_long));
    }

    #[test]
    fn what_must_be_taken_before_is_of_another_subject() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct OrderPlaced;
        impl envelope::EventType for OrderPlaced {
            const TYPE: &'static str = "orders.order-placed.v1";
            const AGGREGATE: &'static str = "orders.orders";
            fn subject(&self) -> String {
                "dan".to_owned()
            }
        }
        let cause = envelope::Cause::started_by("a test");
        let event = Envelope::new(&OrderPlaced, &cause, envelope::Clock::system().now()).unwrap();
        let after = |subject: &str, sequence| {
            check_after(&event.clone().after(After {
                source: "/orders/orders".into(),
                subject: subject.into(),
                sequence,
            }))
        };
        assert_eq!((check_after(&event), after("ann", 1)), (Ok(()), Ok(())));
        assert_eq!(after("dan", 1), Err(InvalidEvent::AfterItself));
        assert_eq!(after("", 1), Err(InvalidEvent::Empty("aftersubject")));
        assert_eq!(after("ann", 0), Err(InvalidEvent::Misnumbered { sequence: 0, previous: 0 }));
    }

    #[test]
    fn numbers_grow_from_one() {
        assert_eq!(check_numbers(1, 0), Ok(()));
        assert_eq!(check_numbers(1 << 32, 7), Ok(()));
        for (sequence, previous) in [(0, -1), (1, 1), (5, 6), (i64::MIN, i64::MAX)] {
            assert_eq!(
                check_numbers(sequence, previous),
                Err(InvalidEvent::Misnumbered { sequence, previous })
            );
        }
    }
}
