//! What a library holds, as it is told to people: its articles one by one, and the whole of it in figures.
//!
//! Not here: the file itself (`library`), how this is shown (`report`).

use serde::Serialize;

use crate::model::ModelMark;

/// An article of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Who published it.
    pub outlet: String,
    /// Its title.
    pub title: Option<String>,
    /// The day it was published: YYYY-MM-DD.
    pub date: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// The file it was read from.
    pub file: String,
    /// The line on which it stands there.
    pub line: Option<usize>,
    /// Its paragraphs that take part.
    pub paragraphs: usize,
    /// Those that do not.
    pub left_out: usize,
    /// When it was added: RFC 3339, UTC.
    pub added: String,
    /// When it last changed.
    pub changed: String,
}

/// A library in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct About {
    /// The file, as the user named it.
    pub library: String,
    /// Its format.
    pub format: u32,
    /// Its bytes.
    pub bytes: u64,
    /// What made its vectors.
    pub model: ModelMark,
    /// The numbers that ran in.
    pub precision: String,
    /// Articles.
    pub articles: usize,
    /// Paragraphs that take part.
    pub paragraphs: usize,
    /// Those that do not.
    pub left_out: usize,
    /// Articles and paragraphs of each outlet, by name.
    pub outlets: Vec<OutletHoldings>,
    /// The first and the last day of publication.
    pub dates: Option<[String; 2]>,
    /// Articles without a date.
    pub undated: usize,
    /// When something was last added or changed: RFC 3339, UTC.
    pub changed: Option<String>,
    /// How often it changed.
    pub changes: u64,
    /// The themes that it keeps; none where none were ever found.
    pub themes: Option<KeptThemes>,
}

/// The themes that a library keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptThemes {
    /// How many live.
    pub count: usize,
    /// When all paragraphs were last clustered: RFC 3339, UTC.
    pub found: String,
    /// When what came since was last put into them; none where nothing was.
    pub extended: Option<String>,
    /// Whether they are those of what the library holds now; otherwise the next report finds or extends them.
    pub current: bool,
}

/// An outlet of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutletHoldings {
    /// Its name.
    pub name: String,
    /// Its articles.
    pub articles: usize,
    /// Their paragraphs that take part.
    pub paragraphs: usize,
}

/// What adding did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Articles that were not there.
    pub added: usize,
    /// Articles that were there and had changed.
    pub replaced: usize,
    /// Articles that were there as they are.
    pub unchanged: usize,
    /// Paragraphs of what is new or changed that take part.
    pub paragraphs: usize,
    /// Of these, those that were embedded; the others had vectors already.
    pub embedded: usize,
    /// What could not be read, and details that were set aside.
    pub problems: usize,
}

impl Added {
    /// Whether the library is another than it was.
    pub fn changed(&self) -> bool {
        self.added + self.replaced > 0
    }
}

/// A fault of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: an article's id, a table, or the file.
    pub at: String,
    /// What was found and what was expected.
    pub what: String,
    /// What mends it.
    pub mend: &'static str,
}
