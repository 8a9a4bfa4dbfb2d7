//! The paragraphs of a theme that lives, for who searches in it.

use super::rename::{find, living};
use crate::library::{Library, LibraryError};
use crate::theme_log::ThemeId;

impl Library {
    /// The themes that live: id, present name and number of paragraphs, by id.
    ///
    /// # Errors
    /// Those of reading.
    pub fn living_themes(&self) -> Result<Vec<(ThemeId, String, usize)>, LibraryError> {
        let transaction = self.read()?;
        let sql = "SELECT count(*) FROM theme_member WHERE theme = ?1";
        let mut themes = Vec::new();
        for theme in self.told(living(&transaction))? {
            let paragraphs: i64 = self.told(transaction.query_row(sql, [theme.id.0], |row| row.get(0)))?;
            themes.push((theme.id, theme.name, paragraphs as usize));
        }
        Ok(themes)
    }

    /// Ids of the paragraphs of a theme that is named by id or by its present name, ascending.
    ///
    /// # Errors
    /// [`LibraryError::NoTheme`]; those of reading.
    pub fn theme_paragraphs(&self, which: &str) -> Result<Vec<i64>, LibraryError> {
        let transaction = self.read()?;
        let living = self.told(living(&transaction))?;
        let Some(theme) = find(&living, which) else {
            let themes = living.iter().map(|theme| format!("{} {}", theme.id, theme.name)).collect();
            return Err(LibraryError::NoTheme { path: self.path.clone(), which: which.to_owned(), themes });
        };
        let sql = "SELECT paragraph FROM theme_member WHERE theme = ?1 ORDER BY paragraph";
        let read = || transaction.prepare(sql)?.query_map([theme.id.0], |row| row.get(0))?.collect();
        self.told(read())
    }
}
