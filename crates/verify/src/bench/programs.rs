use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::contestant::Contestant;
use super::python::Python;
use super::ruststream::RustStream;
use crate::nemesis::service_program;

/// The programs that are measured.
pub struct Programs {
    cartwheel: PathBuf,
    beside: Option<PathBuf>,
    least_possible: PathBuf,
    python: Option<Python>,
    ruststream: Option<RustStream>,
}

impl Programs {
    /// Finds them, and prepares what these contestants need, in this folder.
    pub async fn prepare(
        contestants: &[Contestant],
        beside: Option<&Path>,
        interpreter: Option<&str>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let cartwheel = service_program()?;
        let least_possible = cartwheel.with_file_name("least-possible");
        let is_least = |one: &Contestant| matches!(one, Contestant::Unpacked | Contestant::Packed);
        if contestants.iter().any(is_least) {
            let path = least_possible.display();
            ensure!(least_possible.exists(), "{path} is missing: build it with `-p least-possible`");
        }
        let mut python = None;
        if contestants.contains(&Contestant::FastStream) {
            python = Some(Python::prepare(interpreter, folder).await?);
        }
        let mut ruststream = None;
        if contestants.contains(&Contestant::RustStream) {
            ruststream = Some(RustStream::prepare(folder).await?);
        }
        Ok(Self { cartwheel, beside: beside.map(Path::to_owned), least_possible, python, ruststream })
    }

    /// The program `cartwheel` of a contestant.
    pub fn cartwheel(&self, contestant: Contestant) -> anyhow::Result<&Path> {
        match contestant {
            Contestant::Beside => self.beside.as_deref().context("--beside is missing"),
            _ => Ok(&self.cartwheel),
        }
    }

    /// The least that has the same effects.
    pub fn least_possible(&self) -> &Path {
        &self.least_possible
    }

    /// Where FastStream is installed.
    pub fn python(&self) -> anyhow::Result<&Python> {
        self.python.as_ref().context("FastStream is not installed")
    }

    /// The shop with RustStream.
    pub fn ruststream(&self) -> anyhow::Result<&RustStream> {
        self.ruststream.as_ref().context("the shop with RustStream is not built")
    }

    /// The names and versions of the frameworks that others are made with.
    pub fn versions(&self) -> Vec<String> {
        let python = self.python.as_ref().map(|python| &python.version);
        let ruststream = self.ruststream.as_ref().map(|ruststream| &ruststream.version);
        python.into_iter().chain(ruststream).cloned().collect()
    }
}
