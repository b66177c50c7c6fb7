use crate::envelope::Envelope;

/// Several event types as one enum with a variant for each, usually all types of an aggregate.
///
/// A consumer that matches the enum without a `_` arm can't forget a type: the compiler finds what is missing.
///
/// ```
/// use cartwheel_envelope::{Envelope, EventSet, EventType};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced { order: String }
/// #[derive(Serialize, Deserialize)]
/// struct OrderCancelled { order: String }
///
/// impl EventType for OrderPlaced {
///     const TYPE: &'static str = "orders.order-placed.v1";
///     const AGGREGATE: &'static str = "orders.orders";
///     fn subject(&self) -> String { self.order.clone() }
/// }
/// impl EventType for OrderCancelled {
///     const TYPE: &'static str = "orders.order-cancelled.v1";
///     const AGGREGATE: &'static str = "orders.orders";
///     fn subject(&self) -> String { self.order.clone() }
/// }
///
/// enum OrderEvent { Placed(OrderPlaced), Cancelled(OrderCancelled) }
///
/// impl EventSet for OrderEvent {
///     const TYPES: &'static [&'static str] = &[OrderPlaced::TYPE, OrderCancelled::TYPE];
///
///     fn from_json(event_type: &str, data: &str) -> serde_json::Result<Option<Self>> {
///         match event_type {
///             OrderPlaced::TYPE => OrderPlaced::from_json(data).map(|event| Some(Self::Placed(event))),
///             OrderCancelled::TYPE => OrderCancelled::from_json(data).map(|event| Some(Self::Cancelled(event))),
///             _ => Ok(None),
///         }
///     }
/// }
///
/// fn open_orders(events: &[Envelope]) -> serde_json::Result<i64> {
///     let mut open = 0;
///     for event in events {
///         // Of no type that this version knows: a newer publisher may have more.
///         let Some(event) = OrderEvent::read(event)? else { continue };
///         open += match event {
///             OrderEvent::Placed(_) => 1,
///             OrderEvent::Cancelled(_) => -1,
///         };
///     }
///     Ok(open)
/// }
/// # assert_eq!(open_orders(&[]).unwrap(), 0);
/// ```
pub trait EventSet: Sized {
    /// The names of its types on the wire: see [`EventType::TYPE`](crate::EventType::TYPE).
    const TYPES: &'static [&'static str];

    /// Reads an event's data by the name of its type, or `None` if the type is not one of these.
    ///
    /// # Errors
    /// When the type is one of these and the data doesn't fit it.
    fn from_json(event_type: &str, data: &str) -> serde_json::Result<Option<Self>>;

    /// Reads an event, or `None` if its type is not one of these.
    ///
    /// # Errors
    /// When the type is one of these and the data doesn't fit it.
    fn read(event: &Envelope) -> serde_json::Result<Option<Self>> {
        Self::from_json(&event.kind, event.data.get())
    }
}
