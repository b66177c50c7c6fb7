//! A service's REST API, at an address of its own.

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use service::{Api, Lifecycle};
use tokio::net::TcpListener;

use crate::settings::server_settings;

/// The REST API of a running service, and a client for it.
#[derive(Clone)]
pub struct RestApi {
    /// Its address: `http://127.0.0.1:40123`.
    pub url: String,
    http: Client,
}

impl RestApi {
    /// Serves the API at a free port until `lifecycle` ends.
    pub async fn serve(api: Api, lifecycle: &Lifecycle) -> Self {
        let bound = async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            std::io::Result::Ok((listener, address))
        };
        let (listener, address) =
            bound.await.unwrap_or_else(|error| panic!("no port for a service: {error}"));
        tokio::spawn(service::serve(listener, api.alone(), server_settings(&[]), lifecycle.clone()));
        Self { url: format!("http://{address}"), http: Client::new() }
    }

    /// Sends a request, and returns the answer's status and body (null where it has none).
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answered = async {
            let answer = request.header("x-request-id", "a test").send().await?;
            reqwest::Result::Ok((answer.status(), answer.bytes().await?))
        };
        let (status, body) = answered.await.unwrap_or_else(|error| panic!("{path} does not answer: {error}"));
        if body.is_empty() {
            return (status, Value::Null);
        }
        let json = serde_json::from_slice(&body);
        (status, json.unwrap_or_else(|error| panic!("{path} does not answer with JSON: {error}")))
    }
}

/// The stable name of a problem; its title is the same in words.
#[must_use]
pub fn problem_name(problem: &Value) -> String {
    let title = problem["title"].as_str();
    title.unwrap_or_else(|| panic!("this is not a problem: {problem}")).replace(' ', "-")
}
