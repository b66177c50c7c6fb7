use std::hint::black_box;

use cart::cart::{Cart, Command, Limits, Product};
use events::Money;
use iso_currency::Currency;
use uuid::Uuid;

use crate::Piece;

const LIMITS: Limits = Limits { quantity: i64::MAX, lines: 2_000 };

fn add(sku: usize) -> Command {
    Command::Add { sku: format!("sku-{sku}"), quantity: 2 }
}

fn product() -> Product {
    let price = Money { amount: 295, currency: Currency::GBP };
    Product { name: "WHITE HANGING HEART T-LIGHT HOLDER".into(), price, retired: false }
}

/// Decides on an addition and folds what was decided in.
fn add_to(cart: &mut Cart, command: &Command, product: &Product) {
    if let Ok(Some(fact)) = cart.decide(Uuid::from_u128(7), command, Some(product), LIMITS) {
        cart.apply(cart.version + 1, &fact);
    }
}

fn with_lines(lines: usize) -> Cart {
    let mut cart = Cart::default();
    (0..lines).for_each(|line| add_to(&mut cart, &add(line), &product()));
    cart
}

/// An addition to a line of a cart of this length.
fn addition(name: &'static str, lines: usize) -> Piece {
    let (mut cart, command, product) = (with_lines(lines), add(lines / 2), product());
    Piece::new(name, move || {
        add_to(&mut cart, black_box(&command), black_box(&product));
    })
}

pub(crate) fn pieces() -> Vec<Piece> {
    vec![
        Piece::new("a cart of 100 lines is decided and folded", || {
            black_box(with_lines(black_box(100)));
        }),
        addition("an addition to a cart of 10 lines", 10),
        addition("an addition to a cart of 2,000 lines", 2_000),
    ]
}
