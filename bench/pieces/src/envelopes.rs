use std::hint::black_box;

use envelope::{Cause, Clock, Envelope};
use events::Money;
use events::cart::ItemAdded;
use iso_currency::Currency;
use uuid::Uuid;

use crate::Piece;

/// An addition.
pub(crate) fn added() -> ItemAdded {
    ItemAdded {
        cart_id: Uuid::from_u128(7),
        sku: "85123A".into(),
        name: "WHITE HANGING HEART T-LIGHT HOLDER".into(),
        unit_price: Money { amount: 295, currency: Currency::GBP },
        quantity: 2,
        line_quantity: 5,
    }
}

/// An addition, wrapped.
pub(crate) fn addition(sequence: i64) -> serde_json::Result<Envelope> {
    let mut cause = Cause::started_by("018f8c1e-7a3b-7c2d-9e4f-0123456789ab");
    cause.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    Ok(Envelope::new(&added(), &cause, Clock::system().now())?.numbered(sequence))
}

pub(crate) fn pieces() -> serde_json::Result<Vec<Piece>> {
    let envelope = addition(7)?;
    let json = serde_json::to_vec(&envelope)?;
    let wrapped = added();
    let read = envelope.clone();
    Ok(vec![
        Piece::new("an event is wrapped", move || {
            let cause = Cause::started_by("r1");
            let _ = black_box(Envelope::new(black_box(&wrapped), &cause, Clock::system().now()));
        }),
        Piece::new("an envelope is written", move || {
            let _ = black_box(serde_json::to_vec(black_box(&envelope)));
        }),
        Piece::new("an envelope is read", move || {
            let _ = black_box(serde_json::from_slice::<Envelope>(black_box(&json)));
        }),
        Piece::new("an envelope's event is read", move || {
            let _ = black_box(black_box(&read).read::<ItemAdded>());
        }),
    ])
}
