//! Checks pages with axe-core, a package of npm that is installed beside what was built, and kept there.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::page::Page;

/// What axe-core finds that shuts people out, one line each.
pub async fn violations(page: &Page) -> Vec<String> {
    page.evaluate(&std::fs::read_to_string(axe()).unwrap()).await;
    let run =
        "const done = arguments[0]; axe.run(document).then(done, (error) => done({ error: String(error) }));";
    let found = page.driver().execute_async(run, Vec::new()).await.unwrap().json().clone();
    let violations = found["violations"].as_array().unwrap_or_else(|| panic!("{found}"));
    violations.iter().map(line).collect()
}

fn line(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().unwrap().iter();
    let nodes: Vec<String> =
        nodes.map(|node| format!("{} ({})", node["html"], node["failureSummary"])).collect();
    format!("{}: {}: {}", violation["id"], violation["help"], nodes.join(", "))
}

fn axe() -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/axe");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    std::fs::create_dir_all(&folder).unwrap();
    // Tests are processes that run side by side: one installs it.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let (wanted, installed) = (sources.join("package-lock.json"), folder.join("installed.json"));
    let wanted = std::fs::read(wanted).unwrap();
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(file), folder.join(file)).unwrap();
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        let npm =
            Command::new("npm").args(arguments).current_dir(&folder).output().expect("npm can't be run");
        assert!(npm.status.success(), "npm can't install axe-core: {}", String::from_utf8_lossy(&npm.stderr));
        std::fs::write(installed, wanted).unwrap();
    }
    folder.join("node_modules/axe-core/axe.min.js")
}
