//! Short runs of `cartwheel torture`, on servers of its own.

use tokio::process::Command;
use tokio::sync::Mutex;

/// A run takes the whole machine; where all tests are threads of one process, one waits for the other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Whether it succeeded, and what it printed.
pub async fn torture(arguments: &str, fault: Option<&str>) -> (bool, String) {
    let _alone = ALONE.lock().await;
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(testkit::verify_binary());
    command.args(["torture", "--clients", "16"]).args(arguments.split(' ')).arg("--home").arg(home.path());
    let output = command.envs(fault.map(|name| ("BUS_INJECT_FAULT", name))).kill_on_drop(true).output();
    let output = output.await.unwrap();
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), printed.concat())
}
