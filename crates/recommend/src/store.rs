//! All SQL of recommend.

mod answers;
mod learning;

pub use answers::{last_items, named, neighbours};
pub use learning::{
    Row, add_pairs, delete_items, forget, items, retire_products, write_items, write_products,
};
