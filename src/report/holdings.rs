//! What a library holds and what was done to it, for the terminal and as JSON: `refrain.articles/1`, `refrain.library/1`,
//! `refrain.added/1`, `refrain.removed/1`, `refrain.compacted/1`, `refrain.verified/1`, documented in `docs/formats.md`.
//!
//! Not here: the library (`library`).

use std::io::{self, Write};

use serde::Serialize;

use crate::holdings::{About, Added, Fault, KeptThemes, Listed};
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::clean::clean;
use crate::report::json::write_pretty;
use crate::report::phrase::{counted, number};
use crate::report::terminal::{self as tty, Page};

#[derive(Serialize)]
struct Document<T: Serialize> {
    schema: &'static str,
    #[serde(flatten)]
    body: T,
}

fn document(schema: &'static str, body: impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Document { schema, body }, out)
}

/// A line of its own, which is not broken: programs read it too.
fn line(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", clean(text))
}

#[derive(Serialize)]
struct Articles<'a> {
    articles: &'a [Listed],
}

/// Writes a list of articles for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn list(listed: &[Listed], page: &Page, out: &mut dyn Write) -> io::Result<()> {
    match listed.is_empty() {
        true => line("No article.", out),
        false => tty::write_blocks(&[table(listed)], page, out),
    }
}

/// Writes a list of articles as JSON.
///
/// # Errors
/// Those of `out`.
pub fn list_json(articles: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    document("refrain.articles/1", Articles { articles }, out)
}

fn table(listed: &[Listed]) -> Block {
    let columns = vec![
        Column::text("id"),
        Column::text("outlet").giving(Room::Clip),
        Column::text("date"),
        Column::number("paragraphs"),
        Column::text("title").giving(Room::Wrap),
    ];
    let row = |one: &Listed| {
        let dash = |text: &Option<String>| Rich::from(text.as_deref().unwrap_or("–"));
        let paragraphs = number(one.paragraphs).into();
        vec![Rich::default().strong(&one.id), one.outlet.as_str().into(), dash(&one.date), paragraphs, dash(&one.title)]
    };
    Block::Table(Table::new(columns, listed.iter().map(row)))
}

/// Writes a library in figures for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn about(about: &About, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let mut blocks = vec![Block::Title(Rich::default().strong(&about.library))];
    let facts = facts(about).into_iter().map(|(what, said)| vec![Rich::default().quiet(what), said.into()]);
    blocks.push(Block::Table(Table::new(vec![Column::text(""), Column::text("").giving(Room::Wrap)], facts)));
    if !about.outlets.is_empty() {
        let columns =
            vec![Column::text("outlet").giving(Room::Wrap), Column::number("articles"), Column::number("paragraphs")];
        let rows = about.outlets.iter();
        let rows =
            rows.map(|one| vec![one.name.as_str().into(), number(one.articles).into(), number(one.paragraphs).into()]);
        blocks.push(Block::Table(Table::new(columns, rows)));
    }
    tty::write_blocks(&blocks, page, out)
}

fn facts(about: &About) -> Vec<(&'static str, String)> {
    let dates = about.dates.as_ref().map_or_else(
        || "none".to_owned(),
        |[first, last]| match first == last {
            true => first.clone(),
            false => format!("{first} to {last}"),
        },
    );
    let undated = if about.undated > 0 { format!("; {} without a date", number(about.undated)) } else { String::new() };
    let prompt =
        if about.model.prompt.is_empty() { String::new() } else { format!(", after {:?}", about.model.prompt) };
    vec![
        ("articles", number(about.articles)),
        ("paragraphs", format!("{}; {} left out", number(about.paragraphs), number(about.left_out))),
        ("dates", format!("{dates}{undated}")),
        ("model", format!("{}, {} dimensions, {}{prompt}", about.model.name, about.model.dim, about.precision)),
        ("themes", about.themes.as_ref().map_or_else(|| "not found yet".to_owned(), kept_themes)),
        ("changed", about.changed.as_deref().map_or_else(|| "never".to_owned(), to_the_second)),
        ("size", format!("{:.1} MB, format {}", about.bytes as f64 / 1e6, about.format)),
    ]
}

fn kept_themes(KeptThemes { count, found, extended, current }: &KeptThemes) -> String {
    let extended = extended.as_ref().map(|at| format!(", extended {}", to_the_second(at))).unwrap_or_default();
    let current = if *current { "current" } else { "to be brought up to date by `refrain themes`" };
    format!("{}, found {}{extended}; {current}", number(*count), to_the_second(found))
}

/// A point in time without what is below a second.
fn to_the_second(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(seconds, _)| format!("{seconds}Z"))
}

/// Writes a library in figures as JSON.
///
/// # Errors
/// Those of `out`.
pub fn about_json(about: &About, out: &mut dyn Write) -> io::Result<()> {
    document("refrain.library/1", about, out)
}

#[derive(Serialize)]
struct AddedTo<'a> {
    library: &'a str,
    #[serde(flatten)]
    added: &'a Added,
}

/// Writes what adding did for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn added(library: &str, added: &Added, out: &mut dyn Write) -> io::Result<()> {
    let paragraphs = match added.changed() {
        true => format!("; {}, {} embedded", counted(added.paragraphs, "paragraph"), number(added.embedded)),
        false => String::new(),
    };
    let (new, replaced, unchanged) = (counted(added.added, "article"), number(added.replaced), number(added.unchanged));
    line(&format!("{library}: {new} added, {replaced} replaced, {unchanged} unchanged{paragraphs}"), out)
}

/// Writes what adding did as JSON.
///
/// # Errors
/// Those of `out`.
pub fn added_json(library: &str, added: &Added, out: &mut dyn Write) -> io::Result<()> {
    document("refrain.added/1", AddedTo { library, added }, out)
}

#[derive(Serialize)]
struct Removed<'a> {
    dry_run: bool,
    articles: &'a [Listed],
}

/// Writes what was, or would be, removed for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn removed(articles: &[Listed], dry_run: bool, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let count = counted(articles.len(), "article");
    let said = if dry_run { format!("{count} would be removed") } else { format!("{count} removed") };
    let mut blocks = vec![Block::Line(said.into())];
    if !articles.is_empty() {
        blocks.push(table(articles));
    }
    tty::write_blocks(&blocks, page, out)
}

/// Writes what was, or would be, removed as JSON.
///
/// # Errors
/// Those of `out`.
pub fn removed_json(articles: &[Listed], dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    document("refrain.removed/1", Removed { dry_run, articles }, out)
}

#[derive(Serialize)]
struct Compacted<'a> {
    library: &'a str,
    bytes_before: u64,
    bytes: u64,
}

/// Writes the bytes before and after for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn compacted(library: &str, (before, after): (u64, u64), out: &mut dyn Write) -> io::Result<()> {
    line(&format!("{library}: {:.1} MB, before {:.1} MB", after as f64 / 1e6, before as f64 / 1e6), out)
}

/// Writes the bytes before and after as JSON.
///
/// # Errors
/// Those of `out`.
pub fn compacted_json(library: &str, (bytes_before, bytes): (u64, u64), out: &mut dyn Write) -> io::Result<()> {
    document("refrain.compacted/1", Compacted { library, bytes_before, bytes }, out)
}

#[derive(Serialize)]
struct Verified<'a> {
    library: &'a str,
    words_checked: bool,
    faults: &'a [Fault],
}

/// Writes the faults of a library for the terminal; `words` says whether the index of words could be checked.
///
/// # Errors
/// Those of `out`.
pub fn faults(library: &str, (faults, words): (&[Fault], bool), page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let unchecked = if words { "" } else { "; the index of words was not checked, as the file is read-only" };
    let mut blocks = vec![Block::Line(match faults.len() {
        0 => format!("{library}: no fault{unchecked}").into(),
        count => format!("{library}: {}{unchecked}", counted(count, "fault")).into(),
    })];
    if !faults.is_empty() {
        let columns = vec![
            Column::text("where").giving(Room::Wrap),
            Column::text("what").giving(Room::Wrap),
            Column::text("mend").giving(Room::Wrap),
        ];
        let rows = faults.iter().map(|one| vec![one.at.as_str().into(), one.what.as_str().into(), one.mend.into()]);
        blocks.push(Block::Table(Table::new(columns, rows)));
    }
    tty::write_blocks(&blocks, page, out)
}

/// Writes the faults of a library as JSON.
///
/// # Errors
/// Those of `out`.
pub fn faults_json(library: &str, (faults, words): (&[Fault], bool), out: &mut dyn Write) -> io::Result<()> {
    document("refrain.verified/1", Verified { library, words_checked: words, faults }, out)
}
