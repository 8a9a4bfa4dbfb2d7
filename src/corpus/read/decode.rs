//! Bytes to text: UTF-8, UTF-16 of both orders with or without mark, a page's declared charset, else
//! Windows-1252 (of which Latin-1's printable part is a part).
//!
//! A UTF-8 byte-order mark stays in the text, so that byte spans are the file's own.

use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use regex::bytes::Regex;

use super::fault::Fault;

/// A decoded text.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// What had to be replaced, if anything.
    pub(super) fault: Option<Fault>,
}

/// Decodes a text.
///
/// # Errors
/// [`Fault::Binary`] if it is none, [`Fault::Empty`] if nothing is there.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    if let Some(order) = utf16_order(bytes) {
        return Ok(replacing(bytes, order));
    }
    if let Some(what) = binary(bytes) {
        return Err(Fault::Binary(what));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.to_owned(), fault: None }),
        Err(_) if is_mostly_utf8(bytes) => Ok(replacing(bytes, UTF_8)),
        Err(_) => Ok(Decoded { text: windows_1252(bytes), fault: None }),
    }
}

/// Decodes a web page, by its own account of its charset where the bytes do not tell better.
///
/// # Errors
/// As [`decode`].
pub(super) fn decode_html(bytes: &[u8]) -> Result<Decoded, Fault> {
    let tells_itself = utf16_order(bytes).is_some() || (!bytes.is_ascii() && std::str::from_utf8(bytes).is_ok());
    match declared(bytes).filter(|_| !tells_itself && binary(bytes).is_none()) {
        Some(charset) if charset != UTF_8 && !bytes.is_empty() => Ok(replacing(bytes, charset)),
        _ => decode(bytes),
    }
}

/// The charset a page declares in its first bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    static CHARSET: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_:.-]{2,30})"#).ok());
    let head = &bytes[..bytes.len().min(4096)];
    let label = CHARSET.as_ref()?.captures(head)?.get(1)?.as_bytes();
    // A page that says UTF-16 in single-byte letters is not.
    Encoding::for_label(label).filter(|charset| *charset != UTF_16LE && *charset != UTF_16BE)
}

/// All bytes have a meaning in Windows-1252, so nothing is lost.
pub(super) fn windows_1252(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// A text to look at, whatever its bytes.
pub(super) fn lossy(bytes: &[u8]) -> String {
    match utf16_order(bytes) {
        Some(order) => order.decode_with_bom_removal(bytes).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn replacing(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, replaced) = match encoding == UTF_8 {
        true => encoding.decode_without_bom_handling(bytes),
        false => encoding.decode_with_bom_removal(bytes),
    };
    let count = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    let fault = replaced.then_some(Fault::Replaced { count, encoding: encoding.name() });
    Decoded { text: text.into_owned(), fault }
}

/// A text in UTF-8 with a torn character or two, rather than one in another encoding.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let wrong = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    let right: usize = bytes.utf8_chunks().map(|chunk| chunk.valid().chars().filter(|c| !c.is_ascii()).count()).sum();
    // A letter of two bytes and more hardly ever comes about by chance.
    right > 0 && 2 * right >= wrong
}

pub(super) fn is_utf16(head: &[u8]) -> bool {
    utf16_order(head).is_some()
}

/// The byte order of UTF-16, by its mark or by where the NULs of its ASCII characters fall.
fn utf16_order(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(4096)];
    let nuls = |from: usize| head.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (high, low, half) = (nuls(0), nuls(1), head.len() / 2);
    match (high * 10 > half * 4, low * 10 > half * 4) {
        _ if half < 2 => None,
        (true, false) if low * 20 <= half => Some(UTF_16BE),
        (false, true) if high * 20 <= half => Some(UTF_16LE),
        _ => None,
    }
}

/// What a file is that is no text: by its first bytes, a NUL, or many control characters.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"%PDF", "PDF"),
        (b"PK\x03\x04", "ZIP, as Word, Excel and EPUB files are"),
        (b"\x89PNG", "PNG image"),
        (b"\xff\xd8\xff", "JPEG image"),
        (b"GIF8", "GIF image"),
        (b"\xd0\xcf\x11\xe0", "old Word or Excel file"),
        (b"SQLite format 3", "SQLite database"),
        (b"\x7fELF", "program"),
        (b"PAR1", "Parquet"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
    ];
    let known = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what);
    let head = &bytes[..bytes.len().min(1 << 16)];
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127);
    let many = head.iter().filter(is_control).count() * 20 > head.len();
    known
        .or_else(|| head.contains(&0).then_some("it holds NUL bytes"))
        .or(many.then_some("it holds control characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let decoded = decode(bytes).unwrap();
        assert!(decoded.fault.is_none(), "{:?}", decoded.fault);
        decoded.text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    const PRICE: &str = "The café costs “£3 million”.";

    #[test]
    fn utf8_with_and_without_mark() {
        assert_eq!(text(PRICE.as_bytes()), PRICE);
        assert_eq!(text(format!("\u{feff}{PRICE}").as_bytes()), format!("\u{feff}{PRICE}"));
    }

    #[test]
    fn utf16_of_both_orders_with_and_without_mark() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(text(&utf16(PRICE, order)), PRICE);
            assert_eq!(text(&utf16(&format!("\u{feff}{PRICE}"), order)), PRICE);
        }
    }

    #[test]
    fn latin_1_and_windows_1252() {
        assert_eq!(text(b"caf\xe9"), "café");
        assert_eq!(text(b"\x93\xa33 million\x94"), "“£3 million”");
    }

    #[test]
    fn a_torn_character_is_replaced_and_told() {
        let mut bytes = PRICE.repeat(3).into_bytes();
        bytes.push(0xc3);
        let decoded = decode(&bytes).unwrap();
        assert_eq!(decoded.text, format!("{}\u{fffd}", PRICE.repeat(3)));
        assert_eq!(decoded.fault.unwrap().to_string(), "1 characters are not valid UTF-8 and were replaced");
    }

    #[test]
    fn binary_files_are_told_by_what_they_are() {
        let what = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
        assert_eq!(what(b"%PDF-1.7 ..."), "binary file (PDF): expected text");
        assert_eq!(what(b"a\0b\0\0cdefgh"), "binary file (it holds NUL bytes): expected text");
        assert_eq!(what(&[1, 2, 3, 4, 65]), "binary file (it holds control characters): expected text");
        assert_eq!(what(b""), "no text: the file is empty");
    }

    #[test]
    fn a_page_is_read_by_the_charset_it_declares() {
        let page = |bytes: &[u8]| decode_html(bytes).unwrap().text;
        assert_eq!(page(b"<meta charset=\"iso-8859-2\">\xb1"), "<meta charset=\"iso-8859-2\">ą");
        assert_eq!(page(b"<meta charset=shift_jis>\x93\xfa\x96{"), "<meta charset=shift_jis>日本");
        // What is valid UTF-8 beyond ASCII is UTF-8, whatever the page says.
        assert_eq!(page("<meta charset=latin1>é".as_bytes()), "<meta charset=latin1>é");
    }
}
