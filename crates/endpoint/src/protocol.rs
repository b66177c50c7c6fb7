//! What the URLs of each kind of server may say.

use std::collections::BTreeMap;

/// A kind of server.
pub trait Protocol: Clone + Send + Sync + 'static {
    /// The schemes of its URLs.
    const SCHEMES: &'static [Scheme];
    /// How such a URL looks.
    const EXAMPLE: &'static str;
    /// What its path is.
    const PATH: Path;
    /// Whether a URL may have several hosts, of which each will do.
    const MANY_HOSTS: bool = false;
    /// The parameters behind `?`.
    const PARAMETERS: &'static [Parameter] = &[];

    /// The port of hosts that name none.
    #[must_use]
    fn default_port(scheme: &Scheme, _parameters: &BTreeMap<&'static str, String>) -> u16 {
        scheme.port
    }
}

/// A scheme, its port, and whether it says that everything is encrypted.
#[derive(Debug)]
pub struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    pub(crate) is_encrypted: bool,
}

/// What a path is.
#[derive(Debug)]
pub enum Path {
    /// One name: of a virtual host or a database.
    Name,
    /// The beginning of all paths.
    Base,
}

/// A parameter, and what its values are.
#[derive(Debug)]
pub struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) values: &'static str,
    pub(crate) fits: fn(&str) -> bool,
}

const fn scheme(name: &'static str, port: u16, is_encrypted: bool) -> Scheme {
    Scheme { name, port, is_encrypted }
}

const fn parameter(name: &'static str, values: &'static str, fits: fn(&str) -> bool) -> Parameter {
    Parameter { name, values, fits }
}

/// RabbitMQ, by AMQP 0-9-1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amqp {}

impl Protocol for Amqp {
    const SCHEMES: &'static [Scheme] = &[scheme("amqp", 5672, false), scheme("amqps", 5671, true)];
    const EXAMPLE: &'static str = "amqp://user:password@host:5672/vhost, or amqps:// with TLS";
    const PATH: Path = Path::Name;
    const MANY_HOSTS: bool = true;
    const PARAMETERS: &'static [Parameter] = &[
        parameter("heartbeat", "seconds", |value| value.parse::<u16>().is_ok()),
        parameter("connection_timeout", "milliseconds", |value| value.parse::<u32>().is_ok_and(|it| it > 0)),
        parameter("channel_max", "a number", |value| value.parse::<u16>().is_ok()),
        parameter("frame_max", "a number of bytes", |value| value.parse::<u32>().is_ok()),
        parameter("auth_mechanism", "plain or external", |value| ["plain", "external"].contains(&value)),
    ];
}

/// PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Postgres {}

const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

impl Protocol for Postgres {
    const SCHEMES: &'static [Scheme] = &[scheme("postgres", 5432, false), scheme("postgresql", 5432, false)];
    const EXAMPLE: &'static str =
        "postgres://user:password@host:5432/database, with ?sslmode=verify-full for TLS";
    const PATH: Path = Path::Name;
    const MANY_HOSTS: bool = true;
    const PARAMETERS: &'static [Parameter] = &[
        parameter("sslmode", "disable, allow, prefer, require, verify-ca or verify-full", |value| {
            SSL_MODES.contains(&value)
        }),
        parameter("sslrootcert", "a file", |value| !value.is_empty()),
        parameter("sslcert", "a file", |value| !value.is_empty()),
        parameter("sslkey", "a file", |value| !value.is_empty()),
        parameter("host", "a folder with a socket, if the URL has no host", |value| value.starts_with('/')),
        parameter("target_session_attrs", "read-write", |value| value == "read-write"),
    ];
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Smtp {}

impl Protocol for Smtp {
    const SCHEMES: &'static [Scheme] = &[scheme("smtp", 25, false), scheme("smtps", 465, true)];
    const EXAMPLE: &'static str =
        "smtp://host:25, smtps://user:password@host, or smtp://user:password@host:587?tls=required";
    const PATH: Path = Path::Name;
    const PARAMETERS: &'static [Parameter] = &[parameter("tls", "required or opportunistic", |value| {
        ["required", "opportunistic"].contains(&value)
    })];

    /// Clients hand mails in at another port than servers; there, encryption begins with a command.
    fn default_port(scheme: &Scheme, parameters: &BTreeMap<&'static str, String>) -> u16 {
        const SUBMISSION: u16 = 587;
        if parameters.contains_key("tls") { SUBMISSION } else { scheme.port }
    }
}

/// An HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Http {}

impl Protocol for Http {
    const SCHEMES: &'static [Scheme] = &[scheme("http", 80, false), scheme("https", 443, true)];
    const EXAMPLE: &'static str = "https://host:8080/path";
    const PATH: Path = Path::Base;
}
