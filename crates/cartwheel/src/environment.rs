//! `env`: what a shell needs to talk to the shop that `up` runs, as commands for it: `eval "$(./cartwheel env)"`.

use anyhow::Context;

use crate::connections::Connections;

/// Prints the shop's address, the admin key, and RabbitMQ's management API with its user and the virtual host. Cartwheel's own
/// commands read none of these names, so that an older value can't get in their way.
#[allow(clippy::print_stdout)]
pub fn environment() -> anyhow::Result<()> {
    let here =
        Connections::here().context("nothing runs here: start `cartwheel up` first, in another terminal")?;
    println!("export SHOP={}", quoted(&here.url));
    println!("export ADMIN={}", quoted(&here.admin_key));
    println!("export RABBITMQ={}", quoted(here.management_url.trim_end_matches('/')));
    println!("export VHOST={}", quoted(&here.vhost));
    Ok(())
}

/// As one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_no_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
