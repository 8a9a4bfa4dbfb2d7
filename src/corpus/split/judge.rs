//! What a paragraph is, by its wording and its neighbours: heading, dateline, furniture or prose.
//!
//! Careful in one direction: a heading kept as prose costs little, a paragraph of news left out is
//! lost. Not here: what the markup says already (`plain`, `markdown`, `html`).

use unicode_segmentation::UnicodeSegmentation;

use super::piece::Piece;
use crate::corpus::{boilerplate, dates};
use crate::paragraph::Kind;
use crate::text;

/// Words a heading has at most, and the title that opens an article.
const HEADING_WORDS: usize = 14;
const TITLE_WORDS: usize = 25;
/// From this many words on, a line without a full stop is still prose.
const PROSE_WORDS: usize = 15;

/// Settles kind and reason of every piece of one article.
pub(super) fn judge(pieces: &mut [Piece]) {
    if keep_only_line(pieces) {
        return;
    }
    pieces.iter_mut().for_each(mark_furniture);
    mark_related(pieces);
    mark_headings(pieces);
    pieces.iter_mut().for_each(mark_short);
}

/// An article of one line is that line: "Fed holds rates steady".
fn keep_only_line(pieces: &mut [Piece]) -> bool {
    let mut lines = pieces.iter_mut().filter(|piece| piece.text.chars().any(char::is_alphanumeric));
    let (Some(only), None) = (lines.next(), lines.next()) else { return false };
    let said_by_markup = only.kind == Kind::Boilerplate;
    if !only.kind.is_content() && !said_by_markup {
        only.kind = Kind::Body;
        only.reason = None;
    }
    true
}

fn mark_furniture(piece: &mut Piece) {
    if matches!(piece.kind, Kind::TableRow | Kind::TableFrame | Kind::Boilerplate) {
        return;
    }
    if let Some(reason) = boilerplate::reason(&piece.text) {
        piece.leave_out(Kind::Boilerplate, reason);
    } else if let Some(reason) = dates::dateline(&piece.text).filter(|reason| may_date(piece.kind, reason)) {
        piece.leave_out(Kind::Dateline, reason);
    }
}

/// An item may be a date of a time line, and so content; "- Reporting by Jane Doe" is none.
fn may_date(kind: Kind, reason: &str) -> bool {
    kind == Kind::Body || (kind == Kind::ListItem && reason == "byline")
}

/// The headlines under "Related stories", up to the next sentence, once the article has said
/// something itself: a digest may open with such a line.
fn mark_related(pieces: &mut [Piece]) {
    let mut has_said = false;
    let mut related = false;
    for piece in pieces {
        let is_headline = !ends_sentence(&piece.text) && words(&piece.text) < 20;
        has_said |= piece.reason.is_none() && !is_headline;
        match piece.reason {
            Some(reason) => related = has_said && (related || reason == boilerplate::RELATED),
            None if related && is_headline => piece.leave_out(Kind::Boilerplate, boilerplate::RELATED),
            None => related = false,
        }
    }
}

/// Body pieces that are headings by their looks and by what follows them.
fn mark_headings(pieces: &mut [Piece]) {
    let seen: Vec<usize> = (0..pieces.len()).filter(|&at| !is_aside(&pieces[at])).collect();
    let may = |at: usize| may_head(&pieces[at], seen.first() == Some(&at));
    let runs: Vec<&[usize]> = seen.chunk_by(|&left, &right| may(left) && may(right)).collect();
    let mut headings = Vec::new();
    for pair in runs.windows(2).filter(|pair| may(pair[0][0])) {
        headings.extend(headings_of(pieces, pair[0], pair[1][0], pair[0].first() == seen.first()));
    }
    for at in headings {
        pieces[at].leave_out(Kind::Heading, "heading");
    }
}

/// Pieces that neither head anything nor are headed: the eye passes over them.
fn is_aside(piece: &Piece) -> bool {
    matches!(piece.kind, Kind::Boilerplate | Kind::Dateline)
}

/// Whether a piece may be a heading: it is one by markup, or is short and no sentence. The piece that
/// opens an article may be longer.
fn may_head(piece: &Piece, opens: bool) -> bool {
    let most = if opens { TITLE_WORDS } else { HEADING_WORDS };
    match piece.kind {
        Kind::Heading => true,
        Kind::Body => piece.text.len() <= 400 && words(&piece.text) <= most && looks_like_heading(&piece.text),
        _ => false,
    }
}

fn looks_like_heading(text: &str) -> bool {
    let opens_well = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    let is_title = !ends_sentence(text) || is_shouted(text);
    opens_well && text.chars().any(char::is_alphabetic) && (is_title || is_question(text))
}

/// One question and no more: the heading of an answer. A quoted one is somebody's words.
fn is_question(text: &str) -> bool {
    text.ends_with(['?', '？', '؟']) && !text.starts_with(['“', '"', '‘', '\'']) && text::sentences(text).len() == 1
}

fn is_shouted(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 4 && !text.ends_with('.') && text.chars().filter(|c| c.is_uppercase()).count() == letters
}

/// The headings among a run of lines that may be headings, before the piece they lead to. `opens`
/// tells that the run opens the article.
fn headings_of(pieces: &[Piece], run: &[usize], led_to: usize, opens: bool) -> Vec<usize> {
    let leads = |&last: &usize| heads(&pieces[last], &pieces[led_to], opens && run.len() == 1);
    if !run.last().is_some_and(leads) {
        return Vec::new();
    }
    // Title, heading and sub-heading may follow one another; more such lines are a list without marks.
    let few = run.len() <= 3;
    let is_heading = |&at: &usize| few || (opens && at == run[0]) || is_title_case(&pieces[at].text);
    run.iter().copied().filter(is_heading).collect()
}

/// Whether a line heads the piece after it: a list, a table, or prose longer than the line itself.
fn heads(line: &Piece, next: &Piece, opens: bool) -> bool {
    let longer = words(&next.text) > words(&line.text);
    let is_prose = ends_sentence(&next.text) || words(&next.text) >= PROSE_WORDS;
    let is_answered = is_question(&line.text) && is_prose;
    line.kind == Kind::Heading || next.kind != Kind::Body || is_answered || (longer && (is_prose || opens))
}

/// Most words of a title open with a capital.
fn is_title_case(text: &str) -> bool {
    let (upper, lower): (Vec<&str>, Vec<&str>) = text
        .split_whitespace()
        .filter(|word| word.chars().count() > 3)
        .partition(|word| word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase()));
    upper.len() > 2 * lower.len()
}

/// One or two words say too little to be compared, unless one is a figure: "$38 billion".
fn mark_short(piece: &mut Piece) {
    let count = words(&piece.text);
    let says_figure = count >= 2 && piece.text.chars().any(char::is_numeric);
    if piece.reason.is_none() && count < 3 && !says_figure {
        piece.reason = Some("too short to compare");
    }
}

/// The number of words, counted no further than any rule asks.
pub(super) fn words(text: &str) -> usize {
    text.unicode_words().take(TITLE_WORDS + 1).count()
}

/// Whether a text ends as a sentence or clause does: with a stop, colon or comma, brackets and
/// quotes aside. "in the U.S." ends no sentence by itself.
pub(super) fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '*', ' ']);
    let initials = text.rsplit(' ').next().is_some_and(|last| {
        last.len() >= 4
            && last.split_terminator('.').all(|part| part.len() == 1 && part.chars().all(char::is_uppercase))
    });
    !initials
        && text.ends_with(['.', '!', '?', '…', ':', ';', ',', '。', '！', '？', '；', '：', '，', '、', '؟', '۔', '।'])
}

#[cfg(test)]
mod tests {
    use super::super::{Markup, split};

    fn judged(text: &str) -> Vec<(&'static str, String)> {
        split(text, Markup::Plain).into_iter().map(|piece| (piece.reason.unwrap_or("-"), piece.text)).collect()
    }

    fn reasons(text: &str) -> Vec<&'static str> {
        judged(text).into_iter().map(|(reason, _)| reason).collect()
    }

    const PROSE: &str =
        "The deal is set to last seven years and gives OpenAI access to hundreds of thousands of chips.";

    #[test]
    fn a_single_line_is_content_whatever_it_looks_like() {
        for line in ["Fed holds rates steady", "Read more", "2025-11-04", "# Deal", "Gold", "By Jane Doe"] {
            assert_eq!(reasons(line), ["-"], "{line}");
        }
        assert_eq!(judged("# Deal"), [("-", "Deal".to_owned())]);
    }

    #[test]
    fn a_title_a_dateline_and_a_heading_open_an_article() {
        let text = format!(
            "OpenAI Signs $38 Billion, Seven-Year Cloud Deal with Amazon to Power Next Phase of AI Expansion\n2025-11-04\n{PROSE}\nFor Amazon / AWS\n{PROSE}"
        );
        assert_eq!(reasons(&text), ["heading", "dateline", "-", "heading", "-"]);
    }

    #[test]
    fn questions_head_their_answers() {
        let text = format!(
            "{PROSE}\nFAQs\nDoes the deal end the partnership?\nNo, it does not.\nWhen?\nSoon, said two people.\n“Why now?”\n{PROSE}"
        );
        assert_eq!(reasons(&text), ["-", "heading", "heading", "-", "heading", "-", "too short to compare", "-"]);
    }

    #[test]
    fn a_line_that_introduces_a_list_is_prose() {
        let text =
            format!("{PROSE}\nDespite the scale and ambition, there are multiple risks to monitor:\n- Cost may mount.");
        assert_eq!(reasons(&text), ["-", "-", "-"]);
    }

    #[test]
    fn short_lines_that_head_nothing_are_kept() {
        assert_eq!(reasons("Fed holds rates steady\nOil falls for a third day"), ["-", "-"]);
        let facts = format!(
            "{PROSE}\nRevenue of $20 billion a year\n30 gigawatts of computing power\nPower for 25 million homes\nA listing at up to $1 trillion\nNo profit before 2030\n{PROSE}"
        );
        assert_eq!(reasons(&facts)[1..6], ["-", "-", "-", "-", "-"]);
        assert_eq!(reasons(&format!("{PROSE}\nJane Doe covers technology in London"))[1], "-");
    }

    #[test]
    fn one_or_two_words_are_too_short_unless_they_hold_a_figure() {
        let text = format!("{PROSE}\n- Execution risk\n- $38 billion\n- 7\n- Three words here");
        assert_eq!(reasons(&text), ["-", "too short to compare", "-", "too short to compare", "-"]);
    }

    #[test]
    fn headlines_under_related_stories_go_with_them() {
        let text = format!("{PROSE}\nRelated stories\nMicrosoft shares fall 3%\n- Nvidia hits $5 trillion\n{PROSE}");
        assert_eq!(reasons(&text), ["-", "related stories", "related stories", "related stories", "-"]);
        assert_eq!(reasons("Top stories\nMicrosoft shares fall 3%\nNvidia hits $5 trillion")[1..], ["-", "-"]);
    }

    #[test]
    fn a_heading_may_end_in_initials_and_shout() {
        let text = format!("{PROSE}\nA Deal for the U.S.\n{PROSE}\nWHAT COMES NEXT:\n{PROSE}");
        assert_eq!(reasons(&text), ["-", "heading", "-", "heading", "-"]);
    }

    #[test]
    fn comment_forms_close_an_article_without_heading_it() {
        let text = format!(
            "{PROSE}\n{PROSE}\n\nLeave a Reply\n\nYour email address will not be published. Required fields are marked *"
        );
        assert_eq!(reasons(&text), ["-", "-", "comment form", "comment form"]);
    }
}
