//! Receiving mails by SMTP.

mod connection;
pub(crate) mod context;
mod extensions;
mod lenient;
mod receiver;
mod wire;

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use connection::Connection;
use context::Context;

/// Accepts connections until the stop.
pub(crate) async fn serve(context: Context, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(context.limits.connections));
    let stop = context.stop.clone();
    stop.run_until_cancelled(async {
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let talk = talk(context.clone(), stream);
                    context.tasks.spawn(async move {
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

async fn talk(context: Context, stream: TcpStream) {
    let ended = match Connection::new(stream, context) {
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
