//! Connections to RabbitMQ.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use endpoint::{AmqpUrl, EndpointError, Host};
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo, SASLMechanism};
use lapin::{Connection, ConnectionProperties, runtime};

use crate::error::BusError;
use crate::passive_declare::look_for_queue;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Also finds a connection that is half open: two missed beats end it.
const HEARTBEAT_SECONDS: u16 = 10;
/// RabbitMQ's own limit, which a message's headers must not exceed either. Asked for because lapin then reserves its buffers
/// (64 frames) at once: only what is used of them takes memory. Grown once the broker has named the limit, all of it does: 8 MB.
const FRAME_BYTES: u32 = 128 << 10;
/// Enough for questions and their answers: no message comes in such a frame.
const FRAME_BYTES_TO_ASK: u32 = 16 << 10;
/// RabbitMQ's own user, for those who name none; it may connect from the broker's machine only.
const GUEST: &str = "guest";

/// Where the broker is, and the user to connect as.
#[derive(Clone)]
pub struct Broker {
    url: Result<AmqpUrl, EndpointError>,
    service: String,
    /// How often each role has connected.
    connected: Arc<Mutex<HashMap<String, usize>>>,
}

impl Broker {
    /// `url` is `amqp://user:password@host:port/vhost`, or `amqps://` for TLS; several hosts, separated by commas, are those
    /// of a cluster. A URL that can't be read is reported by the first call that needs it. `service` names the connections.
    #[must_use]
    pub fn new(url: impl AsRef<str>, service: impl Into<String>) -> Self {
        Self { url: url.as_ref().parse(), service: service.into(), connected: Arc::default() }
    }

    /// # Errors
    /// When its URL can't be read.
    pub(crate) fn check(&self) -> Result<(), EndpointError> {
        self.url.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Whether the broker lets this user into the virtual host.
    ///
    /// # Errors
    /// When the broker can't be reached, or refuses the user.
    pub async fn answers(&self) -> Result<(), BusError> {
        close(&self.connect_to_ask("look").await?).await;
        Ok(())
    }

    /// How many consumers a queue has, and how many messages wait in it.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses the user, or has no such queue.
    pub async fn queue(&self, queue: &str) -> Result<(u32, u32), BusError> {
        let connection = self.connect_to_ask("look").await?;
        let channel = connection.create_channel().await?;
        let queue = look_for_queue(&channel, queue).await?;
        close(&connection).await;
        Ok((queue.consumer_count(), queue.message_count()))
    }

    /// How a role of the service is called at the broker: `cart relay`.
    pub(crate) fn named(&self, role: &str) -> String {
        format!("{} {role}", self.service)
    }

    /// Connects to one of the hosts; `role` says what for, and shows in the management UI as the connection's name: `cart
    /// relay`. Which host comes first depends on that name, so that connections are spread over a cluster's nodes. The next
    /// time it is the next host, since a node may accept connections and still be of no use, for example without a replica of
    /// the event log.
    pub(crate) async fn connect(&self, role: &str) -> Result<Connection, lapin::Error> {
        self.connect_with_frames(role, FRAME_BYTES).await
    }

    /// Connects with small buffers, to ask for queues and exchanges: neither publishes nor consumes.
    pub(crate) async fn connect_to_ask(&self, role: &str) -> Result<Connection, lapin::Error> {
        self.connect_with_frames(role, FRAME_BYTES_TO_ASK).await
    }

    async fn connect_with_frames(&self, role: &str, frame_bytes: u32) -> Result<Connection, lapin::Error> {
        let url =
            self.url.as_ref().map_err(|error| failed(io::ErrorKind::InvalidInput, error.to_string()))?;
        let name = self.named(role);
        let hosts = url.hosts();
        let first = place_of(&name, hosts.len(), self.connected_before(role));
        let mut failure = failed(io::ErrorKind::NotFound, "the broker's URL has no host".to_owned());
        for host in hosts.iter().cycle().skip(first).take(hosts.len()) {
            let properties = ConnectionProperties::default().with_connection_name(name.as_str().into());
            let connecting = Connection::connect_uri_with_config(
                uri(url, host, frame_bytes),
                properties,
                tls(),
                runtime::default_runtime()?,
            );
            let patience = url.number("connection_timeout").map_or(CONNECT_TIMEOUT, Duration::from_millis);
            match tokio::time::timeout(patience, connecting).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => failure = error,
                Err(_) => failure = failed(io::ErrorKind::TimedOut, format!("{host} did not answer")),
            }
        }
        Err(failure)
    }

    /// How often this role has connected before.
    fn connected_before(&self, role: &str) -> usize {
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        let times = connected.entry(role.to_owned()).or_default();
        *times += 1;
        *times - 1
    }
}

/// For different names as often each of the places; for one name each in turn.
fn place_of(name: &str, places: usize, times: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let number = hasher.finish().wrapping_add(times as u64) % (places.max(1) as u64);
    usize::try_from(number).unwrap_or_default()
}

fn uri(url: &AmqpUrl, Host { name, port }: &Host, frame_bytes: u32) -> AMQPUri {
    let mechanism = url.parameter("auth_mechanism").map(|name| match name {
        "external" => SASLMechanism::External,
        _ => SASLMechanism::Plain,
    });
    AMQPUri {
        scheme: if url.is_encrypted() { AMQPScheme::AMQPS } else { AMQPScheme::AMQP },
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: url.user().unwrap_or(GUEST).to_owned(),
                password: url.password().unwrap_or(GUEST).to_owned(),
            },
            host: name.clone(),
            port: *port,
        },
        vhost: url.name().unwrap_or("/").to_owned(),
        query: AMQPQueryString {
            frame_max: Some(url.number("frame_max").unwrap_or(frame_bytes)),
            channel_max: url.number("channel_max"),
            heartbeat: Some(url.number("heartbeat").unwrap_or(HEARTBEAT_SECONDS)),
            connection_timeout: None,
            auth_mechanism: mechanism,
        },
    }
}

/// The process's TLS settings.
#[cfg(feature = "tls")]
fn tls() -> OwnedTLSConfig {
    let tls = endpoint::tls::installed();
    let identity = tls.identity().map(|identity| lapin::tcp::OwnedIdentity::PKCS8 {
        pem: identity.certificate.clone(),
        key: identity.key.clone(),
    });
    OwnedTLSConfig {
        identity,
        cert_chain: tls.authority().map(|pem| String::from_utf8_lossy(pem).into_owned()),
    }
}

#[cfg(not(feature = "tls"))]
fn tls() -> OwnedTLSConfig {
    OwnedTLSConfig::default()
}

/// Closes a connection that is not needed any more. One that is blocked or half open can't say goodbye.
pub(crate) async fn close(connection: &Connection) {
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, connection.close(200, "done".into())).await;
}

fn failed(kind: io::ErrorKind, reason: String) -> lapin::Error {
    io::Error::new(kind, reason).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(url: &str) -> AMQPUri {
        let url: AmqpUrl = url.parse().unwrap();
        uri(&url, &url.hosts()[0], FRAME_BYTES)
    }

    #[test]
    fn an_ipv6_address_is_the_host() {
        let uri = read("amqp://cart:p%40ss@[2001:db8::5]");
        assert_eq!((uri.authority.host.as_str(), uri.authority.port), ("2001:db8::5", 5672));
        assert_eq!((uri.authority.userinfo.password.as_str(), uri.vhost.as_str()), ("p@ss", "/"));
    }

    #[test]
    fn what_the_url_says_is_asked_for() {
        let uri = read("amqps://rabbit/a%2Fb/?heartbeat=3&auth_mechanism=external");
        assert_eq!(
            (uri.scheme, uri.vhost.as_str(), uri.query.heartbeat),
            (AMQPScheme::AMQPS, "a/b", Some(3))
        );
        assert_eq!(uri.query.auth_mechanism, Some(SASLMechanism::External));
        assert_eq!(read("amqp://rabbit").query.heartbeat, Some(HEARTBEAT_SECONDS));
    }

    #[test]
    fn connections_are_spread_over_the_hosts() {
        let places = (0..50).map(|number| place_of(&format!("service {number} relay"), 3, 0));
        assert_eq!(places.collect::<BTreeSet<_>>(), [0, 1, 2].into());
    }

    #[test]
    fn a_role_that_connects_again_begins_with_the_next_host() {
        let broker = Broker::new("amqp://a,b,c", "cart");
        let places = ["relay", "relay", "event log", "relay"];
        let places = places.map(|role| (role, place_of(role, 3, broker.clone().connected_before(role))));
        let of_relay = places.iter().filter(|(role, _)| *role == "relay").map(|(_, place)| *place);
        assert_eq!(of_relay.collect::<BTreeSet<_>>(), [0, 1, 2].into());
    }
}
