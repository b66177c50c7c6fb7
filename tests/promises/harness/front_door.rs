use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;

use super::{Program, TIMEOUT, packaged};

/// HAProxy as `compose.yaml` starts it, before instances of a test.
pub struct FrontDoor {
    /// Its address: `http://127.0.0.1:8080`.
    pub url: String,
    _folder: TempDir,
    _process: Program,
}

/// The addresses of each service's instances.
pub type Instances = BTreeMap<&'static str, Vec<SocketAddr>>;

impl FrontDoor {
    /// Starts it with these settings; `None` where there is no HAProxy, which the caller's test then says by ending early.
    pub async fn before(instances: &Instances, settings: &[(&str, &str)]) -> Option<Self> {
        let Some(haproxy) = packaged("haproxy", "haproxy") else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "in CI, HAProxy must be there");
            println!("skipped: no HAProxy (Debian's package haproxy)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compose/haproxy");
        let configuration = std::fs::read_to_string(sources.join("haproxy.cfg")).unwrap();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, with_addresses(&configuration, instances)).unwrap();
        std::fs::copy(sources.join("routes.map"), folder.path().join("routes.map")).unwrap();
        let [address, metrics] = [(); 2].map(|()| servers::ports::free_address().unwrap().to_string());
        let listen = [("FRONT_DOOR_LISTEN", address.as_str()), ("FRONT_DOOR_METRICS_LISTEN", &metrics)];
        let environment: Vec<_> =
            listen.iter().chain(settings).map(|(name, value)| (*name, Path::new(value))).collect();
        let process = Program::start(&haproxy, &["-db", "-f", file.to_str().unwrap()], &environment);
        // Its own answer, which it has before it knows of any instance.
        let known = format!("http://{metrics}/metrics");
        servers::ready::until_success(&known, TIMEOUT).await.unwrap();
        let this = Self { url: format!("http://{address}"), _folder: folder, _process: process };
        this.until_all_are_found(&known, instances).await;
        Some(this)
    }

    async fn until_all_are_found(&self, metrics: &str, instances: &Instances) {
        let found = async |service: &str, number: usize| {
            let page = reqwest::get(metrics).await.ok()?.text().await.ok()?;
            let line = format!("haproxy_backend_active_servers{{proxy=\"{service}\"}} {number}");
            page.contains(&line).then_some(())
        };
        for (service, addresses) in instances {
            let what = format!("all instances of {service} are found");
            testkit::eventually(&what, TIMEOUT, async || found(service, addresses.len()).await).await;
        }
    }
}

/// Addresses in place of names, which only the network of compose knows.
fn with_addresses(configuration: &str, instances: &Instances) -> String {
    let line = |line: &str| match line.trim().strip_prefix("server-template ") {
        None => line.to_owned(),
        Some(template) => {
            let words: Vec<&str> = template.split(' ').collect();
            let (service, _) = words[2].split_once(':').unwrap();
            let addresses = instances.get(service).into_iter().flatten().enumerate();
            let servers = addresses.map(|(number, address)| {
                format!("    server {}{number} {address} {}", words[0], words[3..].join(" "))
            });
            servers.collect::<Vec<_>>().join("\n")
        }
    };
    configuration.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
