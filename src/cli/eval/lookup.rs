//! `refrain eval lookup`: answers held to what people judged relevant.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::args::{EvalLookupArgs, Format};
use crate::cli::engine::{self, Use};
use crate::cli::input;
use crate::cli::output::{self, Sink};
use crate::cli::progress::Bar;
use crate::collection::Collection;
use crate::corpus::{self, FieldNames, ReadOptions};
use crate::lookup::{Ask, Filter, Lexicon, LookupError, Sheet, Stock, Text, Tokeniser};
use crate::measure::{ndcg, recall};
use crate::nearest::Mode;
use crate::pipeline::{self, Engine};
use crate::report::eval::Made;
use crate::report::eval::lookup::{self as page, LookupScores, ModeScores};
use crate::vectors::UnitRows;

/// Answers that count.
const FIRST: usize = 10;

/// Gains of texts by their ids, for each question by its id.
type Judged = BTreeMap<String, BTreeMap<String, f64>>;

pub(super) fn run(arguments: &EvalLookupArgs) -> anyhow::Result<()> {
    let format = output::format(&arguments.output)?;
    let sink = Sink::open(arguments.output.output.as_deref())?;
    let judged = judgements(&arguments.qrels)?;
    let loaded = engine::load_for(&arguments.engine, Use::LookUp)?;
    let (corpus, questions) = (read(&arguments.corpus, arguments)?, read(&arguments.queries, arguments)?);
    let engine = Engine { encoder: &loaded.encoder, device: &loaded.device };
    let vectors = loaded.pool.install(|| pipeline::embed_all(engine, &corpus, &Bar::default()))?.vectors;
    let asked: Vec<UnitRows> = loaded.pool.install(|| {
        let asked = questions.paragraphs.iter().map(|question| loaded.encoder.embed_query(&question.text));
        asked.collect::<Result<_, _>>()
    })?;
    let held = Held { corpus: &corpus, questions: &questions, asked: &asked, judged: &judged };
    let modes = held.score(vectors)?;
    let known = held.known().count();
    let scores = LookupScores {
        made: Made {
            version: env!("CARGO_PKG_VERSION"),
            labels: arguments.qrels.display().to_string(),
            vectors: None,
            model: Some(loaded.encoder.name().to_owned()),
            device: Some(loaded.device.clone()),
            precision: Some(loaded.encoder.precision()),
            dim: loaded.encoder.dim(),
        },
        texts: corpus.len(),
        questions: known,
        unjudged: questions.len() - known,
        modes,
    };
    sink.write(|out| match format {
        Format::Text => page::terminal(&scores, &output::page(&arguments.output), out),
        Format::Json => page::json(&scores, out),
        Format::Markdown => page::markdown(&scores, out),
    })
}

fn read(path: &Path, arguments: &EvalLookupArgs) -> anyhow::Result<Collection> {
    let fields = FieldNames {
        id: arguments.id_field.clone(),
        text: Some(arguments.text_field.clone()),
        ..FieldNames::default()
    };
    let read = corpus::read_labelled(path, &ReadOptions { fields, ..ReadOptions::default() }, false)?;
    input::check(&read.collection, arguments.strict, &[path.to_owned()])?;
    Ok(read.collection)
}

/// Reads judgements: tab-separated question, text and gain, with or without a head line.
fn judgements(path: &Path) -> anyhow::Result<Judged> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut judged = Judged::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parts: Vec<&str> = line.split('\t').map(str::trim).collect();
        match parts.as_slice() {
            [question, text, gain] if gain.parse::<f64>().is_ok_and(f64::is_finite) => {
                judged.entry((*question).to_owned()).or_default().insert((*text).to_owned(), gain.parse()?);
            }
            [_, _, _] if at == 0 => {}
            _ => bail!(
                "reading {}: line {}: expected a question's id, a text's id and a gain, with tabs between them",
                path.display(),
                at + 1
            ),
        }
    }
    Ok(judged)
}

/// Questions, what they are put to, and what is relevant.
struct Held<'a> {
    corpus: &'a Collection,
    questions: &'a Collection,
    asked: &'a [UnitRows],
    judged: &'a Judged,
}

impl Held<'_> {
    /// The questions that have a judgement: their rows and gains.
    fn known(&self) -> impl Iterator<Item = (usize, &BTreeMap<String, f64>)> {
        (0..self.questions.len()).filter_map(|row| Some((row, self.judged.get(&self.questions.article_of(row).id)?)))
    }

    fn score(&self, vectors: UnitRows) -> Result<Vec<ModeScores>, LookupError> {
        let (lexicon, connection) = Lexicon::of_texts(self.corpus.paragraphs.iter().map(|one| one.text.as_str()))?;
        let mut stock = Stock {
            sheet: Sheet::of(self.corpus),
            vectors: Some(vectors),
            compact: None,
            cells: None,
            lexicon: Some(lexicon),
        };
        stock.warm();
        let (tokeniser, filter) = (Tokeniser::new()?, Filter::default());
        let mut scores = Vec::new();
        for mode in Mode::ALL {
            let (mut gains, mut found_of_all, mut count) = (0.0, 0.0, 0.0);
            for (row, judged) in self.known() {
                let text = Text { text: self.questions.text(row), date: None };
                let vector = self.asked[row].row(0).to_vec();
                let ask = Ask { text, vector: Some(&vector), mode, k: FIRST, filter: &filter, elsewhere: false };
                let (found, _) = stock.search(&connection, &tokeniser, &ask)?;
                let gain = |row: usize| judged.get(&self.corpus.article_of(row).id).copied().unwrap_or(0.0);
                let found: Vec<f64> = found.iter().map(|hit| gain(hit.row)).collect();
                let all: Vec<f64> = judged.values().copied().collect();
                gains += ndcg(&found, &all, FIRST);
                found_of_all += recall(&found, &all, FIRST);
                count += 1.0;
            }
            let mean = |sum: f64| if count > 0.0 { sum / count } else { 0.0 };
            scores.push(ModeScores { mode, ndcg_at_10: mean(gains), recall_at_10: mean(found_of_all) });
        }
        Ok(scores)
    }
}
