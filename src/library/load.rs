//! A library as a run works on it: the articles in the order in which they were added, and a vector for each paragraph, as
//! if the texts had been read and embedded now.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use rusqlite::{Connection, Row};

use super::identity::{Content, Key};
use super::rows::{WIDTH, unreadable};
use super::{Library, LibraryError, open};
use crate::article::{Article, OutletId, Place};
use crate::collection::{Collection, LeftOut};
use crate::corpus::{Item, SplitArticle, gather};
use crate::paragraph::{Kind, Paragraph};
use crate::vectors::UnitRows;

/// One state of a library.
#[derive(Debug)]
pub struct Held {
    /// The articles, without their texts, which nothing reads once they are split.
    pub collection: Collection,
    /// One a row, shape `(rows, dim)`.
    pub vectors: UnitRows,
    /// The library's id of each row's paragraph; kept when the article changes and its text stays.
    pub ids: Vec<i64>,
    /// Paragraphs that were embedded in windows.
    pub windowed: usize,
    /// [`Library::changes`] of this state.
    pub changes: u64,
}

impl Library {
    /// Reads all of it, as of one moment.
    ///
    /// # Errors
    /// [`LibraryError::Damaged`] where something is not what was written.
    pub fn load(&self) -> Result<Held, LibraryError> {
        let transaction = self.read()?;
        let articles = self.told(articles(&transaction))?;
        let (articles, ids, windowed) = self.told(with_paragraphs(&transaction, articles))?;
        let vectors = self.vectors(&transaction, &articles)?;
        let changes = self.told(open::changes(&transaction))?;
        let items = articles.into_values().map(|split| Item::Article(Box::new(split))).collect();
        Ok(Held { collection: gather(items), vectors, ids, windowed, changes })
    }

    fn vectors(
        &self,
        connection: &Connection,
        articles: &BTreeMap<i64, SplitArticle>,
    ) -> Result<UnitRows, LibraryError> {
        let (dim, mut values) = (self.made_by.model.dim, Vec::new());
        let rows = articles.values().map(|split| split.kept.len()).sum::<usize>();
        values.reserve_exact(rows * dim);
        let each = |article: i64, vectors: &[u8]| {
            let split = articles.get(&article);
            if split.is_none_or(|split| split.kept.len() * dim * WIDTH != vectors.len()) {
                return Err(unreadable(1, format!("{} bytes of vectors for article {article}", vectors.len())));
            }
            values.extend(floats(vectors));
            Ok(())
        };
        self.told(each_embedding(connection, each))?;
        if values.len() != rows * dim {
            let what = format!("vectors of {} paragraphs, expected {rows}", values.len() / dim.max(1));
            return Err(LibraryError::damaged(&self.path, what));
        }
        if rows == 0 {
            return Ok(UnitRows::empty(dim));
        }
        UnitRows::from_flat(values, dim).map_err(|error| LibraryError::damaged(&self.path, error))
    }
}

/// Hands on the vectors of each article, by article.
pub(super) fn each_embedding(
    connection: &Connection,
    mut each: impl FnMut(i64, &[u8]) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows = connection.prepare("SELECT article, vectors, crc32 FROM embedding ORDER BY article")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (article, vectors) = (row.get(0)?, row.get_ref(1)?.as_blob()?);
        if i64::from(crc32fast::hash(vectors)) != row.get::<_, i64>(2)? {
            return Err(unreadable(
                1,
                format!("the vectors of article {article} are not those that were written (CRC-32)"),
            ));
        }
        each(article, vectors)?;
    }
    Ok(())
}

/// Components of little-endian bytes.
pub(super) fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<WIDTH>().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// All articles by row, without paragraphs.
fn articles(connection: &Connection) -> rusqlite::Result<BTreeMap<i64, SplitArticle>> {
    let sql = "SELECT a.id, a.name, a.given_id, o.name, a.title, a.date, a.url, a.file, a.line, a.extra, a.problems \
               FROM article a JOIN outlet o ON o.id = a.outlet ORDER BY a.id";
    let mut rows = connection.prepare(sql)?;
    rows.query_map([], |row| Ok((row.get(0)?, article(row)?)))?.collect()
}

/// Hands on each article whole, its text among it, with its name and the content that it was written with.
pub(super) fn each_article(
    connection: &Connection,
    mut each: impl FnMut(&str, &SplitArticle, &Content) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let (articles, ..) = with_paragraphs(connection, articles(connection)?)?;
    let mut own = connection.prepare("SELECT text, hash, key FROM article WHERE id = ?1")?;
    for (id, mut split) in articles {
        let sql_row = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?));
        let (text, content, key) = own.query_row([id], sql_row)?;
        split.article.text = text;
        let name = split.article.id.clone();
        // The name tells it from others of that id.
        split.article.id = Key::given_id(&key).unwrap_or_else(|| name.clone());
        each(&name, &split, &content)?;
    }
    Ok(())
}

fn article(row: &Row) -> rusqlite::Result<SplitArticle> {
    let date: Option<String> = row.get(5)?;
    let date = date.map(|date| Date::from_str(&date)).transpose();
    let line: Option<i64> = row.get(8)?;
    let article = Article {
        id: row.get(1)?,
        outlet: OutletId(0),
        title: row.get(4)?,
        date: date.map_err(|error| unreadable(5, error.to_string()))?,
        url: row.get(6)?,
        place: Place { file: row.get(7)?, line: line.map(|line| line as usize) },
        text: String::new(),
        extra: json(row, 9)?,
    };
    Ok(SplitArticle {
        article,
        given_id: row.get(2)?,
        outlet: row.get(3)?,
        kept: Vec::new(),
        left_out: Vec::new(),
        problems: json(row, 10)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error.to_string()))
}

/// The articles with their paragraphs, the ids of those that take part, and how many of them were embedded in windows.
#[allow(clippy::type_complexity, reason = "three parts of one state, taken apart at once")]
fn with_paragraphs(
    connection: &Connection,
    mut articles: BTreeMap<i64, SplitArticle>,
) -> rusqlite::Result<(BTreeMap<i64, SplitArticle>, Vec<i64>, usize)> {
    let sql = "SELECT id, article, place, kind, span_start, span_end, text, reason, windowed FROM paragraph ORDER BY article, place";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query([])?;
    let (mut ids, mut windowed) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let article: i64 = row.get(1)?;
        let split = articles.get_mut(&article).ok_or_else(|| unreadable(1, format!("no article {article}")))?;
        let paragraph = paragraph(row)?;
        match row.get::<_, Option<String>>(7)? {
            Some(reason) => split.left_out.push(LeftOut { paragraph, reason }),
            None => {
                ids.push(row.get(0)?);
                windowed += usize::from(row.get::<_, bool>(8)?);
                split.kept.push(paragraph);
            }
        }
    }
    Ok((articles, ids, windowed))
}

fn paragraph(row: &Row) -> rusqlite::Result<Paragraph> {
    let number = |column| row.get::<_, i64>(column).map(|number| number as usize);
    let code: String = row.get(3)?;
    let kind = Kind::of_code(&code).ok_or_else(|| unreadable(3, format!("no kind of paragraph is called {code:?}")))?;
    Ok(Paragraph { article: 0, place: number(2)?, kind, span: number(4)?..number(5)?, text: row.get(6)? })
}
