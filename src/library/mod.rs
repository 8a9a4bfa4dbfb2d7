//! What is kept between runs: articles, paragraphs and their vectors in one SQLite file.
//!
//! `open` makes and opens the file and knows its format; [`Library::adder`] (`add`) embeds what is new or changed, article
//! by article as `identity` knows them; [`Library::load`] (`load`) gives back what a report works on, as if the texts had
//! been read; `remove`, `reembed` and `verify` do what they say, `about` lists and counts, `statements` remembers what reports embedded. `schema.sql` is the format.
//!
//! Whatever is committed stands: every change is one transaction, and one that is cut off leaves what was there before. Not
//! here: what is found in it (`pipeline`), how it is shown (`report`).

mod about;
mod add;
mod cells;
mod error;
mod identity;
pub mod lineage;
mod load;
mod look;
mod lookup;
mod lost;
mod open;
mod reembed;
mod remove;
mod rows;
mod stamp;
mod statements;
mod themes;
mod verify;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::model::ModelMark;

pub use add::{Adder, Embed, Fate};
pub use error::LibraryError;
pub use load::Held;
pub use look::{Look, Sought};
pub use lookup::{Shelf, Wanted};
pub use lost::LeftBehind;
pub use open::is_library;
pub use remove::Which;
pub use stamp::Stamp;
pub use statements::Statements;
pub use themes::{Base, Basis, Generation, LITTLE, Settings as ThemeSettings, Since, Standing, Why};

/// An open library.
#[derive(Debug)]
pub struct Library {
    connection: Connection,
    path: PathBuf,
    made_by: MadeBy,
    writable: bool,
}

/// What made the vectors of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// The model, and how it was asked.
    pub model: ModelMark,
    /// The numbers it ran in: "f32", "bf16", "int8", "f16".
    pub precision: String,
    /// As the user named the model, so that it need not be named again; none for the bundled one.
    pub source: Option<String>,
}

impl Library {
    /// The file, as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What made its vectors.
    pub fn made_by(&self) -> &MadeBy {
        &self.made_by
    }

    /// Whether it was opened for writing.
    pub fn writable(&self) -> bool {
        self.writable
    }

    /// How often it changed: another number means other contents.
    ///
    /// # Errors
    /// Those of reading.
    pub fn changes(&self) -> Result<u64, LibraryError> {
        self.told(open::changes(&self.connection))
    }

    /// What tells it from every other library.
    ///
    /// # Errors
    /// Those of reading.
    pub fn id(&self) -> Result<String, LibraryError> {
        self.told(open::meta(&self.connection, "id"))
    }

    /// What SQLite says, in our words.
    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, LibraryError> {
        result.map_err(|error| LibraryError::of_sql(&self.path, error))
    }
}
