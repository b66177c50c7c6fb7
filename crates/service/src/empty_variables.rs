use clap::{Arg, Command};

/// Has an environment variable that is empty count as one that is not set, for each setting of a command: files that describe
/// containers often name a variable without giving it a value.
#[must_use]
pub fn ignore_empty_variables(command: Command) -> Command {
    let command =
        command.mut_args(|argument| if is_empty(&argument) { argument.env(None) } else { argument });
    command.mut_subcommands(ignore_empty_variables)
}

fn is_empty(argument: &Arg) -> bool {
    argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty())
}
