//! What a server counts, as Prometheus reads it.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// A request that was answered. Routes are those of the router, so that there are few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// All that is counted.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    duration: Family<Route, Histogram>,
    connections: Gauge,
    queue_texts: Gauge,
    batch_texts: Histogram,
    batch_tokens: Histogram,
    texts: Counter,
    tokens: Counter,
    library: Family<Of, Gauge>,
    library_reloads: Counter<u64, AtomicU64>,
    found: Family<Part, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    of: &'static str,
}

/// What was found: themes, duplicates, the report.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    part: &'static str,
}

impl Metrics {
    /// Nothing counted yet.
    pub(super) fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let mut metrics = Self {
            registry: Registry::with_prefix("refrain"),
            requests: Family::default(),
            duration: Family::new_with_constructor(seconds),
            connections: Gauge::default(),
            queue_texts: Gauge::default(),
            batch_texts: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            batch_tokens: Histogram::new(exponential_buckets(8.0, 2.0, 14)),
            texts: Counter::default(),
            tokens: Counter::default(),
            library: Family::default(),
            library_reloads: Counter::default(),
            found: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests answered, by route, method and status", self.requests.clone());
        let help = "Seconds from a request's head to its answer, by route";
        registry.register("http_request_duration_seconds", help, self.duration.clone());
        registry.register("connections", "Connections open", self.connections.clone());
        registry.register("queue_texts", "Texts that wait to be embedded", self.queue_texts.clone());
        registry.register("batch_texts", "Texts embedded together", self.batch_texts.clone());
        registry.register("batch_tokens", "Tokens embedded together", self.batch_tokens.clone());
        registry.register("texts", "Texts embedded", self.texts.clone());
        registry.register("tokens", "Tokens embedded", self.tokens.clone());
        registry.register("library", "What the library holds", self.library.clone());
        let help = "Times the library was loaded, because something changed it";
        registry.register("library_loads", help, self.library_reloads.clone());
        let help = "Times themes, duplicates or the report were found";
        registry.register("findings", help, self.found.clone());
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.duration.get_or_create(&Route { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { route, method: method.to_owned(), status }).inc();
    }

    /// A connection was opened, or with -1 closed.
    pub(super) fn connected(&self, by: i64) {
        self.connections.inc_by(by);
    }

    /// So many texts wait.
    pub(super) fn queued(&self, texts: usize) {
        self.queue_texts.set(number(texts));
    }

    /// A batch was embedded.
    pub(super) fn embedded(&self, texts: usize, tokens: usize) {
        self.batch_texts.observe(texts as f64);
        self.batch_tokens.observe(tokens as f64);
        self.texts.inc_by(texts as u64);
        self.tokens.inc_by(tokens as u64);
    }

    /// The library was loaded, and holds so much.
    pub(super) fn loaded(&self, articles: usize, paragraphs: usize) {
        self.library.get_or_create(&Of { of: "articles" }).set(number(articles));
        self.library.get_or_create(&Of { of: "paragraphs" }).set(number(paragraphs));
        self.library_reloads.inc();
    }

    /// A part of what there is to find was found.
    pub(super) fn found(&self, part: &'static str) {
        self.found.get_or_create(&Part { part }).inc();
    }

    /// All of it, in Prometheus' text format 0.0.4: there a counter is called in its head as it is in its lines, and nothing
    /// marks the end.
    pub(super) fn plain_text(&self) -> String {
        let text = self.text();
        let counters: Vec<&str> = text.lines().filter_map(counter).collect();
        let line = |line: &str| match line.strip_prefix("# ").and_then(|head| head.split_once(' ')) {
            Some((word @ ("HELP" | "TYPE"), rest)) => match rest.split_once(' ') {
                Some((name, rest)) if counters.contains(&name) => format!("# {word} {name}_total {rest}\n"),
                _ => format!("{line}\n"),
            },
            _ => format!("{line}\n"),
        };
        text.lines().filter(|line| *line != "# EOF").map(line).collect()
    }

    /// All of it, in OpenMetrics' text.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        // A string takes whatever is written to it.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

/// The counter whose head this line is.
fn counter(line: &str) -> Option<&str> {
    line.strip_prefix("# TYPE ")?.strip_suffix(" counter")
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
