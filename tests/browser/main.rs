//! The shop in a real browser: Chromium, headless. Where there is none the tests are skipped and say so, except in CI.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failure here is a failed test"
)]

#[path = "../promises"]
#[allow(dead_code, unused_imports, reason = "the promises use the rest of it")]
mod promises {
    pub mod harness;
}

mod accessibility;
mod browser;
mod page;
mod shop;
mod shopper;

use promises::harness;

mod pages_open;
mod the_console;
