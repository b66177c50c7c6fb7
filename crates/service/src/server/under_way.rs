use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::http::Response;
use hyper::body::{Bytes, Frame, SizeHint};

/// The requests of a connection whose answers are not complete yet.
#[derive(Clone, Default)]
pub struct UnderWay(Arc<AtomicUsize>);

/// One of them, until it is dropped.
struct Counted(UnderWay);

/// The body of an answer, which counts until it has been passed on: an export or a stream goes on long after its head.
struct CountedBody {
    body: Body,
    _counted: Counted,
}

impl UnderWay {
    pub fn is_none(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    /// Counts a request, from now until the last of its answer.
    pub async fn answered<E>(
        &self,
        answer: impl Future<Output = Result<Response<Body>, E>>,
    ) -> Result<Response<Body>, E> {
        self.0.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(self.clone());
        Ok(answer.await?.map(|body| Body::new(CountedBody { body, _counted: counted })))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::to_bytes;
    use futures::{StreamExt, stream};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_under_way_until_the_last_of_its_body() {
        let under_way = UnderWay::default();
        let body = Body::from_stream(stream::iter(["one", "two"]).map(Ok::<_, Infallible>));
        let answer = under_way.answered(async { Ok::<_, Infallible>(Response::new(body)) }).await.unwrap();
        assert!(!under_way.is_none(), "only its head is there");
        assert_eq!(to_bytes(answer.into_body(), 6).await.unwrap(), "onetwo");
        assert!(under_way.is_none());
    }

    #[tokio::test]
    async fn what_is_given_up_is_no_longer_under_way() {
        let under_way = UnderWay::default();
        let waiting = under_way.answered(std::future::pending::<Result<_, Infallible>>());
        assert!(futures::poll!(Box::pin(waiting)).is_pending());
        assert!(under_way.is_none());
        let given_up = under_way.answered(async { Ok::<_, Infallible>(Response::new(Body::empty())) }).await;
        drop(given_up);
        assert!(under_way.is_none());
    }
}
