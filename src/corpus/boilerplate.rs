//! The furniture of web pages: comment forms, newsletter calls, social widgets, cookie notices.
//!
//! The rules are data (`boilerplate.txt`). They match whole sentences of short paragraphs only, so
//! that a report about a newsletter or a comment form is not lost. Not here: headings, datelines.

use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::text;

/// Longer paragraphs are never furniture: a cookie notice has some forty words.
const LONGEST: usize = 60;

/// The reason of headings over lists of links, which the list shares.
pub(crate) const RELATED: &str = "related stories";

struct Rules {
    reasons: Vec<&'static str>,
    patterns: RegexSet,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let (reasons, patterns): (Vec<_>, Vec<_>) = listed().unzip();
    let whole = patterns.iter().map(|pattern| format!("^(?:{pattern})$"));
    // Bytes, not characters: the rules are ASCII, and so compile in 20 ms rather than 120.
    let patterns = RegexSetBuilder::new(whole).case_insensitive(true).unicode(false).size_limit(64 << 20).build();
    Rules { reasons, patterns: patterns.unwrap_or_default() }
});

/// The rules of the data file: reason and pattern.
fn listed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("boilerplate.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// Why a paragraph is furniture, if it is: the reason of its first sentence, where all match a rule.
/// `text` is clean.
pub(crate) fn reason(text: &str) -> Option<&'static str> {
    if text.split_whitespace().nth(LONGEST).is_some() {
        return None;
    }
    let plain = plain(text);
    matching(&plain).or_else(|| sentence_by_sentence(&plain))
}

/// The text with the marks that rules are written in.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '’' | '‘' | 'ʼ' => plain.push('\''),
            '“' | '”' => plain.push('"'),
            '–' | '—' | '‑' | '−' => plain.push('-'),
            '→' | '»' | '›' | '▶' => plain.push('>'),
            '←' | '«' | '‹' => plain.push('<'),
            '·' | '•' | '∙' => plain.push('|'),
            '…' => plain.push_str("..."),
            '©' => plain.push_str("(c)"),
            other => plain.push(other),
        }
    }
    plain
}

fn sentence_by_sentence(text: &str) -> Option<&'static str> {
    let mut reasons = text::sentences(text).into_iter().map(|span| matching(&text[span]));
    let first = reasons.next()??;
    reasons.all(|reason| reason.is_some()).then_some(first)
}

fn matching(sentence: &str) -> Option<&'static str> {
    let rule = RULES.patterns.matches(sentence.as_bytes()).iter().next()?;
    RULES.reasons.get(rule).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_a_valid_pattern_with_a_reason() {
        let lines = include_str!("boilerplate.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(RULES.patterns.len(), lines);
        assert_eq!(RULES.reasons.len(), lines);
    }

    #[test]
    fn furniture_is_known_with_its_reason() {
        for (text, expected) in [
            ("Leave a Reply", "comment form"),
            ("Your email address will not be published. Required fields are marked *", "comment form"),
            ("Name *", "comment form"),
            ("Post a comment", "comment form"),
            ("See What’s Next in Tech With the Fast Forward Newsletter", "newsletter"),
            ("Sign up for our free daily newsletter", "newsletter"),
            ("Subscribe to The Daily Herald", "newsletter"),
            ("Get the latest news delivered to your inbox", "newsletter"),
            ("Tweets From @varindiamag", "social widget"),
            ("Nothing to see here - yet", "social widget"),
            ("When they Tweet, their Tweets will show up here.", "social widget"),
            ("Share this", "social widget"),
            ("Share on Facebook", "social widget"),
            ("Follow us on Twitter and Instagram", "social widget"),
            ("Learn more at AWS.", "link to elsewhere"),
            ("Read more", "link to elsewhere"),
            ("Related articles", RELATED),
            ("Click here to read the full report.", "link to elsewhere"),
            ("https://example.com/a/b?c=d", "link to elsewhere"),
            ("Advertisement", "advertisement"),
            ("Story continues below advertisement", "advertisement"),
            (
                "We use cookies to ensure that we give you the best experience on our website. If you continue to use this site we will assume that you are happy with it.",
                "cookie notice",
            ),
            ("All rights reserved.", "copyright"),
            ("© 2025 Example Media Ltd. All rights reserved.", "copyright"),
            ("Copyright 2025 The Associated Press. All rights reserved.", "copyright"),
            ("Table of Contents", "navigation"),
            ("Skip to content", "navigation"),
            ("Home > News > Technology", "navigation"),
            ("Photo: Jane Doe/Reuters", "caption or credit"),
            ("Loading...", "page machinery"),
            ("5 min read", "page machinery"),
        ] {
            assert_eq!(reason(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn sentences_about_such_things_are_kept() {
        for text in [
            "Readers left a reply within minutes, and the company took the post down.",
            "The newsletter, which has two million subscribers, was sold for $75 million.",
            "Sign-ups for the newsletter doubled after the deal.",
            "Share prices rose 5% on the news.",
            "Shares rose.",
            "He tweeted that his email address would not be published by the court.",
            "Follow-up talks with Microsoft on Azure pricing are expected in January.",
            "The company said it would learn more at a hearing in March about the regulator's concerns.",
            "Advertisement revenue at Google grew 12%.",
            "Cookies are being phased out of Chrome, the company said.",
            "Copyright claims against OpenAI were filed in 2023 by the New York Times.",
            "The table of contents of the leaked report lists thirty chapters.",
            "Photo agencies have sued the image generator.",
            "News Corp signed a similar deal in 2024.",
            "Like many startups, OpenAI burns cash.",
            "Next year, the company expects to double revenue.",
            "Video games drove the demand for GPUs.",
            "Print advertising fell 8%.",
            "X and Facebook declined to comment.",
            "Instagram said it would appeal.",
            "Related-party deals worry analysts.",
            "Also on Tuesday, the Fed met.",
        ] {
            assert_eq!(reason(text), None, "{text}");
        }
    }

    #[test]
    fn one_sentence_of_news_keeps_the_paragraph() {
        assert_eq!(reason("Read more. OpenAI signed a deal with Amazon."), None);
    }
}
