//! What goes wrong, and when. The same seed gives the same plan.

use std::time::Duration;

use events::cart::CartEvent;
use events::{Aggregate, PARTICIPANTS};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

use super::fault::{Action, Fault, Kind, Route, Server};
use super::services::INSTANCES;

/// The longest rest between two faults: it decides how long a run takes.
const MAX_PAUSE: Duration = Duration::from_secs(3);
/// The share of faults that begin while those before them last.
const OVERLAPPING: f64 = 0.3;

/// In each twelve faults of a plan.
const SHARES: [Kind; 12] = [
    Kind::KillService,
    Kind::Cut,
    Kind::Stall,
    Kind::DeliverAgain,
    Kind::DeliverEarly,
    Kind::KillRabbitmq,
    Kind::KillPostgres,
    Kind::KillService,
    Kind::FreezeService,
    Kind::DeleteQueue,
    Kind::RestoreBackup,
    Kind::Poison,
];

/// A plan of this many faults, of these kinds; of all kinds where none is named.
#[must_use]
pub fn plan(seed: u64, faults: usize, kinds: &[Kind]) -> Vec<Fault> {
    let mut random = StdRng::seed_from_u64(seed);
    let wanted = |kind: &Kind| kinds.is_empty() || kinds.contains(kind);
    // Once and last: what a queue holds that is deleted afterwards would be nowhere, as it must be.
    let last = wanted(&Kind::MakeLogAgain).then_some(Kind::MakeLogAgain);
    let others = faults.saturating_sub(last.iter().count());
    let mut order: Vec<Kind> = SHARES.into_iter().filter(wanted).cycle().take(others).collect();
    order.shuffle(&mut random);
    order.extend(last.filter(|_| faults > 0));
    order.into_iter().map(|kind| fault(kind, &mut random)).collect()
}

fn fault(kind: Kind, random: &mut StdRng) -> Fault {
    let action = action(kind, random);
    let overlaps = random.random_bool(OVERLAPPING);
    let rest = random.random_range(Duration::ZERO..MAX_PAUSE);
    Fault { action, rest: if overlaps { Duration::ZERO } else { rest }, at: random.random_range(0.1..0.7) }
}

fn action(kind: Kind, random: &mut StdRng) -> Action {
    match kind {
        Kind::KillService => Action::KillService { service: service(random), instance: instance(random) },
        Kind::Cut => Action::Cut { route: route(random), duration: millis(random, 100, 2000) },
        Kind::Stall => Action::Stall { route: route(random), duration: millis(random, 500, 4000) },
        Kind::DeliverAgain => {
            let (from, to) = messages(random);
            Action::DeliverAgain { from, to }
        }
        Kind::DeliverEarly => {
            let (from, to) = messages(random);
            Action::DeliverEarly { from, to }
        }
        Kind::FreezeService => Action::FreezeService {
            service: service(random),
            instance: instance(random),
            duration: millis(random, 500, 8000),
        },
        Kind::DeleteQueue => {
            Action::DeleteQueue { service: queue(random), downtime: millis(random, 0, 1500) }
        }
        Kind::RestoreBackup => {
            Action::RestoreBackup { service: restored(random), age: millis(random, 1000, 5000) }
        }
        Kind::MakeLogAgain => Action::MakeLogAgain,
        Kind::Poison => Action::Poison { exchange: messages(random).0 },
        Kind::KillRabbitmq => Action::KillRabbitmq { downtime: millis(random, 0, 1500) },
        Kind::KillPostgres => Action::KillPostgres { downtime: millis(random, 0, 1500) },
    }
}

/// The catalog is at rest in a run, so it is left out.
fn service(random: &mut StdRng) -> &'static str {
    ["cart", "inventory", "recommend", "notify", "analytics"].choose(random).copied().unwrap_or("cart")
}

/// Whoever has no queue follows the event log.
fn queue(random: &mut StdRng) -> &'static str {
    let with_queue: Vec<_> =
        PARTICIPANTS.iter().filter(|service| !service.listens_to.is_empty()).map(|it| it.service).collect();
    with_queue.choose(random).copied().unwrap_or("cart")
}

fn instance(random: &mut StdRng) -> usize {
    random.random_range(0..INSTANCES)
}

/// Not the cart: what it acknowledged and had not published yet would be lost with its database, as it must be.
fn restored(random: &mut StdRng) -> &'static str {
    ["inventory", "recommend", "notify"].choose(random).copied().unwrap_or("inventory")
}

fn route(random: &mut StdRng) -> Route {
    let to = if random.random() { Server::RabbitMq } else { Server::Postgres };
    Route { service: service(random), to }
}

fn messages(random: &mut StdRng) -> (Aggregate, &'static str) {
    let pairs: Vec<_> = PARTICIPANTS
        .iter()
        .flat_map(|listener| listener.listens_to.iter().map(|from| (*from, listener.service)))
        .filter(|(from, _)| from.service() != "catalog")
        .collect();
    pairs.choose(random).copied().unwrap_or((CartEvent::AGGREGATE, "inventory"))
}

fn millis(random: &mut StdRng, least: u64, most: u64) -> Duration {
    Duration::from_millis(random.random_range(least..most))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use events::Participant;

    use super::*;

    fn number(plan: &[Fault], kind: Kind) -> usize {
        plan.iter().filter(|fault| fault.action.kind() == kind).count()
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_another_one_another() {
        assert_eq!(plan(7, 40, &[]), plan(7, 40, &[]));
        assert_ne!(plan(7, 40, &[]), plan(8, 40, &[]));
    }

    #[test]
    fn a_hundred_faults_have_seven_of_each_kind_at_least_and_two_dozen_some_of_each() {
        for kind in Kind::value_variants().iter().filter(|kind| **kind != Kind::MakeLogAgain) {
            assert!(number(&plan(1, 100, &[]), *kind) >= 7, "{kind:?}");
            assert!(number(&plan(1, 24, &[]), *kind) >= 1, "{kind:?}");
        }
    }

    #[test]
    fn the_log_is_made_again_once_and_last() {
        let plan = plan(1, 30, &[]);
        assert_eq!(number(&plan, Kind::MakeLogAgain), 1);
        assert_eq!(plan.last().unwrap().action, Action::MakeLogAgain);
    }

    #[test]
    fn every_queue_that_is_deleted_exists() {
        for fault in plan(1, 200, &[Kind::DeleteQueue]) {
            let Action::DeleteQueue { service, .. } = fault.action else { continue };
            assert!(!Participant::named(service).unwrap().listens_to.is_empty(), "{service}");
        }
    }

    #[test]
    fn only_the_kinds_that_were_asked_for_happen() {
        let plan = plan(1, 9, &[Kind::Cut, Kind::KillPostgres]);
        assert_eq!((plan.len(), number(&plan, Kind::Cut) + number(&plan, Kind::KillPostgres)), (9, 9));
    }
}
