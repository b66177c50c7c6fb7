//! How a process can be observed: logs, metrics, traces.

mod backlog;
mod http;
mod log_filter;
mod logs;
pub mod metrics;
mod observer;
mod traces;

use clap::Args;
use endpoint::HttpUrl;

use log_filter::log_filter;
pub use logs::LogFormat;
pub use traces::{ClientSpan, KeyValue, Spans};

pub(crate) use backlog::watch_backlog;
pub(crate) use http::{Watch, watch};
pub(crate) use observer::Metered;
pub(crate) use traces::tracer_of_bus;

/// Settings of logs and traces.
#[derive(Args, Clone, Debug)]
pub struct Telemetry {
    /// The format of log lines
    #[arg(long, env = "CARTWHEEL_LOG_FORMAT", default_value = "human", global = true)]
    pub log_format: LogFormat,

    /// Which log lines are written: a level, and levels for parts of the program: `info,cartwheel_bus=debug`
    #[arg(long, env = "CARTWHEEL_LOG", global = true, value_parser = log_filter)]
    pub log: Option<String>,

    /// Where to send traces, by OTLP over HTTP: `http://127.0.0.1:4318` or `https://…`; nowhere if it is not set
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", global = true)]
    pub otlp_endpoint: Option<HttpUrl>,
}

impl Telemetry {
    /// Starts logs, metrics and traces; to be called once, at start. `filter` says which log lines are written
    /// unless the settings do. Must be called within the runtime.
    ///
    /// # Errors
    /// When the filter can't be read, or metrics were started before.
    pub fn start(&self, filter: &str) -> anyhow::Result<()> {
        logs::start(self.log_format, &log_filter::complete(self.log.as_deref().unwrap_or(filter)))?;
        metrics::start()?;
        traces::send_to(self.otlp_endpoint.clone());
        Ok(())
    }
}

/// Sends the traces that are not sent yet; to be called at the very end.
pub fn end_telemetry() {
    traces::end();
}
