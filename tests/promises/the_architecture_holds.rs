use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each crate's layer; a crate uses only crates in lower layers.
const LAYERS: [(&str, u8); 18] = [
    ("endpoint", 0),
    ("envelope", 0),
    ("bus", 1),
    ("events", 1),
    ("service", 2),
    ("contract", 2),
    ("mailbox", 2),
    ("servers", 2),
    ("testkit", 3),
    ("analytics", 3),
    ("cart", 3),
    ("catalog", 3),
    ("inventory", 3),
    ("notify", 3),
    ("recommend", 3),
    ("web", 3),
    ("cartwheel", 4),
    ("verify", 5),
];

const SERVICES: [&str; 6] = ["analytics", "cart", "catalog", "inventory", "notify", "recommend"];

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
    let layers = BTreeMap::from(LAYERS);
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let layer = layers.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no layer: give it one"));
        for dependency in dependencies(&name) {
            if let Some(below) = layers.get(dependency.as_str()) {
                assert!(below < layer, "{name} must not use {dependency}");
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
    for local in ["servers", "mailbox", "mailin", "testcontainers", "testkit", "cartwheel-verify"] {
        assert!(!names.contains(local), "{local} is in the production image");
    }
}

#[test]
fn only_the_bus_names_lapin() {
    for (name, _) in LAYERS.iter().filter(|(name, _)| *name != "bus") {
        assert!(!dependencies(name).contains(&"lapin".to_owned()), "{name}");
    }
}

#[test]
fn a_services_sql_stands_in_its_store() {
    for service in SERVICES {
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
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The service's own extractors refuse what doesn't fit by name; axum's don't.
#[test]
fn requests_are_read_by_the_services_own_extractors() {
    let others = [
        "axum::Json",
        "axum::Form",
        "extract::Json",
        "extract::Query",
        "extract::Path",
        "extract::Form",
        "body::Bytes",
    ];
    for service in SERVICES {
        for file in rust_files(&root().join("crates").join(service).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for other in others {
                assert!(!text.contains(other), "{}: use service's extractor, not {other}", file.display());
            }
        }
    }
}

/// serde reads these in a way in which unknown fields can't be seen.
#[test]
fn no_request_has_a_shape_in_which_unknown_fields_can_hide() {
    let shapes = ["serde(flatten", "serde(tag", "serde(untagged"];
    for service in SERVICES {
        let src = root().join("crates").join(service).join("src");
        for file in rust_files(&src).into_iter().filter(|file| file.starts_with(src.join("http"))) {
            let text = std::fs::read_to_string(&file).unwrap();
            if !text.contains("Deserialize") {
                continue;
            }
            for shape in shapes {
                assert!(!text.contains(shape), "{}: {shape}", file.display());
            }
        }
    }
}

#[test]
fn every_declared_problem_is_answered_somewhere_and_described() {
    // What no route answers.
    let fallbacks = ["unknown-path", "wrong-method"];
    let description =
        |service| std::fs::read_to_string(root().join(format!("docs/openapi/{service}.json"))).unwrap();
    let declarations = SERVICES.map(|service| (service, "http/problems.rs"));
    for (name, file) in declarations.into_iter().chain([("service", "shared_problems.rs")]) {
        let src = root().join("crates").join(name).join("src");
        let Ok(declared) = std::fs::read_to_string(src.join(file)) else { continue };
        // The shared ones are answered by the services, too.
        let files = if name == "service" { rust_files(&root().join("crates")) } else { rust_files(&src) };
        let described =
            if name == "service" { SERVICES.map(description).concat() } else { description(name) };
        let code: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let code: String = code.split_whitespace().collect();
        for line in declared.lines().filter(|line| line.trim_end().ends_with("\";")) {
            let (constant, rest) = line.trim().split_once(':').unwrap();
            let (status, problem) = rest.trim().trim_end_matches(';').split_once(' ').unwrap();
            let problem = problem.trim_matches('"');
            assert!(code.contains(&format!("{constant}.problem(")), "{name}: nothing answers {problem}");
            let is_described = described.contains(&format!("\"type\": \"/problems/{problem}\""));
            assert!(
                is_described || fallbacks.contains(&problem),
                "{name}: no route is described with {problem}"
            );
            assert!(
                (400..600).contains(&status.parse().unwrap()),
                "{name}: {problem} has the status {status}"
            );
        }
    }
}
