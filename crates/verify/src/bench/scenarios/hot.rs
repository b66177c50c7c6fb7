//! What everybody wants at the same time: one product, while there is some and when it is sold out, and one cart.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use cartwheel::table::grouped;

use crate::bench::contestant::Contestant;
use crate::bench::figure::Figure;
use crate::bench::load::{Carts, Load, Until};
use crate::bench::plan::Plan;
use crate::bench::products::{AVAILABLE, PRODUCTS, sku};
use crate::bench::report::Report;
use crate::bench::requests::{Changed, Requests};
use crate::bench::running::Running;
use crate::bench::testbed::Testbed;

const TITLE: &str = "256 clients that add one product, and to one cart";
const CLIENTS: usize = 256;

/// Measures the contestants that have carts and stock, in turn.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for _ in 0..plan.rounds {
        let all = plan.contestants.iter().copied();
        for contestant in all.filter(|one| !matches!(one, Contestant::Unpacked | Contestant::Packed)) {
            match measure(testbed, contestant, plan).await {
                Ok(figures) => report.add(TITLE, contestant.name(), figures),
                Err(error) => report.fail(format!("{TITLE}, {}: {error:#}", contestant.name())),
            }
        }
    }
}

async fn measure(testbed: &Testbed, contestant: Contestant, plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let mut running = Running::start(testbed, contestant).await?;
    let carts = Carts::Own { additions: 1 };
    let load = Load { carts, ..Load::usual(CLIENTS, Until::Elapsed(plan.duration)) };
    let spread = per_second(&mut running, &load).await?;
    let hot = per_second(&mut running, &Load { products: 1, ..load.clone() }).await?;
    let mut figures = vec![
        Figure::new(
            format!("additions/s to the last effect, a cart each, {} products", grouped(PRODUCTS)),
            0,
            spread,
        ),
        Figure::new("additions/s to the last effect, a cart each, one product", 0, hot).compared(),
        Figure::new("one product in relation to all", 2, hot / spread),
    ];
    figures.extend(one_cart(&mut running, &load).await?);
    if contestant.is_cartwheel() {
        figures.extend(waiting_line(&mut running, &load, spread).await?);
    }
    running.end(testbed).await?;
    Ok(figures)
}

async fn per_second(running: &mut Running, load: &Load) -> anyhow::Result<f64> {
    let began = Instant::now();
    let answers = running.load(load).await?;
    running.settle().await?;
    Ok(answers.per_second_of(began.elapsed()))
}

/// Has everybody add a product that is sold out; then there is enough for all.
async fn waiting_line(running: &mut Running, load: &Load, spread: f64) -> anyhow::Result<Vec<Figure>> {
    running.offer(0, 0).await?;
    let began = Instant::now();
    let waiting = running.load(&Load { products: 1, ..load.clone() }).await?;
    running.settle().await?;
    let sold_out = waiting.per_second_of(began.elapsed());
    let began = Instant::now();
    running.offer(0, AVAILABLE).await?;
    running.settle().await?;
    Ok(vec![
        Figure::new("additions/s to the last effect, a cart each, one product that is sold out", 0, sold_out),
        Figure::new("one product that is sold out in relation to all", 2, sold_out / spread),
        Figure::new("waiting carts that get it, a second", 0, waiting.per_second_of(began.elapsed())),
    ])
}

/// Has everybody add to one cart, and checks that all counted.
async fn one_cart(running: &mut Running, load: &Load) -> anyhow::Result<Vec<Figure>> {
    let requests = Requests::new(running.urls(), 1)?;
    let cart = Arc::new(requests.open().await?);
    let before = requests.add_and_look(&cart, 0).await?;
    let load = Load { carts: Carts::Given(vec![Arc::clone(&cart)]), products: 1, ..load.clone() };
    let answers = running.load(&load).await?;
    let after = requests.add_and_look(&cart, 0).await?;
    running.count(2);
    let more = u64::try_from(answers.all.len())? + 1;
    let quantities = [quantity(&before)?, quantity(&after)?];
    ensure!(quantities[1] - quantities[0] == more, "{quantities:?} pieces, {more} more were acknowledged");
    let versions = [before.version, after.version];
    ensure!(versions[1] - versions[0] == more, "versions {versions:?}, {more} changes were acknowledged");
    running.settle().await?;
    let mut figures =
        vec![Figure::new("additions/s to one cart, answered", 0, answers.per_second()).compared()];
    figures.extend(answers.figures("one cart, answer"));
    Ok(figures)
}

fn quantity(cart: &Changed) -> anyhow::Result<u64> {
    let line = cart.lines.iter().find(|line| line.sku == sku(0));
    Ok(line.context("the product is not in the cart")?.quantity)
}
