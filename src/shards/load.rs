//! Folders of shards, read back: what a report works on, as it was when the texts were read.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use half::f16;
use ndarray::Array2;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use rayon::prelude::*;

use super::error::ShardsError;
use super::folder::{checked, read_manifest, refuse_foreign};
use super::manifest::{Manifest, Record, VectorType};
use super::{file_name, side, side_name};
use crate::corpus::Item;
use crate::paragraph::{Kind, Paragraph};
use crate::vectors::{UnitRows, VectorsError};

/// Shards read at once: each is held a second time while it is.
const AT_ONCE: usize = 8;

/// What folders of shards hold.
#[derive(Debug)]
pub struct Loaded {
    /// Their manifests, in the order of the folders.
    pub manifests: Vec<Manifest>,
    /// Articles and problems, in reading order.
    pub items: Vec<Item>,
    /// A vector for each paragraph of the articles, shape `(paragraphs, dim)`.
    pub vectors: UnitRows,
}

/// Reads folders of shards made by one model.
///
/// # Errors
/// [`ShardsError`]: a file is missing, damaged or foreign; there is no text; the folders do not go together.
pub fn load(folders: &[PathBuf]) -> Result<Loaded, ShardsError> {
    let manifests = folders.iter().map(|folder| read_manifest(folder)).collect::<Result<Vec<Manifest>, _>>()?;
    for (folder, manifest) in folders.iter().zip(&manifests) {
        refuse_mixed((&folders[0], &manifests[0]), (folder, manifest))?;
        refuse_foreign(folder, manifest.shards.len())?;
        if !manifest.settings.text {
            return Err(ShardsError::NoText { path: folder.clone() });
        }
    }
    let dim = manifests.first().map_or(0, |manifest| manifest.settings.model.dim);
    let rows: u64 = manifests.iter().map(|manifest| manifest.totals.paragraphs).sum();
    let (mut items, mut values) = (Vec::new(), Vec::with_capacity(rows as usize * dim));
    for (folder, manifest) in folders.iter().zip(&manifests) {
        let numbered: Vec<(usize, &Record)> = manifest.shards.iter().enumerate().collect();
        for some in numbered.chunks(AT_ONCE) {
            let read = |&(number, record): &(usize, &Record)| read_shard(folder, manifest, number, record);
            for (own, vectors) in some.par_iter().map(read).collect::<Result<Vec<_>, _>>()? {
                items.extend(own);
                values.extend(vectors);
            }
        }
    }
    let vectors = unit_rows(values, dim, &manifests);
    let vectors = vectors.map_err(|error| ShardsError::damaged(&folders[0], error))?;
    Ok(Loaded { manifests, items, vectors })
}

/// Halves are of length one but for rounding; vectors of 32 bits are taken as they are.
fn unit_rows(values: Vec<f32>, dim: usize, manifests: &[Manifest]) -> Result<UnitRows, VectorsError> {
    let halves = manifests.iter().any(|manifest| manifest.settings.vectors == VectorType::F16);
    match Array2::from_shape_vec((values.len() / dim.max(1), dim), values) {
        Ok(rows) if halves => UnitRows::normalized(rows),
        Ok(rows) => UnitRows::new(rows),
        Err(_) => Ok(UnitRows::empty(dim)),
    }
}

fn refuse_mixed((left, first): (&Path, &Manifest), (right, second): (&Path, &Manifest)) -> Result<(), ShardsError> {
    let (one, other) = (&first.settings.model, &second.settings.model);
    let differ = [
        ("model", one.name.clone(), other.name.clone()),
        ("model of CRC-32", one.crc32.clone(), other.crc32.clone()),
        ("number of dimensions", one.dim.to_string(), other.dim.to_string()),
        ("prompt", format!("{:?}", one.prompt), format!("{:?}", other.prompt)),
    ];
    match differ.into_iter().find(|(_, first, second)| first != second) {
        None => Ok(()),
        Some((what, first, second)) => {
            Err(ShardsError::Mixed { left: left.to_owned(), right: right.to_owned(), what, first, second })
        }
    }
}

fn read_shard(
    folder: &Path,
    manifest: &Manifest,
    number: usize,
    record: &Record,
) -> Result<(Vec<Item>, Vec<f32>), ShardsError> {
    let (path, side_path) = (folder.join(file_name(number)), folder.join(side_name(number)));
    let bytes = Bytes::from(checked(&path, &record.crc32)?);
    let lines = checked(&side_path, &record.side_crc32)?;
    let damaged = |error: ParquetError| ShardsError::damaged(&path, error);
    let columns = Columns::open(bytes, record).map_err(damaged)?;
    let paragraphs = columns.paragraphs().map_err(damaged)?;
    let vectors = columns.vectors(manifest).map_err(damaged)?;
    let items = side::read(&lines, paragraphs.into_iter()).map_err(|what| ShardsError::damaged(&side_path, what))?;
    Ok((items, vectors))
}

/// The columns of one shard.
struct Columns {
    file: SerializedFileReader<Bytes>,
    rows: usize,
}

impl Columns {
    fn open(bytes: Bytes, record: &Record) -> Result<Self, ParquetError> {
        let file = SerializedFileReader::new(bytes)?;
        let (rows, listed) = (file.metadata().file_metadata().num_rows(), record.totals.paragraphs);
        if u64::try_from(rows).ok() != Some(listed) {
            return Err(ParquetError::General(format!("{rows} rows, the manifest lists {listed}")));
        }
        Ok(Self { file, rows: rows as usize })
    }

    /// The values of a required column.
    fn column<T: DataType>(&self, name: &str) -> Result<Vec<T::T>, ParquetError> {
        let mut values = Vec::with_capacity(self.rows);
        self.read::<T>(name, &mut values, None)?;
        Ok(values)
    }

    fn read<T: DataType>(
        &self,
        name: &str,
        values: &mut Vec<T::T>,
        mut levels: Option<(&mut Vec<i16>, &mut Vec<i16>)>,
    ) -> Result<(), ParquetError> {
        for group in 0..self.file.num_row_groups() {
            let group = self.file.get_row_group(group)?;
            let at = position(group.as_ref(), name)?;
            let mut column = get_typed_column_reader::<T>(group.get_column_reader(at)?);
            let rows = group.metadata().num_rows() as usize;
            let (mut there, mut begins) = (None, None);
            if let Some((first, second)) = levels.as_mut() {
                (there, begins) = (Some(&mut **first), Some(&mut **second));
            }
            let (records, ..) = column.read_records(rows, there, begins, values)?;
            if records != rows {
                return Err(ParquetError::General(format!("{records} of {rows} values in the column {name}")));
            }
        }
        Ok(())
    }

    fn paragraphs(&self) -> Result<Vec<Paragraph>, ParquetError> {
        let places = self.column::<Int32Type>("place")?;
        let kinds = self.column::<ByteArrayType>("kind")?;
        let starts = self.column::<Int64Type>("span_start")?;
        let ends = self.column::<Int64Type>("span_end")?;
        let texts = self.column::<ByteArrayType>("text")?;
        let spans = starts.into_iter().zip(ends);
        let rows = places.into_iter().zip(kinds).zip(spans).zip(texts);
        rows.map(|(((place, kind), (start, end)), text)| {
            let code = utf8(&kind)?;
            let kind = Kind::of_code(code)
                .ok_or_else(|| ParquetError::General(format!("\"{code}\" is no kind of paragraph")))?;
            let (span, text) = (start as usize..end as usize, utf8(&text)?.to_owned());
            Ok(Paragraph { article: 0, place: place as usize, kind, span, text })
        })
        .collect()
    }

    /// The vectors, flat.
    fn vectors(&self, manifest: &Manifest) -> Result<Vec<f32>, ParquetError> {
        let count = self.rows * manifest.settings.model.dim;
        let (mut there, mut begins) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let levels = Some((&mut there, &mut begins));
        let values = match manifest.settings.vectors {
            VectorType::F32 => {
                let mut values = Vec::with_capacity(count);
                self.read::<FloatType>("vector", &mut values, levels)?;
                values
            }
            VectorType::F16 => {
                let mut halves = Vec::with_capacity(count);
                self.read::<FixedLenByteArrayType>("vector", &mut halves, levels)?;
                halves.iter().map(|half| widened(half.data())).collect()
            }
        };
        if values.len() == count {
            return Ok(values);
        }
        Err(ParquetError::General(format!("{} components, expected {count}", values.len())))
    }
}

fn widened(half: &[u8]) -> f32 {
    half.try_into().map_or(f32::NAN, |half| f16::from_le_bytes(half).to_f32())
}

/// The leaf column of a name.
fn position(group: &dyn RowGroupReader, name: &str) -> Result<usize, ParquetError> {
    let columns = group.metadata().columns();
    let found = columns.iter().position(|column| column.column_path().parts().first().is_some_and(|own| own == name));
    found.ok_or_else(|| ParquetError::General(format!("no column {name}")))
}

fn utf8(value: &ByteArray) -> Result<&str, ParquetError> {
    std::str::from_utf8(value.data()).map_err(|error| ParquetError::General(error.to_string()))
}
