use std::fmt;

/// A host and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name or address: an IPv6 address without brackets, an international name in its ASCII form.
    pub name: String,
    /// The port; where the URL has none, the protocol's.
    pub port: u16,
}

impl Host {
    /// Reads `name:port`, `name`, or `[address]:port`.
    pub(crate) fn read(text: &str, default_port: u16) -> Result<Self, &'static str> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) =
                    rest.split_once(']').ok_or("an IPv6 address lacks its closing bracket")?;
                (format!("[{address}]"), port)
            }
            None => match text.split_once(':') {
                Some((name, _)) => (name.to_owned(), &text[name.len()..]),
                None => (text.to_owned(), ""),
            },
        };
        if name.is_empty() {
            return Err("it names no host");
        }
        let name = match url::Host::parse(&name) {
            Ok(url::Host::Ipv6(address)) => address.to_string(),
            Ok(other) => other.to_string(),
            Err(_) => return Err("its host is neither a name nor an address"),
        };
        Ok(Self { name, port: read_port(port)?.unwrap_or(default_port) })
    }
}

fn read_port(text: &str) -> Result<Option<u16>, &'static str> {
    const WRONG: &str = "its port is not a number from 1 to 65535 (an IPv6 address is written in brackets; in a password, \
                         : / ? # @ and % are written %3A %2F %3F %23 %40 %25)";
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(None),
        Some("") => Ok(None),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0).map(Some).ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
}

/// As in a URL.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, port } = self;
        if name.contains(':') { write!(f, "[{name}]:{port}") } else { write!(f, "{name}:{port}") }
    }
}
