//! The AsyncAPI project's own parser accepts `docs/asyncapi.yaml`, without a warning. It is a package of npm; where there
//! is no npm the test is skipped and says so, except in CI.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const FILES: [&str; 3] = ["package.json", "package-lock.json", "check.mjs"];

/// Installs the parser beside what was built, and keeps it there for the next time.
fn installed() -> Result<PathBuf, String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/committed/asyncapi");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("asyncapi");
    std::fs::create_dir_all(&folder).unwrap();
    for file in FILES {
        std::fs::copy(sources.join(file), folder.join(file)).unwrap();
    }
    let lock = std::fs::read(folder.join("package-lock.json")).unwrap();
    let marker = folder.join("node_modules/installed-by.json");
    if std::fs::read(&marker).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    // No package here needs a script of its own to work, and none should run one.
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let npm = Command::new("npm").args(arguments).current_dir(&folder).output();
    let npm = npm.map_err(|error| format!("npm can't be run: {error}"))?;
    if !npm.status.success() {
        return Err(format!("npm can't install the parser: {}", String::from_utf8_lossy(&npm.stderr)));
    }
    std::fs::write(marker, lock).unwrap();
    Ok(folder)
}

fn check(folder: &Path, document: &Path) -> Output {
    Command::new("node").arg("check.mjs").arg(document).current_dir(folder).output().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_asyncapi_projects_own_parser_accepts_the_document() {
    let folder = match installed() {
        Ok(folder) => folder,
        Err(why) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "in CI this has to be tested: {why}");
            println!("skipped, docs/asyncapi.yaml was not checked: {why}");
            return;
        }
    };
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncapi.yaml");
    let output = check(&folder, &document);
    assert!(output.status.success(), "{}", printed(&output));
    println!("{}", printed(&output));

    // The parser does find mistakes: what AsyncAPI doesn't have, and references that lead nowhere.
    let good = std::fs::read_to_string(document).unwrap();
    for (right, wrong, finding) in [
        ("action: send", "action: shout", "action"),
        ("components/messages/cart.item-added.v1", "components/messages/cart.item-lost.v1", "item-lost"),
    ] {
        assert!(good.contains(right), "{right}");
        let bad = folder.join("bad.yaml");
        std::fs::write(&bad, good.replacen(right, wrong, 1)).unwrap();
        let output = check(&folder, &bad);
        assert!(!output.status.success(), "{wrong} was accepted");
        assert!(printed(&output).contains(finding), "{}", printed(&output));
    }
}
