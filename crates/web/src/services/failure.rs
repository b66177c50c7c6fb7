use axum::http::StatusCode;
use reqwest::Response;
use serde::Deserialize;
use tracing::warn;

/// What became of a request that was no success.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The service refused it.
    Refused {
        /// The answer's status.
        status: StatusCode,
        /// The name of the problem's type: `unknown-sku`.
        problem: String,
        /// In words, for people who know the API.
        detail: String,
    },
    /// There is no answer, or one that can't be read. A repeat may succeed.
    Unavailable,
}

#[derive(Deserialize)]
struct Problem {
    r#type: String,
    detail: String,
}

impl Failure {
    /// What went wrong with the network, or with the body of an answer.
    pub fn unreachable(error: reqwest::Error) -> Self {
        // The address is left out: it may hold what nobody else should read.
        warn!(error = %error.without_url(), "a service did not answer a page");
        Self::Unavailable
    }

    /// What an answer says that is no success.
    pub async fn of(answer: Response) -> Self {
        let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
        if status.is_server_error() {
            warn!(%status, "a service could not answer a page");
            return Self::Unavailable;
        }
        let problem = answer.json().await;
        let Problem { r#type, detail } =
            problem.unwrap_or(Problem { r#type: String::new(), detail: String::new() });
        let problem = r#type.rsplit('/').next().unwrap_or_default().to_owned();
        Self::Refused { status, problem, detail }
    }

    /// Whether what was asked for doesn't exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Whether it is a problem of this type.
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem == name)
    }
}
