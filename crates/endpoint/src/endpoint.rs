//! A URL's parts.

#[cfg(feature = "reqwest")]
pub mod http;
mod parsing;
#[cfg(feature = "sqlx")]
mod postgres;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::host::Host;
use crate::protocol::{Path, Protocol, Scheme};

/// What has no meaning in any part of a URL.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a server is, or several of which each will do, and who to be there.
#[derive(Clone)]
pub struct Endpoint<P> {
    scheme: &'static Scheme,
    user: Option<String>,
    password: Option<String>,
    hosts: Vec<Host>,
    /// A name in clear, or a base as it is in a URL; without slashes around it.
    path: String,
    parameters: BTreeMap<&'static str, String>,
    protocol: PhantomData<P>,
}

impl<P: Protocol> Endpoint<P> {
    /// The hosts, at least one (none only for a PostgreSQL behind a socket file).
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The path: the name of a virtual host or a database.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.path.as_str()).filter(|path| !path.is_empty())
    }

    /// Whether the scheme says that everything is encrypted from the start.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.scheme.is_encrypted
    }

    /// A parameter behind `?`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A parameter that is a number.
    #[must_use]
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.parameter(name)?.parse().ok()
    }

    /// The same place for another user.
    #[must_use]
    pub fn with_user(self, user: &str, password: &str) -> Self {
        Self { user: Some(user.to_owned()), password: Some(password.to_owned()), ..self }
    }

    /// The same place for nobody in particular.
    #[must_use]
    pub fn without_user(self) -> Self {
        Self { user: None, password: None, ..self }
    }

    /// Another virtual host or database of the same server.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        Self { path: name.to_owned(), ..self }
    }

    /// The whole URL, with the password.
    #[must_use]
    pub fn expose(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let password =
            self.password.as_deref().map_or(String::new(), |password| format!(":{}", encoded(password)));
        let user = self.user.as_deref().map_or(String::new(), encoded);
        let at = if self.user.is_some() || self.password.is_some() { "@" } else { "" };
        self.written(&format!("{user}{password}{at}"))
    }

    fn written(&self, login: &str) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        let path = match P::PATH {
            Path::Name => utf8_percent_encode(&self.path, ENCODED).to_string(),
            Path::Base => self.path.clone(),
        };
        let mut written = format!("{}://{login}{}", self.scheme.name, hosts.join(","));
        if !path.is_empty() {
            written.extend(["/", &path]);
        }
        for (number, (name, value)) in self.parameters.iter().enumerate() {
            let separator = if number == 0 { "?" } else { "&" };
            let value = utf8_percent_encode(value, ENCODED).to_string();
            written.extend([separator, name, "=", &value]);
        }
        written
    }
}

/// Without user and password.
impl<P: Protocol> fmt::Display for Endpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(""))
    }
}

/// Without user and password.
impl<P: Protocol> fmt::Debug for Endpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
