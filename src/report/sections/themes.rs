//! Themes: the table of all, then each with its keywords and the paragraphs that stand for it.

use crate::report::blocks::{Block, Card, Column, Rich, Room, Table};
use crate::report::phrase::{bar, counted, number, score};
use crate::report::sections::{Limits, MOST_COLUMNS, and_more, card, quiet};
use crate::report::view::View;
use crate::theme::{Fit, Member, NearTheme, Origin, SubTheme, Theme, Themes};

/// Characters shown of the paragraph that stands for a theme.
const REPRESENTATIVE: usize = 420;
/// Characters shown of a theme's other paragraphs.
const MEMBER: usize = 240;

/// What the numbers mean.
pub(crate) const LEGEND: &str = "Cohesion: mean cosine between a theme's paragraphs. Trust: the corpus is cut in two by chance, again and again, and \
     each half clustered by itself; so much of the theme comes back (1 all of it, below 0.5 take its border as soft). The \
     number after a paragraph: how well it fits.";
/// The same where trust was not tried.
pub(crate) const PLAIN: &str =
    "Cohesion: mean cosine between a theme's paragraphs. The number after a paragraph: how well it fits.";

/// The section.
pub(super) fn section(view: &View, themes: &Themes, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Themes"), summary(view, themes)];
    if !themes.method.is_empty() {
        blocks.push(quiet(&themes.method));
    }
    if !themes.themes.is_empty() {
        blocks.push(quiet(if themes.themes.iter().any(|theme| theme.trust.is_some()) { LEGEND } else { PLAIN }));
        blocks.push(Block::Table(table(view, &themes.themes)));
    }
    for (at, theme) in themes.themes.iter().enumerate() {
        let near = theme.nearest.map(|near| (&themes.themes[near.theme], near));
        blocks.extend(one(view, (at + 1, near), theme, limits));
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
        Column::number("trust"),
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
        Rich::default().quiet(&format!("{}  ", label(at, theme))).strong(&theme.name),
        origin(theme.origin).into(),
        number(size).into(),
        bar(size as f64 / largest.max(1) as f64).into(),
        if size > 1 { score(theme.cohesion).into() } else { Rich::default().quiet("·") },
        theme.trust.map_or_else(|| Rich::default().quiet("·"), |trust| score(trust).into()),
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

fn one(view: &View, (at, near): (usize, Option<Near<'_>>), theme: &Theme, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Item(item(view, at, theme))];
    if let Some(description) = &theme.description {
        blocks.push(Block::Line(Rich::default().quiet("Described as: ").plain(description)));
    }
    if !theme.keywords.is_empty() {
        blocks.push(Block::Line(Rich::default().quiet("Keywords: ").plain(&theme.keywords.join(", "))));
    }
    blocks.extend(theme.fit.as_ref().map(|fit| quiet(&fit_line(view, theme, fit))));
    blocks.extend(near.filter(|_| theme.members.len() > 1).map(|near| quiet(&near_line(theme, near))));
    blocks.extend((!theme.parts.is_empty()).then(|| Block::Line(parts(theme))));
    blocks.extend(view.over_time(theme.members.iter().map(|member| member.row)).map(|when| quiet(&over_time(&when))));
    blocks.extend(paragraphs(view, theme, limits));
    blocks
}

/// A theme and how near it is.
type Near<'a> = (&'a Theme, NearTheme);

/// How close a theme lies to itself and to the next one.
fn near_line(theme: &Theme, (other, near): Near<'_>) -> String {
    let (within, between) = (score(theme.cohesion), score(near.cosine));
    format!("Mean cosine within {within}, to the nearest theme “{}” {between}", other.name)
}

fn parts(theme: &Theme) -> Rich {
    let of = |part: &SubTheme| format!("{} ({}, trust {})", part.name, part.members.len(), score(part.trust));
    Rich::default().quiet("Sub-themes: ").plain(&theme.parts.iter().map(of).collect::<Vec<_>>().join(" · "))
}

fn over_time(when: &[(String, usize)]) -> String {
    let of = |(when, count): &(String, usize)| format!("{when}: {count}");
    format!("Over time: {}", when.iter().map(of).collect::<Vec<_>>().join(", "))
}

fn item(view: &View, at: usize, theme: &Theme) -> Rich {
    let outlets = counted(outlets_in(&outlet_counts(view, theme)), "outlet");
    let size = counted(theme.members.len(), "paragraph");
    let facts = format!(" · {} · {size} · {outlets}", origin(theme.origin));
    Rich::default().quiet(&format!("{}  ", label(at, theme))).strong(&theme.name).quiet(&facts)
}

/// What a theme is called by: its id where a library keeps it, else its place.
fn label(at: usize, theme: &Theme) -> String {
    theme.id.map_or_else(|| at.to_string(), |id| id.to_string())
}

/// What counts as fitting a seeded theme, and what nearly does.
pub(crate) fn fit_line(view: &View, theme: &Theme, fit: &Fit) -> String {
    let from = if fit.given { "as given" } else { "from this corpus's own background" };
    let threshold = format!("Fits from {}, {from}", score(fit.threshold));
    let counter = match fit.counter {
        0 => String::new(),
        n => format!("; {} nearer to a counter-example", counted(n, "paragraph")),
    };
    if let Some((nearest, floor)) = fit.absent {
        let (nearest, floor) = (score(nearest), score(floor));
        return format!(
            "Not in this corpus: its nearest paragraph has a cosine of {nearest}, as unrelated texts may (below {floor})"
        );
    }
    let typical = format!("{threshold}; a typical paragraph scores {}{counter}", score(fit.background));
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

/// The representative, then what spans the theme, then the others.
fn representative_first(theme: &Theme) -> Vec<Member> {
    let mut members = theme.members.clone();
    let place = |row: usize| match theme.exemplars.iter().position(|&other| other == row) {
        _ if Some(row) == theme.representative => 0,
        Some(at) => at + 1,
        None => usize::MAX,
    };
    members.sort_by_key(|member| place(member.row));
    members
}
