//! Instances of analytics that come, leave and die.

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use servers::Proxy;
use service::Lifecycle;
use testkit::{ADMIN_KEY, RestApi};
use tokio::runtime::Runtime;

/// A process of analytics, as far as a test can have one: a runtime that can be killed.
pub struct Instance {
    pub rest_api: RestApi,
    lifecycle: Lifecycle,
    runtime: Option<Runtime>,
    /// Its connections to the database, which end when it is killed.
    database: Proxy,
}

impl Instance {
    pub async fn start(database_url: &str, broker_url: &str, flags: &[&str]) -> Self {
        let database = Proxy::to(database_url, 5432).await.unwrap();
        let url = database.url(database_url).unwrap();
        let quick = ["--analytics-gather-ms", "50"];
        let settings: analytics::Settings = testkit::settings(&url, broker_url, &[&quick, flags].concat());
        let lifecycle = Lifecycle::default();
        let runtime = Runtime::new().unwrap();
        let started = runtime.spawn({
            let lifecycle = lifecycle.clone();
            async move {
                let api = analytics::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
                RestApi::serve(api, &lifecycle).await
            }
        });
        Self { rest_api: started.await.unwrap(), lifecycle, runtime: Some(runtime), database }
    }

    /// Asks as an operator; the answer must be a success.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.rest_api.send(Method::GET, path, Some(ADMIN_KEY), None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Asks as an operator for what is refused; returns the problem.
    pub async fn refused(&self, path: &str) -> (u16, String) {
        let (status, body) = self.rest_api.send(Method::GET, path, Some(ADMIN_KEY), None).await;
        (status.as_u16(), testkit::problem_name(&body))
    }

    /// Ends it as SIGKILL would: it finishes nothing, and its connections break.
    pub fn kill(mut self) {
        self.database.cut();
        self.runtime.take().unwrap().shutdown_background();
    }

    pub async fn stop(mut self) {
        self.lifecycle.finish().await.unwrap();
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
