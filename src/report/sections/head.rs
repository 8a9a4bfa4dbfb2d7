//! What was read: counts, dates, outlets, what was left out and what could not be read.

use crate::article::{Article, OutletId};
use crate::collection::Problem;
use crate::coverage::By;
use crate::findings::Findings;
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::excerpt::beginning;
use crate::report::phrase::{counted, days, number};
use crate::report::sections::{Limits, and_more};
use crate::report::view::View;

/// Characters shown of a paragraph that was left out.
const LEFT_OUT_TEXT: usize = 70;
/// Titles shown of an outlet.
const MOST_TITLES: usize = 3;

/// The top of the page.
pub(super) fn head(view: &View, findings: &Findings, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(view))];
    blocks.extend(found(findings).map(Block::Line));
    blocks.extend(dates(view).map(Block::Line));
    blocks.extend(left_out(view).map(Block::Line));
    blocks.extend(problems(view, limits));
    blocks.extend(outlets(view, limits));
    if limits.list_left_out {
        blocks.extend(left_out_list(view, limits));
    }
    blocks
}

fn title(view: &View) -> Rich {
    let collection = view.collection;
    let articles = counted(collection.articles.len(), "article");
    let outlets = counted(collection.outlets.len(), "outlet");
    Rich::default().strong(&format!("{articles} · {outlets} · {}", counted(collection.len(), "paragraph")))
}

/// What the page goes on to say, in numbers.
fn found(findings: &Findings) -> Option<Rich> {
    let themes = findings.themes.iter().map(|themes| counted(themes.themes.len(), "theme"));
    let coverage = findings.coverage.iter().flat_map(|coverage| {
        let differing = coverage.groups.iter().filter(|group| !group.disagreements.is_empty()).count();
        // By wording alone nobody knows what is exclusive.
        let exclusives = (coverage.by != By::Wording).then(|| counted(coverage.exclusives.len(), "exclusive"));
        let groups = counted(coverage.groups.len(), "coverage group");
        [groups, format!("facts differ in {}", counted(differing, "group"))].into_iter().chain(exclusives)
    });
    let parts: Vec<String> = themes.chain(coverage).collect();
    (!parts.is_empty() && !findings.collection.is_empty()).then(|| parts.join(" · ").into())
}

fn dates(view: &View) -> Option<Rich> {
    let (first, last, undated) = view.dates()?;
    let rich = Rich::from(format!("Published {}", days(first, last)));
    Some(match undated {
        None => rich,
        Some(undated) => rich.quiet(&format!(" · {undated}")),
    })
}

fn left_out(view: &View) -> Option<Rich> {
    let reasons: Vec<String> = view
        .left_out_by_reason()
        .iter()
        .map(|(reason, paragraphs)| format!("{reason} {}", number(paragraphs.len())))
        .collect();
    let total = counted(view.collection.left_out.len(), "paragraph");
    (!reasons.is_empty()).then(|| Rich::from(format!("Left out {total}: {}", reasons.join(", "))))
}

fn problems(view: &View, limits: &Limits) -> Vec<Block> {
    let problems = &view.collection.problems;
    if problems.is_empty() {
        return Vec::new();
    }
    let lost = problems.iter().filter(|problem| problem.lost).count();
    let line = Rich::default()
        .strong(&counted(problems.len(), "problem"))
        .plain(&format!(", {} not read", if lost == 0 { "nothing".to_owned() } else { counted(lost, "record") }));
    let list = problems.iter().take(limits.rows).map(problem).collect();
    let mut blocks = vec![Block::Line(line), Block::List(list)];
    blocks.extend(and_more(problems.len(), limits.rows, "problem"));
    blocks
}

fn problem(problem: &Problem) -> Rich {
    let rich = Rich::from(format!("{}: {}", problem.place, problem.what));
    if problem.lost { rich.quiet(" (not read)") } else { rich }
}

fn outlets(view: &View, limits: &Limits) -> Vec<Block> {
    let columns = vec![
        Column::text("outlet"),
        Column::number("articles"),
        Column::number("paragraphs"),
        Column::text("published"),
        Column::text("title").giving(Room::Clip),
    ];
    let mut listed: Vec<OutletId> = view.outlets().collect();
    if listed.is_empty() {
        return Vec::new();
    }
    if listed.len() > limits.rows {
        listed.sort_by_key(|&outlet| std::cmp::Reverse(view.paragraphs_of(outlet)));
        listed.truncate(limits.rows);
    }
    let table = Table::new(columns, listed.iter().map(|&outlet| outlet_row(view, outlet)));
    let more = and_more(view.collection.outlets.len(), limits.rows, "outlet");
    [Block::Table(table)].into_iter().chain(more).collect()
}

fn outlet_row(view: &View, outlet: OutletId) -> Vec<Rich> {
    let articles = view.articles_of(outlet);
    vec![
        Rich::default().strong(view.outlet(outlet)),
        number(articles.len()).into(),
        number(view.paragraphs_of(outlet)).into(),
        published(&articles).into(),
        titles(&articles),
    ]
}

fn published(articles: &[&Article]) -> String {
    let dates = || articles.iter().filter_map(|article| article.date);
    match (dates().min(), dates().max()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(date), _) => date.to_string(),
        _ => "–".to_owned(),
    }
}

/// The first titles of an outlet's articles: as many as a line may hold.
fn titles(articles: &[&Article]) -> Rich {
    let titles: Vec<String> = articles.iter().take(MOST_TITLES).filter_map(|article| article.title.clone()).collect();
    titles.join(" · ").into()
}

fn left_out_list(view: &View, limits: &Limits) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (reason, paragraphs) in view.left_out_by_reason() {
        let count = format!(" · {}", counted(paragraphs.len(), "paragraph"));
        blocks.push(Block::Item(Rich::default().strong(reason).quiet(&count)));
        let list = paragraphs.iter().take(limits.rows).map(|left_out| {
            let text = beginning(&left_out.paragraph.text, LEFT_OUT_TEXT);
            view.cite_paragraph(&left_out.paragraph, "").plain(": ").plain(&text)
        });
        blocks.push(Block::List(list.collect()));
        blocks.extend(and_more(paragraphs.len(), limits.rows, "paragraph"));
    }
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading("Left out"));
    }
    blocks
}
