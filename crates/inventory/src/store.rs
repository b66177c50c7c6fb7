//! All SQL of the inventory.
//!
//! A change of stock or holds first locks the rows of its SKUs in `stock`, all at once and in sorted order: so changes
//! of an SKU come one after the other, and no two wait for each other.

mod holds;
mod receipts;
mod stock;

pub(crate) use holds::{all_holds, held_for, lock_warehouse, lock_warehouse_of, save_warehouse};
pub(crate) use receipts::{Receipt, find_receipt, insert_receipt, list_receipts, lock_receipts};
pub(crate) use stock::{all_stock, lock_stock, save_stock, stock_of};
