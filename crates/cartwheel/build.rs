//! Gives the program its version with the commit that it was built from.

#![allow(clippy::print_stdout, reason = "cargo reads it")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=CARTWHEEL_COMMIT");
    let given = std::env::var("CARTWHEEL_COMMIT").ok().filter(|commit| !commit.is_empty());
    if given.is_none() {
        // A commit changes the first, a checkout the second.
        for file in
            ["logs/HEAD", "HEAD"].into_iter().filter_map(|file| git(&["rev-parse", "--git-path", file]))
        {
            if Path::new(&file).exists() {
                println!("cargo:rerun-if-changed={file}");
            }
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    // A source archive has no commit.
    match given.or_else(|| git(&["rev-parse", "--short=12", "HEAD"])) {
        Some(commit) => println!("cargo:rustc-env=CARTWHEEL_VERSION={version} ({commit})"),
        None => println!("cargo:rustc-env=CARTWHEEL_VERSION={version}"),
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
