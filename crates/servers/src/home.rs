//! The folder of a set of servers: which process uses it, its name, and what each server keeps in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rand::Rng as _;
use rand::distr::Alphanumeric;
use sha2::{Digest as _, Sha256};

use crate::guard::earlier_run;
use crate::guard::folder_guard::FolderGuard;

/// A folder that only this process uses while this value lives.
pub(crate) struct Home {
    dir: PathBuf,
    _lock: File,
    temporary: Option<FolderGuard>,
}

/// What one server keeps in the home.
pub(crate) struct ServerFolder {
    /// `<home>/rabbitmq` or `<home>/postgres`.
    pub(crate) dir: PathBuf,
    /// The administrator's password, made at the server's first start.
    pub(crate) password: String,
    /// The folder was empty. Data that is found elsewhere, such as in a volume, then has an unknown password.
    pub(crate) is_new: bool,
}

impl Home {
    /// Takes possession of the folder, which is created if it is missing.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let dir = dir.canonicalize().with_context(|| format!("cannot read {}", dir.display()))?;
        let lock = lock(&dir.join("lock"))?;
        Ok(Self { dir, _lock: lock, temporary: None })
    }

    /// A new folder that is removed once this process and its servers have ended.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let dir =
            tempfile::Builder::new().prefix("cartwheel-").tempdir().context("no temporary folder")?.keep();
        let mut home = Self::open(&dir)?;
        home.temporary = Some(FolderGuard::start(&home.dir)?);
        Ok(home)
    }

    /// Whether the data is to be removed at the end.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// A name of this folder alone, the same at every start.
    pub(crate) fn name(&self) -> String {
        format!("cartwheel-{:012x}", self.number() >> 16)
    }

    /// The number behind [`Home::name`].
    pub(crate) fn number(&self) -> u64 {
        let digest = Sha256::digest(self.dir.as_os_str().as_encoded_bytes());
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The server's own folder, once an earlier server in it has ended; emptied if `fresh`.
    pub(crate) async fn folder(&self, server: &str, fresh: bool) -> anyhow::Result<ServerFolder> {
        let dir = self.dir.join(server);
        earlier_run::end(&dir.join("pids")).await?;
        if fresh && dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        let secret = dir.join("password");
        let is_new = !secret.exists();
        if is_new {
            write_private(&secret, &random_password())?;
        }
        let password = fs::read_to_string(&secret)?.trim().to_owned();
        Ok(ServerFolder { dir, password, is_new })
    }
}

/// Writes a file that nobody else can read.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn random_password() -> String {
    rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect()
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            anyhow::bail!(
                "servers already run here for process {}: stop it first (Ctrl-C there, or kill {0}). It holds {}",
                holder.trim(),
                path.display()
            );
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).context(format!("cannot lock {}", path.display()));
        }
    }
    file.set_len(0)?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_used_by_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Home::open(dir.path()).unwrap();
        let refusal = Home::open(dir.path()).err().unwrap().to_string();
        assert!(refusal.contains(&std::process::id().to_string()), "{refusal}");
        drop(first);
        Home::open(dir.path()).unwrap();
    }

    #[tokio::test]
    async fn a_password_lasts_until_a_fresh_start() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path()).unwrap();
        let first = home.folder("rabbitmq", false).await.unwrap();
        let again = home.folder("rabbitmq", false).await.unwrap();
        let fresh = home.folder("rabbitmq", true).await.unwrap();
        assert_eq!((first.is_new, again.is_new, fresh.is_new), (true, false, true));
        assert_eq!(first.password, again.password);
        assert_ne!(first.password, fresh.password);
    }
}
