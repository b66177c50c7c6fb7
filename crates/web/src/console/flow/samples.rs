//! Metrics, as services expose them for Prometheus.

/// All samples of some services' `/metrics`.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Sample>);

#[derive(Clone, Debug)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Samples {
    /// Adds those of one page. Lines that are none are passed over.
    pub fn add(&mut self, page: &str) {
        self.0.extend(page.lines().filter(|line| !line.starts_with('#')).filter_map(sample));
    }

    /// The sum of what has this name and these labels; `None` where nothing has.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut values = self.with(name, labels).map(|sample| sample.value).peekable();
        values.peek().is_some().then(|| values.sum())
    }

    /// The values of a label of what has this name and these labels, each with its own value.
    pub fn by<'a>(&'a self, name: &str, labels: &[(&str, &str)], label: &str) -> Vec<(&'a str, f64)> {
        let value = |sample: &'a Sample| {
            let (_, value) = sample.labels.iter().find(|(name, _)| name == label)?;
            Some((value.as_str(), sample.value))
        };
        self.with(name, labels).filter_map(value).collect()
    }

    fn with(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = &Sample> {
        let has = |sample: &Sample, (wanted, value): &(&str, &str)| {
            sample.labels.iter().any(|(name, text)| name == wanted && text == value)
        };
        self.0
            .iter()
            .filter(move |sample| sample.name == name && labels.iter().all(|label| has(sample, label)))
    }
}

/// `bus_queue_messages{service="cart"} 12`. No label that is read here has a comma, a quote or a brace in its value.
fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let labels = labels.trim_end_matches('}').split(',').filter_map(|label| label.split_once('='));
    let labels = labels.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
    Some(Sample { name: name.to_owned(), labels: labels.collect(), value: value.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP bus_queue_messages Messages\n# TYPE bus_queue_messages gauge\n\
        bus_queue_messages{service=\"cart\"} 12\nbus_parked_events{service=\"cart\",state=\"failed\"} 2\n\
        bus_parked_events{service=\"cart\",state=\"waiting\"} 3\nhttp_server_connections 7\nnonsense\n";

    #[test]
    fn samples_are_found_by_name_and_labels() {
        let mut samples = Samples::default();
        samples.add(PAGE);
        assert_eq!(samples.sum("bus_parked_events", &[("service", "cart")]), Some(5.0));
        assert_eq!(samples.sum("bus_parked_events", &[("state", "failed")]), Some(2.0));
        assert_eq!(samples.sum("http_server_connections", &[]), Some(7.0));
        assert_eq!(samples.sum("bus_queue_messages", &[("service", "notify")]), None);
        let states = samples.by("bus_parked_events", &[("service", "cart")], "state");
        assert_eq!(states, [("failed", 2.0), ("waiting", 3.0)]);
    }
}
