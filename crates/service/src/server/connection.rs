use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;
use tracing::debug;

use super::connection_slots::TakenSlot;
use super::timeouts::Timeouts;
use super::under_way::UnderWay;
use crate::limits::Limits;

/// A client's connection.
pub struct Connection {
    pub stream: TcpStream,
    pub peer: IpAddr,
    pub slot: TakenSlot,
    pub timeouts: Timeouts,
    pub limits: Arc<Limits>,
}

impl Connection {
    /// Answers its requests until the client ends it, or the server must.
    pub async fn serve(self, router: Router) {
        let Self { stream, peer, slot, timeouts, limits } = self;
        // Answers are written at once; waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let under_way = UnderWay::default();
        let answering = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(timeouts.clone());
            let limits = limits.of(peer, request.headers());
            request.extensions_mut().insert(limits);
            answer(router.clone(), request, under_way.clone())
        });
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(timeouts.headers)
                .serve_connection(TokioIo::new(reading(stream, &timeouts)), answering)
        );
        let stopping = &timeouts.stopping;
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = stopping.begun() => None,
        };
        if let Some(ended) = ended {
            if let Err(error) = ended {
                debug!(%peer, %error, "a connection ended");
            }
            return;
        }
        connection.as_mut().graceful_shutdown();
        let is_idle = async {
            stopping.idle_end().await;
            if !under_way.is_none() {
                stopping.all_end().await;
            }
        };
        tokio::select! {
            _ = connection => {}
            () = is_idle => {}
        }
        drop(slot);
    }
}

/// Who doesn't read its answers is no better than who doesn't send its requests.
fn reading(stream: TcpStream, timeouts: &Timeouts) -> Pin<Box<TimeoutStream<TcpStream>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(timeouts.request));
    Box::pin(stream)
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    under_way: UnderWay,
) -> Result<Response<Body>, Infallible> {
    under_way.answered(router.oneshot(request)).await
}
