//! A model's name on the hub: `org/name`, and after an `@` a branch, a tag or a commit.

use std::fmt;
use std::str::FromStr;

use super::HubError;

/// The branch that is meant where none is named.
const DEFAULT: &str = "main";

/// A model's name on the hub. Its parts are safe in a path and, escaped, in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelId {
    repo: String,
    revision: String,
}

impl ModelId {
    /// `org/name`.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// The branch, tag or commit.
    pub fn revision(&self) -> &str {
        &self.revision
    }
}

impl FromStr for ModelId {
    type Err = HubError;

    /// Reads `org/name` or `org/name@revision`.
    ///
    /// # Errors
    /// [`HubError::Name`] for anything else.
    fn from_str(text: &str) -> Result<Self, HubError> {
        let (repo, revision) = text.split_once('@').unwrap_or((text, DEFAULT));
        let fits = repo.split('/').count() == 2 && repo.split('/').all(is_repo_part) && is_inside(revision);
        if !fits {
            return Err(HubError::Name { name: text.to_owned() });
        }
        // Git writes hashes in lower case, and the cache has folders by them.
        let revision = if is_full_commit(revision) { revision.to_ascii_lowercase() } else { revision.to_owned() };
        Ok(Self { repo: repo.to_owned(), revision })
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision.as_str() {
            DEFAULT => f.write_str(&self.repo),
            revision => write!(f, "{}@{revision}", self.repo),
        }
    }
}

/// The hub's own rule: letters, digits, `-`, `_` and `.`; no `--` or `..`, none of `-` and `.` at an end.
fn is_repo_part(part: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let free = |ends: &[char]| !part.starts_with(ends) && !part.ends_with(ends);
    (1..=96).contains(&part.len())
        && part.chars().all(known)
        && free(&['-', '.'])
        && !part.contains("--")
        && !part.contains("..")
}

/// Whether a revision is the whole hash of a commit.
pub(super) fn is_full_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a path with `/` stays below the folder it is joined to, on any system.
pub(super) fn is_inside(path: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, '\\' | ':');
    path.len() <= 255 && path.chars().all(plain) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_revision_are_read_and_shown() {
        let read = |text: &str| text.parse::<ModelId>().unwrap();
        assert_eq!((read("org/name").repo(), read("org/name").revision()), ("org/name", "main"));
        assert_eq!(read("org/name@refs/pr/1").revision(), "refs/pr/1");
        assert_eq!(read("a.b/c_d-e@v1").to_string(), "a.b/c_d-e@v1");
        assert_eq!(read("org/name@main").to_string(), "org/name");
        assert_eq!(read(&format!("org/name@{}", "A1".repeat(20))).revision(), "a1".repeat(20));
        assert_eq!(read("org/name@ABC").revision(), "ABC");
    }

    #[test]
    fn what_would_leave_the_cache_is_no_name() {
        for text in [
            "name",
            "a/b/c",
            "../name",
            "org/..",
            "/name",
            "org/",
            "org/na me",
            "a--b/c",
            "org/.name",
            "org/name@",
            "org/name@../../x",
            "org/name@a//b",
            "org/name@a\\b",
            "org\\name",
            "c:/name",
            "org/name@/etc",
        ] {
            assert!(text.parse::<ModelId>().is_err(), "{text}");
        }
    }
}
