//! Folders of shards, read back: what a report works on, as it was when the texts were read.

use std::collections::BTreeSet;
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
use super::folder::{checked, names, read_manifest, refuse_foreign};
use super::manifest::{Manifest, Record, Settings, VectorType};
use super::{file_name, side, side_name};
use crate::corpus::Item;
use crate::paragraph::{Kind, Paragraph};
use crate::vectors::{UnitRows, VectorsError};

/// Shards read at once: each is held a second time while it is.
const AT_ONCE: usize = 8;

/// What folders of shards hold.
#[derive(Debug)]
pub struct Loaded {
    /// Articles and problems, in reading order.
    pub items: Vec<Item>,
    /// A vector for each paragraph of the articles, shape `(paragraphs, dim)`.
    pub vectors: UnitRows,
}

/// Folders of shards whose manifests were read: all that can be refused before the shards are.
#[derive(Debug)]
pub struct Opened {
    folders: Vec<(PathBuf, Manifest)>,
}

impl Opened {
    /// Reads the manifests of folders made by one model; a folder named twice is read once.
    ///
    /// # Errors
    /// [`ShardsError`]: a manifest cannot be read, a file is foreign, there is no text, the folders do not go together.
    pub fn open(paths: &[PathBuf]) -> Result<Self, ShardsError> {
        let mut seen = BTreeSet::new();
        let mut folders: Vec<(PathBuf, Manifest)> = Vec::new();
        for path in paths.iter().filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| (*path).clone()))) {
            // Listed first: a run that goes on meanwhile adds to the manifest.
            let names = names(path)?;
            let manifest = read_manifest(path)?;
            refuse_foreign(path, &names, &manifest)?;
            if let Some((first, own)) = folders.first() {
                refuse_mixed((first, own), (path, &manifest))?;
            }
            if !manifest.settings.text {
                return Err(ShardsError::NoText { path: path.clone() });
            }
            folders.push((path.clone(), manifest));
        }
        Ok(Self { folders })
    }

    /// The folders and their manifests.
    pub fn folders(&self) -> &[(PathBuf, Manifest)] {
        &self.folders
    }

    /// Reads the shards. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`ShardsError::Damaged`] names the file that is not what was written, or is not there.
    pub fn load(&self) -> Result<Loaded, ShardsError> {
        let dim = self.folders.first().map_or(0, |(_, manifest)| manifest.settings.model.dim);
        let (mut items, mut values) = (Vec::new(), Vec::new());
        for (folder, manifest) in &self.folders {
            let numbered: Vec<(usize, &Record)> = manifest.shards.iter().enumerate().collect();
            for some in numbered.chunks(AT_ONCE) {
                let read = |&(number, record): &(usize, &Record)| read_shard(folder, manifest, number, record);
                for (own, vectors) in some.par_iter().map(read).collect::<Result<Vec<_>, _>>()? {
                    items.extend(own);
                    values.extend_from_slice(vectors.view().as_slice().unwrap_or_default());
                }
            }
        }
        let vectors = if values.is_empty() { Ok(UnitRows::empty(dim)) } else { UnitRows::from_flat(values, dim) };
        let vectors = vectors.map_err(|error| ShardsError::damaged(&self.folders[0].0, error))?;
        Ok(Loaded { items, vectors })
    }
}

/// The vectors of a shard. Halves are of length one but for rounding; vectors of 32 bits are taken as they are.
fn unit_rows(values: Vec<f32>, dim: usize, kind: VectorType) -> Result<UnitRows, VectorsError> {
    match (Array2::from_shape_vec((values.len() / dim.max(1), dim), values), kind) {
        (Ok(rows), _) if rows.is_empty() => Ok(UnitRows::empty(dim)),
        (Ok(rows), VectorType::F16) => UnitRows::normalized(rows),
        (Ok(rows), VectorType::F32) => UnitRows::new(rows),
        (Err(_), _) => Ok(UnitRows::empty(dim)),
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
) -> Result<(Vec<Item>, UnitRows), ShardsError> {
    let (path, side_path) = (folder.join(file_name(number)), folder.join(side_name(number)));
    let bytes = Bytes::from(checked(&path, &record.crc32)?);
    let lines = checked(&side_path, &record.side_crc32)?;
    let damaged = |error: ParquetError| ShardsError::damaged(&path, error);
    let columns = Columns::open(bytes, record).map_err(damaged)?;
    let paragraphs = columns.paragraphs().map_err(damaged)?;
    let Settings { model, vectors: kind, .. } = &manifest.settings;
    let values = columns.vectors((model.dim, *kind)).map_err(damaged)?;
    let vectors = unit_rows(values, model.dim, *kind).map_err(|error| ShardsError::damaged(&path, error))?;
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
            let number = |value: i64| {
                usize::try_from(value).map_err(|_| ParquetError::General(format!("{value} where a place is expected")))
            };
            let (span, text) = (number(start)?..number(end)?, utf8(&text)?.to_owned());
            Ok(Paragraph { article: 0, place: number(place.into())?, kind, span, text })
        })
        .collect()
    }

    /// The vectors, flat.
    fn vectors(&self, (dim, kind): (usize, VectorType)) -> Result<Vec<f32>, ParquetError> {
        let Some(count) = self.rows.checked_mul(dim) else {
            return Err(ParquetError::General(format!("{} vectors of {dim} components", self.rows)));
        };
        let (mut there, mut begins) = (Vec::new(), Vec::new());
        let levels = Some((&mut there, &mut begins));
        let values = match kind {
            VectorType::F32 => {
                let mut values = Vec::new();
                self.read::<FloatType>("vector", &mut values, levels)?;
                values
            }
            VectorType::F16 => {
                let mut halves = Vec::new();
                self.read::<FixedLenByteArrayType>("vector", &mut halves, levels)?;
                halves.iter().map(|half| widened(half.data())).collect()
            }
        };
        let whole = |(at, &level): (usize, &i16)| (level == 0) == (at % dim.max(1) == 0);
        if values.len() == count && begins.iter().enumerate().all(whole) {
            return Ok(values);
        }
        Err(ParquetError::General(format!("{} components, expected {} vectors of {dim}", values.len(), self.rows)))
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
