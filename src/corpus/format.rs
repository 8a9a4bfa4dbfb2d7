//! Formats, and the names that tell them.
//!
//! Not here: telling a format by how a text begins (`read`).

use std::path::Path;

/// A format this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One article as plain text.
    Plain,
    /// One article as Markdown.
    Markdown,
    /// One article as a web page.
    Html,
    /// One article a line, each a JSON object.
    JsonLines,
    /// A JSON object, or a list of them, an article each.
    Json,
    /// Comma-separated values with a head, an article a row.
    Csv,
    /// The same separated by tabs.
    Tsv,
    /// Parquet, an article a row.
    Parquet,
}

/// Extensions of the files read from a folder; each may be followed by `.gz` or `.zst`.
pub const EXTENSIONS: &[&str] = &[
    ".txt",
    ".text",
    ".md",
    ".markdown",
    ".html",
    ".htm",
    ".xhtml",
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
];

/// The format a file's name tells, packed or not.
pub(super) fn by_name(path: &Path) -> Option<Format> {
    let name = unpacked_name(path);
    Some(match Path::new(&name).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "txt" | "text" => Format::Plain,
        "md" | "markdown" => Format::Markdown,
        "html" | "htm" | "xhtml" => Format::Html,
        "jsonl" | "ndjson" => Format::JsonLines,
        "json" => Format::Json,
        "csv" => Format::Csv,
        "tsv" => Format::Tsv,
        "parquet" => Format::Parquet,
        _ => return None,
    })
}

/// A file's name without `.gz` or `.zst`.
fn unpacked_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lower = name.to_ascii_lowercase();
    let packed = [".gz", ".zst", ".zstd"].into_iter().find(|packed| lower.ends_with(packed));
    name[..name.len() - packed.map_or(0, str::len)].to_owned()
}

/// A file's name without its extensions: `a` for `a.jsonl.gz`, `v1.2` for `v1.2.txt`.
pub(super) fn stem(path: &Path) -> String {
    let name = unpacked_name(path);
    let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if stem.is_empty() { name } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_formats_and_stems() {
        assert_eq!(by_name(Path::new("a/week.JSONL.gz")), Some(Format::JsonLines));
        assert_eq!(by_name(Path::new("page.htm.zst")), Some(Format::Html));
        assert_eq!(by_name(Path::new("themes.toml")), None);
        assert_eq!(stem(Path::new("a/week.jsonl.gz")), "week");
        assert_eq!(stem(Path::new("000_7d46cf23d32f6871.txt")), "000_7d46cf23d32f6871");
    }

    #[test]
    fn every_extension_listed_is_known() {
        for extension in EXTENSIONS {
            assert!(by_name(Path::new(&format!("a{extension}"))).is_some(), "{extension}");
        }
    }
}
