//! What became of themes from one generation of a library to the next: ids that last, and the log of events.
//!
//! A *generation* is the themes of a library as they were found once. Not here: who is whose heir (`library/lineage`), where the log is
//! kept (`library`).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a theme of a library is known by for good: shown as "t7", and never another theme's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThemeId(pub u32);

impl fmt::Display for ThemeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Padded as the caller asks.
        f.pad(&format!("t{}", self.0))
    }
}

impl FromStr for ThemeId {
    type Err = String;

    /// Reads "t7".
    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix('t').and_then(|number| number.parse().ok());
        number.map(Self).ok_or_else(|| format!("\"{text}\" is no id of a theme: expected t and a number, as in t7"))
    }
}

impl Serialize for ThemeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ThemeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How many paragraphs came to a theme that stays, and how many went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Paragraphs then.
    pub before: usize,
    /// Paragraphs now.
    pub now: usize,
    /// Came that are new in the library.
    pub added: usize,
    /// Came that were in the library, in no theme or in others.
    pub joined: usize,
    /// Went that are no longer in the library.
    pub removed: usize,
    /// Went that still are in the library.
    pub left: usize,
}

/// A theme and how many paragraphs it shares with the one the event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which theme.
    pub theme: ThemeId,
    /// Paragraphs that both have.
    pub paragraphs: usize,
}

/// What happened to a theme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Change {
    /// It was not there before.
    Born {
        /// Its paragraphs.
        paragraphs: usize,
        /// The theme that it was split off, where most of it was one theme's.
        from: Option<ThemeId>,
    },
    /// It had ended, and mostly the same paragraphs are a theme again.
    Revived {
        /// Its paragraphs.
        paragraphs: usize,
    },
    /// It has more paragraphs than before.
    Grown(Sizes),
    /// It has fewer.
    Shrunk(Sizes),
    /// It has as many, not all of them the same.
    Exchanged(Sizes),
    /// Other themes came out of it.
    Split {
        /// All that most of whose paragraphs were its own, most first: itself too, where it went on.
        into: Vec<Share>,
    },
    /// Themes that ended went into it.
    Merged {
        /// Which, with the paragraphs they gave; most first.
        of: Vec<Share>,
    },
    /// It is no longer a theme.
    Died {
        /// Its paragraphs then.
        paragraphs: usize,
        /// Where most of those that are still in the library went.
        into: Option<ThemeId>,
    },
    /// It is called otherwise than before.
    Renamed {
        /// As it was called.
        from: String,
        /// As it is called.
        to: String,
        /// Whether that name is the user's.
        by_user: bool,
    },
}

impl Change {
    /// The event's name in JSON and in the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Born { .. } => "born",
            Self::Revived { .. } => "revived",
            Self::Grown(_) => "grown",
            Self::Shrunk(_) => "shrunk",
            Self::Exchanged(_) => "exchanged",
            Self::Split { .. } => "split",
            Self::Merged { .. } => "merged",
            Self::Died { .. } => "died",
            Self::Renamed { .. } => "renamed",
        }
    }
}

/// What happened to which theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which theme.
    pub theme: ThemeId,
    /// What it was called after the event.
    pub name: String,
    /// What happened.
    pub change: Change,
}

/// An event in the log of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The generation that it came with; that in force for a rename.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// The log of a library, or the end of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// What every theme there ever was is called now, or was called last.
    pub names: BTreeMap<ThemeId, String>,
}

impl Log {
    /// Of each entry what `of` makes of it and of what the themes that there had been were called at the end of its generation; for a log
    /// from the beginning.
    pub fn with_names<T>(&self, mut of: impl FnMut(&Entry, &BTreeMap<ThemeId, String>) -> T) -> Vec<T> {
        let (mut names, mut made) = (self.names.clone(), Vec::with_capacity(self.entries.len()));
        for entries in self.entries.chunk_by(|left, right| left.generation == right.generation) {
            names.extend(entries.iter().map(|entry| (entry.event.theme, entry.event.name.clone())));
            made.extend(entries.iter().map(|entry| of(entry, &names)));
        }
        made
    }
}

/// A paragraph that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParagraph {
    /// Who published it.
    pub outlet: String,
    /// The article's id.
    pub article: String,
    /// The article's title.
    pub title: Option<String>,
    /// The day the article was published: YYYY-MM-DD.
    pub date: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// When the article was added.
    pub added: Timestamp,
    /// Its place in the article, from 1.
    pub place: usize,
    /// Its text.
    pub text: String,
}

/// What is new in a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeNews {
    /// Which theme.
    pub theme: ThemeId,
    /// What it is called, or was called last.
    pub name: String,
    /// Its paragraphs; none for one that has ended.
    pub paragraphs: Option<usize>,
    /// What happened to it, oldest first.
    pub events: Vec<Entry>,
    /// Its paragraphs of articles that were added, newest first.
    pub added: Vec<NewParagraph>,
}

/// What is new in the themes of a library since a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The time.
    pub since: Timestamp,
    /// When the themes of now were found, or extended.
    pub at: Timestamp,
    /// Whether no paragraph of the library was there before.
    pub everything: bool,
    /// Themes in which something is: what most was added to first, those that ended last.
    pub themes: Vec<ThemeNews>,
    /// Themes in which nothing is.
    pub unchanged: usize,
    /// As [`Log::names`].
    pub names: BTreeMap<ThemeId, String>,
}

impl ThemeNews {
    /// The outlets whose paragraphs were added, most first, then by name.
    pub fn outlets(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        self.added.iter().for_each(|paragraph| *counts.entry(&paragraph.outlet).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_with_its_letter() {
        assert_eq!(ThemeId(7).to_string(), "t7");
        assert_eq!("t7".parse(), Ok(ThemeId(7)));
        for other in ["7", "t", "t-1", "T7", "t7 "] {
            assert!(other.parse::<ThemeId>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_change_is_kept_as_json_and_read_back() {
        let sizes = Sizes { before: 3, now: 4, added: 2, joined: 0, removed: 0, left: 1 };
        let share = Share { theme: ThemeId(2), paragraphs: 9 };
        let changes = [
            Change::Born { paragraphs: 3, from: Some(ThemeId(1)) },
            Change::Revived { paragraphs: 3 },
            Change::Grown(sizes),
            Change::Shrunk(sizes),
            Change::Exchanged(sizes),
            Change::Split { into: vec![share] },
            Change::Merged { of: vec![share] },
            Change::Died { paragraphs: 3, into: None },
            Change::Renamed { from: "a".to_owned(), to: "b".to_owned(), by_user: true },
        ];
        for change in changes {
            let text = serde_json::to_string(&change).unwrap();
            assert!(text.starts_with(&format!("{{\"event\":\"{}\"", change.code())), "{text}");
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
        }
    }
}
