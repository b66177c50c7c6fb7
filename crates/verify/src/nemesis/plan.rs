//! What goes wrong, and when. The same seed gives the same plan.

use std::time::Duration;

use clap::ValueEnum;
use events::PARTICIPANTS;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

/// The longest rest between two faults: it decides how long a run takes.
const LONGEST_REST: Duration = Duration::from_secs(3);
/// So many of ten faults begin while those before them last.
const OVERLAPPING: f64 = 0.3;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// A service is killed with SIGKILL, and started again
    KillService,
    /// A service's connections to RabbitMQ or PostgreSQL are closed, and new ones for a while
    Cut,
    /// A service's connections to RabbitMQ or PostgreSQL stay, and nothing passes for a while
    Stall,
    /// Messages that were delivered are delivered again
    DeliverAgain,
    /// Messages that the relay has not published yet are delivered ahead of it, the last one first
    DeliverEarly,
    /// RabbitMQ is killed with SIGKILL, and started again
    KillRabbitmq,
    /// PostgreSQL is killed with SIGKILL, and started again
    KillPostgres,
}

/// In each ten faults of a plan.
const SHARES: [Kind; 10] = [
    Kind::KillService,
    Kind::Cut,
    Kind::Stall,
    Kind::DeliverAgain,
    Kind::DeliverEarly,
    Kind::KillRabbitmq,
    Kind::KillPostgres,
    Kind::KillService,
    Kind::Cut,
    Kind::Stall,
];

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub blow: Blow,
    /// How long nobody is disturbed before it.
    pub rest: Duration,
    /// It strikes when this share of its changes is acknowledged.
    pub at: f64,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum Blow {
    KillService { service: &'static str },
    Cut { way: Way, lasting: Duration },
    Stall { way: Way, lasting: Duration },
    DeliverAgain { from: &'static str, to: &'static str },
    DeliverEarly { from: &'static str, to: &'static str },
    KillRabbitmq { away: Duration },
    KillPostgres { away: Duration },
}

/// A service's connections to one of its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    pub service: &'static str,
    pub to: Server,
}

/// A server that services need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    RabbitMq,
    Postgres,
}

impl Kind {
    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillService => "a service killed",
            Self::Cut => "connections cut",
            Self::Stall => "connections stalled",
            Self::DeliverAgain => "messages delivered again",
            Self::DeliverEarly => "messages delivered early",
            Self::KillRabbitmq => "RabbitMQ killed",
            Self::KillPostgres => "PostgreSQL killed",
        }
    }
}

impl Blow {
    pub fn kind(&self) -> Kind {
        match self {
            Self::KillService { .. } => Kind::KillService,
            Self::Cut { .. } => Kind::Cut,
            Self::Stall { .. } => Kind::Stall,
            Self::DeliverAgain { .. } => Kind::DeliverAgain,
            Self::DeliverEarly { .. } => Kind::DeliverEarly,
            Self::KillRabbitmq { .. } => Kind::KillRabbitmq,
            Self::KillPostgres { .. } => Kind::KillPostgres,
        }
    }

    fn random(kind: Kind, random: &mut StdRng) -> Self {
        match kind {
            Kind::KillService => Self::KillService { service: service(random) },
            Kind::Cut => Self::Cut { way: way(random), lasting: millis(random, 100, 2000) },
            Kind::Stall => Self::Stall { way: way(random), lasting: millis(random, 500, 4000) },
            Kind::DeliverAgain => {
                let (from, to) = messages(random);
                Self::DeliverAgain { from, to }
            }
            Kind::DeliverEarly => {
                let (from, to) = messages(random);
                Self::DeliverEarly { from, to }
            }
            Kind::KillRabbitmq => Self::KillRabbitmq { away: millis(random, 0, 1500) },
            Kind::KillPostgres => Self::KillPostgres { away: millis(random, 0, 1500) },
        }
    }
}

/// So many faults, of these kinds; of all where none is named.
pub fn plan(seed: u64, faults: usize, kinds: &[Kind]) -> Vec<Fault> {
    let mut random = StdRng::seed_from_u64(seed);
    let wanted = |kind: &Kind| kinds.is_empty() || kinds.contains(kind);
    let mut order: Vec<Kind> = SHARES.into_iter().filter(wanted).cycle().take(faults).collect();
    order.shuffle(&mut random);
    order.into_iter().map(|kind| fault(kind, &mut random)).collect()
}

fn fault(kind: Kind, random: &mut StdRng) -> Fault {
    let blow = Blow::random(kind, random);
    let overlaps = random.random_bool(OVERLAPPING);
    let rest = random.random_range(Duration::ZERO..LONGEST_REST);
    Fault { blow, rest: if overlaps { Duration::ZERO } else { rest }, at: random.random_range(0.1..0.7) }
}

/// The catalog is at rest in a run, so it is left out.
fn service(random: &mut StdRng) -> &'static str {
    ["cart", "inventory", "recommend", "notify"].choose(random).copied().unwrap_or("cart")
}

fn way(random: &mut StdRng) -> Way {
    let to = if random.random() { Server::RabbitMq } else { Server::Postgres };
    Way { service: service(random), to }
}

fn messages(random: &mut StdRng) -> (&'static str, &'static str) {
    let pairs: Vec<_> = PARTICIPANTS
        .iter()
        .flat_map(|listener| listener.listens_to.iter().map(|from| (*from, listener.service)))
        .filter(|(from, _)| *from != "catalog")
        .collect();
    pairs.choose(random).copied().unwrap_or(("cart", "inventory"))
}

fn millis(random: &mut StdRng, least: u64, most: u64) -> Duration {
    Duration::from_millis(random.random_range(least..most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(plan: &[Fault], kind: Kind) -> usize {
        plan.iter().filter(|fault| fault.blow.kind() == kind).count()
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_another_one_another() {
        assert_eq!(plan(7, 40, &[]), plan(7, 40, &[]));
        assert_ne!(plan(7, 40, &[]), plan(8, 40, &[]));
    }

    #[test]
    fn a_hundred_faults_have_ten_of_each_kind_at_least_and_a_dozen_some_of_each() {
        for kind in Kind::value_variants() {
            assert!(number(&plan(1, 100, &[]), *kind) >= 10, "{kind:?}");
            assert!(number(&plan(1, 12, &[]), *kind) >= 1, "{kind:?}");
        }
    }

    #[test]
    fn only_the_kinds_that_were_asked_for_happen() {
        let plan = plan(1, 9, &[Kind::Cut, Kind::KillPostgres]);
        assert_eq!((plan.len(), number(&plan, Kind::Cut) + number(&plan, Kind::KillPostgres)), (9, 9));
    }
}
