//! `refrain eval duplicates`: the comparing of texts held to labelled pairs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::cli::args::{EvalDuplicatesArgs, Format};
use crate::cli::engine;
use crate::cli::input;
use crate::cli::output::{self, Sink};
use crate::cli::progress::{Bar, Misuse};
use crate::corpus::{self, FieldNames, KnownDifference, LabelledPair, ReadOptions};
use crate::coverage::{Difference, FactKind};
use crate::duplicates::{Comparison, Texts, Verdict, compare_texts, feature_names};
use crate::measure::{Calibration, Ranking};
use crate::pipeline::{self, Engine};
use crate::report::eval::Made;
use crate::report::eval::duplicates::{self as page, Class, Kind, PairScores, Ranked, Same};

/// Grades in the order of the page, closest first.
const GRADES: [&str; 6] = ["verbatim", "light edit", "contained", "paraphrase", "same subject", "none"];
/// Kinds of facts, as labels name them.
const KINDS: [&str; 5] = ["figure", "date", "name", "negation", "hedge"];
/// What a label that says yes reads, and one that says no.
const YES: [&str; 5] = ["1", "true", "yes", "same", "duplicate"];
const NO: [&str; 5] = ["0", "false", "no", "different", "other"];

pub(super) fn run(arguments: &EvalDuplicatesArgs) -> anyhow::Result<()> {
    let [left, right] = fields(&arguments.text_field)?;
    let format = output::format(&arguments.output)?;
    let sink = Sink::open(arguments.output.output.as_deref())?;
    let judged = arguments.judged.as_deref().map(|path| Sink::open(Some(path))).transpose()?;
    refuse_paths(arguments)?;
    let loaded = engine::load(&arguments.engine)?;
    let fields = FieldNames {
        id: arguments.id_field.clone(),
        text: Some(left),
        other_text: Some(right),
        labels: vec![arguments.label_field.clone()],
        ..FieldNames::default()
    };
    let found = corpus::read_pairs(&arguments.labels, &ReadOptions { fields, ..ReadOptions::default() })?;
    input::check_pairs(&found, arguments.strict, &arguments.labels)?;
    let engine = Engine { encoder: &loaded.encoder, device: &loaded.device };
    let pairs = &found.pairs;
    let compared = loaded.pool.install(|| compare(engine, pairs))?;
    if let Some(judged) = judged {
        judged.write(|out| write_judged(pairs, &compared, out))?;
    }
    let made = Made {
        version: env!("CARGO_PKG_VERSION"),
        labels: arguments.labels.display().to_string(),
        vectors: None,
        model: Some(loaded.encoder.name().to_owned()),
        device: Some(loaded.device.clone()),
        precision: Some(loaded.encoder.precision()),
        dim: loaded.encoder.dim(),
    };
    let scores = PairScores {
        made,
        pairs: pairs.len(),
        same: same(pairs, &compared)?,
        grades: GRADES.to_vec(),
        classes: classes(pairs, &compared),
        differences_known: pairs.iter().filter(|pair| pair.differs.is_some()).count(),
        kinds: KINDS.iter().map(|kind| kind_scores(kind, pairs, &compared)).collect(),
        problems: found.problems,
    };
    sink.write(|out| match format {
        Format::Text => page::terminal(&scores, &output::page(&arguments.output), out),
        Format::Json => page::json(&scores, out),
        Format::Markdown => page::markdown(&scores, out),
    })
}

/// The two fields that hold the texts.
fn fields(given: &[String]) -> anyhow::Result<[String; 2]> {
    match given {
        [] => Ok(["text1", "text2"].map(str::to_owned)),
        [left, right] if left != right => Ok([left.clone(), right.clone()]),
        _ => Err(Misuse("--text-field: expected it twice, once for each text of a pair".to_owned()).into()),
    }
}

/// Two outputs of one name would leave one of them.
fn refuse_paths(arguments: &EvalDuplicatesArgs) -> anyhow::Result<()> {
    let judged = arguments.judged.as_deref();
    if judged.is_some() && judged == arguments.output.output.as_deref() {
        return Err(Misuse("--judged and --output name one file: expected two".to_owned()).into());
    }
    Ok(())
}

fn compare(engine: Engine<'_>, pairs: &[LabelledPair]) -> anyhow::Result<Vec<Comparison>> {
    let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.left.as_str(), pair.right.as_str()]).collect();
    let vectors = pipeline::embed_texts(engine, &texts, &Bar::default())?;
    let pairs: Vec<Texts> =
        pairs.iter().map(|pair| Texts { left: &pair.left, right: &pair.right, dates: pair.dates }).collect();
    Ok(compare_texts(&pairs, &vectors)?)
}

/// The verdict as the page has it.
fn graded(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same(grade, _) => grade.name(),
        Verdict::SameSubject => "same subject",
        Verdict::Apart => "none",
    }
}

/// The label as yes or no; none where it is neither.
fn yes(label: &str) -> Option<bool> {
    let label = label.to_lowercase();
    // A column of numbers with a gap is written with fractions.
    let label = label.strip_suffix(".0").unwrap_or(&label).to_owned();
    match () {
        () if YES.contains(&label.as_str()) => Some(true),
        () if NO.contains(&label.as_str()) => Some(false),
        () => None,
    }
}

/// Scores of pairs whose labels all say yes or no.
fn same(pairs: &[LabelledPair], compared: &[Comparison]) -> anyhow::Result<Option<Same>> {
    let Some(known) = pairs.iter().map(|pair| yes(&pair.label)).collect::<Option<Vec<bool>>>() else { return Ok(None) };
    if known.is_empty() {
        return Ok(None);
    }
    type Score = fn(&Comparison) -> f64;
    let scores: [(&'static str, Score); 4] = [
        ("probability", |pair| f64::from(pair.probability)),
        ("likeness", |pair| f64::from(pair.cosine + pair.wording)),
        ("cosine", |pair| f64::from(pair.cosine)),
        ("wording", |pair| f64::from(pair.wording)),
    ];
    let rankings = scores.into_iter().map(|(score, of)| {
        let values: Vec<f64> = compared.iter().map(of).collect();
        let Ranking { average_precision, best_f1, best_cut, .. } = Ranking::of(&values, &known)?;
        Ok(Ranked { score, average_precision, best_f1, best_cut })
    });
    let rankings = rankings.collect::<anyhow::Result<Vec<Ranked>>>()?;
    let probabilities: Vec<f64> = compared.iter().map(|pair| f64::from(pair.probability)).collect();
    let Calibration { brier, expected_error } = Calibration::of(&probabilities, &known)?;
    let positive = known.iter().filter(|&&known| known).count();
    Ok(Some(Same { positive, rankings, brier, calibration_error: expected_error }))
}

/// The pairs of each label, by label.
fn classes(pairs: &[LabelledPair], compared: &[Comparison]) -> Vec<Class> {
    let mut classes: BTreeMap<&str, Class> = BTreeMap::new();
    for (pair, compared) in pairs.iter().zip(compared) {
        let class = classes.entry(&pair.label).or_insert_with(|| Class {
            label: pair.label.clone(),
            pairs: 0,
            grades: vec![0; GRADES.len()],
            differing: 0,
            known_to_differ: 0,
        });
        class.pairs += 1;
        class.differing += usize::from(!compared.differences.is_empty());
        class.known_to_differ += usize::from(pair.differs.as_ref().is_some_and(|differs| !differs.is_empty()));
        let grade = GRADES.iter().position(|&grade| grade == graded(compared.verdict));
        grade.and_then(|at| class.grades.get_mut(at)).into_iter().for_each(|count| *count += 1);
    }
    classes.into_values().collect()
}

/// The kind as labels name it.
fn named(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Money | FactKind::Percent | FactKind::Count | FactKind::Measure | FactKind::TimeSpan => "figure",
        FactKind::Date => "date",
        FactKind::Name => "name",
        FactKind::Negation => "negation",
        FactKind::Hedge => "hedge",
    }
}

fn kind_scores(kind: &'static str, pairs: &[LabelledPair], compared: &[Comparison]) -> Kind {
    let mut scores = Kind { kind, known: 0, found: 0, told: 0, right: 0 };
    for (pair, compared) in pairs.iter().zip(compared) {
        let Some(differs) = &pair.differs else { continue };
        let known: Vec<&KnownDifference> = differs.iter().filter(|known| known.kind == kind).collect();
        let told: Vec<&Difference> = compared.differences.iter().filter(|told| named(told.kind) == kind).collect();
        let is = |told: &Difference, known: &KnownDifference| is_that(pair, told, known);
        scores.known += known.len();
        scores.told += told.len();
        scores.found += known.iter().filter(|known| told.iter().any(|told| is(told, known))).count();
        scores.right += told.iter().filter(|told| known.iter().any(|known| is(told, known))).count();
    }
    scores
}

/// Whether what is told overlaps what is known, on each side on which something is known.
fn is_that(pair: &LabelledPair, told: &Difference, known: &KnownDifference) -> bool {
    let side = |text: &str, told: &std::ops::Range<usize>, known: Option<&str>| {
        known.is_none_or(|known| {
            known.is_empty() || text.match_indices(known).any(|(at, _)| told.start < at + known.len() && at < told.end)
        })
    };
    side(&pair.left, &told.left.span, known.left.as_deref())
        && side(&pair.right, &told.right.span, known.right.as_deref())
}

/// One line of `--judged`: documented in docs/formats.md.
#[derive(Serialize)]
struct Judged<'a> {
    id: &'a str,
    label: &'a str,
    grade: &'static str,
    probability: f32,
    cosine: f32,
    wording: f32,
    differences: Vec<JudgedDifference<'a>>,
    /// In the order in which the model numbers them.
    features: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct JudgedDifference<'a> {
    kind: FactKind,
    left: &'a str,
    right: &'a str,
}

fn write_judged(pairs: &[LabelledPair], compared: &[Comparison], out: &mut dyn Write) -> io::Result<()> {
    for (pair, compared) in pairs.iter().zip(compared) {
        let differences = compared.differences.iter().map(|told| JudgedDifference {
            kind: told.kind,
            left: pair.left.get(told.left.span.clone()).unwrap_or_default(),
            right: pair.right.get(told.right.span.clone()).unwrap_or_default(),
        });
        let line = Judged {
            id: &pair.id,
            label: &pair.label,
            grade: graded(compared.verdict),
            probability: compared.probability,
            cosine: compared.cosine,
            wording: compared.wording,
            differences: differences.collect(),
            features: feature_names()
                .iter()
                .zip(&compared.features)
                .map(|(name, value)| ((*name).to_owned(), (*value).into()))
                .collect(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
