//! The cells of a large library, kept beside it (`news.refrain.cells`) so that centroids are made once.
//!
//! The file names the library, what made its vectors, and the cell of each paragraph by its id, which stays while its text
//! does. What was added since is put to its nearest centroid; where a third is new or gone, or the file is another's,
//! damaged or of another format, the cells are made anew, and the caller is told. It holds nothing that cannot be made again.

use std::io::Write;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use rustc_hash::FxHashMap;

use super::{Library, LibraryError, Shelf};
use crate::lookup::{APPROXIMATE_FROM, Cells, Shelved};
use crate::vectors::UnitRows;

const MAGIC: &[u8; 8] = b"RfrnCell";
const FORMAT: u32 = 1;
/// The share of rows, new or gone since, from which centroids are made anew: one in so many.
const STALE: usize = 3;

/// Cells as they were kept.
struct Kept {
    cells: Cells,
    ids: Vec<i64>,
}

impl Library {
    /// Makes a shelf ready for many questions: vectors rounded, and cells where it is large enough for them.
    ///
    /// # Errors
    /// As [`Library::cells`].
    pub fn warm(&self, shelf: &mut Shelf, note: &dyn Fn(&str)) -> Result<(), LibraryError> {
        shelf.stock.warm();
        shelf.stock.cells = self.cells(shelf, note)?;
        Ok(())
    }

    /// The cells of a shelf that is large enough for them, read, extended or made; `note` is told what was done and why.
    ///
    /// # Errors
    /// Those of reading the library; a file that cannot be read or written is told, and no error.
    pub fn cells(&self, shelf: &Shelf, note: &dyn Fn(&str)) -> Result<Option<Shelved>, LibraryError> {
        self.cells_from(APPROXIMATE_FROM, shelf, note)
    }

    /// As [`Library::cells`], of a shelf of so many rows or more.
    pub(super) fn cells_from(
        &self,
        rows: usize,
        shelf: &Shelf,
        note: &dyn Fn(&str),
    ) -> Result<Option<Shelved>, LibraryError> {
        let Some(vectors) = shelf.stock.vectors.as_ref().filter(|vectors| vectors.len() >= rows.max(1)) else {
            return Ok(None);
        };
        let (path, mark) = (beside(&self.path), self.mark()?);
        let (cells, changed) = match read(&path, &mark, vectors.dim()) {
            Ok(kept) => extended(kept, vectors, &shelf.ids),
            Err(why) => (Err(why), true),
        };
        let cells = cells.unwrap_or_else(|why| {
            note(&format!("{}: {why}; the cells for approximate search are made", path.display()));
            Cells::of(vectors)
        });
        if changed && let Err(error) = write(&path, &mark, &cells, &shelf.ids) {
            note(&format!("{} could not be kept, and is made again next time: {error}", path.display()));
        }
        Ok(Some(cells.shelved(vectors)))
    }

    /// What the vectors are: the library and all that made them.
    fn mark(&self) -> Result<String, LibraryError> {
        Ok(format!("{} {:08x}", self.id()?, crc32fast::hash(format!("{:?}", self.made_by).as_bytes())))
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".cells");
    name.into()
}

/// The kept cells with what is new, and whether anything is; why they are no use any more.
fn extended(kept: Kept, vectors: &UnitRows, ids: &[i64]) -> (Result<Cells, String>, bool) {
    let cell_of: FxHashMap<i64, u32> = kept.ids.iter().copied().zip(kept.cells.cell_of.iter().copied()).collect();
    let known: Vec<Option<u32>> = ids.iter().map(|id| cell_of.get(id).copied()).collect();
    let met = known.iter().flatten().count();
    let (new, gone) = (ids.len() - met, kept.ids.len() - met);
    // Counted from when they were made, for centroids grow old by and by.
    let since = ids.len().abs_diff(kept.cells.made_of).max(new + gone);
    if since * STALE > kept.cells.made_of {
        return (
            Err(format!(
                "{} paragraphs are new and {gone} gone",
                ids.len().saturating_sub(kept.cells.made_of).max(new)
            )),
            true,
        );
    }
    (Ok(kept.cells.extended(vectors, &known)), new + gone > 0)
}

fn read(path: &Path, mark: &str, dim: usize) -> Result<Kept, String> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("there is no such file yet".to_owned());
        }
        read => read.map_err(|error| error.to_string())?,
    };
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or("it is cut off")?;
    let mut rest = body.strip_prefix(MAGIC).ok_or("it is no file of cells")?;
    if number(&mut rest)? != u64::from(FORMAT) {
        return Err("it has another format".to_owned());
    }
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err("it is damaged: its checksum is another".to_owned());
    }
    if take(&mut rest, mark.len())? != mark.as_bytes() {
        return Err("it is of another library or other vectors".to_owned());
    }
    let [cells, probes, made_of, recall, rows] = [(); 5].map(|()| number(&mut rest));
    let (cells, rows) = (cells? as usize, rows? as usize);
    let centroids =
        take(&mut rest, cells * dim * 4)?.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let centroids = Array2::from_shape_vec((cells, dim), centroids).map_err(|error| error.to_string())?;
    let ids = take(&mut rest, rows * 8)?.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let cell_of: Vec<u32> =
        take(&mut rest, rows * 4)?.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    if cell_of.iter().any(|&cell| cell as usize >= cells) {
        return Err("it names a cell that it does not have".to_owned());
    }
    let (probes, made_of, recall) = (probes? as usize, made_of? as usize, f64::from_bits(recall?));
    Ok(Kept { cells: Cells { centroids, cell_of, probes, recall, made_of }, ids })
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(count).ok_or("it is cut off")?;
    *rest = left;
    Ok(taken)
}

fn number(rest: &mut &[u8]) -> Result<u64, String> {
    take(rest, 8).map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Writes the file aside and renames it.
fn write(path: &Path, mark: &str, cells: &Cells, ids: &[i64]) -> std::io::Result<()> {
    let Cells { centroids, cell_of, probes, recall, made_of } = cells;
    let mut bytes: Vec<u8> = MAGIC.to_vec();
    bytes.extend(u64::from(FORMAT).to_le_bytes());
    bytes.extend(mark.as_bytes());
    let numbers = [centroids.nrows() as u64, *probes as u64, *made_of as u64, recall.to_bits(), ids.len() as u64];
    numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    centroids.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    ids.iter().for_each(|id| bytes.extend(id.to_le_bytes()));
    cell_of.iter().for_each(|cell| bytes.extend(cell.to_le_bytes()));
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(&bytes)?;
    // A file made aside is its maker's alone; whoever may read the library may read its cells.
    if path.extension().is_some_and(|extension| extension == "cells") {
        std::fs::set_permissions(aside.path(), std::fs::metadata(path.with_extension(""))?.permissions())?;
    }
    aside.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::corpus::{Item, ReadOptions, Stream};
    use crate::embed::{EmbedError, Embeddings};
    use crate::library::{MadeBy, Wanted};
    use crate::model::ModelMark;

    const DIM: usize = 16;

    /// Vectors that depend on the text alone.
    fn embed(texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let value = |text: &str, at: usize| crc32fast::hash(format!("{text} {at}").as_bytes()) as f32 / 2e9 - 1.0;
        let vectors = Array2::from_shape_fn((texts.len(), DIM), |(row, at)| value(texts[row], at));
        let vectors = UnitRows::normalized(vectors).unwrap();
        Ok(Embeddings {
            vectors,
            windowed: Vec::new(),
            tokens: 0,
            tokens_of: vec![0; texts.len()],
            tokenising: Duration::ZERO,
        })
    }

    /// Adds articles of ten paragraphs each, by their numbers.
    fn add(library: &mut Library, folder: &Path, articles: std::ops::Range<usize>) {
        let paragraph =
            |one: usize, at: usize| format!("The committee of town {one} met for the {at}th time on its bridge.");
        let text = |one| (0..10).map(|at| paragraph(one, at)).collect::<Vec<_>>().join("\n\n");
        let line =
            |one| serde_json::json!({ "id": format!("a{one}"), "outlet": "wire", "text": text(one) }).to_string();
        let path = folder.join("some.jsonl");
        std::fs::write(&path, articles.map(line).collect::<Vec<_>>().join("\n")).unwrap();
        let stream = Stream::open(&[path], ReadOptions::default()).unwrap();
        let mut adder = library.adder(&embed, Timestamp::UNIX_EPOCH);
        stream.read(std::io::empty(), &mut |portion| {
            for (item, _) in stream.split(portion) {
                let Item::Article(article) = item else { panic!("{item:?}") };
                adder.take(*article).unwrap();
            }
            true
        });
        adder.finish().unwrap();
    }

    fn library(folder: &Path) -> Library {
        let prompt = String::new();
        let model = ModelMark { name: "m".to_owned(), crc32: "0".to_owned(), dim: DIM, max_tokens: None, prompt };
        let made_by = MadeBy { model, precision: "f32".to_owned(), source: None };
        Library::open_or_create(&folder.join("news.refrain"), &made_by).unwrap()
    }

    /// The cells, and what was said of them.
    fn cells(library: &Library) -> (Option<Shelved>, Vec<String>) {
        let shelf = library.shelf(Wanted { vectors: true, words: false }).unwrap();
        let said: RefCell<Vec<String>> = RefCell::default();
        let found = library.cells_from(100, &shelf, &|what: &str| said.borrow_mut().push(what.to_owned()));
        (found.unwrap(), said.into_inner())
    }

    #[test]
    fn cells_are_made_once_extended_and_made_anew_when_stale_or_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = library(folder.path());
        add(&mut library, folder.path(), 0..5);
        assert_eq!(cells(&library), (None, Vec::new()), "too few rows");
        add(&mut library, folder.path(), 5..30);
        let (made, said) = cells(&library);
        assert!(said.len() == 1 && said[0].contains("there is no such file yet"), "{said:?}");
        assert_eq!(cells(&library), (made, Vec::new()), "as they were kept");
        add(&mut library, folder.path(), 30..36);
        let (extended, said) = cells(&library);
        assert!(said.is_empty() && extended.is_some());
        assert_eq!(cells(&library), (extended, Vec::new()), "what was new is kept");
        add(&mut library, folder.path(), 36..60);
        assert!(cells(&library).1[0].contains("300 paragraphs are new"), "{:?}", cells(&library).1);
        let path = folder.path().join("news.refrain.cells");
        let permissions = |path: &Path| std::fs::metadata(path).unwrap().permissions();
        assert_eq!(
            permissions(&path),
            permissions(&folder.path().join("news.refrain")),
            "who reads the one reads the other"
        );
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, why) in [(0, "no file of cells"), (8, "another format"), (200, "checksum")] {
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let said = cells(&library).1;
            assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
            bytes[at] ^= 1;
        }
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(cells(&library).1.len(), 1);
        let other = tempfile::tempdir().unwrap();
        let mut second = self::library(other.path());
        add(&mut second, other.path(), 0..60);
        std::fs::copy(&path, other.path().join("news.refrain.cells")).unwrap();
        assert!(cells(&second).1[0].contains("another library"));
    }
}
