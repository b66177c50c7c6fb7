use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each crate's floor; a crate uses only what stands on a lower one.
const FLOORS: [(&str, u8); 15] = [
    ("envelope", 0),
    ("bus", 1),
    ("events", 1),
    ("service", 2),
    ("contract", 2),
    ("mailbox", 2),
    ("servers", 2),
    ("testkit", 3),
    ("cart", 3),
    ("catalog", 3),
    ("inventory", 3),
    ("notify", 3),
    ("recommend", 3),
    ("cartwheel", 4),
    ("verify", 5),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dependencies(name: &str) -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn every_crate_uses_only_what_stands_below_it() {
    let floors = BTreeMap::from(FLOORS);
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let floor = floors.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no floor: give it one"));
        for dependency in dependencies(&name) {
            if let Some(below) = floors.get(dependency.as_str()) {
                assert!(below < floor, "{name} must not use {dependency}");
            }
        }
    }
}

/// What the production image is built from: everything in the dependency tree of `cartwheel` without its feature `local`.
#[test]
fn the_program_in_production_has_no_servers_no_mailbox_and_nothing_that_verifies() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "cartwheel",
            "--no-default-features",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("recommend"), "{tree}");
    for local in ["servers", "mailbox", "mailin", "testcontainers", "testkit", "cartwheel-verify", "csv"] {
        assert!(!names.contains(local), "{local} is in the production image");
    }
}

#[test]
fn only_the_bus_names_lapin() {
    for (name, _) in FLOORS.iter().filter(|(name, _)| *name != "bus") {
        assert!(!dependencies(name).contains(&"lapin".to_owned()), "{name}");
    }
}

#[test]
fn a_services_sql_stands_in_its_store() {
    for service in ["cart", "catalog", "inventory", "notify", "recommend"] {
        let src = root().join("crates").join(service).join("src");
        for file in rust_files(&src) {
            let relative = file.strip_prefix(&src).unwrap();
            if relative.starts_with("store.rs") || relative.starts_with("store") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("sqlx::query"), "SQL outside the store: {}", file.display());
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}
