//! All SQL of the inventory.
//!
//! A change of stock or holds first locks the rows of its SKUs in `stock`, all at once and in sorted order: so changes
//! of an SKU come one after the other, and no two wait for each other.

mod adjustments;
mod holds;
mod known_skus;
mod merges;
mod movements;
mod receipts;
mod stock;
mod waiting;

pub(crate) use adjustments::{Adjustment, find_adjustment, insert_adjustment, lock_adjustments};
pub(crate) use holds::{all_holds, lines_of, lock_allocation, lock_allocation_of, save_allocation};
pub(crate) use known_skus::KnownSkus;
pub(crate) use merges::{forget_merges, forget_old_merges, half_merged};
pub(crate) use movements::{Entry, movements_of, record};
pub use movements::{LedgerDifference, ledger_differences};
pub(crate) use receipts::{Receipt, find_receipt, insert_receipt, list_receipts, lock_receipts};
pub(crate) use stock::{lock_stock, save_low_at, stock_after, stock_of};
pub(crate) use waiting::{free_and_waited_for, holds_of_sku, newest_of, waiting_for};
