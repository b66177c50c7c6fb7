//! The shop in Python: its files, and an environment with what it needs.

use std::fs;
use std::path::{Path, PathBuf};

use super::command;

/// The system's before others, which are often built without optimizations.
const INTERPRETERS: [&str; 2] = ["/usr/bin/python3", "python3"];
const REQUIREMENTS_FILE: &str = "requirements.txt";
const REQUIREMENTS: &str = include_str!("../../../../bench/faststream/requirements.txt");
const FILES: [(&str, &str); 6] = [
    (REQUIREMENTS_FILE, REQUIREMENTS),
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
    /// Writes its files, and has an interpreter install what it requires unless that was done before.
    pub async fn prepare(interpreter: Option<&str>, folder: &Path) -> anyhow::Result<Self> {
        let (files, environment) = (folder.join("faststream"), folder.join("venv"));
        fs::create_dir_all(&files)?;
        for (name, text) in FILES {
            fs::write(files.join(name), text)?;
        }
        let mut python = Self { folder: files, version: String::new(), environment };
        let candidates = interpreter.map_or(INTERPRETERS.to_vec(), |given| vec![given]);
        let mut why_not = anyhow::anyhow!("no interpreter");
        for interpreter in candidates {
            match python.install(interpreter, folder).await {
                Ok(version) => {
                    python.version = format!("FastStream {} with {version}", required("faststream"));
                    return Ok(python);
                }
                Err(error) => why_not = error,
            }
        }
        Err(why_not.context(HELP))
    }

    /// Returns the interpreter's name and version.
    async fn install(&self, interpreter: &str, folder: &Path) -> anyhow::Result<String> {
        let version = command::output(&[interpreter, "--version"], folder).await?.trim().to_owned();
        let installed = format!("{interpreter}\n{version}\n{REQUIREMENTS}");
        let note = self.environment.join(INSTALLED);
        if fs::read_to_string(&note).is_ok_and(|before| before == installed) {
            return Ok(version);
        }
        let environment = self.environment.display().to_string();
        eprintln!("installing what FastStream needs in {environment}, with {interpreter}");
        command::output(&[interpreter, "-m", "venv", "--clear", &environment], folder).await?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS_FILE];
        let program = self.program("python");
        let install: Vec<&str> = [program.as_str()].into_iter().chain(install).collect();
        command::output(&install, &self.folder).await?;
        fs::write(note, installed)?;
        Ok(version)
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> String {
        self.environment.join("bin").join(name).display().to_string()
    }
}

/// The version of a package that is required.
fn required(package: &str) -> &'static str {
    let line = REQUIREMENTS.lines().find(|line| line.starts_with(package));
    line.and_then(|line| line.split_once("==")).map_or("", |(_, version)| version)
}
