//! What `up` runs here, as the defaults of the commands that look for it.

use clap::error::ErrorKind;
use clap::{Arg, Command};
use events::PARTICIPANTS;

use crate::connections::{Connections, ServiceConnections};

/// The commands with these defaults. A flag and an environment variable take precedence.
pub(super) fn with_defaults(command: Command, here: &Connections) -> Command {
    command.mut_subcommands(|command| match command.get_name() {
        "topology" => default(command, "rabbitmq_url", &here.rabbitmq_url),
        "events" | "dead-letters" => {
            command.mut_subcommands(|command| default(command, "rabbitmq_url", &here.rabbitmq_url))
        }
        "doctor" => of_doctor(command, here),
        "parked" | "mails" | "timers" => command.mut_subcommands(|command| {
            default(default(command, "shop", &here.url), "admin_key", &here.admin_key)
        }),
        "rebuild" | "restored" => command.mut_subcommands(|command| of_service(command, here)),
        "republish" => of_republish(command, here),
        _ => command,
    })
}

/// Says what is wrong with the command line, and what else would do.
pub(super) fn exit(error: &clap::Error, runs_here: bool) -> ! {
    let _ = error.print();
    if error.kind() == ErrorKind::MissingRequiredArgument && !runs_here {
        say_where_it_is_looked_for();
    }
    std::process::exit(error.exit_code())
}

/// Says that a secret can't be had.
#[allow(clippy::print_stderr)]
pub(super) fn refuse(error: &anyhow::Error) -> ! {
    eprintln!("error: {error:#}");
    std::process::exit(2)
}

#[allow(clippy::print_stderr)]
fn say_where_it_is_looked_for() {
    eprintln!(
        "\nThe commands that look after a shop find by themselves what `cartwheel up` runs in this folder. Nothing runs here."
    );
}

fn default(command: Command, argument: &str, value: &str) -> Command {
    let value = value.to_owned();
    command.mut_arg(argument, |argument| optional(argument).default_value(value))
}

/// Not required any more. Its default may be a secret.
fn optional(argument: Arg) -> Arg {
    argument.required(false).hide_default_value(true)
}

fn of_doctor(command: Command, here: &Connections) -> Command {
    let urls = |url: fn(&ServiceConnections) -> &String| {
        here.services.iter().map(|(service, of)| format!("{service}={}", url(of))).collect::<Vec<_>>()
    };
    let (databases, users) = (urls(|of| &of.database_url), urls(|of| &of.broker_url));
    let command = default(command, "rabbitmq_url", &here.rabbitmq_url);
    default(command, "management_url", &here.management_url)
        .mut_arg("databases", |argument| optional(argument).default_values(databases))
        .mut_arg("broker_users", |argument| optional(argument).default_values(users))
}

fn of_service(command: Command, here: &Connections) -> Command {
    let Some(service) = here.services.get(command.get_name()) else { return command };
    default(default(command, "database_url", &service.database_url), "broker_url", &service.broker_url)
}

/// Its database is that of the service which publishes the aggregate.
fn of_republish(command: Command, here: &Connections) -> Command {
    let published = PARTICIPANTS.iter().filter_map(|participant| {
        let service = here.services.get(participant.service)?;
        Some(participant.publishes.iter().map(|aggregate| (aggregate.name(), service.database_url.clone())))
    });
    let databases = published.flatten().map(|(aggregate, url)| ("aggregate", aggregate, url));
    let databases: Vec<_> = databases.collect();
    command.mut_arg("database_url", |argument| optional(argument).default_value_ifs(databases))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::builder::Resettable;
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::{self, Cli};

    fn read(line: &str) -> Result<cli::Command, clap::Error> {
        let services = PARTICIPANTS.map(|participant| {
            let of = |scheme: &str| format!("{scheme}://{0}:p@h/{0}", participant.service);
            let of = ServiceConnections { database_url: of("postgres"), broker_url: of("amqp") };
            (participant.service.to_owned(), of)
        });
        let here = Connections {
            url: "http://127.0.0.1:8080".to_owned(),
            admin_key: "key".to_owned(),
            rabbitmq_url: "amqp://admin:p@h:5672/v".to_owned(),
            management_url: "http://admin:p@h:15672".to_owned(),
            vhost: "v".to_owned(),
            services: BTreeMap::from(services),
        };
        let command = with_defaults(without_variables(Cli::command()), &here);
        let matches = command.try_get_matches_from(line.split(' '))?;
        Ok(Cli::from_arg_matches(&matches)?.command)
    }

    /// The test may run beside servers that variables name.
    fn without_variables(command: Command) -> Command {
        command.mut_args(|argument| argument.env(Resettable::Reset)).mut_subcommands(without_variables)
    }

    #[test]
    fn the_doctor_gets_everything() {
        let cli::Command::Doctor(doctor) = read("cartwheel doctor").unwrap() else { panic!() };
        assert_eq!(doctor.rabbitmq_url.expose(), "amqp://admin:p@h:5672/v");
        assert_eq!(doctor.management_url.unwrap().expose(), "http://admin:p@h:15672");
        assert_eq!(
            (doctor.databases.len(), doctor.broker_users.len()),
            (PARTICIPANTS.len(), PARTICIPANTS.len())
        );
    }

    #[test]
    fn a_flag_takes_precedence_over_what_runs_here() {
        let line = "cartwheel doctor --rabbitmq-url amqp://other/v --database cart=postgres://other/cart";
        let cli::Command::Doctor(doctor) = read(line).unwrap() else { panic!() };
        assert_eq!(doctor.rabbitmq_url.expose(), "amqp://other:5672/v");
        let databases: Vec<_> =
            doctor.databases.iter().map(|(service, url)| (service.as_str(), url.expose())).collect();
        assert_eq!(databases, [("cart", "postgres://other:5432/cart".to_owned())]);
    }

    #[test]
    fn every_other_command_finds_what_it_needs() {
        for line in [
            "topology",
            "events tail",
            "events show 0190163d-8694-739b-aea5-966c26f8ad91",
            "events export",
            "parked list",
            "parked retry 7 --service notify",
            "mails list",
            "timers retry 7 --service cart",
            "rebuild cart",
            "restored inventory",
            "republish cart.carts",
        ] {
            read(&format!("cartwheel {line}")).unwrap();
        }
    }

    #[test]
    fn an_aggregate_is_published_again_from_its_own_services_database() {
        for (aggregate, service) in [("cart.carts", "cart"), ("inventory.stock", "inventory")] {
            let line = format!("cartwheel republish {aggregate}");
            let cli::Command::Republish(republished) = read(&line).unwrap() else { panic!() };
            let url = republished.settings.database_url.expose();
            assert_eq!(url, format!("postgres://{service}:p@h:5432/{service}"));
        }
    }
}
