//! By what an article is known again when it is added once more, and whether it has changed.
//!
//! A record with an id is known by its outlet and id, one with an address alone by that, a file that is one article by its
//! path. A record with none of these is known by its content: changed, it is another article. Several articles that are known
//! by the same are numbered. Not here: what is done about it (`add`).

use std::path::Path;

use twox_hash::xxhash3_128::Hasher;

use crate::corpus::SplitArticle;
use crate::paragraph::Paragraph;

/// By what an article is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Unique in a library.
    pub(super) text: String,
    /// Whether it is but a path: the same content under another path is the same article, moved.
    pub(super) path: bool,
}

/// All that a record says and how it was split, in 128 bits.
pub(super) type Content = [u8; 16];

impl Key {
    /// Of an article, without what tells it from others of the same run.
    pub(super) fn of(split: &SplitArticle, content: &Content) -> Self {
        let article = &split.article;
        // As JSON: what stands in one part cannot run into the next, nor hold a line break.
        let named = |kind: &str, parts: &[&str]| format!("{kind}\n{}", serde_json::json!(parts));
        let known = |text| Self { text, path: false };
        match (split.given_id, &article.url, article.place.line) {
            (true, ..) => known(named("id", &[&split.outlet, &article.id])),
            (false, Some(url), Some(_)) => known(named("url", &[&split.outlet, url])),
            (false, _, None) if article.place.file != "-" => {
                let path = Path::new(&article.place.file);
                let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                Self { text: format!("file\n{}", path.to_string_lossy()), path: true }
            }
            (false, ..) => known(named("content", &[&hexadecimal(content)])),
        }
    }

    /// The id that the record came with, where that is what it is known by.
    pub(super) fn given_id(key: &str) -> Option<String> {
        let [_outlet, id]: [String; 2] = serde_json::from_str(key.strip_prefix("id\n")?.split('\n').next()?).ok()?;
        Some(id)
    }

    /// The file, where it is but a path.
    pub(super) fn file(key: &str) -> Option<&Path> {
        key.strip_prefix("file\n").and_then(|rest| rest.split('\n').next()).map(Path::new)
    }

    /// The key of another article that is known by the same: its `number`-th, from 2.
    pub(super) fn numbered(&self, number: u64) -> String {
        format!("{}\n#{number}", self.text)
    }

    /// All keys of articles that are known by the same lie between these two.
    pub(super) fn siblings(&self) -> (String, String) {
        // '$' is what follows '#'.
        (format!("{}\n#", self.text), format!("{}\n$", self.text))
    }
}

/// The content of an article; where it was found is no part of it.
pub(super) fn content(split: &SplitArticle) -> Content {
    let mut hasher = Hasher::new();
    let article = &split.article;
    let date = article.date.map(|date| date.to_string());
    let own = split.given_id.then_some(article.id.as_str());
    let parts = [own, Some(split.outlet.as_str()), article.title.as_deref(), date.as_deref(), article.url.as_deref()];
    parts.into_iter().for_each(|part| add(&mut hasher, part));
    add(&mut hasher, Some(&article.text));
    for (name, value) in &article.extra {
        add(&mut hasher, Some(&format!("{name}={value}")));
    }
    split.kept.iter().for_each(|paragraph| add_paragraph(&mut hasher, paragraph, None));
    split.left_out.iter().for_each(|left_out| add_paragraph(&mut hasher, &left_out.paragraph, Some(&left_out.reason)));
    hasher.finish_128().to_be_bytes()
}

/// 64 bits of a paragraph's text.
pub(super) fn text_hash(text: &str) -> i64 {
    Hasher::oneshot(text.as_bytes()) as i64
}

fn add_paragraph(hasher: &mut Hasher, paragraph: &Paragraph, reason: Option<&str>) {
    let Paragraph { article: _, place, kind, span, text } = paragraph;
    add(hasher, Some(&format!("{place} {} {} {}", kind.code(), span.start, span.end)));
    add(hasher, Some(text));
    add(hasher, reason);
}

/// A part with its length, so that parts do not run together.
fn add(hasher: &mut Hasher, part: Option<&str>) {
    hasher.write(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
    hasher.write(part.unwrap_or_default().as_bytes());
}

fn hexadecimal(content: &Content) -> String {
    format!("{:032x}", u128::from_be_bytes(*content))
}
