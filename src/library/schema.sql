-- A library of format 1. Recognised by `application_id` ("Rfrn"); the format is `user_version`.
-- docs/library.md documents it, so that any program that reads SQLite can read it.

-- What made the vectors (model, crc32, dim, max_tokens, prompt, precision), the library's own identity (id) and how often it
-- changed (changes).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outlet (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Ids never come back: what was removed is not mistaken for what is new.
CREATE TABLE article (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    -- By what it is known again when it is added once more: src/library/identity.rs.
    key      TEXT NOT NULL UNIQUE,
    -- Its id as people know it.
    name     TEXT NOT NULL UNIQUE,
    given_id INTEGER NOT NULL,
    outlet   INTEGER NOT NULL REFERENCES outlet (id),
    title    TEXT,
    -- YYYY-MM-DD.
    date     TEXT,
    url      TEXT,
    file     TEXT NOT NULL,
    line     INTEGER,
    -- XXH3, 128 bits, of all that the record says and of how it was split.
    hash     BLOB NOT NULL,
    -- When it was added and last changed: RFC 3339, UTC.
    added    TEXT NOT NULL,
    changed  TEXT NOT NULL,
    -- JSON: further fields of the record, and what was set aside of it.
    extra    TEXT NOT NULL,
    problems TEXT NOT NULL,
    -- Last, so that nobody who wants the rest reads it.
    text     TEXT NOT NULL
) STRICT;
CREATE INDEX article_hash ON article (hash);
CREATE INDEX article_outlet ON article (outlet);

CREATE TABLE paragraph (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    article    INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    -- 1-based, among all paragraphs of the article.
    place      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    -- Bytes of the article's text.
    span_start INTEGER NOT NULL,
    span_end   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    -- Why it takes no part; null where it does and has a vector.
    reason     TEXT,
    -- Whether it was longer than the model reads, and embedded in windows.
    windowed   INTEGER NOT NULL,
    -- When it came, which may be later than its article: RFC 3339, UTC.
    added      TEXT NOT NULL,
    -- 64 bits of the text's XXH3.
    hash       INTEGER NOT NULL,
    UNIQUE (article, place)
) STRICT;
CREATE INDEX paragraph_hash ON paragraph (hash) WHERE reason IS NULL;

-- The unit vectors of an article's paragraphs that take part, by place: 32-bit floats, little-endian, dim each.
CREATE TABLE embedding (
    article INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    vectors BLOB NOT NULL,
    crc32   INTEGER NOT NULL
) STRICT;

-- The unit vectors of statements that the last reports compared, by XXH3 (128 bits) of what made them and the text:
-- src/library/statements.rs. Not part of what the library holds: made again where one is missing.
CREATE TABLE statement (
    id     INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL,
    crc32  INTEGER NOT NULL
) STRICT;

-- The words of the paragraphs that take part; rowid is the paragraph's id.
CREATE VIEW row AS SELECT id, text FROM paragraph WHERE reason IS NULL;
CREATE VIRTUAL TABLE words USING fts5 (text, content = 'row', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER paragraph_added AFTER INSERT ON paragraph WHEN new.reason IS NULL BEGIN
    INSERT INTO words (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER paragraph_removed AFTER DELETE ON paragraph WHEN old.reason IS NULL BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, old.text);
END;

-- Each time that themes were found, or extended, and kept. What was found stands in full with the latest alone, what it was found in
-- with the latest that extends none.
CREATE TABLE generation (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    -- `changes` of the library that they were found in.
    changes    INTEGER NOT NULL,
    paragraphs INTEGER NOT NULL,
    -- The generation that it extends, in which all were clustered; null where that is itself.
    base       INTEGER REFERENCES generation (id),
    -- JSON: what made the vectors.
    model      TEXT NOT NULL,
    -- JSON: how they were found.
    settings   TEXT NOT NULL,
    -- JSON: the themes, with the ids of paragraphs for rows.
    found      TEXT,
    -- JSON: the ids of the paragraphs that were clustered, ascending, as [first, last] of each run of them.
    clustered  TEXT
) STRICT;

-- Every theme there ever was. Shown as "t" and the id.
CREATE TABLE theme (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL,
    -- What it would be called had the user not named it.
    label   TEXT NOT NULL,
    by_user INTEGER NOT NULL,
    -- The name in the description of a seeded theme.
    seed    TEXT,
    born    INTEGER NOT NULL REFERENCES generation (id),
    -- The last generation that has it: the latest one for a theme that lives.
    last    INTEGER NOT NULL REFERENCES generation (id)
) STRICT;

-- The paragraphs of a theme, best first; of one that has ended those it had, for some generations. Paragraphs may be gone by then.
CREATE TABLE theme_member (
    theme     INTEGER NOT NULL REFERENCES theme (id),
    rank      INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    score     REAL NOT NULL,
    PRIMARY KEY (theme, rank)
) STRICT, WITHOUT ROWID;
CREATE INDEX theme_member_paragraph ON theme_member (paragraph);

-- What became of them. `change` is JSON: src/theme_log.rs.
CREATE TABLE theme_log (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    generation INTEGER NOT NULL REFERENCES generation (id),
    at         TEXT NOT NULL,
    theme      INTEGER NOT NULL REFERENCES theme (id),
    name       TEXT NOT NULL,
    change     TEXT NOT NULL
) STRICT;
