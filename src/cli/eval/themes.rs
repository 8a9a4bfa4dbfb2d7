//! `refrain eval themes`: themes held to known labels.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::bail;
use serde::Serialize;

use super::labels;
use crate::cli::args::{EngineArgs, EvalThemesArgs, Format};
use crate::cli::engine::{self, Loaded};
use crate::cli::output::{self, Sink};
use crate::cli::progress::{Bar, Misuse};
use crate::cli::{npy, themes as flags};
use crate::corpus::Labelled;
use crate::measure::Agreement;
use crate::pipeline::{self, Engine, Progress};
use crate::report::eval::Made;
use crate::report::eval::themes::{self as page, Commonest, FieldScores, ScoredTheme, ThemeScores};
use crate::theme::Themes;
use crate::themes::{self, Options, SeedVectors, ThemeSeeds};
use crate::vectors::UnitRows;

pub(super) fn run(arguments: &EvalThemesArgs) -> anyhow::Result<()> {
    let (seeds, options) = flags::plan(&arguments.themes, &[])?;
    refuse_flags(arguments)?;
    let format = output::format(&arguments.output)?;
    let sinks = Sinks::open(arguments)?;
    // Vectors of a file need no model, but for what the user describes.
    let needed = arguments.labelled.vectors.is_none() || !seeds.is_empty();
    let loaded = needed.then(|| engine::load(&arguments.engine)).transpose()?;
    let labelled = labels::read(&arguments.labelled)?;
    let vectors = vectors(arguments, loaded.as_ref(), &labelled)?;
    if let Some(sink) = sinks.vectors {
        sink.write(|out| {
            npy::write_head((vectors.len(), vectors.dim()), out)?;
            npy::write_rows(&vectors, out)
        })?;
    }
    let made = made(arguments, loaded.as_ref(), vectors.dim());
    let pool = engine::pool(&arguments.engine)?;
    let themes = pool.install(|| find(loaded.as_ref(), &labelled, &vectors, (&seeds, options)))?;
    let best = themes.best_of_rows(labelled.collection.len());
    let known = Known { fields: &arguments.labelled.label_field, labelled: &labelled };
    if let Some(sink) = sinks.assignments {
        sink.write(|out| known.write_assignments(&themes, &best, out))?;
    }
    let scores = known.scores(made, &themes, &best)?;
    sinks.page.write(|out| match format {
        Format::Text => page::terminal(&scores, &output::page(&arguments.output), out),
        Format::Json => page::json(&scores, out),
        Format::Markdown => page::markdown(&scores, out),
    })
}

/// How texts are embedded says nothing where none is.
fn refuse_flags(arguments: &EvalThemesArgs) -> anyhow::Result<()> {
    let EngineArgs { model, prompt, prompt_name, truncate_dim, .. } = &arguments.engine;
    let flags = [
        ("--model", model.is_some()),
        ("--prompt", prompt.is_some()),
        ("--prompt-name", prompt_name.is_some()),
        ("--truncate-dim", truncate_dim.is_some()),
    ];
    if arguments.themes.namer.is_some() {
        return Err(Misuse("--namer: names are not scored: leave it out".to_owned()).into());
    }
    let nothing_embedded = arguments.labelled.vectors.is_some() && arguments.themes.theme_file.is_none();
    match flags.into_iter().find(|(_, given)| nothing_embedded && *given) {
        Some((flag, _)) => {
            Err(Misuse(format!("{flag} says how texts are embedded, and with --vectors none is: leave one out")).into())
        }
        None => Ok(()),
    }
}

/// Everything that is written, opened before the work.
struct Sinks {
    page: Sink,
    assignments: Option<Sink>,
    vectors: Option<Sink>,
}

impl Sinks {
    fn open(arguments: &EvalThemesArgs) -> anyhow::Result<Self> {
        Ok(Self {
            page: Sink::open(arguments.output.output.as_deref())?,
            assignments: arguments.assignments.as_deref().map(|path| Sink::open(Some(path))).transpose()?,
            vectors: arguments.save_vectors.as_deref().map(|path| Sink::open(Some(path))).transpose()?,
        })
    }
}

/// The vectors of the file named, else of the model.
fn vectors(arguments: &EvalThemesArgs, loaded: Option<&Loaded>, labelled: &Labelled) -> anyhow::Result<UnitRows> {
    match (&arguments.labelled.vectors, loaded) {
        (Some(path), _) => labels::vectors(path, labelled),
        (None, Some(loaded)) => {
            let engine = Engine { encoder: &loaded.encoder, device: &loaded.device };
            let embed = || pipeline::embed_all(engine, &labelled.collection, &Bar::default());
            Ok(loaded.pool.install(embed)?.vectors)
        }
        (None, None) => bail!("neither vectors nor a model: this is a fault of refrain's own"),
    }
}

fn made(arguments: &EvalThemesArgs, loaded: Option<&Loaded>, dim: usize) -> Made {
    Made {
        version: env!("CARGO_PKG_VERSION"),
        labels: arguments.labelled.labels.display().to_string(),
        vectors: arguments.labelled.vectors.as_ref().map(|path| path.display().to_string()),
        model: loaded.map(|loaded| loaded.encoder.name().to_owned()),
        device: loaded.map(|loaded| loaded.device.clone()),
        precision: loaded.map(|loaded| loaded.encoder.precision()),
        dim,
    }
}

/// The themes; a model is there wherever there are seeds.
fn find(
    loaded: Option<&Loaded>,
    labelled: &Labelled,
    vectors: &UnitRows,
    (seeds, options): (&ThemeSeeds, Options),
) -> anyhow::Result<Themes> {
    let described = match loaded {
        Some(loaded) if !seeds.is_empty() => pipeline::embed_seeds(&loaded.encoder, seeds)?,
        _ => SeedVectors::none(vectors.dim()),
    };
    if described.texts.dim() != vectors.dim() {
        bail!(
            "the model makes vectors of {} components and the file's have {}: expected the model that made the file, by \
               which seeded themes are looked for",
            described.texts.dim(),
            vectors.dim()
        );
    }
    let bar = Bar::default();
    bar.begin("finding themes", 0);
    let found = themes::find(&labelled.collection, vectors, (seeds, &described), options);
    bar.end();
    Ok(found?)
}

/// What is known of the records.
struct Known<'a> {
    fields: &'a [String],
    labelled: &'a Labelled,
}

/// One line of the assignments: documented in docs/formats.md.
#[derive(Serialize)]
struct Assignment<'a> {
    id: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    theme: Option<&'a str>,
    number: Option<usize>,
}

impl Known<'_> {
    /// `best` is the theme of each record, as [`Themes::best_of_rows`] gives it.
    fn write_assignments(&self, themes: &Themes, best: &[Option<usize>], out: &mut dyn Write) -> io::Result<()> {
        for (row, best) in best.iter().enumerate() {
            let labels = self.fields.iter().zip(&self.labelled.labels);
            let line = Assignment {
                id: &self.labelled.collection.article_of(row).id,
                labels: labels.map(|(field, labels)| (field.as_str(), labels[row].as_str())).collect(),
                theme: best.map(|at| themes.themes[at].name.as_str()),
                number: best.map(|at| at + 1),
            };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn scores(&self, made: Made, themes: &Themes, best: &[Option<usize>]) -> anyhow::Result<ThemeScores> {
        let listed = themes.themes.iter().enumerate().map(|(at, theme)| {
            let rows: Vec<usize> = (0..best.len()).filter(|&row| best[row] == Some(at)).collect();
            let (name, origin, commonest) = (theme.name.clone(), theme.origin, self.commonest(&rows));
            ScoredTheme { name, origin, records: rows.len(), commonest }
        });
        let scores = |of: &[Option<usize>]| -> anyhow::Result<Vec<FieldScores>> {
            self.fields.iter().zip(&self.labelled.labels).map(|(field, labels)| score(field, labels, of)).collect()
        };
        let parts = themes.best_part_of_rows(best);
        Ok(ThemeScores {
            made,
            records: best.len(),
            repeated: self.labelled.repeated,
            problems: self.labelled.collection.problems.clone(),
            method: themes.method.clone(),
            themes: listed.collect(),
            unassigned: best.iter().filter(|best| best.is_none()).count(),
            sub_themes: themes.themes.iter().map(|theme| theme.parts.len()).sum(),
            scores: scores(best)?,
            sub_theme_scores: if parts == best { Vec::new() } else { scores(&parts)? },
        })
    }

    /// The commonest label of some records, field by field; of equals the first by name.
    fn commonest(&self, rows: &[usize]) -> Vec<Commonest> {
        let of_field = |(field, labels): (&String, &Vec<String>)| {
            let mut times: BTreeMap<&str, usize> = BTreeMap::new();
            rows.iter().for_each(|&row| *times.entry(&labels[row]).or_default() += 1);
            let (label, records) = times.into_iter().rev().max_by_key(|&(_, times)| times)?;
            Some(Commonest { field: field.clone(), label: label.to_owned(), records })
        };
        self.fields.iter().zip(&self.labelled.labels).filter_map(of_field).collect()
    }
}

/// Scores of one field. Records in no theme are one cluster, which comes after the themes.
fn score(field: &str, labels: &[String], best: &[Option<usize>]) -> anyhow::Result<FieldScores> {
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    let truth: Vec<usize> = labels
        .iter()
        .map(|label| {
            let next = ranks.len();
            *ranks.entry(label).or_insert(next)
        })
        .collect();
    let found: Vec<usize> = best.iter().map(|best| best.map_or(0, |at| at + 1)).collect();
    let is = Agreement::of(&truth, &found)?;
    Ok(FieldScores {
        field: field.to_owned(),
        labels: is.classes,
        adjusted_mutual_information: is.adjusted_mutual_information,
        adjusted_rand: is.adjusted_rand,
        v_measure: is.v_measure,
        homogeneity: is.homogeneity,
        completeness: is.completeness,
        bcubed_precision: is.bcubed_precision,
        bcubed_recall: is.bcubed_recall,
        bcubed_f1: is.bcubed_f1,
    })
}
