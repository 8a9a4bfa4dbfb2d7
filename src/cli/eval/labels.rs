//! From arguments to labelled records, and to the vectors that a file has of them.

use std::path::Path;

use anyhow::{Context, anyhow};

use crate::cli::args::LabelArgs;
use crate::cli::progress::{Advised, Misuse};
use crate::cli::{input, npy};
use crate::corpus::{self, FieldNames, Labelled, ReadOptions};
use crate::vectors::{UnitRows, VectorsError};

/// Reads the records; what could not be read is said.
pub(super) fn read(arguments: &LabelArgs) -> anyhow::Result<Labelled> {
    let labels = &arguments.label_field;
    if let Some(twice) = labels.iter().enumerate().find_map(|(at, name)| labels[..at].contains(name).then_some(name)) {
        return Err(Misuse(format!("--label-field {twice} is given twice: expected each field once")).into());
    }
    let fields = FieldNames {
        id: arguments.id_field.clone(),
        text: Some(arguments.text_field.clone()),
        labels: labels.clone(),
        ..FieldNames::default()
    };
    let options = ReadOptions { fields, ..ReadOptions::default() };
    let labelled = corpus::read_labelled(&arguments.labels, &options, arguments.drop_duplicates)?;
    input::check(&labelled.collection, arguments.strict, std::slice::from_ref(&arguments.labels))?;
    Ok(labelled)
}

/// The vectors of a file, one a record; those that are not of length one are scaled to it.
pub(super) fn vectors(path: &Path, labelled: &Labelled) -> anyhow::Result<UnitRows> {
    let reading = || format!("reading {}", path.display());
    let rows = npy::read(path).with_context(reading)?;
    let records = labelled.collection.len();
    if rows.nrows() != records {
        return Err(miscounted(path, rows.nrows(), labelled));
    }
    match UnitRows::new(rows.clone()) {
        Err(VectorsError::NotUnit { .. }) => UnitRows::normalized(rows),
        taken => taken,
    }
    .with_context(reading)
}

fn miscounted(path: &Path, rows: usize, labelled: &Labelled) -> anyhow::Error {
    let records = labelled.collection.len();
    let lost = labelled.collection.problems.iter().filter(|problem| problem.lost).count();
    let what = format!("reading {}: {rows} vectors for {records} records: expected one a record", path.display());
    let mut left_out = Vec::new();
    if labelled.repeated > 0 {
        left_out.push(format!("{} of a text seen before", labelled.repeated));
    }
    if lost > 0 {
        left_out.push(format!("{lost} that could not be read"));
    }
    if left_out.is_empty() {
        return anyhow!(what);
    }
    let hint = format!("records that take no part have no vector either: {}", left_out.join(", "));
    Advised { what, hint: hint.into() }.into()
}
