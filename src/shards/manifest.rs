//! What made the vectors of a folder, and which of its shards are finished: `_manifest.json`, documented in
//! docs/formats.md.

use serde::{Deserialize, Serialize};

use crate::corpus::Mark;
use crate::model::ModelMark;

/// Name and version of the format.
pub(super) const SCHEMA: &str = "refrain.shards/1";

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name and version of the format.
    pub schema: String,
    /// What made the vectors: equal where the same command runs again.
    pub settings: Settings,
    /// Whether the input was read to its end.
    pub finished: bool,
    /// Sums over the shards.
    pub totals: Totals,
    /// Shards in order.
    pub shards: Vec<Record>,
    /// How many there were before some were taken away, until all are made again: the files of those are ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards_before: Option<usize>,
}

/// What made the vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Version of this crate.
    pub version: String,
    /// The model.
    pub model: ModelMark,
    /// Where it ran: "cpu" or "cuda".
    pub device: String,
    /// The numbers it ran in.
    pub precision: String,
    /// How vectors are kept.
    pub vectors: VectorType,
    /// Whether texts are kept.
    pub text: bool,
    /// Paragraphs from which a shard is full; it ends with the article.
    pub shard_rows: usize,
    /// Inputs as the user named them.
    pub inputs: Vec<String>,
    /// Bytes of their files on disk; none with standard input, which does not tell.
    pub input_bytes: Option<u64>,
    /// How they are read, flag by flag.
    pub reading: Vec<String>,
}

/// How vectors are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VectorType {
    /// 32 bits a component.
    F32,
    /// 16 bits a component, IEEE 754 half precision: half the size, cosines move by less than a thousandth.
    F16,
}

/// A finished shard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its file.
    pub file: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// CRC-32 of the file, in hexadecimal.
    pub crc32: String,
    /// The same of what stands beside it: articles, and what was left out.
    pub side_crc32: String,
    /// What it holds.
    #[serde(flatten)]
    pub totals: Totals,
    /// Records of the input read up to its end, articles and problems alike.
    pub input_records: u64,
    /// CRC-32 of all of those, in hexadecimal.
    pub input_crc32: String,
}

/// What a shard or a folder holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Paragraphs, each with its vector.
    pub paragraphs: u64,
    /// Articles.
    pub articles: u64,
    /// Paragraphs left out.
    pub left_out: u64,
    /// Paragraphs embedded in windows.
    pub windowed: u64,
    /// Problems of the input.
    pub problems: u64,
}

impl Manifest {
    /// That of a folder without shards.
    pub(super) fn new(settings: Settings) -> Self {
        let (finished, totals, shards) = (false, Totals::default(), Vec::new());
        Self { schema: SCHEMA.to_owned(), settings, finished, totals, shards, shards_before: None }
    }

    /// What is wrong with sums that anyone may have changed; none where nothing is.
    pub(super) fn fault(&self) -> Option<String> {
        let sum = |of: fn(&Totals) -> u64| {
            self.shards.iter().try_fold(0_u64, |sum, record| sum.checked_add(of(&record.totals)))
        };
        let own = [sum(|totals| totals.paragraphs), sum(|totals| totals.articles), sum(|totals| totals.problems)];
        let said = [self.totals.paragraphs, self.totals.articles, self.totals.problems].map(Some);
        let numbered = |(at, record): (usize, &Record)| record.file == super::file_name(at);
        if own != said {
            return Some(format!("the totals {said:?} are not the sums of the shards {own:?}"));
        }
        (!self.shards.iter().enumerate().all(numbered)).then(|| "the shards are not listed in order".to_owned())
    }

    /// Forgets the shards from a number on.
    pub(super) fn cut(&mut self, shards: usize) {
        if shards < self.shards.len() {
            let before = self.shards_before.max(Some(self.shards.len()));
            let kept = self.shards.drain(..).take(shards).collect::<Vec<Record>>();
            *self = Self::new(self.settings.clone());
            kept.into_iter().for_each(|record| self.add(record));
            self.shards_before = before;
        }
    }

    /// Whether a mark of the input, read again, is what it was at the end of a shard; true between those.
    pub fn input_is(&self, mark: Mark) -> bool {
        let at = self.shards.binary_search_by_key(&mark.records, |record| record.input_records);
        at.is_err() || at.is_ok_and(|at| self.shards[at].input_crc32 == hex(mark.checksum))
    }

    /// Adds a shard.
    pub(super) fn add(&mut self, record: Record) {
        let Totals { paragraphs, articles, left_out, windowed, problems } = record.totals;
        self.totals.paragraphs += paragraphs;
        self.totals.articles += articles;
        self.totals.left_out += left_out;
        self.totals.windowed += windowed;
        self.totals.problems += problems;
        self.shards.push(record);
    }
}

impl Settings {
    /// The first setting in which another differs: its name, here, and there.
    pub(super) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let list = |all: &Self| -> Vec<(&'static str, String)> {
            let Self { version, model, device, precision, vectors, text, shard_rows, inputs, input_bytes, reading } =
                all;
            vec![
                ("version", version.clone()),
                ("the model", model.name.clone()),
                ("model files of CRC-32", model.crc32.clone()),
                ("dimensions", model.dim.to_string()),
                ("the prompt", format!("{:?}", model.prompt)),
                ("the device", device.clone()),
                ("the precision", precision.clone()),
                ("the vector type", vectors.name().to_owned()),
                ("--no-text", (!text).to_string()),
                ("--shard-rows", shard_rows.to_string()),
                ("the inputs", inputs.join(" ")),
                ("bytes of input", input_bytes.map_or("none".to_owned(), |bytes| bytes.to_string())),
                ("the reading options", format!("\"{}\"", reading.join(" "))),
            ]
        };
        let pairs = list(self).into_iter().zip(list(other));
        pairs.filter(|(own, other)| own != other).map(|((what, own), (_, other))| (what, own, other)).next()
    }
}

impl VectorType {
    /// As in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
        }
    }
}

/// A CRC-32 as it is written.
pub(super) fn hex(crc32: u32) -> String {
    format!("{crc32:08x}")
}
