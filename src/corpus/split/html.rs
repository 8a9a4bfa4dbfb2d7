//! HTML into pieces: the main content as readability finds it, block by block.
//!
//! What readability refuses (fragments, link pages) is taken whole, without scripts, forms and menus.
//! The page's text is rebuilt, a block a paragraph, and spans point into that. Not here: charsets (`read`).

use std::borrow::Cow;
use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Article, Readability};
use regex::Regex;

use super::piece::Piece;
use super::{judge, tables};
use crate::corpus::clean::clean;
use crate::paragraph::Kind;

/// A page's main content and what its head says about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The title, without the site's name where that can be told.
    pub title: Option<String>,
    /// The publication date as the page writes it.
    pub date: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// The name of the site.
    pub site: Option<String>,
    /// The page's own address.
    pub url: Option<String>,
    /// The main content: blocks with an empty line between.
    pub text: String,
    /// Its pieces; spans point into `text`.
    pub pieces: Vec<Piece>,
}

/// Elements nested deeper than any real page: their tree would overflow the stack of who walks it.
const DEEPEST: usize = 1_000;

/// The main content of an HTML page or fragment, in pieces.
pub fn extract(html: &str) -> Page {
    if depth(html) > DEEPEST {
        return page(Page::default(), flat_blocks(html));
    }
    match Readability::new(html, None, None).ok().and_then(|mut page| page.parse().ok()) {
        Some(article) => {
            let main = blocks(&Document::from(article.content.clone()));
            if main.is_empty() { page(head(article), blocks(&Document::from(html))) } else { page(head(article), main) }
        }
        None => page(title_alone(html), blocks(&Document::from(html))),
    }
}

/// The pieces of a fragment, such as a record's text field, all of it.
pub(crate) fn extract_fragment(html: &str) -> Page {
    let found = if depth(html) > DEEPEST { flat_blocks(html) } else { blocks(&Document::from(html)) };
    page(Page::default(), found)
}

/// Whether a text is HTML rather than prose with a stray bracket: it opens with a tag or closes a
/// paragraph.
pub(crate) fn looks_like_html(text: &str) -> bool {
    const OPENING: &[&str] = &[
        "<!doctype",
        "<!--",
        "<html",
        "<head",
        "<body",
        "<p>",
        "<p ",
        "<div",
        "<article",
        "<section",
        "<main",
        "<h1",
        "<h2",
        "<h3",
        "<ul",
        "<ol",
        "<table",
        "<span",
        "<blockquote",
        "<figure",
        "<?xml",
        "<meta",
        "<br",
        "<img",
        "<a ",
    ];
    let start: String = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).chars().take(12).collect();
    let start = start.to_ascii_lowercase();
    OPENING.iter().any(|tag| start.starts_with(tag)) || text.contains("</p>") || text.contains("</P>")
}

fn head(article: Article) -> Page {
    let said = |field: Option<String>| field.map(|field| clean(&field)).filter(|field| !field.is_empty());
    let site = said(article.site_name);
    Page {
        title: said(Some(article.title)).map(|title| without_site(&title, site.as_deref())),
        date: said(article.published_time),
        byline: said(article.byline),
        site,
        url: said(article.url).filter(|url| url.starts_with("http")),
        ..Page::default()
    }
}

/// "The Deal | Daily Herald" without the herald.
fn without_site(title: &str, site: Option<&str>) -> String {
    let own = site.and_then(|site| title.strip_suffix(site));
    let own = own.map(|own| own.trim_end().trim_end_matches(['|', '-', '–', '—', '·', ':']).trim_end());
    own.filter(|own| !own.is_empty()).unwrap_or(title).to_owned()
}

fn title_alone(html: &str) -> Page {
    let title = clean(&Document::from(html).select_single("title").text());
    Page { title: Some(title).filter(|title| !title.is_empty()), ..Page::default() }
}

fn page(mut page: Page, blocks: Vec<Block>) -> Page {
    for block in blocks {
        if !page.text.is_empty() {
            page.text.push_str("\n\n");
        }
        let start = page.text.len();
        page.text.push_str(&block.text);
        let piece = Piece::new(block.kind, start..page.text.len(), block.text);
        page.pieces.push(Piece { reason: block.reason.or(piece.reason), ..piece });
    }
    judge::judge(&mut page.pieces);
    page
}

/// An upper bound of how deep elements nest: tags opened and not closed, counted without parsing.
fn depth(html: &str) -> usize {
    let html = without_scripts(html);
    let (mut open, mut deepest) = (0_usize, 0);
    for (at, _) in html.match_indices('<') {
        match html.as_bytes().get(at + 1) {
            Some(b'/') => open = open.saturating_sub(1),
            Some(next) if next.is_ascii_alphabetic() && !is_void(&html[at + 1..]) => open += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// Elements that never hold others, and those that authors leave open.
fn is_void(tag: &str) -> bool {
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("").to_ascii_lowercase();
    const VOID: &[&str] = &[
        "br", "img", "meta", "link", "input", "hr", "wbr", "source", "area", "base", "col", "embed", "track", "p",
        "li", "td", "th", "tr", "dt", "dd", "option",
    ];
    VOID.contains(&name.as_str())
}

/// The text between tags, a block a stretch, for a page nested too deep to be walked.
fn flat_blocks(html: &str) -> Vec<Block> {
    let html = without_scripts(html);
    let stretches = html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| clean(text));
    stretches.filter(|text| !text.is_empty()).map(|text| Block { kind: Kind::Body, reason: None, text }).collect()
}

/// The page without scripts, styles and comments, whose brackets are no tags.
fn without_scripts(html: &str) -> Cow<'_, str> {
    static SCRIPTS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->").ok());
    SCRIPTS.as_ref().map_or(Cow::Borrowed(html), |scripts| scripts.replace_all(html, ""))
}

struct Block {
    kind: Kind,
    reason: Option<&'static str>,
    text: String,
}

/// The blocks of a document, in its order.
fn blocks(document: &Document) -> Vec<Block> {
    let mut writer = Writer::default();
    let mut ahead = vec![Step::Enter(document.root())];
    while let Some(step) = ahead.pop() {
        match step {
            Step::Enter(node) if writer.enter(&node) => {
                ahead.push(Step::Leave(node));
                ahead.extend(node.children_it(true).map(Step::Enter));
            }
            Step::Enter(_) => {}
            Step::Leave(node) => writer.leave(&node),
        }
    }
    writer.flush();
    writer.blocks
}

enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(NodeRef<'a>),
}

/// Stands for `<br>` in a stretch: one is a space, two part paragraphs.
const BREAK: char = '\u{2028}';

const SILENT: &[&str] = &[
    "head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "button", "select",
    "textarea", "nav", "audio", "video", "canvas", "dialog",
];

const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    "wbr", "img",
];

#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    raw: String,
    around: Vec<(String, Kind, Option<&'static str>)>,
    term: Option<String>,
}

impl Writer {
    /// Takes a node in; whether its children are wanted.
    fn enter(&mut self, node: &NodeRef<'_>) -> bool {
        if node.is_text() {
            self.raw.push_str(&node.text());
            return false;
        }
        let Some(name) = node.node_name() else { return true };
        match &*name {
            "br" => self.raw.push(BREAK),
            "table" if self.table(node) => return false,
            name if SILENT.contains(&name) => return false,
            name if INLINE.contains(&name) => {}
            name => self.open_block(name),
        }
        true
    }

    fn open_block(&mut self, name: &str) {
        self.flush();
        let block = match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => (Kind::Heading, None),
            "li" => (Kind::ListItem, None),
            "blockquote" => (Kind::Quote, None),
            "figcaption" | "caption" => (Kind::Boilerplate, Some("caption or credit")),
            "pre" => (Kind::Boilerplate, Some("code")),
            _ => return,
        };
        self.around.push((name.to_owned(), block.0, block.1));
    }

    fn leave(&mut self, node: &NodeRef<'_>) {
        let Some(name) = node.node_name().filter(|name| !INLINE.contains(&&**name) && &**name != "br") else { return };
        match &*name {
            "dt" => self.term = Some(clean(&std::mem::take(&mut self.raw))),
            _ => self.flush(),
        }
        if self.around.last().is_some_and(|(open, ..)| *open == *name) {
            self.around.pop();
        }
    }

    /// What was read since the last block becomes one, or several where two breaks part it.
    fn flush(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let (kind, reason) = self.around.last().map_or((Kind::Body, None), |(_, kind, reason)| (*kind, *reason));
        for text in split_at_breaks(&raw).iter().map(|part| clean(part)).filter(|text| !text.is_empty()) {
            let (kind, text) = match self.term.take() {
                Some(term) => (Kind::TableRow, tables::row_text(&[], &[term, text])),
                None => (kind, text),
            };
            self.blocks.push(Block { kind, reason, text });
        }
    }

    /// Takes a table of data row by row; false for one that lays out the page.
    fn table(&mut self, table: &NodeRef<'_>) -> bool {
        let rows: Vec<NodeRef<'_>> = table.descendants_it().filter(|node| node.has_name("tr")).collect();
        let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
        let nested = table.descendants_it().any(|node| node.has_name("table"));
        let long = cells.iter().flatten().any(|cell| cell.split_whitespace().nth(60).is_some());
        if nested || long || cells.iter().all(|row| row.len() < 2) {
            return false;
        }
        self.flush();
        let head = rows.first().filter(|row| row.element_children().iter().all(|cell| cell.has_name("th")));
        let head = head.map(|_| cells[0].clone()).unwrap_or_default();
        for (at, row) in cells.iter().enumerate().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty())) {
            let is_head = at == 0 && !head.is_empty();
            let kind = if is_head { Kind::TableFrame } else { Kind::TableRow };
            let text = if is_head { row.join(" | ") } else { tables::row_text(&head, row) };
            self.blocks.push(Block { kind, reason: None, text });
        }
        true
    }
}

fn cells(row: &NodeRef<'_>) -> Vec<String> {
    let cells = row.element_children().into_iter().filter(|cell| cell.has_name("td") || cell.has_name("th"));
    cells.map(|cell| clean(&cell.text())).collect()
}

fn split_at_breaks(raw: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut breaks = 0;
    for c in raw.chars() {
        breaks = if c == BREAK {
            breaks + 1
        } else if c.is_whitespace() {
            breaks
        } else {
            0
        };
        match parts.last_mut() {
            Some(part) if breaks < 2 => part.push(c),
            _ if c == BREAK => parts.push(String::new()),
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(Kind, Option<&'static str>, String)> {
        extract(html).pieces.into_iter().map(|piece| (piece.kind, piece.reason, piece.text)).collect()
    }

    const FIRST: &str = "The partnership will grant OpenAI access to hundreds of thousands of NVIDIA GPUs hosted in AWS \
                         data centers worldwide, from Oregon to Frankfurt to Singapore, said two people.";

    fn article() -> String {
        format!(
            "<!doctype html><html><head><title>The Deal | Daily Herald</title><meta property='og:site_name' content='Daily Herald'>\
             <meta property='article:published_time' content='2025-11-04T10:00:00Z'><script>var a = 1;</script></head><body>\
             <nav><a href='/'>Home</a> <a href='/n'>News</a></nav><article><h1>The Deal</h1><p>{FIRST}</p><h2>What it includes</h2>\
             <p>{FIRST} It is <b>large</b> &amp; costly.<br><br>{FIRST}</p><ul><li>Execution risk: it may fail, as others did.</li>\
             <li><p>Cost: it is high, and may mount.</p></li></ul>\
             <blockquote><p>“Scaling frontier AI requires massive compute,” Altman said.</p></blockquote>\
             <table><tr><th>Detail</th><th>Specification</th></tr><tr><td>Deal Value</td><td>$38 billion over 7 years</td></tr></table>\
             <figure><img src='a.png'><figcaption>A data centre in Oregon, seen from above</figcaption></figure>\
             <p>{FIRST}</p></article><footer><p>© 2025 Daily Herald. All rights reserved.</p></footer></body></html>"
        )
    }

    #[test]
    fn the_main_content_is_found_with_its_kinds() {
        let found = found(&article());
        let body: Vec<&str> =
            found.iter().filter(|(.., reason_text)| reason_text != FIRST).map(|(.., text)| text.as_str()).collect();
        assert_eq!(
            body,
            [
                "What it includes",
                &format!("{FIRST} It is large & costly."),
                "Execution risk: it may fail, as others did.",
                "Cost: it is high, and may mount.",
                "“Scaling frontier AI requires massive compute,” Altman said.",
                "Detail | Specification",
                "Deal Value: $38 billion over 7 years",
                "A data centre in Oregon, seen from above",
            ]
        );
        let left_out: Vec<_> = found.iter().filter_map(|(_, reason, _)| *reason).collect();
        assert_eq!(left_out, ["heading", "table head", "caption or credit"]);
    }

    #[test]
    fn the_head_gives_title_date_and_site() {
        let page = extract(&article());
        assert_eq!(page.title.as_deref(), Some("The Deal"));
        assert_eq!(page.date.as_deref(), Some("2025-11-04T10:00:00Z"));
        assert_eq!(page.site.as_deref(), Some("Daily Herald"));
    }

    #[test]
    fn a_fragment_is_taken_whole() {
        let found = found("<p>Fed holds rates steady.</p><p>Oil falls for a third day.</p><script>x()</script>");
        let texts: Vec<&str> = found.iter().map(|(.., text)| text.as_str()).collect();
        assert_eq!(texts, ["Fed holds rates steady.", "Oil falls for a third day."]);
    }

    #[test]
    fn a_definition_reads_as_name_and_value() {
        let found =
            found("<dl><dt>Deal value</dt>\n<dd>$38 billion in all</dd><dt>Term</dt><dd><p>seven years</p></dd></dl>");
        let texts: Vec<&str> = found.iter().map(|(.., text)| text.as_str()).collect();
        assert_eq!(texts, ["Deal value: $38 billion in all", "Term: seven years"]);
    }

    #[test]
    fn a_page_nested_without_end_is_read_flat() {
        let html = format!("{}<script>if (a<b) c()</script>The deal is large.", "<div>".repeat(200_000));
        assert_eq!(extract(&html).text, "The deal is large.");
    }

    #[test]
    fn brackets_in_scripts_nest_nothing() {
        assert_eq!(depth(&format!("<div><script>{}</script></div>", "if (a<b) c();".repeat(5000))), 1);
    }

    #[test]
    fn a_page_nested_as_deep_as_is_allowed_is_walked() {
        let deep = DEEPEST - 10;
        let html = format!("{}<p>{FIRST}</p>{}", "<div>".repeat(deep), "</div>".repeat(deep));
        assert_eq!(extract(&html).text, FIRST);
    }
}
