//! How an aggregate's events are declared.

/// Declares the events of an aggregate in one place:
///
/// ```text
/// aggregate! {
///     /// What happens to an order.
///     pub enum OrderEvent in "orders.orders", subject: order_id {
///         OrderPlaced = "orders.order-placed.v1",
///         AddressGiven = "orders.address-given.v1" [PERSONAL],
///         OrderDelivered = "orders.order-delivered.v1" [FINAL],
///     }
/// }
/// ```
///
/// Each variant names a struct, written out beside the declaration, which has the field named as `subject`, derives what
/// an event needs (`Clone`, `Debug`, `PartialEq`, `Eq`, `Serialize`, `Deserialize`, `JsonSchema`) and implements
/// [`Example`](crate::examples::Example). What is missing of that doesn't compile. After the name on the wire come the
/// constants of [`EventType`](envelope::EventType) that are true of the type.
///
/// It makes of it:
/// - the enum, with a variant for each struct, which consumers match exhaustively;
/// - [`EventType`](envelope::EventType) for each struct, and [`EventSet`](envelope::EventSet) for the enum;
/// - `AGGREGATE`, and `DEFINITIONS` for the [registry](crate::registry), which has to list it: a forgotten one is a
///   warning about dead code.
macro_rules! aggregate {
    (
        $(#[$docs:meta])*
        pub enum $set:ident in $aggregate:literal, subject: $subject:ident {
            $($event:ident = $event_type:literal $([$($is:ident),+])?),+ $(,)?
        }
    ) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $set {
            $(
                #[doc = concat!("`", $event_type, "`")]
                $event($event),
            )+
        }

        impl $set {
            /// The stream that these events make up.
            pub const AGGREGATE: $crate::aggregate::Aggregate = $crate::aggregate::Aggregate::named($aggregate);

            /// What the contract's documents say about these events.
            #[deny(dead_code, reason = "it must stand in the registry")]
            pub(crate) const DEFINITIONS: &[$crate::definition::EventDefinition] =
                &[$($crate::definition::EventDefinition::of::<$event>(Self::AGGREGATE)),+];
        }

        impl envelope::EventSet for $set {
            const TYPES: &'static [&'static str] = &[$($event_type),+];

            fn from_json(event_type: &str, data: &str) -> serde_json::Result<Option<Self>> {
                match event_type {
                    $(
                        $event_type => {
                            <$event as envelope::EventType>::from_json(data).map(|event| Some(Self::$event(event)))
                        }
                    )+
                    _ => Ok(None),
                }
            }
        }

        $(
            impl envelope::EventType for $event {
                const TYPE: &'static str = $event_type;
                const AGGREGATE: &'static str = $aggregate;
                $($(const $is: bool = true;)+)?

                fn subject(&self) -> String {
                    self.$subject.to_string()
                }
            }
        )+
    };
}

pub(crate) use aggregate;
