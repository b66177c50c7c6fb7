//! `docs/settings.md` names every setting. It is written from the command lines' own descriptions; this test holds one
//! against the other, and `UPDATE=1` rewrites it.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};

const INTRODUCTION: &str = "# Settings\n\nEvery setting of every command, by its environment variable. A flag \
takes precedence over its variable; `./cartwheel <command> --help` lists the flags. A secret may come in a file instead, \
named by the same variable with `_FILE` at its end, and a URL's password by itself, with `_PASSWORD` or `_PASSWORD_FILE` in \
place of `_URL`. This page is generated: `UPDATE=1 \
cargo test -p cartwheel-verify --test settings`.\n\n| environment variable | default | what it is | commands |\n|---|---|---|---|\n";

#[derive(Default)]
struct Setting {
    default: String,
    help: String,
    commands: Vec<String>,
}

fn collect(command: &Command, name: &str, settings: &mut BTreeMap<(String, String), Setting>) {
    for argument in command.get_arguments() {
        let Some(variable) = argument.get_env() else { continue };
        let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        // Read by `cartwheel` only.
        if argument.is_hide_env_values_set() {
            help += ". A secret";
        }
        let setting = settings.entry((variable.to_string_lossy().into_owned(), help.clone())).or_default();
        setting.default = default(argument);
        setting.help = help;
        let name = if name.is_empty() { "all".to_owned() } else { format!("`{name}`") };
        // The two command lines share what counts for all of their commands.
        if !setting.commands.contains(&name) {
            setting.commands.push(name);
        }
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        collect(inner, format!("{name} {}", inner.get_name()).trim(), settings);
    }
}

fn default(argument: &Arg) -> String {
    let values = argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy()));
    values.collect::<Vec<_>>().join(" ")
}

fn page() -> String {
    let mut settings = BTreeMap::new();
    for command_line in [cartwheel::cli::Cli::command(), verify::cli::Cli::command()] {
        collect(&command_line, "", &mut settings);
    }
    let mut page = INTRODUCTION.to_owned();
    for ((variable, _), Setting { default, help, commands }) in settings {
        let help = help.replace('|', "\\|");
        writeln!(page, "| `{variable}` | {default} | {help} | {} |", commands.join(", ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_settings_is_true() {
    testkit::assert_up_to_date("docs/settings.md", &page(), "cargo test -p cartwheel-verify --test settings");
}
