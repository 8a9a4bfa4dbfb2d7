//! What became of the themes of a library, for the terminal, as Markdown and as JSON: the log (`refrain.theme_log/1`), what is new
//! since a time (`refrain.theme_news/1`) and a new name (`refrain.renamed/1`), documented in `docs/formats.md`.
//!
//! Not here: how themes are matched and kept (`library`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::report::blocks::{Block, Card, Column, Rich, Room, Table};
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::json::write_pretty;
use crate::report::markdown as md;
use crate::report::phrase::{counted, listed_few, number};
use crate::report::terminal::{self as tty, Page};
use crate::theme_log::{Change, Entry, Event, Log, NewParagraph, News, Share, Sizes, ThemeId, ThemeNews};

/// New paragraphs of a theme that are shown.
const SHOWN: usize = 3;
/// Characters shown of each.
const EXCERPT: usize = 240;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Everything that happened.
    Log(Log),
    /// What is new.
    News(News),
}

/// Writes what is told for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn terminal(told: &Told, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(told, page.most), page, out)
}

/// Writes what is told as Markdown; at most so many paragraphs of a theme.
///
/// # Errors
/// Those of `out`.
pub fn markdown(told: &Told, most: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(told, most), out)
}

/// Writes what is told as JSON, all of it.
///
/// # Errors
/// Those of `out`.
pub fn json(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    match told {
        Told::Log(log) => {
            let entries = log.entries.iter().map(EntryView::of).collect();
            write_pretty(&LogView { schema: "refrain.theme_log/1", entries }, out)
        }
        Told::News(news) => write_pretty(&NewsView::of(news), out),
    }
}

/// Writes a new name for the terminal; no event where nothing changed.
///
/// # Errors
/// Those of `out`.
pub fn renamed(library: &str, event: Option<&Event>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let said = match event {
        None => format!("{library}: it is called so already"),
        Some(event) => format!("{library}: {} {}", event.theme, phrase(&event.change, &BTreeMap::new())),
    };
    tty::write_blocks(&[Block::Line(clean(&said).as_str().into())], page, out)
}

/// Writes a new name as JSON.
///
/// # Errors
/// Those of `out`.
pub fn renamed_json(library: &str, event: Option<&Event>, out: &mut dyn Write) -> io::Result<()> {
    let renamed = event.map(|event| RenamedView { theme: event.theme, name: &event.name, change: &event.change });
    write_pretty(&RenamedDocument { schema: "refrain.renamed/1", library, renamed }, out)
}

type Names = BTreeMap<ThemeId, String>;

fn blocks(told: &Told, most: Option<usize>) -> Vec<Block> {
    match told {
        Told::Log(log) if log.entries.is_empty() => vec![Block::Line("This library keeps no themes yet.".into())],
        Told::Log(log) => vec![log_table(log)],
        Told::News(news) => news_blocks(news, most.unwrap_or(SHOWN)),
    }
}

fn log_table(log: &Log) -> Block {
    let columns = vec![
        Column::text("when (UTC)"),
        Column::text("id"),
        Column::text("theme").giving(Room::Wrap),
        Column::text("what").giving(Room::Wrap),
    ];
    let row = |entry: &Entry, names: &Names| {
        let Event { theme, name, change } = &entry.event;
        let id = Rich::default().quiet(&theme.to_string());
        // Names change; one generation speaks of a theme by one.
        let (name, what) = (names.get(theme).unwrap_or(name), phrase(change, names));
        vec![minute(entry).as_str().into(), id, Rich::default().strong(&clean(name)), clean(&what).as_str().into()]
    };
    Block::Table(Table::new(columns, log.with_names(row)))
}

fn minute(entry: &Entry) -> String {
    entry.at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A day where that is its beginning; else to the minute (UTC).
fn time(time: Timestamp) -> String {
    let form = if time.as_second() % 86_400 == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
    time.strftime(form).to_string()
}

fn news_blocks(news: &News, most: usize) -> Vec<Block> {
    let since = time(news.since);
    let title = Block::Title(Rich::default().strong(&format!("New in the themes since {since}")));
    if news.everything {
        let living = news.themes.iter().filter(|theme| theme.paragraphs.is_some()).count();
        // One without a paragraph, as a described theme can be, has no news.
        let (themes, paragraphs) = (living + news.unchanged, news.themes.iter().map(|theme| theme.added.len()).sum());
        let (themes, paragraphs) = (counted(themes, "theme"), counted(paragraphs, "paragraph"));
        let said = format!(
            "Everything: this library holds nothing from before. {themes} with {paragraphs}; `refrain themes` shows them."
        );
        return [title, Block::Line(said.as_str().into())].into_iter().chain(later_blocks(news)).collect();
    }
    let mut blocks = vec![title, Block::Line(Rich::default().quiet(&summary(news)))];
    for theme in &news.themes {
        blocks.push(Block::Item(head(theme)));
        let said =
            theme.events.iter().map(|entry| format!("{}: {}", minute(entry), phrase(&entry.event.change, &news.names)));
        blocks.extend(said.map(|said| Block::Line(clean(&said).as_str().into())));
        blocks.extend(added_blocks(theme, most));
    }
    blocks
}

/// What became of themes after they were first found, where all is new.
fn later_blocks(news: &News) -> Vec<Block> {
    let first = news.themes.iter().flat_map(|theme| &theme.events).map(|entry| entry.generation).min();
    let mut blocks = Vec::new();
    for theme in &news.themes {
        let later: Vec<&Entry> = theme.events.iter().filter(|entry| Some(entry.generation) != first).collect();
        if later.is_empty() {
            continue;
        }
        if blocks.is_empty() {
            blocks.push(Block::Line("After its themes were first found:".into()));
        }
        blocks.push(Block::Item(head(theme)));
        let said = later.iter().map(|entry| format!("{}: {}", minute(entry), phrase(&entry.event.change, &news.names)));
        blocks.extend(said.map(|said| Block::Line(clean(&said).as_str().into())));
    }
    blocks
}

/// How many themes what happened to.
fn summary(news: &News) -> String {
    let with = |code: &str| {
        let had = |theme: &&ThemeNews| theme.events.iter().any(|entry| entry.event.change.code() == code);
        news.themes.iter().filter(had).count()
    };
    let counts =
        ["born", "revived", "grown", "shrunk", "split", "merged", "died", "renamed"].map(|code| (code, with(code)));
    let counts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(code, count)| format!("{} {code}", number(*count)))
        .collect();
    let counts = if counts.is_empty() { "nothing happened".to_owned() } else { counts.join(", ") };
    format!("{counts}; {} without news", counted(news.unchanged, "theme"))
}

fn head(theme: &ThemeNews) -> Rich {
    let size = theme.paragraphs.map_or_else(|| "ended".to_owned(), |size| counted(size, "paragraph"));
    let added = if theme.added.is_empty() { String::new() } else { format!(" · {} new", number(theme.added.len())) };
    let id = format!("{}  ", theme.theme);
    Rich::default().quiet(&id).strong(&clean(&theme.name)).quiet(&format!(" · {size}{added}"))
}

fn added_blocks(theme: &ThemeNews, most: usize) -> Vec<Block> {
    if theme.added.is_empty() {
        return Vec::new();
    }
    let outlets: Vec<String> =
        theme.outlets().into_iter().map(|(name, count)| format!("{} {}", clean(name), number(count))).collect();
    let outlets: Vec<&str> = outlets.iter().map(String::as_str).collect();
    let from = Rich::default().quiet("New from ").plain(&listed_few(&outlets, "outlet"));
    let cards = theme.added.iter().take(most).map(card).collect();
    let more = theme.added.len().saturating_sub(most);
    let more = (more > 0).then(|| Block::Line(Rich::default().quiet(&format!("and {} more", number(more)))));
    [Block::Line(from), Block::Cards(cards)].into_iter().chain(more).collect()
}

fn card(paragraph: &NewParagraph) -> Card {
    let NewParagraph { outlet, title, date, place, text, .. } = paragraph;
    let date = date.as_ref().map(|date| format!(" · {date}")).unwrap_or_default();
    let title = title.as_ref().map(|title| format!(" · “{}”", clean(title))).unwrap_or_default();
    let head = Rich::default().strong(&clean(outlet)).quiet(&format!(" ¶{place}{date}{title}"));
    Card { head, body: beginning(&clean(text), EXCERPT).as_str().into(), foot: Rich::default() }
}

/// What happened, in words.
fn phrase(change: &Change, names: &Names) -> String {
    let shares = |shares: &[Share]| {
        let said: Vec<String> = shares
            .iter()
            .map(|share| format!("{} ({})", named(share.theme, names), number(share.paragraphs)))
            .collect();
        said.join(", ")
    };
    match change {
        Change::Born { paragraphs, from: None } => format!("born with {}", counted(*paragraphs, "paragraph")),
        Change::Born { paragraphs, from: Some(from) } => {
            format!("born with {}, split off {}", counted(*paragraphs, "paragraph"), named(*from, names))
        }
        Change::Revived { paragraphs } => format!("back with {}", counted(*paragraphs, "paragraph")),
        Change::Grown(sizes) => format!("grown from {}", resized(sizes)),
        Change::Shrunk(sizes) => format!("shrunk from {}", resized(sizes)),
        Change::Exchanged(sizes) => format!("as large as before, {}", resized(sizes)),
        Change::Split { into } => format!("split into {}", shares(into)),
        Change::Merged { of } => format!("took in {}", shares(of)),
        Change::Died { paragraphs, into: None } => format!("died; it had {}", counted(*paragraphs, "paragraph")),
        Change::Died { paragraphs, into: Some(into) } => {
            format!("went into {}; it had {}", named(*into, names), counted(*paragraphs, "paragraph"))
        }
        Change::Renamed { from, to, by_user } => {
            let whose = if *by_user { " by you" } else { "" };
            if from == to {
                format!("keeps the name “{to}”{whose}")
            } else {
                format!("renamed{whose} from “{from}” to “{to}”")
            }
        }
    }
}

fn named(theme: ThemeId, names: &Names) -> String {
    names.get(&theme).map_or_else(|| theme.to_string(), |name| format!("{theme} “{name}”"))
}

fn resized(sizes: &Sizes) -> String {
    let Sizes { before, now, added, joined, removed, left } = *sizes;
    let parts = [(added, "new"), (joined, "from elsewhere"), (removed, "removed"), (left, "gone elsewhere")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", number(count)))
        .collect();
    format!("{} to {}: {}", number(before), counted(now, "paragraph"), parts.join(", "))
}

#[derive(Serialize)]
struct LogView<'a> {
    schema: &'static str,
    entries: Vec<EntryView<'a>>,
}

#[derive(Serialize)]
struct EntryView<'a> {
    at: String,
    generation: u32,
    theme: ThemeId,
    name: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}

impl<'a> EntryView<'a> {
    fn of(entry: &'a Entry) -> Self {
        let Event { theme, name, change } = &entry.event;
        Self { at: entry.at.to_string(), generation: entry.generation, theme: *theme, name, change }
    }
}

#[derive(Serialize)]
struct NewsView<'a> {
    schema: &'static str,
    since: String,
    found: String,
    everything: bool,
    unchanged: usize,
    themes: Vec<ThemeView<'a>>,
}

impl<'a> NewsView<'a> {
    fn of(news: &'a News) -> Self {
        let (since, found) = (news.since.to_string(), news.at.to_string());
        let themes = news.themes.iter().map(ThemeView::of).collect();
        Self {
            schema: "refrain.theme_news/1",
            since,
            found,
            everything: news.everything,
            unchanged: news.unchanged,
            themes,
        }
    }
}

#[derive(Serialize)]
struct ThemeView<'a> {
    theme: ThemeId,
    name: &'a str,
    paragraphs: Option<usize>,
    events: Vec<EntryView<'a>>,
    outlets: Vec<OutletView<'a>>,
    added: Vec<AddedView<'a>>,
}

impl<'a> ThemeView<'a> {
    fn of(news: &'a ThemeNews) -> Self {
        let outlets = news.outlets().into_iter().map(|(name, paragraphs)| OutletView { name, paragraphs });
        Self {
            theme: news.theme,
            name: &news.name,
            paragraphs: news.paragraphs,
            events: news.events.iter().map(EntryView::of).collect(),
            outlets: outlets.collect(),
            added: news.added.iter().map(AddedView::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct OutletView<'a> {
    name: &'a str,
    paragraphs: usize,
}

#[derive(Serialize)]
struct AddedView<'a> {
    outlet: &'a str,
    article: &'a str,
    title: Option<&'a str>,
    date: Option<&'a str>,
    url: Option<&'a str>,
    added: String,
    place: usize,
    text: &'a str,
}

impl<'a> AddedView<'a> {
    fn of(paragraph: &'a NewParagraph) -> Self {
        let NewParagraph { outlet, article, title, date, url, added, place, text } = paragraph;
        let (title, date, url) = (title.as_deref(), date.as_deref(), url.as_deref());
        Self { outlet, article, title, date, url, added: added.to_string(), place: *place, text }
    }
}

#[derive(Serialize)]
struct RenamedDocument<'a> {
    schema: &'static str,
    library: &'a str,
    renamed: Option<RenamedView<'a>>,
}

#[derive(Serialize)]
struct RenamedView<'a> {
    theme: ThemeId,
    name: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}
