//! Reading a URL. `url::Url` reads what browsers do, which is more than servers should: a host that it does not understand,
//! it leaves out.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::Endpoint;
use crate::error::EndpointError;
use crate::host::Host;
use crate::protocol::{Path, Protocol, Scheme};

impl<P: Protocol> FromStr for Endpoint<P> {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        read(text.trim()).map_err(|flaw| EndpointError { flaw, example: P::EXAMPLE })
    }
}

fn read<P: Protocol>(text: &str) -> Result<Endpoint<P>, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.contains(|character: char| character.is_control()) {
        return Err("it contains a control character".to_owned());
    }
    if text.contains('#') {
        return Err("it contains a #, which is written %23".to_owned());
    }
    let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
    let scheme = known_scheme::<P>(scheme)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, hosts) =
        authority.rsplit_once('@').map_or((None, authority), |(login, hosts)| (Some(login), hosts));
    let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
        Some((user, password)) => (given(user)?, given(password)?),
        None => (None, None),
    };
    let parameters = read_parameters::<P>(query)?;
    let is_socket = hosts.is_empty() && parameters.contains_key("host");
    let default_port = P::default_port(scheme, &parameters);
    let hosts = if is_socket { Vec::new() } else { read_hosts::<P>(hosts, default_port)? };
    Ok(Endpoint {
        scheme,
        user,
        password,
        hosts,
        path: read_path::<P>(path)?,
        parameters,
        protocol: PhantomData,
    })
}

fn known_scheme<P: Protocol>(name: &str) -> Result<&'static Scheme, String> {
    let known = P::SCHEMES.iter().find(|scheme| scheme.name.eq_ignore_ascii_case(name));
    known.ok_or_else(|| {
        let names: Vec<_> = P::SCHEMES.iter().map(|scheme| format!("{}://", scheme.name)).collect();
        format!("it does not start with {}", names.join(" or "))
    })
}

fn read_hosts<P: Protocol>(text: &str, default_port: u16) -> Result<Vec<Host>, String> {
    let hosts = text.split(',').map(|host| Host::read(host, default_port)).collect::<Result<Vec<_>, _>>()?;
    if hosts.len() > 1 && !P::MANY_HOSTS {
        return Err("it names several hosts; only those of brokers and databases may".to_owned());
    }
    Ok(hosts)
}

fn read_path<P: Protocol>(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    match P::PATH {
        // As HTTP clients read it; checked here, where it can still be refused.
        Path::Base => match url::Url::parse(&format!("http://host/{path}")) {
            Ok(url) => Ok(url.path().trim_start_matches('/').to_owned()),
            Err(_) => Err("its path can't be read".to_owned()),
        },
        Path::Name if path.contains('/') => {
            Err("its path has several parts; a slash inside a name is written %2F".to_owned())
        }
        Path::Name => decoded(path),
    }
}

fn read_parameters<P: Protocol>(query: &str) -> Result<BTreeMap<&'static str, String>, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let known = P::PARAMETERS.iter().find(|parameter| parameter.name == name);
        let known = known.ok_or_else(|| {
            let names: Vec<_> = P::PARAMETERS.iter().map(|parameter| parameter.name).collect();
            let known = if names.is_empty() {
                "none is".to_owned()
            } else {
                format!("known are {}", names.join(", "))
            };
            format!("it has a parameter that is not known ({known}); a ? in a password is written %3F")
        })?;
        if !(known.fits)(&value) {
            return Err(format!("its parameter {} must be {}", known.name, known.values));
        }
        if parameters.insert(known.name, value.into_owned()).is_some() {
            return Err(format!("it has the parameter {} twice", known.name));
        }
    }
    Ok(parameters)
}

fn given(text: &str) -> Result<Option<String>, String> {
    Ok(Some(decoded(text)?).filter(|text| !text.is_empty()))
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "what is percent-encoded in it is not UTF-8".to_owned())?;
    if decoded.contains(|character: char| character.is_control()) {
        return Err("a control character is percent-encoded in it".to_owned());
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests;
