use std::net::SocketAddr;
use std::path::Path;

use cartwheel::up::accounts::{Account, Administration};
use cartwheel::up::secrets::Secrets;
use events::PARTICIPANTS;

use super::environment;
use crate::bench::process::Process;
use crate::bench::testbed::Space;
use crate::guarded_program::Program;

/// An instance of a component of a shop.
pub struct Member {
    pub url: String,
    program: Program,
    /// The paths below its address that answer once it is ready.
    ready: Vec<String>,
    process: Option<Process>,
}

impl Member {
    /// One process with all services.
    pub fn with_all(
        executable: &Path,
        administration: &Administration,
        space: &Space,
        address: SocketAddr,
    ) -> Self {
        let environment = environment::of_all(administration, &space.name, &space.folder, address);
        let command = vec![executable.display().to_string(), "up".to_owned()];
        let (folder, log) = (Some(space.folder.clone()), space.folder.join("up.log"));
        let ready = PARTICIPANTS.map(|participant| format!("/{}/health/delivery", participant.service));
        Self {
            url: format!("http://{address}"),
            program: Program { command, environment, folder, log },
            ready: ready.to_vec(),
            process: None,
        }
    }

    /// One of a service's instances.
    pub fn of_service(
        service: &str,
        (executable, account): (&Path, &Account),
        secrets: &Secrets,
        space: &Space,
        address: SocketAddr,
        instances: usize,
    ) -> Self {
        let environment = environment::of_one(service, account, secrets, address, instances);
        let command = vec![executable.display().to_string(), "serve".to_owned(), service.to_owned()];
        let log = space.folder.join(format!("{service}-{}.log", address.port()));
        Self {
            url: format!("http://{address}"),
            program: Program { command, environment, folder: Some(space.folder.clone()), log },
            ready: vec!["/health/delivery".to_owned()],
            process: None,
        }
    }

    /// Starts it.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.process = Some(Process::start(&self.program)?);
        Ok(())
    }

    /// Returns once it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        if let Some(process) = &mut self.process {
            for path in &self.ready {
                process.ready(&format!("{}{path}", self.url)).await?;
            }
        }
        Ok(())
    }

    /// Ends it.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(process) => process.end().await,
            None => Ok(()),
        }
    }

    /// Its process, unless it was ended.
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }
}
