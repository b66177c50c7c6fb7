//! An aggregate is a stream of events about things of one kind, such as orders. Its name is in an event's `source`, as a
//! path.

/// The `source` of an aggregate's events: `/orders/orders` for `orders.orders`.
///
/// ```
/// assert_eq!(cartwheel_envelope::source_of("orders.orders"), "/orders/orders");
/// ```
#[must_use]
pub fn source_of(aggregate: &str) -> String {
    format!("/{}", aggregate.replace('.', "/"))
}

/// The aggregate of a `source`: the opposite of [`source_of`].
///
/// ```
/// assert_eq!(cartwheel_envelope::aggregate_of("/orders/orders"), "orders.orders");
/// ```
#[must_use]
pub fn aggregate_of(source: &str) -> String {
    source.strip_prefix('/').unwrap_or(source).replace('/', ".")
}
