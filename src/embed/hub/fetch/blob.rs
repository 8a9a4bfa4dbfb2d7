//! One file of a model into the cache: whole and checked, or not under its name. What a broken connection left is
//! continued, in this run and in the next, under the name that huggingface_hub gives it too.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use ring::digest;
use ureq::http::StatusCode;

use super::client::{Announced, Client, header};
use super::fill::make_parent;
use crate::embed::hub::cache::CachedRepo;
use crate::embed::hub::{HubError, ModelId, Watch};

/// Tries of a file that bring something each; one that brings nothing is the last.
const MOST_TRIES: usize = 100;

/// Bytes of the longest file that is no weights: a tokenizer of a quarter of a million words has some thirty million.
const LONGEST_SETTINGS: u64 = 256 << 20;

/// A file of a model at a commit.
pub(super) struct Wanted<'a> {
    pub(super) id: &'a ModelId,
    pub(super) commit: &'a str,
    pub(super) file: &'a str,
}

/// Fetches a file, unless its content is in the cache. Gives its ETag, which is its content's name there, and how many
/// bytes were fetched; none where it was there. `begins` is called before the first byte.
///
/// # Errors
/// [`HubError`], for whatever keeps it from being whole.
pub(super) fn fetch(
    client: &Client,
    repo: &CachedRepo,
    wanted: &Wanted,
    (watch, begins): (&dyn Watch, &dyn Fn()),
) -> Result<(String, Option<u64>), HubError> {
    let announced = client.announced(wanted)?;
    if announced.size.is_none() && !is_sha256(&announced.etag) {
        // Nothing would tell the whole of it from a part.
        let (host, file) = (client.host().to_owned(), wanted.file.to_owned());
        return Err(HubError::Answer { host, file, what: "neither a size nor a checksum".to_owned() });
    }
    let blob = repo.blob(&announced.etag);
    make_parent(&blob)?;
    let _held = lock(&repo.lock(&announced.etag))?;
    if blob.is_file() {
        return Ok((announced.etag, None));
    }
    let part = blob.with_file_name(format!("{}.incomplete", announced.etag));
    let most = if wanted.file.ends_with(".safetensors") { u64::MAX } else { LONGEST_SETTINGS };
    let job = Job { client, wanted, announced: &announced, part: &part, most, watch };
    job.bounded(announced.size.unwrap_or(0))?;
    begins();
    watch.file_begins(wanted.file, announced.size.unwrap_or(0), job.held());
    let fetched = job.complete();
    watch.file_ends();
    let bytes = fetched?;
    fs::rename(&part, &blob).map_err(|source| HubError::Cache { path: blob, source })?;
    Ok((announced.etag, Some(bytes)))
}

/// Waits until no other process fetches the file.
fn lock(path: &Path) -> Result<File, HubError> {
    make_parent(path)?;
    let wrong = |source| HubError::Cache { path: path.to_owned(), source };
    let file = opened(path).map_err(wrong)?;
    match file.lock() {
        // Some network file systems have no locks, and a cache there is better than none.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file).map_err(wrong),
    }
}

/// Opens a file to be written, as it is. Not to be appended to: Windows neither cuts nor locks what is opened so.
fn opened(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

struct Job<'a> {
    client: &'a Client<'a>,
    wanted: &'a Wanted<'a>,
    announced: &'a Announced,
    part: &'a Path,
    /// Bytes that it may have.
    most: u64,
    watch: &'a dyn Watch,
}

impl Job<'_> {
    /// Bytes on disk.
    fn held(&self) -> u64 {
        self.part.metadata().map_or(0, |part| part.len())
    }

    /// Fetches what is missing and checks the whole. Gives the bytes fetched.
    fn complete(&self) -> Result<u64, HubError> {
        let before = self.held();
        for _ in 0..MOST_TRIES {
            let held = self.held();
            match self.attempt(held) {
                Ok(()) => {
                    self.check()?;
                    return Ok(self.held().saturating_sub(before));
                }
                Err(HubError::Broken { held: now, .. }) if now > held => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.broken("too many broken connections".to_owned()))
    }

    /// One request for what is missing.
    fn attempt(&self, held: u64) -> Result<(), HubError> {
        match self.announced.size {
            Some(size) if size == held && held > 0 => return Ok(()),
            Some(size) if size < held => return self.again(),
            _ => {}
        }
        let response = self.client.bytes(self.wanted, held)?;
        let length: Option<u64> = header(&response, "content-length").and_then(|length| length.parse().ok());
        let from = match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(header(&response, "content-range"), held) => held,
            // Without a Range, which a server need not know, the file starts again.
            StatusCode::OK => 0,
            _ if held > 0 => return self.again(),
            status => {
                let (host, file) = (self.client.host().to_owned(), self.wanted.file.to_owned());
                return Err(HubError::Answer { host, file, what: status.to_string() });
            }
        };
        if let (Some(length), Some(size)) = (length, self.announced.size)
            && from + length != size
        {
            return Err(self.of_size(from + length, size));
        }
        self.write(response.into_body().into_reader(), from)
    }

    /// Starts again without what is held.
    fn again(&self) -> Result<(), HubError> {
        self.drop_part();
        self.attempt(0)
    }

    /// Writes what comes behind the first `from` bytes.
    fn write(&self, mut body: impl Read, from: u64) -> Result<(), HubError> {
        let disk = |source: io::Error| HubError::Cache { path: self.part.to_owned(), source };
        let mut part = opened(self.part).map_err(disk)?;
        part.set_len(from).map_err(disk)?;
        part.seek(SeekFrom::Start(from)).map_err(disk)?;
        let (mut buffer, mut held) = (vec![0; 1 << 16], from);
        let failed = loop {
            match body.read(&mut buffer) {
                Ok(0) => break None,
                Ok(read) => {
                    part.write_all(&buffer[..read]).map_err(disk)?;
                    held += read as u64;
                    self.watch.advances(read as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(error.to_string()),
            }
            self.bounded(held)?;
            if let Some(size) = self.announced.size.filter(|size| *size < held) {
                return Err(self.of_size(held, size));
            }
        };
        part.sync_all().map_err(disk)?;
        match (failed, self.announced.size) {
            (Some(why), _) => Err(self.broken(why)),
            (None, Some(size)) if held < size => Err(self.broken("the connection was closed".to_owned())),
            _ => Ok(()),
        }
    }

    /// Holds the whole against its ETag, where that is a checksum: the SHA-256 of a large file, the SHA-1 by which git
    /// knows a small one. Mirrors give the SHA-1 of the content alone.
    fn check(&self) -> Result<(), HubError> {
        let expected = &self.announced.etag;
        let length = self.held();
        let sums = match expected.len() {
            _ if !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) => return Ok(()),
            64 => self.sums(&[(&digest::SHA256, String::new())]),
            40 => self.sums(&[
                (&digest::SHA1_FOR_LEGACY_USE_ONLY, format!("blob {length}\0")),
                (&digest::SHA1_FOR_LEGACY_USE_ONLY, String::new()),
            ]),
            _ => return Ok(()),
        }?;
        if sums.iter().any(|found| found.eq_ignore_ascii_case(expected)) {
            return Ok(());
        }
        self.drop_part();
        let (host, file) = (self.client.host().to_owned(), self.wanted.file.to_owned());
        let kind = if expected.len() == 64 { "SHA-256" } else { "SHA-1" };
        let found = sums.into_iter().next().unwrap_or_default();
        Err(HubError::Checksum { host, file, kind, found, expected: expected.clone() })
    }

    fn sums(&self, of: &[(&'static digest::Algorithm, String)]) -> Result<Vec<String>, HubError> {
        sums(self.part, of).map_err(|source| HubError::Cache { path: self.part.to_owned(), source })
    }

    /// Refuses a file that is too long to be read into memory.
    fn bounded(&self, bytes: u64) -> Result<(), HubError> {
        if bytes <= self.most {
            return Ok(());
        }
        self.drop_part();
        let (host, file) = (self.client.host().to_owned(), self.wanted.file.to_owned());
        Err(HubError::Answer { host, file, what: format!("more than the {} bytes such a file may have", self.most) })
    }

    fn drop_part(&self) {
        // Where it cannot be removed the next write cuts it.
        let _ = fs::remove_file(self.part);
    }

    fn broken(&self, why: String) -> HubError {
        HubError::Broken { file: self.wanted.file.to_owned(), held: self.held(), expected: self.announced.size, why }
    }

    fn of_size(&self, found: u64, expected: u64) -> HubError {
        self.drop_part();
        let (host, file) = (self.client.host().to_owned(), self.wanted.file.to_owned());
        HubError::Size { host, file, found, expected }
    }
}

/// Whether a `Content-Range` begins at a byte.
fn starts_at(range: Option<&str>, from: u64) -> bool {
    let start = range.and_then(|range| range.strip_prefix("bytes ")).and_then(|range| range.split_once('-'));
    start.is_some_and(|(start, _)| start.trim().parse() == Ok(from))
}

/// Whether an ETag is the SHA-256 of the content.
fn is_sha256(etag: &str) -> bool {
    etag.len() == 64 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Checksums of a file, each with a text before it.
fn sums(path: &Path, of: &[(&'static digest::Algorithm, String)]) -> io::Result<Vec<String>> {
    let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 16]);
    let begun = of.iter().map(|(algorithm, before)| {
        let mut context = digest::Context::new(algorithm);
        context.update(before.as_bytes());
        context
    });
    let mut contexts: Vec<digest::Context> = begun.collect();
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => contexts.iter_mut().for_each(|context| context.update(&buffer[..read])),
        }
    }
    let text = |sum: digest::Digest| sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(contexts.into_iter().map(|context| text(context.finish())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::hub::Hub;

    #[test]
    fn what_comes_without_an_end_is_cut_off_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub {
            cache: folder.path().to_owned(),
            endpoint: "http://hub.example".to_owned(),
            token: None,
            proxy: None,
            certificates: None,
            offline: None,
        };
        let (client, id) = (Client::new(&hub).unwrap(), "org/name".parse().unwrap());
        let wanted = Wanted { id: &id, commit: "c", file: "config.json" };
        let announced = Announced { etag: "0".repeat(64), size: None };
        let part = folder.path().join("part");
        let job = Job { client: &client, wanted: &wanted, announced: &announced, part: &part, most: 1000, watch: &() };
        let error = job.write(io::repeat(b' '), 0).unwrap_err().to_string();
        let expected =
            "hub.example answered more than the 1000 bytes such a file may have to the request for config.json";
        assert_eq!(error, expected);
        assert!(!part.exists());
    }

    #[test]
    fn the_sums_of_small_files_are_git_s() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hello\n").unwrap();
        let sha1 = &digest::SHA1_FOR_LEGACY_USE_ONLY;
        let found = sums(file.path(), &[(sha1, "blob 6\0".to_owned()), (sha1, String::new())]).unwrap();
        // As `git hash-object` and `sha1sum` say.
        assert_eq!(found, ["ce013625030ba8dba906f756967f9e9ca394464a", "f572d396fae9206628714fb2ce00f72e94f2258f"]);
    }
}
