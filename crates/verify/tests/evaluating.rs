//! `recommend evaluate` on a fixture of recorded baskets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use verify::evaluate::{Evaluation, Report};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn evaluation(folder: &TempDir) -> Evaluation {
    Evaluation {
        train: fixture("train.csv"),
        test: fixture("test.csv"),
        queries: fixture("queries.csv"),
        out: folder.path().join("predictions.csv"),
        prequential: false,
        streaming_only: false,
    }
}

fn run(change: impl FnOnce(&mut Evaluation)) -> (Report, String) {
    let folder = TempDir::new().unwrap();
    let mut evaluation = evaluation(&folder);
    change(&mut evaluation);
    let report = evaluation.run().unwrap();
    (report, fs::read_to_string(&evaluation.out).unwrap())
}

fn refusal(change: impl FnOnce(&mut Evaluation, &TempDir)) -> String {
    let folder = TempDir::new().unwrap();
    let mut evaluation = evaluation(&folder);
    change(&mut evaluation, &folder);
    format!("{:#}", evaluation.run().unwrap_err())
}

/// What the products that are sold most score, each query with those that are not in its basket.
fn popularity() -> f64 {
    let read = |name| csv::Reader::from_path(fixture(name)).unwrap().into_records().map(Result::unwrap);
    let mut sold: BTreeMap<String, usize> = BTreeMap::new();
    read("train.csv").for_each(|row| *sold.entry(row[1].to_owned()).or_default() += 1);
    let mut products: Vec<_> = sold.into_iter().collect();
    products.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let test: Vec<_> = read("test.csv").collect();
    let (mut hits, mut queries) = (0_u32, 0_u32);
    for query in read("queries.csv") {
        let in_basket = |sku: &str| test.iter().any(|row| row[0] == query[1] && &row[1] == sku);
        let others = products.iter().filter(|(sku, _)| *sku == query[2] || !in_basket(sku));
        hits += u32::from(others.take(10).any(|(sku, _)| *sku == query[2]));
        queries += 1;
    }
    f64::from(hits) / f64::from(queries)
}

#[test]
fn the_fixture_is_answered_far_better_than_by_popularity() {
    let (report, predictions) = run(|_| ());
    assert!(report.taken_back > 50);
    let popular = popularity();
    for (task, score) in [("A", report.task_a), ("B", report.task_b)] {
        assert!(score.hit_rate() > 1.3 * popular, "{task}: {} and {popular}", score.hit_rate());
        assert!(score.mean_reciprocal_rank() > 0.0 && score.mean_reciprocal_rank() < score.hit_rate());
        let rows: Vec<&str> =
            predictions.lines().filter(|line| line.contains(&format!(",{task},"))).collect();
        assert_eq!(rows.len(), score.queries as usize);
        assert!(rows.iter().all(|row| row.split('|').count() == 10));
    }
}

#[test]
fn gzip_is_read_the_tier_can_be_left_out_and_what_is_asked_is_learned_afterwards() {
    let (whole, whole_predictions) = run(|_| ());
    let folder = TempDir::new().unwrap();
    let (_, gzipped) = run(|evaluation| {
        let path = folder.path().join("train.csv.gz");
        let mut file = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::fast());
        file.write_all(&fs::read(&evaluation.train).unwrap()).unwrap();
        file.finish().unwrap();
        evaluation.train = path;
    });
    assert_eq!(gzipped, whole_predictions);
    let (streaming, streaming_predictions) = run(|evaluation| evaluation.streaming_only = true);
    assert!(streaming.solving.is_none() && whole.solving.is_some());
    assert_ne!(streaming_predictions, whole_predictions);
    assert_eq!(streaming.task_b, whole.task_b, "one product is answered without the tier");
    let (prequential, _) = run(|evaluation| evaluation.prequential = true);
    assert!(prequential.events > whole.events);
}

#[test]
fn files_that_make_no_sense_are_named_with_the_place() {
    assert!(refusal(|e, _| e.train = "/no/such/file".into()).contains("/no/such/file can't be opened"));
    let written = |name: &str, text: &str, folder: &TempDir| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let said = refusal(|e, folder| e.train = written("t.csv", "basket_id,product\n1,A\n", folder));
    assert!(said.contains("t.csv can't be read") && said.contains("item"), "{said}");
    let said = refusal(|e, folder| {
        e.train = written("t.csv", "basket_id,item,time\n1,A,2011-01-01\n2,B,yesterday\n", folder);
    });
    assert!(said.contains("row 3") && said.contains("'yesterday'"), "{said}");
    let said = refusal(|e, folder| {
        e.queries = written("q.csv", "query_id,basket_id,target,seed\n7,none,A,B\n", folder);
    });
    assert!(said.contains("query 7 is about basket none"), "{said}");
}
