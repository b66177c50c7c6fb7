//! Secrets that come in files, as orchestrators hand them over. Every setting whose value is hidden in the help may come in a
//! file: `CARTWHEEL_ADMIN_KEY_FILE` names one with `CARTWHEEL_ADMIN_KEY`. The password of a URL may come by itself, in clear:
//! `CARTWHEEL_BROKER_PASSWORD` or `CARTWHEEL_BROKER_PASSWORD_FILE` for `CARTWHEEL_BROKER_URL`.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use clap::builder::Resettable;
use clap::{Arg, Command};

/// What a look at the environment finds: the value of a variable.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The command line with what the files say.
///
/// # Errors
/// When a file can't be read, or there is a value beside it.
pub fn with_secret_files(command: Command) -> anyhow::Result<Command> {
    with_secrets(command, &|name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn with_secrets(mut command: Command, variables: Variables<'_>) -> anyhow::Result<Command> {
    let mut given = Vec::new();
    for secret in command.get_arguments().filter(|argument| argument.is_hide_env_values_set()) {
        given.extend(found(secret, variables)?.map(|value| (secret.get_id().clone(), value)));
    }
    for (id, value) in given {
        command = command.mut_arg(id, |argument| {
            argument.env(Resettable::Reset).required(false).hide_default_value(true).default_value(value)
        });
    }
    let names: Vec<_> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in names {
        let Some(inner) = command.find_subcommand_mut(&name) else { continue };
        *inner = with_secrets(std::mem::take(inner), variables)?;
    }
    Ok(command)
}

/// The setting's value, if it is not just that of its variable.
fn found(secret: &Arg, variables: Variables<'_>) -> anyhow::Result<Option<String>> {
    let Some(name) = secret.get_env().and_then(|name| name.to_str()) else { return Ok(None) };
    let in_file = in_file(name, variables)?;
    let password = match name.strip_suffix("_URL") {
        Some(name) => {
            let name = format!("{name}_PASSWORD");
            in_file_or_variable(&name, variables)?
        }
        None => None,
    };
    let Some(password) = password else { return Ok(in_file) };
    let Some(url) = in_file.or_else(|| variables(name)) else { return Ok(None) };
    with_password(&url, &password).map(Some).with_context(|| {
        format!("{name} names no user whose password this could be: scheme://user@host/name")
    })
}

/// The URL with this password in place of its own. It may have several hosts.
fn with_password(url: &str, password: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (user, _) = authority.rsplit_once('@')?;
    let rest = &rest[user.len() + 1..];
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    let encoded = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let password: String = password.bytes().map(encoded).collect();
    Some(format!("{scheme}://{user}:{password}@{rest}"))
}

fn in_file_or_variable(name: &str, variables: Variables<'_>) -> anyhow::Result<Option<String>> {
    Ok(in_file(name, variables)?.or_else(|| variables(name)))
}

/// What the file has that `…_FILE` names.
fn in_file(name: &str, variables: Variables<'_>) -> anyhow::Result<Option<String>> {
    let variable = format!("{name}_FILE");
    let Some(file) = variables(&variable) else { return Ok(None) };
    if variables(name).is_some() {
        bail!("both {name} and {variable} are set: which one counts? Leave one out");
    }
    read(Path::new(&file)).map(Some).with_context(|| format!("{variable} can't be used"))
}

/// The secret in a file. A line break at its end belongs to the file.
pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("{} is empty", file.display());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{CommandFactory, FromArgMatches};
    use secrecy::ExposeSecret;

    use super::*;
    use crate::cli::serve::Serve;
    use crate::cli::{self, Cli};

    fn serve(line: &str, variables: &BTreeMap<&str, String>) -> anyhow::Result<service::Settings> {
        let command = with_secrets(Cli::command(), &|name: &str| variables.get(name).cloned())?;
        let matches = command.try_get_matches_from(line.split(' '))?;
        match Cli::from_arg_matches(&matches)?.command {
            cli::Command::Serve(serve) => match *serve {
                Serve::Cart(settings) => Ok(settings.service),
                _ => bail!("another service"),
            },
            _ => bail!("another command"),
        }
    }

    #[test]
    fn each_secret_may_come_in_a_file_and_a_password_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            file.to_str().unwrap().to_owned()
        };
        let variables = BTreeMap::from([
            ("CARTWHEEL_ADMIN_KEY_FILE", file("key", "the key\n")),
            ("CARTWHEEL_DATABASE_URL", "postgres://cart@db/cart".to_owned()),
            ("CARTWHEEL_DATABASE_PASSWORD_FILE", file("database", "p@ss/w:rd?#%")),
            ("CARTWHEEL_BROKER_URL_FILE", file("broker", "amqp://cart@broker/shop")),
            ("CARTWHEEL_BROKER_PASSWORD", "p@ss".to_owned()),
        ]);
        let settings = serve("cartwheel serve cart", &variables).unwrap();
        assert_eq!(settings.admin_key.expose_secret(), "the key");
        assert_eq!(settings.database_url.expose(), "postgres://cart:p%40ss%2Fw%3Ard%3F%23%25@db:5432/cart");
        assert_eq!(settings.broker_url.expose(), "amqp://cart:p%40ss@broker:5672/shop");
        let flag = "cartwheel serve cart --admin-key=flag";
        assert_eq!(serve(flag, &variables).unwrap().admin_key.expose_secret(), "flag");
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_words() {
        let refusal = |variables: &[(&'static str, &str)]| {
            let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            format!("{:#}", serve("cartwheel serve cart", &variables).unwrap_err())
        };
        let missing = refusal(&[("CARTWHEEL_ADMIN_KEY_FILE", "/nowhere/key")]);
        assert!(
            missing.starts_with(
                "CARTWHEEL_ADMIN_KEY_FILE can't be used: /nowhere/key can't be read: No such file"
            ),
            "{missing}"
        );
        let empty = refusal(&[("CARTWHEEL_ADMIN_KEY_FILE", "/dev/null")]);
        assert_eq!(empty, "CARTWHEEL_ADMIN_KEY_FILE can't be used: /dev/null is empty");
        let both = refusal(&[("CARTWHEEL_ADMIN_KEY_FILE", "/nowhere/key"), ("CARTWHEEL_ADMIN_KEY", "key")]);
        assert!(both.contains("both CARTWHEEL_ADMIN_KEY and CARTWHEEL_ADMIN_KEY_FILE"), "{both}");
        let nobody =
            refusal(&[("CARTWHEEL_BROKER_URL", "amqp://host/shop"), ("CARTWHEEL_BROKER_PASSWORD", "secret")]);
        assert!(nobody.starts_with("CARTWHEEL_BROKER_URL names no user"), "{nobody}");
        assert!(!nobody.contains("secret"), "{nobody}");
    }

    #[test]
    fn a_url_may_have_a_password_and_several_hosts() {
        let url = with_password("amqp://cart:old@a:5672,[2001:db8::5]:5673/shop?heartbeat=5", "new").unwrap();
        assert_eq!(url, "amqp://cart:new@a:5672,[2001:db8::5]:5673/shop?heartbeat=5");
    }
}
