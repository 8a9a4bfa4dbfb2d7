//! Themes: the table of all, then each with its keywords and the paragraphs that stand for it.

use crate::report::blocks::{Block, Card, Column, Rich, Room, Table};
use crate::report::phrase::{bar, counted, number, score};
use crate::report::sections::{Limits, MOST_COLUMNS, and_more, card, quiet};
use crate::report::view::View;
use crate::theme::{Fit, Member, Origin, Theme, Themes};

/// Characters shown of the paragraph that stands for a theme.
const REPRESENTATIVE: usize = 420;
/// Characters shown of a theme's other paragraphs.
const MEMBER: usize = 240;

/// What the numbers mean.
const LEGEND: &str =
    "Cohesion: mean cosine between a theme's paragraphs. The number after a paragraph: how well it fits.";

/// The section.
pub(super) fn section(view: &View, themes: &Themes, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Themes"), summary(view, themes)];
    if !themes.method.is_empty() {
        blocks.push(quiet(&themes.method));
    }
    if !themes.themes.is_empty() {
        blocks.push(quiet(LEGEND));
        blocks.push(Block::Table(table(view, &themes.themes)));
    }
    for (at, theme) in themes.themes.iter().enumerate() {
        blocks.extend(one(view, at + 1, theme, limits));
    }
    blocks
}

fn summary(view: &View, themes: &Themes) -> Block {
    let total = view.collection.len();
    if themes.themes.is_empty() {
        let why = if total == 0 { "there are no paragraphs" } else { "no paragraphs belong together" };
        return Block::Line(format!("No themes: {why}.").into());
    }
    let seeded = themes.themes.iter().filter(|theme| theme.origin == Origin::Seeded).count();
    let found = themes.themes.len() - seeded;
    let within = total.saturating_sub(themes.unassigned.len());
    Block::Line(Rich::from(format!(
        "{seeded} seeded, {found} discovered; {} of {} in a theme",
        number(within),
        counted(total, "paragraph")
    )))
}

fn table(view: &View, themes: &[Theme]) -> Table {
    let mut columns = vec![
        Column::text("theme").giving(Room::Clip),
        Column::text("kind"),
        Column::number("paragraphs"),
        Column::text(""),
        Column::number("cohesion"),
    ];
    let second = (view.collection.outlets.len() <= MOST_COLUMNS).then_some(columns.len());
    match second {
        Some(_) => columns.extend(view.outlets().map(|outlet| Column::number(view.head(outlet)))),
        None => columns.push(Column::number("outlets")),
    }
    let largest = themes.iter().map(|theme| theme.members.len()).max().unwrap_or(0);
    let rows = themes.iter().enumerate().map(|(at, theme)| {
        let counts = outlet_counts(view, theme);
        let outlets = if second.is_some() { counts } else { vec![outlets_in(&counts)] };
        theme_cells(at + 1, theme, largest).into_iter().chain(outlets.into_iter().map(count_cell)).collect()
    });
    Table { second, ..Table::new(columns, rows) }
}

fn theme_cells(at: usize, theme: &Theme, largest: usize) -> Vec<Rich> {
    let size = theme.members.len();
    vec![
        Rich::default().quiet(&format!("{at}  ")).strong(&theme.name),
        origin(theme.origin).into(),
        number(size).into(),
        bar(size as f64 / largest.max(1) as f64).into(),
        if size > 1 { score(theme.cohesion).into() } else { Rich::default().quiet("·") },
    ]
}

/// A count of which none is easily passed over.
fn count_cell(count: usize) -> Rich {
    if count == 0 { Rich::default().quiet("·") } else { number(count).into() }
}

fn outlet_counts(view: &View, theme: &Theme) -> Vec<usize> {
    view.by_outlet(theme.members.iter().map(|member| member.row))
}

fn outlets_in(counts: &[usize]) -> usize {
    counts.iter().filter(|&&count| count > 0).count()
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Seeded => "seeded",
        Origin::Discovered => "discovered",
    }
}

fn one(view: &View, at: usize, theme: &Theme, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Item(item(view, at, theme))];
    if let Some(description) = &theme.description {
        blocks.push(Block::Line(Rich::default().quiet("Described as: ").plain(description)));
    }
    if !theme.keywords.is_empty() {
        blocks.push(Block::Line(Rich::default().quiet("Keywords: ").plain(&theme.keywords.join(", "))));
    }
    blocks.extend(theme.fit.as_ref().map(|fit| quiet(&fit_line(view, theme, fit))));
    blocks.extend(paragraphs(view, theme, limits));
    blocks
}

fn item(view: &View, at: usize, theme: &Theme) -> Rich {
    let outlets = counted(outlets_in(&outlet_counts(view, theme)), "outlet");
    let size = counted(theme.members.len(), "paragraph");
    let facts = format!(" · {} · {size} · {outlets}", origin(theme.origin));
    Rich::default().quiet(&format!("{at}  ")).strong(&theme.name).quiet(&facts)
}

fn fit_line(view: &View, theme: &Theme, fit: &Fit) -> String {
    let from = if fit.given { "as given" } else { "from this corpus's own background" };
    let threshold = format!("Fits from {}, {from}", score(fit.threshold));
    let typical = format!("{threshold}; a typical paragraph scores {}", score(fit.background));
    match fit.nearest_misses.first() {
        Some(miss) if !theme.members.is_empty() => {
            format!("{typical}, the nearest miss {} ({})", score(miss.score), view.cite(miss.row).text())
        }
        _ => typical,
    }
}

fn paragraphs(view: &View, theme: &Theme, limits: &Limits) -> Vec<Block> {
    let misses = theme.fit.as_ref().map_or(&[][..], |fit| &fit.nearest_misses);
    let (list, blocks) = match theme.members.is_empty() {
        true if misses.is_empty() => return vec![Block::Line("No paragraph fits.".into())],
        true => (misses.to_vec(), vec![Block::Line("No paragraph fits. The nearest misses:".into())]),
        false => (representative_first(theme), Vec::new()),
    };
    let cards = list.iter().take(limits.members).enumerate().map(|(at, member)| member_card(view, at, member));
    let cards = Block::Cards(cards.collect());
    let more = and_more(theme.members.len(), limits.members, "paragraph");
    blocks.into_iter().chain([cards]).chain(more).collect()
}

fn member_card(view: &View, at: usize, member: &Member) -> Card {
    let most = if at == 0 { REPRESENTATIVE } else { MEMBER };
    card(view, member.row, &format!(" · {}", score(member.score)), most)
}

fn representative_first(theme: &Theme) -> Vec<Member> {
    let mut members = theme.members.clone();
    members.sort_by_key(|member| Some(member.row) != theme.representative);
    members
}
