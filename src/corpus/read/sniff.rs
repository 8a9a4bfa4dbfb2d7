//! The format of a text that no name tells, by how it begins.

use super::decode;
use crate::corpus::format::Format;
use crate::corpus::split::looks_like_html;

/// Bytes that [`sniff`] looks at.
pub(super) const SNIFFED: usize = 1024;

/// The format of a text that no name tells, by how it begins.
pub(super) fn sniff(head: &[u8]) -> Format {
    if head.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    let head = decode::lossy(head);
    let start = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match start.chars().next() {
        Some('{') => Format::JsonLines,
        Some('[') if start[1..].trim_start().starts_with('{') => Format::Json,
        Some('<') if looks_like_html(start) => Format::Html,
        _ => Format::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_tell_formats() {
        assert_eq!(sniff(b"\xef\xbb\xbf{\"id\": 1}"), Format::JsonLines);
        assert_eq!(sniff(b" [ {\"id\": 1}]"), Format::Json);
        assert_eq!(sniff(b"<!DOCTYPE html><p>"), Format::Html);
        assert_eq!(sniff(b"[1] A footnote"), Format::Plain);
        assert_eq!(sniff(b"< 5 % of them"), Format::Plain);
        assert_eq!(sniff(b"\xff\xfe{\0\"\0"), Format::JsonLines);
    }
}
