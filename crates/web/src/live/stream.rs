//! The body of a stream.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::hub::Following;
use super::message;

/// A comment now and then keeps proxies from taking a quiet stream for a dead one, and shows which readers are gone.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// After an interruption, browsers come back after this many milliseconds, and some more, so that not all of them come at
/// once.
const COME_BACK: u64 = 500;
const SPREAD: u64 = 2500;

struct Streaming {
    following: Following,
    first: VecDeque<Bytes>,
    keep_alive: Interval,
    stop: CancellationToken,
}

/// The answer that goes on until the reader leaves, falls behind, or the process stops. What was missed comes first; where
/// that isn't known any more, a `reset` says so: the reader looks at the state again.
pub fn answer(mut following: Following, resumes: bool, stop: CancellationToken) -> Response {
    let retry = COME_BACK + u64::from(rand::random::<u16>()) % SPREAD;
    let mut first = VecDeque::from([Bytes::from(format!("retry: {retry}\n\n"))]);
    match following.missed.take() {
        Some(missed) => first.extend(missed),
        None if resumes => first.push_back(message::reset()),
        None => {}
    }
    let mut keep_alive = interval(KEEP_ALIVE);
    keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    keep_alive.reset();
    let streaming = Streaming { following, first, keep_alive, stop };
    let body = stream::unfold(streaming, async |mut streaming| {
        let next = streaming.next().await?;
        Some((Ok::<_, Infallible>(next), streaming))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    // Some proxies buffer responses before passing them on, unless a header forbids it.
    (headers, [("x-accel-buffering", "no")], Body::from_stream(body)).into_response()
}

impl Streaming {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.pop_front() {
            return Some(first);
        }
        tokio::select! {
            () = self.stop.cancelled() => None,
            message = self.following.receiver.recv() => message,
            _ = self.keep_alive.tick() => Some(Bytes::from_static(b":\n\n")),
        }
    }
}
