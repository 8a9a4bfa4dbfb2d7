//! Lineage: which theme of today is which of yesterday, and what happened to the others.
//!
//! Themes are matched by *shared* paragraphs alone, those that were in the library then and are now (as in MONIC, Spiliopoulou et al. 2006), so
//! that growth and removal by themselves never break an identity. Their likeness is the Jaccard index of these (Palla et al. 2007; Greene, Doyle
//! and Cunningham 2010). Seeded themes are matched by the user's name. docs/library-themes.md has the rule and what it measured.
//! Not here: how themes are found (`themes`), how they are kept (`library/themes`).

mod events;
mod naming;
mod overlap;
mod pairing;
#[cfg(test)]
mod tests;

use crate::theme_log::{Event, ThemeId};

use overlap::Overlap;
use pairing::Pairing;

/// A theme of the generation before, or of one still remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What it is known by.
    pub id: ThemeId,
    /// What it is called.
    pub name: String,
    /// Whether the user gave it that name.
    pub by_user: bool,
    /// The name in the user's description, of a seeded theme.
    pub seed: Option<String>,
    /// Whether it was among the themes of the generation before; otherwise it had ended by then.
    pub alive: bool,
    /// Its paragraphs when it was last a theme.
    pub members: Vec<u64>,
}

/// What there was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// The themes.
    pub themes: Vec<Past>,
    /// Every paragraph that took part in the generation before, in a theme or in none.
    pub known: Vec<u64>,
    /// The first id that no theme ever had.
    pub next: u32,
}

/// A theme as it is found now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The name in the user's description, of a seeded theme.
    pub seed: Option<String>,
    /// What it could be called, best first: at least one.
    pub names: Vec<String>,
    /// Its paragraphs.
    pub members: Vec<u64>,
}

/// Who a theme of now is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What it is known by.
    pub id: ThemeId,
    /// What it is called: unique among the themes of now.
    pub name: String,
    /// Whether the user gave it that name.
    pub by_user: bool,
}

/// What became of what there was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// One a theme of now, in their order.
    pub themes: Vec<Placed>,
    /// Themes of the generation before that are none now, ascending.
    pub ended: Vec<ThemeId>,
    /// What happened, by theme.
    pub events: Vec<Event>,
    /// The first id that no theme has had yet.
    pub next: u32,
}

/// Gives themes the ids that are theirs. `known` are all paragraphs that take part now. The order of themes and of paragraphs does not matter.
pub fn succeed(before: &Before, themes: &[Present], known: &[u64]) -> Succession {
    let overlap = Overlap::of(before, themes, known);
    let pairing = Pairing::of(before, themes, &overlap);
    let names = naming::names(before, themes, (&overlap, &pairing));
    let placed = |(at, (name, by_user)): (usize, (String, bool))| Placed { id: pairing.ids[at], name, by_user };
    let placed: Vec<Placed> = names.into_iter().enumerate().map(placed).collect();
    Succession {
        events: events::events(before, &placed, (&overlap, &pairing)),
        ended: pairing.ended(before),
        themes: placed,
        next: pairing.next,
    }
}
