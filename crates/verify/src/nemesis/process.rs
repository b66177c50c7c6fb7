//! One service as a process of its own, started again whenever it ends.

use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::guarded_program::Program;

/// As an orchestrator would take.
const RESTART_PAUSE: Duration = Duration::from_millis(300);

/// What becomes of the process. The sender tells that it is over.
enum Order {
    /// It stays away until it is started again.
    Stop(oneshot::Sender<()>),
    /// With these variables in its environment from now on.
    Start(Vec<(&'static str, String)>, oneshot::Sender<()>),
    Kill(oneshot::Sender<()>),
    Freeze(Duration, oneshot::Sender<()>),
}

/// A service that is kept running until this is stopped or dropped.
pub struct Process {
    orders: mpsc::Sender<Order>,
    keeper: JoinHandle<anyhow::Result<()>>,
}

impl Process {
    /// Starts it.
    pub fn keep(program: Program) -> Self {
        let (to_keeper, orders) = mpsc::channel(1);
        Self { orders: to_keeper, keeper: tokio::spawn(keep_running(program, orders)) }
    }

    /// Kills it with SIGKILL and returns once it is gone; it starts again by itself.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.order(Order::Kill).await
    }

    /// Kills it with SIGKILL and returns once it is gone. It stays away until [`start_again`](Self::start_again).
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.order(Order::Stop).await
    }

    /// Starts it after it was stopped.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        self.start_again_with(vec![]).await
    }

    /// The same, with these variables in its environment from now on.
    pub async fn start_again_with(&self, variables: Vec<(&'static str, String)>) -> anyhow::Result<()> {
        self.order(|over| Order::Start(variables, over)).await
    }

    /// Freezes it with SIGSTOP, and lets it go on after this time.
    pub async fn freeze(&self, duration: Duration) -> anyhow::Result<()> {
        self.order(|over| Order::Freeze(duration, over)).await
    }

    async fn order(&self, order: impl FnOnce(oneshot::Sender<()>) -> Order) -> anyhow::Result<()> {
        let (over, is_over) = oneshot::channel();
        self.orders.send(order(over)).await.context("the service is not kept running any more")?;
        Ok(is_over.await?)
    }

    /// Kills it for good.
    pub async fn end(self) -> anyhow::Result<()> {
        drop(self.orders);
        self.keeper.await?
    }
}

async fn keep_running(mut program: Program, mut orders: mpsc::Receiver<Order>) -> anyhow::Result<()> {
    loop {
        let running = program.start()?;
        match until_ended(running, &program, &mut orders).await? {
            Ended::ForGood => return Ok(()),
            Ended::ByItself => {}
            // Who ordered it may be gone by now.
            Ended::Killed(killed) => _ = killed.send(()),
            Ended::Stopped(stopped) => {
                let _ = stopped.send(());
                let Some(variables) = until_started(&mut orders).await else { return Ok(()) };
                // The last one of a name counts.
                program.environment.extend(variables);
            }
        }
        tokio::time::sleep(RESTART_PAUSE).await;
    }
}

/// How a process has ended. The senders tell who ordered it.
enum Ended {
    ByItself,
    Killed(oneshot::Sender<()>),
    Stopped(oneshot::Sender<()>),
    ForGood,
}

/// Waits until a stopped process is to be started, and with which variables. None when it has ended for good.
async fn until_started(orders: &mut mpsc::Receiver<Order>) -> Option<Vec<(&'static str, String)>> {
    loop {
        match orders.recv().await {
            Some(Order::Start(variables, over)) => {
                let _ = over.send(());
                return Some(variables);
            }
            // It is away already.
            Some(Order::Stop(over) | Order::Kill(over) | Order::Freeze(_, over)) => _ = over.send(()),
            None => return None,
        }
    }
}

/// Carries out orders until the process has ended.
async fn until_ended(
    mut running: Child,
    program: &Program,
    orders: &mut mpsc::Receiver<Order>,
) -> anyhow::Result<Ended> {
    // Taken out, since waiting for a child closes its standard input.
    let guard = running.stdin.take();
    loop {
        tokio::select! {
            ended = running.wait() => {
                tracing::info!(command = ?program.command, status = %ended?, "ended by itself");
                return Ok(Ended::ByItself);
            }
            order = orders.recv() => match order {
                Some(Order::Freeze(duration, over)) => {
                    signal(&running, "STOP").await?;
                    tokio::time::sleep(duration).await;
                    signal(&running, "CONT").await?;
                    let _ = over.send(());
                }
                Some(Order::Start(_, over)) => _ = over.send(()),
                Some(Order::Kill(over)) => {
                    drop(guard);
                    running.wait().await?;
                    return Ok(Ended::Killed(over));
                }
                Some(Order::Stop(over)) => {
                    drop(guard);
                    running.wait().await?;
                    return Ok(Ended::Stopped(over));
                }
                None => {
                    drop(guard);
                    running.wait().await?;
                    return Ok(Ended::ForGood);
                }
            }
        }
    }
}

/// Sends a signal to the process's group, which is its guard and the service.
async fn signal(running: &Child, name: &str) -> anyhow::Result<()> {
    let Some(group) = running.id() else { return Ok(()) };
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" -- \"-$2\"", "sh", name, &group.to_string()]);
    kill.status().await.context("cannot run sh")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Instant;

    use super::*;

    fn program(folder: &Path) -> Program {
        let command = ["sh", "-c", "echo $$ >>pids; exec sleep 600"].map(str::to_owned).to_vec();
        let command =
            [vec!["env".to_owned(), "-C".to_owned(), folder.display().to_string()], command].concat();
        Program { command, environment: vec![], folder: None, log: folder.join("log") }
    }

    async fn started(folder: &Path, times: usize) -> String {
        let began = Instant::now();
        loop {
            let pids = std::fs::read_to_string(folder.join("pids")).unwrap_or_default();
            if pids.lines().count() >= times {
                return pids.lines().last().unwrap().to_owned();
            }
            assert!(began.elapsed() < Duration::from_secs(20), "not started {times} times");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn lives(pid: &str) -> bool {
        std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
    }

    #[tokio::test]
    async fn a_killed_service_is_gone_and_starts_again_until_it_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let process = Process::keep(program(folder.path()));
        let first = started(folder.path(), 1).await;
        process.kill().await.unwrap();
        assert!(!lives(&first));
        let second = started(folder.path(), 2).await;
        assert!(lives(&second));
        process.end().await.unwrap();
        assert!(!lives(&second));
    }

    #[tokio::test]
    async fn a_service_dies_with_the_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = program(folder.path()).start().unwrap();
        let pid = started(folder.path(), 1).await;
        drop(child.stdin.take());
        child.wait().await.unwrap();
        assert!(!lives(&pid));
    }
}
