//! The shop with RustStream: its files, and its program, which is built from them.

use std::fs;
use std::path::{Path, PathBuf};

use super::command;

const MANIFEST: &str = include_str!("../../../../bench/ruststream/Cargo.toml");
const FILES: [(&str, &str); 12] = [
    ("Cargo.lock", include_str!("../../../../bench/ruststream/Cargo.lock")),
    ("Cargo.toml", MANIFEST),
    ("migrations/1_tables.sql", include_str!("../../../../bench/ruststream/migrations/1_tables.sql")),
    ("src/api.rs", include_str!("../../../../bench/ruststream/src/api.rs")),
    ("src/cart.rs", include_str!("../../../../bench/ruststream/src/cart.rs")),
    ("src/consumers.rs", include_str!("../../../../bench/ruststream/src/consumers.rs")),
    ("src/database.rs", include_str!("../../../../bench/ruststream/src/database.rs")),
    ("src/environment.rs", include_str!("../../../../bench/ruststream/src/environment.rs")),
    ("src/fill.rs", include_str!("../../../../bench/ruststream/src/fill.rs")),
    ("src/main.rs", include_str!("../../../../bench/ruststream/src/main.rs")),
    ("src/outbox.rs", include_str!("../../../../bench/ruststream/src/outbox.rs")),
    ("src/topology.rs", include_str!("../../../../bench/ruststream/src/topology.rs")),
];
const HELP: &str = "the shop with RustStream needs cargo with Rust 1.95 or newer, and a package index that cargo can reach: \
                    rustup update stable. To leave it out: --contestants cartwheel,processes,unpacked,packed,faststream";

/// Where it was built.
pub struct RustStream {
    /// Its program.
    pub program: PathBuf,
    /// The name and version of what it is made of.
    pub version: String,
}

impl RustStream {
    /// Writes its files, and has cargo build them: in minutes the first time, later in no time.
    pub async fn prepare(folder: &Path) -> anyhow::Result<Self> {
        let files = folder.join("ruststream");
        for (name, text) in FILES {
            write(&files.join(name), text)?;
        }
        let target = files.join("target");
        let directory = target.display().to_string();
        eprintln!("building the shop with RustStream in {directory}: the first time, that takes minutes");
        let build = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", &directory];
        command::output(&build, &files).await.map_err(|error| error.context(HELP))?;
        let version = format!("RustStream {}", required("ruststream"));
        Ok(Self { program: target.join("release/ruststream-shop"), version })
    }
}

/// Writes a file unless it is there already: cargo builds what was written last.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read_to_string(file).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(file, text)?)
}

/// The version of a package that is required.
fn required(package: &str) -> &'static str {
    let line = MANIFEST.lines().find(|line| line.starts_with(&format!("{package} = ")));
    let version = line.and_then(|line| line.split_once("\"=")).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("", |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_shop_is_written() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/ruststream");
        let mut files = vec!["Cargo.lock".to_owned(), "Cargo.toml".to_owned()];
        for part in ["migrations", "src"] {
            let entries = fs::read_dir(folder.join(part)).unwrap().map(|entry| entry.unwrap().file_name());
            files.extend(entries.map(|name| format!("{part}/{}", name.display())));
        }
        files.sort();
        assert_eq!(files, FILES.map(|(name, _)| name.to_owned()));
    }

    #[test]
    fn its_version_is_that_of_the_framework() {
        let version = required("ruststream");
        assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
        assert_eq!(required("ruststream-nothing"), "");
    }
}
