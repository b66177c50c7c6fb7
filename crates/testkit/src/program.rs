//! The program under test.

use std::path::{Path, PathBuf};

/// Where the program `cartwheel` is: `CARTWHEEL_BIN`, or what a plain `cargo build` makes.
#[must_use]
pub fn cartwheel_binary() -> PathBuf {
    if let Some(path) = std::env::var_os("CARTWHEEL_BIN") {
        return path.into();
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/cartwheel");
    assert!(
        built.exists(),
        "{} is missing: run cargo build -p cartwheel, or ./cartwheel test",
        built.display()
    );
    built
}

/// Where the program `cartwheel-verify` lies: beside `cartwheel`.
#[must_use]
pub fn verify_binary() -> PathBuf {
    cartwheel_binary().with_file_name("cartwheel-verify")
}
