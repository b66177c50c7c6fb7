//! The shop in Python: its files, and an environment with what it needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::process::Command;

const REQUIREMENTS: &str = "requirements.txt";
const FILES: [(&str, &str); 6] = [
    (REQUIREMENTS, include_str!("../../../../bench/faststream/requirements.txt")),
    ("api.py", include_str!("../../../../bench/faststream/api.py")),
    ("consumers.py", include_str!("../../../../bench/faststream/consumers.py")),
    ("database.py", include_str!("../../../../bench/faststream/database.py")),
    ("fill.py", include_str!("../../../../bench/faststream/fill.py")),
    ("topology.py", include_str!("../../../../bench/faststream/topology.py")),
];
/// Notes in the environment what was installed in it.
const INSTALLED: &str = "installed.txt";
const HELP: &str = "FastStream needs python3 (3.11 or newer) with venv, and a package index that pip can reach: \
                    apt-get install python3-venv. To leave it out: --contestants cartwheel,processes,unpacked,packed";

/// Where it is installed.
pub struct Python {
    /// Its files.
    pub folder: PathBuf,
    /// The names and versions of what it is made of.
    pub version: String,
    environment: PathBuf,
}

impl Python {
    /// Writes its files, and has this interpreter install what it requires unless that was done before.
    pub async fn prepare(interpreter: &str, folder: &Path) -> anyhow::Result<Self> {
        let (files, environment) = (folder.join("faststream"), folder.join("venv"));
        fs::create_dir_all(&files)?;
        for (name, text) in FILES {
            fs::write(files.join(name), text)?;
        }
        let version = run(&[interpreter, "--version"], folder).await.context(HELP)?;
        let requirements = FILES.iter().find(|(name, _)| *name == REQUIREMENTS).map_or("", |(_, text)| *text);
        let framework = requirements.lines().find(|line| line.starts_with("faststream"));
        let framework = framework.and_then(|line| line.split_once("==")).map_or("", |(_, version)| version);
        let python = Self {
            folder: files,
            version: format!("FastStream {framework} with {}", version.trim()),
            environment,
        };
        let installed = format!("{interpreter}, {version}{requirements}");
        let note = python.environment.join(INSTALLED);
        if fs::read_to_string(&note).is_ok_and(|before| before == installed) {
            return Ok(python);
        }
        let environment = python.environment.display().to_string();
        eprintln!("installing what FastStream needs in {environment}");
        run(&[interpreter, "-m", "venv", "--clear", &environment], folder).await.context(HELP)?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
        let program = python.program("python");
        let install: Vec<&str> = [program.as_str()].into_iter().chain(install).collect();
        run(&install, &python.folder).await.context(HELP)?;
        fs::write(note, installed)?;
        Ok(python)
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> String {
        self.environment.join("bin").join(name).display().to_string()
    }
}

/// What a program prints.
async fn run(command: &[&str], folder: &Path) -> anyhow::Result<String> {
    let (program, arguments) = command.split_first().context("no program")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
