//! The account that PostgreSQL runs under: it refuses root.

use std::ffi::OsString;
use std::os::unix::fs::chown;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::command;

const LIMIT: Duration = Duration::from_secs(10);

/// Switches from root to the account that the package has made.
const SWITCH: [&str; 4] = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
/// Lets that account pass through folders above that are closed to it.
const PASS: [&str; 2] = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];

/// The account of PostgreSQL's programs.
pub(crate) struct Account {
    prefix: Vec<OsString>,
    ids: Option<(u32, u32)>,
}

impl Account {
    /// Our own account, or `postgres` where we are root; then the folder is given to it.
    pub(crate) async fn for_folder(dir: &Path) -> anyhow::Result<Self> {
        if !is_root().await {
            return Ok(Self { prefix: Vec::new(), ids: None });
        }
        let ids = (id("-u").await?, id("-g").await?);
        chown(dir, Some(ids.0), Some(ids.1))?;
        let mut refusal = anyhow::anyhow!("");
        for words in [SWITCH.to_vec(), [&SWITCH[..], &PASS[..]].concat()] {
            let probe = ["sh", "-c", ": >\"$0/probe\" && rm \"$0/probe\""].map(OsString::from);
            let prefix: Vec<OsString> = words.into_iter().map(OsString::from).collect();
            let arguments = prefix[1..].iter().cloned().chain(probe).chain([dir.as_os_str().to_owned()]);
            match command::output("setpriv", arguments, LIMIT).await {
                Ok(_) => return Ok(Self { prefix, ids: Some(ids) }),
                Err(error) => refusal = error,
            }
        }
        Err(refusal.context(format!(
            "PostgreSQL refuses to run as root, and the account postgres cannot write to {}: run this as another \
             user, or in a folder that every account can pass",
            dir.display()
        )))
    }

    /// The beginning of a command line that runs this program under the account.
    pub(crate) fn command(&self, program: &Path) -> Vec<OsString> {
        self.prefix.iter().cloned().chain([program.as_os_str().to_owned()]).collect()
    }

    /// Gives a file to the account.
    pub(crate) fn own(&self, file: &Path) -> anyhow::Result<()> {
        match self.ids {
            Some((user, group)) => Ok(chown(file, Some(user), Some(group))?),
            None => Ok(()),
        }
    }
}

/// Whether this process runs as root.
pub(super) async fn is_root() -> bool {
    command::output("id", ["-u"], LIMIT).await.is_ok_and(|uid| uid == "0")
}

async fn id(which: &str) -> anyhow::Result<u32> {
    let text = command::output("id", [which, "postgres"], LIMIT).await.context(
        "PostgreSQL refuses to run as root, and there is no account postgres: run this as another user",
    )?;
    Ok(text.parse()?)
}
