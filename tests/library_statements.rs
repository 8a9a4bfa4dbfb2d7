//! What a report on a library embeds beside the library's own vectors is kept, and changes nothing.

#![cfg(feature = "bundled-model")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use rusqlite::Connection;
use support::{refrain, stdout};
use tempfile::TempDir;

/// A library of the sample corpus, and a connection to it.
fn library(folder: &TempDir, flags: &[&str]) -> Option<(String, Connection)> {
    let library = folder.path().join("news.refrain").to_str().unwrap().to_owned();
    let added = refrain(&[&["add", library.as_str(), "seeds"], flags].concat()).output().unwrap();
    let connection = added.status.success().then(|| Connection::open(&library).unwrap());
    connection.map(|connection| (library, connection))
}

fn duplicates(library: &str) -> String {
    stdout(&mut refrain(&["duplicates", library, "--format", "json"]))
}

fn count(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM statement", [], |row| row.get(0)).unwrap()
}

fn changes(connection: &Connection) -> String {
    connection.query_row("SELECT value FROM meta WHERE key = 'changes'", [], |row| row.get(0)).unwrap()
}

#[test]
fn statements_are_embedded_once_and_what_is_damaged_or_gone_again() {
    let folder = tempfile::tempdir().unwrap();
    let (library, connection) = library(&folder, &[]).unwrap();
    let duplicates = || duplicates(&library);
    let before = changes(&connection);
    let first = duplicates();
    let held = count(&connection);
    assert!(held > 0);
    assert_eq!(changes(&connection), before);
    assert_eq!(duplicates(), first);

    // Whatever vector stands there is used: so the second run did not embed them.
    let wrong = [1.0_f32.to_le_bytes(), 0.0_f32.to_le_bytes()].concat();
    let wrong: Vec<u8> = wrong.into_iter().chain(std::iter::repeat_n(0, 4 * 382)).collect();
    let swap = |vector: &[u8], crc32: u32| {
        connection.execute("UPDATE statement SET vector = ?1, crc32 = ?2", (vector, crc32)).unwrap()
    };
    swap(&wrong, crc32fast::hash(&wrong));
    assert_ne!(duplicates(), first);
    // One whose checksum is another is none, and neither is one that is gone or of another length.
    swap(&wrong, 7);
    assert_eq!(duplicates(), first);
    swap(&wrong[..8], crc32fast::hash(&wrong[..8]));
    assert_eq!(duplicates(), first);
    connection.execute("DELETE FROM statement WHERE id % 2", []).unwrap();
    assert_eq!(duplicates(), first);
    assert_eq!(count(&connection), held);
}

#[test]
fn statements_nobody_asks_for_any_more_go_and_a_model_takes_its_own_along() {
    let folder = tempfile::tempdir().unwrap();
    let (library, connection) = library(&folder, &[]).unwrap();
    let duplicates = || duplicates(&library);
    duplicates();
    let held = count(&connection);
    let more = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                INSERT INTO statement (hash, vector, crc32) SELECT randomblob(16), x'00', 0 FROM n";
    connection.execute(more, [2 * held]).unwrap();
    // Room is made only where something is written.
    connection.execute("DELETE FROM statement WHERE id = (SELECT min(id) FROM statement)", []).unwrap();
    duplicates();
    assert_eq!(count(&connection), 3 * held);
    connection.execute(more, [held]).unwrap();
    connection.execute("DELETE FROM statement WHERE id = (SELECT min(id) FROM statement)", []).unwrap();
    duplicates();
    assert_eq!(count(&connection), held);
    let moved = refrain(&["reembed", &library, "--model", "tests/golden/architectures/static"]).output().unwrap();
    assert!(moved.status.success(), "{}", support::stderr(&moved));
    assert_eq!(count(&connection), 0);
}

#[test]
fn statements_in_other_numbers_are_others() {
    let folder = tempfile::tempdir().unwrap();
    // Not every processor multiplies them.
    let Some((library, connection)) = library(&folder, &["--precision", "bf16"]) else { return };
    let first = duplicates(&library);
    let held = count(&connection);
    assert!(held > 0);
    assert_eq!(duplicates(&library), first);
    assert_eq!(count(&connection), held);
    let plain = refrain(&["duplicates", &library, "--precision", "f32"]).output().unwrap();
    assert!(plain.status.success());
    assert_eq!(count(&connection), 2 * held);
}
