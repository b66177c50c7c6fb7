//! Larger carts, more products, more instances.

use std::sync::Arc;
use std::time::Instant;

use cartwheel::table::grouped;
use envelope::Clock;
use futures::future::try_join_all;

use super::costs;
use crate::bench::contestant::Contestant;
use crate::bench::effects::Effects;
use crate::bench::figure::Figure;
use crate::bench::load::{Carts, Load, Until};
use crate::bench::plan::Plan;
use crate::bench::process_tree::memory;
use crate::bench::report::Report;
use crate::bench::requests::{Cart, Requests};
use crate::bench::shop::{Shop, Size};
use crate::bench::testbed::Testbed;
use crate::bench::usage::Usage;

/// Lines of a cart; the last is the most that a cart has.
const LINES: [usize; 3] = [10, 200, 2000];
/// Carts of that many lines, each with a client.
const CARTS: usize = 8;
const ADDITIONS: usize = 4000;
const CLIENTS: usize = 256;
/// More need more connections than the PostgreSQL of the bench has.
const INSTANCES: [usize; 4] = [1, 2, 4, 8];

/// Measures Cartwheel: carts and products with all services in one process, instances with a process each.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    let releases = plan.contestants.iter().copied().filter(|one| one.is_cartwheel());
    for contestant in releases {
        if contestant == Contestant::Processes {
            for instances in INSTANCES {
                let size = Size { instances, ..Size::default() };
                let title = "Growth: instances of each service but the catalogue, 256 clients";
                note(
                    report,
                    title,
                    contestant,
                    &grouped(instances),
                    grown(testbed, contestant, size, plan).await,
                );
            }
            continue;
        }
        for lines in LINES {
            let title = "Growth: lines of a cart that is added to, without bodies in the answers";
            note(report, title, contestant, &grouped(lines), large_carts(testbed, contestant, lines).await);
        }
        for products in &plan.products {
            let size = Size { products: *products, ..Size::default() };
            let title = "Growth: products, 256 clients";
            note(
                report,
                title,
                contestant,
                &grouped(*products),
                grown(testbed, contestant, size, plan).await,
            );
        }
    }
}

/// Another release has columns of its own.
fn note(
    report: &mut Report,
    title: &str,
    contestant: Contestant,
    column: &str,
    figures: anyhow::Result<Vec<Figure>>,
) {
    let column = match contestant {
        Contestant::Beside => format!("{column}, {}", contestant.name()),
        _ => column.to_owned(),
    };
    match figures {
        Ok(figures) => report.add(title, &column, figures),
        Err(error) => report.fail(format!("{title}, {column}: {error:#}")),
    }
}

/// The usual load on a shop of this size.
async fn grown(
    testbed: &Testbed,
    contestant: Contestant,
    size: Size,
    plan: &Plan,
) -> anyhow::Result<Vec<Figure>> {
    let began = Instant::now();
    let shop = Shop::start(testbed, contestant, size).await?;
    let filled = began.elapsed();
    let usual = Load::usual(CLIENTS, Until::Elapsed(plan.duration));
    let mut figures = under_load(testbed, shop, Load { products: size.products, ..usual }).await?;
    figures.push(Figure::millis("start until all products are sold, ms", 0, filled));
    Ok(figures)
}

/// What a load comes to. Ends the shop.
pub async fn under_load(testbed: &Testbed, shop: Shop, load: Load) -> anyhow::Result<Vec<Figure>> {
    let before = Usage::look(&shop.pids()?, &testbed.postgres).await?;
    let began = Clock::system().now();
    let answers = load.run(&shop.urls("cart")).await?;
    shop.quiet().await?;
    let used = Usage::look(&shop.pids()?, &testbed.postgres).await?.since(&before);
    shop.settle().await?;
    let all_effects = (Effects::last_of_shop(&shop.databases).await? - began).to_std()?;
    let mut figures = vec![
        Figure::new("additions/s, to the last effect", 0, answers.per_second_of(all_effects)),
        Figure::new("additions/s, answered", 0, answers.per_second()),
    ];
    figures.extend(answers.figures("answer"));
    figures.extend(costs::processor(&used, answers.all.len()));
    figures.extend(costs::database(&used, answers.all.len()));
    figures.push(Figure::new("memory, afterwards, MB", 0, costs::megabytes(memory(&shop.pids()?))));
    shop.end(testbed).await?;
    Ok(figures)
}

/// Additions of what is in the cart already.
async fn large_carts(testbed: &Testbed, contestant: Contestant, lines: usize) -> anyhow::Result<Vec<Figure>> {
    let size = Size { products: LINES.into_iter().max().unwrap_or_default(), ..Size::default() };
    let shop = Shop::start(testbed, contestant, size).await?;
    let requests = Arc::new(Requests::new(shop.urls("cart"), CARTS)?.minimal());
    let carts = (0..CARTS).map(|_| tokio::spawn(cart_of(lines, Arc::clone(&requests))));
    let carts = try_join_all(carts).await?.into_iter().collect::<anyhow::Result<_>>()?;
    shop.settle().await?;
    let load = Load {
        clients: CARTS,
        until: Until::Additions(ADDITIONS),
        carts: Carts::Given(carts),
        products: lines,
        is_minimal: true,
    };
    under_load(testbed, shop, load).await
}

async fn cart_of(lines: usize, requests: Arc<Requests>) -> anyhow::Result<Arc<Cart>> {
    let cart = requests.open().await?;
    for product in 0..lines {
        requests.add(&cart, product).await?;
    }
    Ok(Arc::new(cart))
}
