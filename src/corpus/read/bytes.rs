//! Bytes off a file: unpacked, bounded, line by line.
//!
//! gzip (of several members) and Zstandard are known by their first bytes, whatever the file is
//! called. Nothing here reads more into memory than its caller allows.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::decode;
use super::fault::Fault;

/// The first bytes, and a reader that begins with them again.
pub(super) fn peek<'a>(mut raw: impl Read + 'a, most: usize) -> io::Result<(Vec<u8>, Box<dyn Read + 'a>)> {
    let mut head = Vec::new();
    match raw.by_ref().take(most as u64).read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(error),
        // A torn file still begins with what could be read; the fault comes after it.
        Err(error) => Ok((head.clone(), Box::new(Cursor::new(head).chain(Fails(Some(error)))))),
        Ok(_) => Ok((head.clone(), Box::new(Cursor::new(head).chain(raw)))),
    }
}

/// A reader that fails once.
struct Fails(Option<io::Error>);

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The bytes behind gzip or Zstandard, or as they are.
pub(super) fn unpacked<'a>(raw: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let (head, raw) = peek(raw, 4)?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(raw)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::stream::read::Decoder::new(raw)?),
        _ => raw,
    })
}

/// All bytes, if there are no more than `limit`.
pub(super) fn bounded(raw: impl Read, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    raw.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(Fault::FileTooLong { limit }) } else { Ok(bytes) }
}

/// A reader of UTF-8 for line-based formats: UTF-16 is turned into it, a byte-order mark dropped.
/// Other encodings pass as they are.
pub(super) fn as_utf8<'a>(raw: impl Read + 'a, limit: usize) -> Result<Box<dyn Read + 'a>, Fault> {
    let (head, mut raw) = peek(raw, 64)?;
    if decode::is_utf16(&head) {
        let decoded = decode::decode(&bounded(raw, limit)?)?;
        return Ok(Box::new(Cursor::new(decoded.text.into_bytes())));
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        raw.read_exact(&mut [0; 3])?;
    }
    Ok(raw)
}

/// Lines of at most `limit` bytes; longer ones are passed over without being held.
pub(super) struct Lines<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    limit: usize,
    /// 1-based number of the line last read.
    pub(super) number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(raw: Box<dyn Read + 'a>, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, raw), limit, number: 0 }
    }

    /// The next line without its end; none at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let mut line = Vec::new();
        let mut bytes = 0;
        let mut ended = false;
        self.number += 1;
        while !ended {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            bytes += part.len();
            if bytes <= self.limit {
                line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            ended = end.is_some();
            self.reader.consume(used);
        }
        match (bytes, ended) {
            (0, false) => Ok(None),
            _ if bytes > self.limit => Err(Fault::LineTooLong { bytes, limit: self.limit }),
            _ => Ok(Some(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_over_the_limit_is_passed_over_and_the_next_is_read() {
        let text = format!("one\n{}\nthree", "x".repeat(200_000));
        let mut lines = Lines::new(Box::new(Cursor::new(text)), 1000);
        assert_eq!(lines.next().unwrap().as_deref(), Some(&b"one"[..]));
        assert!(matches!(lines.next(), Err(Fault::LineTooLong { bytes: 200_000, limit: 1000 })));
        assert_eq!(lines.next().unwrap().as_deref(), Some(&b"three"[..]));
        assert_eq!(lines.number, 3);
        assert!(lines.next().unwrap().is_none());
    }

    #[test]
    fn no_more_than_the_limit_is_held() {
        assert!(matches!(bounded(io::repeat(b'x'), 1000), Err(Fault::FileTooLong { limit: 1000 })));
        assert_eq!(bounded(&b"four"[..], 4).unwrap(), b"four");
    }
}
