//! What the user named, as a list of files in a fixed order.
//!
//! Of a folder, files of a known kind at any depth, sorted by path; others, and folders of vectors, are told of, hidden
//! ones passed over. A
//! file that is named itself is read whatever it is called.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::article::Place;
use crate::corpus::error::CorpusError;
use crate::corpus::format::{Format, by_name, stem};
use crate::corpus::options::ReadOptions;

/// One file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::corpus) struct Source {
    /// Where it is; `-` for standard input.
    pub(in crate::corpus) path: PathBuf,
    /// The same as the user would write it.
    pub(in crate::corpus) name: String,
    /// Its name without extensions; `stdin` for standard input.
    pub(in crate::corpus) stem: String,
    /// What no other source of the run is called: the stem, else the path without extension, else
    /// the path.
    pub(in crate::corpus) label: String,
    /// Its path below the folder the user named.
    below: Option<String>,
    /// The first folder below the one the user named.
    pub(in crate::corpus) folder: Option<String>,
    /// What its name says it holds.
    pub(super) format: Option<Format>,
}

impl Source {
    fn new(path: &Path, below: Option<&Path>) -> Self {
        let folders = below.map(|below| below.components().collect::<Vec<_>>()).unwrap_or_default();
        let folder = folders.split_last().and_then(|(_, folders)| folders.first());
        let is_stdin = path == Path::new("-");
        let stem = if is_stdin { "stdin".to_owned() } else { stem(path) };
        Self {
            path: path.to_owned(),
            name: path.to_string_lossy().into_owned(),
            label: stem.clone(),
            below: below.map(|below| below.to_string_lossy().into_owned()),
            stem,
            folder: folder.map(|folder| folder.as_os_str().to_string_lossy().into_owned()),
            format: by_name(path),
        }
    }

    pub(in crate::corpus) fn is_stdin(&self) -> bool {
        self.name == "-"
    }

    /// What an entry of the outlets file may call it, most exact first.
    pub(in crate::corpus) fn known_as(&self) -> impl Iterator<Item = &str> {
        let file = self.path.file_name().and_then(|name| name.to_str());
        [Some(self.name.as_str()), self.below.as_deref(), file, Some(self.stem.as_str())].into_iter().flatten()
    }

    /// A line of this source, or all of it.
    pub(in crate::corpus) fn place(&self, line: Option<usize>) -> Place {
        Place { file: self.name.clone(), line }
    }
}

/// The files that the inputs name, each once, in order, and the files of other endings in their folders.
///
/// # Errors
/// [`CorpusError::NoInput`], [`CorpusError::Input`], [`CorpusError::EmptyFolder`].
pub(in crate::corpus) fn sources(
    inputs: &[PathBuf],
    options: &ReadOptions,
) -> Result<(Vec<Source>, Vec<String>), CorpusError> {
    if inputs.is_empty() {
        return Err(CorpusError::NoInput);
    }
    let (mut found, mut passed_over) = (Vec::new(), Vec::new());
    for input in inputs {
        let (sources, other) = of_input(input, options)?;
        found.extend(sources);
        passed_over.extend(other);
    }
    let mut seen = BTreeSet::new();
    let mut is_new = |path: &Path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
    found.retain(|source| is_new(&source.path));
    passed_over.retain(|path: &PathBuf| is_new(path));
    label(&mut found);
    Ok((found, passed_over.iter().map(|path| path.to_string_lossy().into_owned()).collect()))
}

fn of_input(input: &Path, options: &ReadOptions) -> Result<(Vec<Source>, Vec<PathBuf>), CorpusError> {
    if input == Path::new("-") {
        return Ok((vec![Source::new(input, None)], Vec::new()));
    }
    let about = fs::metadata(input).map_err(|source| CorpusError::Input { path: input.to_owned(), source })?;
    if !about.is_dir() {
        return Ok((vec![Source::new(input, None)], Vec::new()));
    }
    let (mut files, vectors) = files_in(input);
    files.retain(|path| !options.outlets.is_at(path) && !is_settings(path));
    let (known, mut other): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|path| by_name(path).is_some() || fs::metadata(path).is_err());
    other.extend(vectors);
    if known.is_empty() {
        return Err(CorpusError::EmptyFolder { path: input.to_owned() });
    }
    let sources = known.iter().map(|path| Source::new(path, path.strip_prefix(input).ok())).collect();
    Ok((sources, other))
}

/// TOML, as that of seeded themes: settings that may lie beside articles.
fn is_settings(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

/// All files of a folder, sorted by path, and the folders of vectors in it; hidden ones are passed over.
fn files_in(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut vectors = Vec::new();
    let entries = WalkDir::new(folder).follow_links(true).into_iter();
    let entries = entries.filter_entry(|entry| {
        let (inside, shards) = (entry.depth() > 0, entry.file_type().is_dir() && is_shards(entry.path()));
        if inside && shards {
            vectors.push(entry.path().to_owned());
        }
        !inside || !shards && !is_hidden(entry)
    });
    let mut found: Vec<PathBuf> = entries.filter_map(readable).collect();
    found.sort_by(|left, right| left.as_os_str().as_encoded_bytes().cmp(right.as_os_str().as_encoded_bytes()));
    vectors.sort_unstable();
    (found, vectors)
}

/// A file. What may not be looked at is taken for one too: opening it will say why not. A link back to a folder above
/// is passed over.
fn readable(entry: walkdir::Result<DirEntry>) -> Option<PathBuf> {
    match entry {
        Ok(entry) => Some(entry).filter(|entry| !entry.file_type().is_dir()).map(DirEntry::into_path),
        Err(error) => error.path().filter(|_| error.loop_ancestor().is_none()).map(Path::to_owned),
    }
}

/// The file that tells a folder of vectors from one of articles, and how what it says begins.
const MANIFEST: (&str, &[u8]) = ("_manifest.json", b"refrain.shards/");

/// Whether a path is a folder of vectors that this program wrote: it is no input of texts.
pub(in crate::corpus) fn is_shards(path: &Path) -> bool {
    let Ok(file) = fs::File::open(path.join(MANIFEST.0)) else { return false };
    let mut head = Vec::new();
    let read = file.take(128).read_to_end(&mut head);
    read.is_ok() && head.windows(MANIFEST.1.len()).any(|part| part == MANIFEST.1)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Gives sources that share a stem longer labels.
fn label(sources: &mut [Source]) {
    let longer: [fn(&Source) -> String; 2] = [
        |source| source.path.with_file_name(&source.stem).to_string_lossy().into_owned(),
        |source| source.name.clone(),
    ];
    for longer in longer {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        sources.iter().for_each(|source| *count.entry(source.label.clone()).or_default() += 1);
        for source in sources.iter_mut().filter(|source| count[&source.label] > 1) {
            source.label = longer(source);
        }
    }
}
