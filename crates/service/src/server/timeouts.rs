use std::time::Duration;

use axum::http::Extensions;

use super::settings::ServerSettings;
use super::stopping::Stopping;
use crate::problem_json::Problem;

/// How long a request may take; an extension of every request that comes through the server.
#[derive(Clone)]
pub(crate) struct Timeouts {
    pub headers: Duration,
    /// From the headers to the end of the body.
    pub body: Duration,
    /// Without the body.
    pub request: Duration,
    pub stopping: Stopping,
}

impl Timeouts {
    pub fn new(settings: &ServerSettings, stopping: Stopping) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            headers: seconds(settings.http_header_seconds),
            body: seconds(settings.http_body_seconds),
            request: seconds(settings.http_request_seconds),
            stopping,
        }
    }

    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// What comes of a request, or a problem when it takes too long.
    pub async fn limit<T>(&self, has_body: bool, answering: impl Future<Output = T>) -> Result<T, Problem> {
        let for_body = if has_body { self.body } else { Duration::ZERO };
        tokio::select! {
            answered = tokio::time::timeout(self.request + for_body, answering) => {
                answered.map_err(|_| Problem::unavailable())
            }
            () = self.stopping.requests_end() => Err(Problem::unavailable()),
        }
    }
}
