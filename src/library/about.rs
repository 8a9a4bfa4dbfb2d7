//! What a library holds: article by article, and in figures.

use rusqlite::{Connection, Row};

use super::{Library, LibraryError, open};
use crate::holdings::{About, Listed, OutletHoldings};

impl Library {
    /// Every article, in the order in which they were added.
    ///
    /// # Errors
    /// Those of reading.
    pub fn list(&self) -> Result<Vec<Listed>, LibraryError> {
        self.told(list(&*self.read()?))
    }

    /// [`Library::list`], [`Library::about`] and [`Library::id`] as of one moment.
    ///
    /// # Errors
    /// Those of reading.
    pub fn holdings(&self) -> Result<(Vec<Listed>, About, String), LibraryError> {
        let transaction = self.read()?;
        let id = self.told(open::meta(&transaction, "id"))?;
        Ok((self.told(list(&transaction))?, self.figures(&transaction)?, id))
    }

    /// The whole in figures, as of one moment.
    ///
    /// # Errors
    /// Those of reading.
    pub fn about(&self) -> Result<About, LibraryError> {
        self.figures(&*self.read()?)
    }

    fn figures(&self, transaction: &Connection) -> Result<About, LibraryError> {
        let bytes = std::fs::metadata(&self.path).map(|about| about.len());
        let bytes = bytes.map_err(|source| LibraryError::Io { path: self.path.clone(), source })?;
        let counted = |sql| self.told(count(transaction, sql));
        Ok(About {
            library: self.path.display().to_string(),
            format: open::FORMAT as u32,
            bytes,
            model: self.made_by.model.clone(),
            precision: self.made_by.precision.clone(),
            articles: counted("SELECT count(*) FROM article")?,
            paragraphs: counted("SELECT count(*) FROM paragraph WHERE reason IS NULL")?,
            left_out: counted("SELECT count(*) FROM paragraph WHERE reason IS NOT NULL")?,
            outlets: self.told(outlets(transaction))?,
            dates: self.told(dates(transaction))?,
            undated: counted("SELECT count(*) FROM article WHERE date IS NULL")?,
            changed: self.told(transaction.query_row("SELECT max(changed) FROM article", [], |row| row.get(0)))?,
            changes: self.told(open::changes(transaction))?,
            themes: self.told(self.about_themes(transaction))?,
        })
    }
}

fn list(connection: &Connection) -> rusqlite::Result<Vec<Listed>> {
    let sql = "SELECT a.name, o.name, a.title, a.date, a.url, a.file, a.line, count(p.id) FILTER (WHERE p.reason IS NULL), \
               count(p.id) FILTER (WHERE p.reason IS NOT NULL), a.added, a.changed \
               FROM article a JOIN outlet o ON o.id = a.outlet LEFT JOIN paragraph p ON p.article = a.id GROUP BY a.id ORDER BY a.id";
    connection.prepare(sql)?.query_map([], listed)?.collect()
}

fn listed(row: &Row) -> rusqlite::Result<Listed> {
    let number = |column| row.get::<_, i64>(column).map(|number| number as usize);
    Ok(Listed {
        id: row.get(0)?,
        outlet: row.get(1)?,
        title: row.get(2)?,
        date: row.get(3)?,
        url: row.get(4)?,
        file: row.get(5)?,
        line: row.get::<_, Option<i64>>(6)?.map(|line| line as usize),
        paragraphs: number(7)?,
        left_out: number(8)?,
        added: row.get(9)?,
        changed: row.get(10)?,
    })
}

fn count(connection: &Connection, sql: &str) -> rusqlite::Result<usize> {
    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|count| count as usize)
}

fn outlets(connection: &Connection) -> rusqlite::Result<Vec<OutletHoldings>> {
    let sql = "SELECT o.name, count(DISTINCT a.id), count(p.id) FROM outlet o JOIN article a ON a.outlet = o.id \
               LEFT JOIN paragraph p ON p.article = a.id AND p.reason IS NULL GROUP BY o.id ORDER BY o.name";
    let outlet = |row: &Row| {
        let number = |column| row.get::<_, i64>(column).map(|number| number as usize);
        Ok(OutletHoldings { name: row.get(0)?, articles: number(1)?, paragraphs: number(2)? })
    };
    connection.prepare(sql)?.query_map([], outlet)?.collect()
}

fn dates(connection: &Connection) -> rusqlite::Result<Option<[String; 2]>> {
    let ends = |row: &Row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?));
    let (first, last) = connection.query_row("SELECT min(date), max(date) FROM article", [], ends)?;
    Ok(first.zip(last).map(|(first, last)| [first, last]))
}
