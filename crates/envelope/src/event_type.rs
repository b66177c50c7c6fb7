use serde::Serialize;
use serde::de::{DeserializeOwned, Error};

/// An event type: its name on the wire, and what its events are about.
pub trait EventType: Serialize + DeserializeOwned {
    /// `<service>.<fact-in-past-tense>.v<major version>`, for example `orders.order-placed.v1`.
    const TYPE: &'static str;

    /// The stream that its events are part of, `<service>.<things>`, for example `orders.orders`. Also the name of the
    /// exchange that they are published to; as a path, it is their source.
    const AGGREGATE: &'static str;

    /// Whether it is the last event of its subject, such as the end of an order.
    const FINAL: bool = false;

    /// Whether its data is personal, for example an email address. Errors from reading such data don't quote it, since errors
    /// end up in logs.
    const PERSONAL: bool = false;

    /// What the event is about, for example an order's id. Events of one subject keep their order.
    fn subject(&self) -> String;

    /// Reads an event's data. Unknown fields are ignored.
    ///
    /// # Errors
    /// When the data doesn't fit the type.
    fn from_json(data: &str) -> serde_json::Result<Self> {
        serde_json::from_str(data)
            .map_err(|error| if Self::PERSONAL { unquoted::<Self>(&error) } else { error })
    }
}

fn unquoted<E: EventType>(error: &serde_json::Error) -> serde_json::Error {
    let (name, line, column) = (E::TYPE, error.line(), error.column());
    Error::custom(format_args!(
        "the data of {name} can't be read, at line {line} column {column} (personal data is not quoted)"
    ))
}
