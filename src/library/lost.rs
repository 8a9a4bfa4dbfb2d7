//! Articles of other outlets that say the same as one that is added, under the same file name, and whose own files are gone.
//!
//! A file that was moved to another outlet's folder leaves such an article behind; so does a wire report that two outlets carry
//! while the disk of one is away. Nothing tells the two apart: both articles are kept, and this finds what to say of it. Each
//! file of the library is looked for once a run at most, however many articles share a name or a text.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row};
use rustc_hash::FxHashMap;
use twox_hash::xxhash3_128::Hasher;

use super::identity::Key;
use crate::corpus::SplitArticle;

/// An article that may be what another, just added, was before its file was moved to another outlet's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The file of the article that was added.
    pub file: String,
    /// What the library calls the earlier article, whose file is no longer where it was.
    pub article: String,
    /// The outlet of the earlier article.
    pub outlet: String,
}

/// What was looked for so far.
#[derive(Default)]
pub(super) struct Lost {
    /// Articles known by a path, by their files' names, that were not looked for yet; read when the first is asked for.
    named: Option<FxHashMap<OsString, Vec<(i64, PathBuf)>>>,
    /// Those whose files are gone, by what they say under which name: their rows and outlets.
    gone: FxHashMap<u128, Vec<(i64, String)>>,
    /// The files of articles that were added, and the rows of what may be left behind of them.
    found: Vec<(String, i64)>,
}

impl Lost {
    /// Remembers the first article that one, which is new, may have left behind.
    pub(super) fn look(&mut self, connection: &Connection, split: &SplitArticle) -> rusqlite::Result<()> {
        let own = &split.article;
        let Some(name) = Path::new(&own.place.file).file_name() else { return Ok(()) };
        let named = match &mut self.named {
            Some(named) => named,
            empty => empty.insert(named(connection)?),
        };
        for (id, file) in named.remove(name).unwrap_or_default() {
            if is_gone(&file) {
                let (said, outlet) = said(connection, id, name)?;
                self.gone.entry(said).or_default().push((id, outlet));
            }
        }
        let date = own.date.map(|date| date.to_string());
        let said = hash(name, [own.title.as_deref(), date.as_deref(), Some(&own.text)]);
        let others = self.gone.get(&said).into_iter().flatten();
        let first = others.map(|(id, outlet)| (*id, outlet)).find(|(_, outlet)| **outlet != split.outlet);
        self.found.extend(first.map(|(id, _)| (own.place.file.clone(), id)));
        Ok(())
    }

    /// What was left behind, but for articles that the run met after all, and those that are no longer there.
    pub(super) fn left_behind(self, connection: &Connection, met: &BTreeSet<i64>) -> rusqlite::Result<Vec<LeftBehind>> {
        let mut left = Vec::new();
        for (file, id) in self.found.into_iter().filter(|(_, id)| !met.contains(id)) {
            let sql = "SELECT a.name, o.name FROM article a JOIN outlet o ON o.id = a.outlet WHERE a.id = ?1";
            let names = connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            left.extend(names.map(|(article, outlet)| LeftBehind { file, article, outlet }));
        }
        Ok(left)
    }
}

/// Whether nothing is at a path. Where that cannot be known, it is not.
pub(super) fn is_gone(file: &Path) -> bool {
    file.try_exists().is_ok_and(|there| !there)
}

/// The articles that are known by a path, by the names of their files, in the order in which they were added.
fn named(connection: &Connection) -> rusqlite::Result<FxHashMap<OsString, Vec<(i64, PathBuf)>>> {
    let mut named: FxHashMap<OsString, Vec<(i64, PathBuf)>> = FxHashMap::default();
    // The bounds are those of an index that holds all that is read.
    let sql = "SELECT id, key FROM article WHERE key >= 'file' || char(10) AND key < 'file' || char(11)";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let file = Key::file(row.get_ref(1)?.as_str()?).map(Path::to_owned);
        if let Some((name, file)) = file.and_then(|file| Some((file.file_name()?.to_owned(), file))) {
            named.entry(name).or_default().push((row.get(0)?, file));
        }
    }
    named.values_mut().for_each(|articles| articles.sort());
    Ok(named)
}

/// What an article says under a file's name, and its outlet.
fn said(connection: &Connection, id: i64, name: &OsStr) -> rusqlite::Result<(u128, String)> {
    let sql = "SELECT a.title, a.date, a.text, o.name FROM article a JOIN outlet o ON o.id = a.outlet WHERE a.id = ?1";
    connection.prepare_cached(sql)?.query_row([id], |row: &Row| {
        let said =
            [row.get_ref(0)?.as_str_or_null()?, row.get_ref(1)?.as_str_or_null()?, row.get_ref(2)?.as_str_or_null()?];
        Ok((hash(name, said), row.get(3)?))
    })
}

fn hash(name: &OsStr, parts: [Option<&str>; 3]) -> u128 {
    let mut hasher = Hasher::new();
    for part in [Some(name.as_encoded_bytes())].into_iter().chain(parts.map(|part| part.map(str::as_bytes))) {
        // With its length, so that parts do not run together.
        hasher.write(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
        hasher.write(part.unwrap_or_default());
    }
    hasher.finish_128()
}
