use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::baskets::{Basket, Query, read_baskets, read_queries};
use super::score::Score;
use super::stream::Stream;
use recommend::model::{Change, GramMatrix, MAX_SOLVED_PRODUCTS, Model, Policy, ranking};

/// What to evaluate with. All files are CSV with a header, plain or gzipped.
#[derive(clap::Args, Clone, Debug)]
pub struct Evaluation {
    /// The baskets to learn: `basket_id,item` and, if known, time
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
    /// The baskets that the queries are about: the same columns
    #[arg(long, value_name = "FILE")]
    pub test: PathBuf,
    /// The queries: `query_id,basket_id,target,seed`
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// Where the predictions go: `query_id,task,items`
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Learn each test basket after its queries, and solve EASE^R once per day of the data
    #[arg(long)]
    pub prequential: bool,
    /// Leave EASE^R out
    #[arg(long)]
    pub streaming_only: bool,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many cart events were learned.
    pub events: u64,
    /// How many of them took an addition back.
    pub taken_back: u64,
    /// How long that took, without solving EASE^R.
    pub learning: Duration,
    /// How long solving EASE^R took the last time.
    pub solving: Option<Duration>,
    /// Task A: all products of the basket but one are known.
    pub task_a: Score,
    /// Task B: only one product of the basket is known.
    pub task_b: Score,
}

/// Recorded baskets as the stream of changes that a model learns from them, products first.
///
/// # Errors
/// When the file can't be read, or doesn't have the columns that it needs.
pub fn changes_of(train: &Path) -> anyhow::Result<Vec<Change>> {
    let baskets = read_baskets(train)?;
    let (mut stream, mut changes) = (Stream::default(), Vec::new());
    stream.introduce(&baskets, |change| changes.push(change.clone()));
    for basket in &baskets {
        stream.play(basket, |change| changes.push(change.clone()));
    }
    Ok(changes)
}

/// How many products are suggested for a query.
const SUGGESTED: usize = 10;
const POLICY: Policy = Policy { limit: SUGGESTED, in_stock_only: true };

impl Evaluation {
    /// Runs it.
    ///
    /// # Errors
    /// When a file can't be read or written, or doesn't have the columns that it needs.
    pub fn run(&self) -> anyhow::Result<Report> {
        let train = read_baskets(&self.train)?;
        let test = read_baskets(&self.test)?;
        let queries = read_queries(&self.queries, &test)?;
        let mut predictions = csv::Writer::from_path(&self.out)
            .with_context(|| format!("{} can't be written", self.out.display()))?;
        predictions.write_record(["query_id", "task", "items"])?;

        let mut run = Run::default();
        run.stream.introduce(&train, |change| run.model.learn(change));
        run.learn(&train);
        if !self.streaming_only {
            run.solve();
        }
        let mut day = None;
        for (basket, queries) in test.iter().zip(&queries) {
            let today = basket.time.date_naive();
            if self.prequential && !self.streaming_only && day.is_some_and(|day| day != today) {
                run.solve();
            }
            day = Some(today);
            for query in queries {
                run.answer(query, basket, &mut predictions)?;
            }
            if self.prequential {
                run.learn(std::slice::from_ref(basket));
            }
        }
        predictions.flush()?;
        Ok(run.report())
    }
}

#[derive(Default)]
struct Run {
    model: Model,
    stream: Stream,
    learning: Duration,
    solving: Option<Duration>,
    scores: [Score; 2],
}

impl Run {
    fn learn(&mut self, baskets: &[Basket]) {
        let start = Instant::now();
        for basket in baskets {
            self.stream.play(basket, |change| self.model.learn(change));
        }
        self.model.refresh(usize::MAX);
        self.learning += start.elapsed();
    }

    fn solve(&mut self) {
        let start = Instant::now();
        if let Some(weights) = GramMatrix::of(self.model.sums(), MAX_SOLVED_PRODUCTS).solve() {
            self.model.set_ease(weights);
        }
        self.model.refresh(usize::MAX);
        self.solving = Some(start.elapsed());
    }

    fn answer(
        &mut self,
        query: &Query,
        basket: &Basket,
        predictions: &mut csv::Writer<std::fs::File>,
    ) -> csv::Result<()> {
        let model = self.model.handle();
        let snapshot = model.snapshot();
        let others = basket.items.iter().filter(|item| ***item != *query.target);
        let context: Vec<_> =
            others.filter(|item| self.stream.knows(item)).filter_map(|item| snapshot.id(item)).collect();
        let lists = [
            ranking::for_cart(&snapshot, &context, POLICY),
            ranking::related(&snapshot, &query.seed, POLICY),
        ];
        for ((task, list), score) in ["A", "B"].iter().zip(lists).zip(&mut self.scores) {
            let products = list.iter().filter_map(|suggestion| snapshot.product(suggestion.product));
            let skus: Vec<&str> = products.map(|product| &*product.sku).collect();
            let place = (0..).zip(&skus).find(|(_, sku)| **sku == query.target);
            score.add(place.map(|(place, _)| place));
            predictions.write_record([query.id.as_str(), task, &skus.join("|")])?;
        }
        Ok(())
    }

    fn report(self) -> Report {
        let [task_a, task_b] = self.scores;
        let (events, taken_back) = (self.stream.events, self.stream.taken_back);
        Report { events, taken_back, learning: self.learning, solving: self.solving, task_a, task_b }
    }
}
