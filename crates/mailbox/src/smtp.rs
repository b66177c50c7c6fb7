//! Receiving: connections on one side, mails for the store on the other.

mod connection;
mod lenient;
mod receiver;
mod wire;

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Limits, behaviour::Faults, store::Intake};
use connection::Connection;

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) limits: Limits,
    pub(crate) faults: Arc<Faults>,
    pub(crate) intake: Intake,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl Server {
    pub(crate) async fn serve(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let stop = self.stop.clone();
        stop.run_until_cancelled(async {
            loop {
                let Ok(place) = places.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let talk = self.clone().talk(stream);
                        self.tasks.spawn(async move {
                            talk.await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "mailbox can't accept a connection");
                        // Out of file descriptors, most likely: accepting at once again would spin.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        })
        .await;
    }

    async fn talk(self, stream: TcpStream) {
        let ended = match Connection::new(stream, self) {
            Ok(connection) => connection.run().await,
            Err(error) => Err(error),
        };
        match ended {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                tracing::debug!(%error, "mailbox lost a connection");
            }
            _ => {}
        }
    }
}
