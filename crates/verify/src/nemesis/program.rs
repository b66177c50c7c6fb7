use std::env;
use std::path::PathBuf;

use anyhow::{Context, ensure};

/// The environment variable that names the program `cartwheel`.
const PROGRAM: &str = "CARTWHEEL_BIN";

/// The program `cartwheel`, which runs a service: where `CARTWHEEL_BIN` says, or else beside this one.
///
/// # Errors
/// When it is not there.
pub fn service_program() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os(PROGRAM) {
        return Ok(path.into());
    }
    let own = env::current_exe().context("cannot find the path of this program")?;
    let beside = own.with_file_name("cartwheel");
    ensure!(beside.exists(), "{} is missing: build it, or set {PROGRAM}", beside.display());
    Ok(beside)
}
