//! The table of outlets: which outlet published the articles of which file.
//!
//! CSV or TSV with the columns `file` and `outlet`; a file is known by its path, its name or its stem.
//! Not here: outlets named in records, by folders or by stems (`gather`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::clean::clean;
use super::error::CorpusError;
use super::read::listed;
use crate::article::Place;
use crate::collection::Problem;

/// Outlets by path, file name or stem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutletTable {
    names: BTreeMap<String, String>,
    path: Option<PathBuf>,
}

impl OutletTable {
    /// Reads the table from a file.
    ///
    /// # Errors
    /// [`CorpusError::OutletsFile`] if it cannot be read; else as [`OutletTable::parse`].
    pub fn read(path: &Path) -> Result<Self, CorpusError> {
        let bytes = fs::read(path).map_err(|source| CorpusError::OutletsFile { path: path.to_owned(), source })?;
        Self::parse(&String::from_utf8_lossy(&bytes), path)
    }

    /// Reads the table from a text; `path` is where it came from, for messages.
    ///
    /// # Errors
    /// [`CorpusError::OutletsTable`] names the line that is no entry.
    pub fn parse(text: &str, path: &Path) -> Result<Self, CorpusError> {
        let text = text.trim_start_matches('\u{feff}');
        let bad =
            |line, found: String, expected| CorpusError::OutletsTable { path: path.to_owned(), line, found, expected };
        let mut rows = rows(text);
        let headers: Vec<String> =
            rows.headers().map(|row| row.iter().map(str::to_lowercase).collect()).unwrap_or_default();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let (Some(file), Some(outlet)) = (column("file"), column("outlet")) else {
            return Err(bad(1, format!("the columns {}", headers.join(", ")), "the columns file and outlet"));
        };
        let mut names = BTreeMap::new();
        for (at, row) in rows.records().enumerate() {
            let row = row.map_err(|error| bad(at + 2, error.to_string(), "a file and an outlet"))?;
            let line = row.position().map_or(at + 2, |position| position.line() as usize);
            match (row.get(file).unwrap_or("").trim(), clean(row.get(outlet).unwrap_or(""))) {
                (file, outlet) if !file.is_empty() && !outlet.is_empty() => names.insert(tidy(file), outlet),
                _ => return Err(bad(line, format!("{:?}", row.iter().collect::<Vec<_>>()), "a file and an outlet")),
            };
        }
        Ok(Self { names, path: Some(path.to_owned()) })
    }

    /// The outlet of a file known by any of these names, the first that is listed.
    pub(super) fn get<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<&str> {
        names.into_iter().find_map(|name| self.names.get(&tidy(name))).map(String::as_str)
    }

    /// The entries that name none of the files that were read, as one problem: each file is given by what it
    /// is known as.
    pub(super) fn unused<'a, N: Iterator<Item = &'a str>>(&self, files: impl Iterator<Item = N>) -> Option<Problem> {
        let known: BTreeSet<String> = files.flatten().map(tidy).collect();
        let unused: Vec<&str> = self.names.keys().filter(|name| !known.contains(*name)).map(String::as_str).collect();
        let file = self.path.as_ref()?.display().to_string();
        let (count, of) = (unused.len(), self.names.len());
        let what = format!("{count} of {of} entries name no file that was read: {}", listed(unused.into_iter()));
        (count > 0).then_some(Problem { place: Place { file, line: None }, what, lost: false })
    }

    /// Whether a path is the table's own: it may lie in the folder it describes.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let same = |own: &PathBuf| {
            own == path || matches!((own.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
        };
        self.path.as_ref().is_some_and(same)
    }
}

fn rows(text: &str) -> csv::Reader<&[u8]> {
    let header = text.lines().next().unwrap_or("");
    let delimiter = if header.contains('\t') { b'\t' } else { b',' };
    csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes())
}

/// `./news\a.txt` and `news/a.txt` are one file.
fn tidy(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_path_name_or_stem() {
        let table =
            OutletTable::parse("file,outlet\nnews/a.txt,Daily\nb,\"Herald, The\"\n", Path::new("o.csv")).unwrap();
        assert_eq!(table.get(["./news/a.txt", "a.txt", "a"]), Some("Daily"));
        assert_eq!(table.get(["news/b.txt", "b.txt", "b"]), Some("Herald, The"));
        assert_eq!(table.get(["c"]), None);
        let tabs = OutletTable::parse("Outlet\tFile\nDaily\ta.txt\n", Path::new("o.tsv")).unwrap();
        assert_eq!(tabs.get(["a.txt"]), Some("Daily"));
    }

    #[test]
    fn entries_that_name_no_file_are_told() {
        let table =
            OutletTable::parse("file,outlet\na,Daily\nb.txt,Herald\nnews/c.txt,Post\n", Path::new("o.csv")).unwrap();
        let files = [vec!["./news/a.txt", "a.txt", "a"], vec!["news/c.txt", "c.txt", "c"]];
        let unused = |files: &[Vec<&'static str>]| table.unused(files.iter().map(|names| names.iter().copied()));
        assert_eq!(unused(&files).unwrap().what, "1 of 3 entries name no file that was read: b.txt");
        let all = [files[0].clone(), files[1].clone(), vec!["b.txt"]];
        assert_eq!(unused(&all), None);
    }

    #[test]
    fn a_table_without_its_columns_or_with_an_empty_entry_is_refused() {
        let error = |text: &str| OutletTable::parse(text, Path::new("o.csv")).unwrap_err().to_string();
        assert_eq!(
            error("name,who\na,b\n"),
            "outlets file o.csv: line 1: found the columns name, who, expected the columns file and outlet"
        );
        assert_eq!(
            error("file,outlet\na,b\nc,\n"),
            "outlets file o.csv: line 3: found [\"c\", \"\"], expected a file and an outlet"
        );
    }
}
