//! Who goes on as whom: one theme of now for one of then, the most alike first; and where the others came from and went.
//!
//! Greedy, and not the assignment of the greatest sum: a pair is decided by what the two are alike, never by themes far away, so that
//! what is added about something else moves no id.

use std::cmp::{Ordering, Reverse};

use super::overlap::Overlap;
use super::{Before, Present};
use crate::theme_log::ThemeId;

/// A theme that split off another has one in so many of its paragraphs from there, or more.
const PARENT: usize = 4;

/// Who goes on as whom.
pub(super) struct Pairing {
    /// By theme of then: which of now it goes on as.
    pub(super) heir: Vec<Option<usize>>,
    /// By theme of now: which of then it goes on from.
    pub(super) origin: Vec<Option<usize>>,
    /// By theme of now: its id.
    pub(super) ids: Vec<ThemeId>,
    /// By theme of now without an origin: the theme that most of it was split off.
    pub(super) parent: Vec<Option<usize>>,
    /// By theme of then that ended: where most of it went.
    pub(super) into: Vec<Option<usize>>,
    /// The first id that is nobody's.
    pub(super) next: u32,
}

/// Two themes that could be one.
struct Link {
    then: usize,
    now: usize,
    /// What they have in common, of what either has.
    common: usize,
    either: usize,
    /// Who comes first of two that are as alike: one that the user named, then one that is alive, then the larger part, then the older.
    rank: (bool, bool, usize, Reverse<ThemeId>),
    /// The place of the theme of now in an order that does not depend on how themes were given.
    place: usize,
}

impl Pairing {
    pub(super) fn of(before: &Before, themes: &[Present], overlap: &Overlap) -> Self {
        let order = order(themes);
        let mut pairing = Self {
            heir: vec![None; before.themes.len()],
            origin: vec![None; themes.len()],
            ids: vec![ThemeId(0); themes.len()],
            parent: vec![None; themes.len()],
            into: vec![None; before.themes.len()],
            next: before.next,
        };
        pairing.seeded(before, themes);
        pairing.alike(links(before, themes, overlap, &order));
        pairing.number(before, &order);
        pairing.ancestry(before, overlap, &order);
        pairing
    }

    /// Themes of the generation before that are none now, ascending.
    pub(super) fn ended(&self, before: &Before) -> Vec<ThemeId> {
        let ended = before.themes.iter().enumerate().filter(|&(at, theme)| theme.alive && self.heir[at].is_none());
        let mut ended: Vec<ThemeId> = ended.map(|(_, theme)| theme.id).collect();
        ended.sort_unstable();
        ended
    }

    /// What the user described under one name is one theme, whatever is in it and however long it was gone.
    fn seeded(&mut self, before: &Before, themes: &[Present]) {
        for (now, theme) in themes.iter().enumerate().filter(|(_, theme)| theme.seed.is_some()) {
            if let Some(then) = before.themes.iter().position(|past| past.seed == theme.seed) {
                self.pair(then, now);
            }
        }
    }

    fn alike(&mut self, mut links: Vec<Link>) {
        links.sort_by(best_first);
        for link in links {
            if self.heir[link.then].is_none() && self.origin[link.now].is_none() {
                self.pair(link.then, link.now);
            }
        }
    }

    fn pair(&mut self, then: usize, now: usize) {
        self.heir[then] = Some(now);
        self.origin[now] = Some(then);
    }

    /// Each theme's id: its origin's, else a new one, largest theme first.
    fn number(&mut self, before: &Before, order: &[usize]) {
        for &now in order {
            self.ids[now] = match self.origin[now] {
                Some(then) => before.themes[then].id,
                None => {
                    self.next += 1;
                    ThemeId(self.next - 1)
                }
            };
        }
    }

    fn ancestry(&mut self, before: &Before, overlap: &Overlap, order: &[usize]) {
        let place = places(order);
        for ((then, now), common) in overlap.pairs().filter(|&((then, _), _)| before.themes[then].alive) {
            // And a part of the whole: one old paragraph among many new ones is no parent.
            let part = PARENT * common >= overlap.size(now);
            if self.origin[now].is_none() && most(common, overlap.old(now)) && part {
                let key = |&then: &usize| (overlap.common(then, now), Reverse(before.themes[then].id));
                self.parent[now] = self.parent[now].into_iter().chain([then]).max_by_key(key);
            }
            if self.heir[then].is_none() && most(common, overlap.still(then)) {
                let key = |&now: &usize| (overlap.common(then, now), Reverse(place[now]));
                self.into[then] = self.into[then].into_iter().chain([now]).max_by_key(key);
            }
        }
    }
}

/// At least half.
pub(super) fn most(part: usize, whole: usize) -> bool {
    part > 0 && 2 * part >= whole
}

/// Themes that could be one: discovered both; of either most is the other's, and of both together at least a tenth, below which a fragment would
/// bear the name of a whole. One that had ended comes back only where it is mostly the same: the name was given up.
fn links(before: &Before, themes: &[Present], overlap: &Overlap, order: &[usize]) -> Vec<Link> {
    let place = places(order);
    let discovered =
        |&((then, now), _): &((usize, usize), usize)| before.themes[then].seed.is_none() && themes[now].seed.is_none();
    let link = |((then, now), common): ((usize, usize), usize)| {
        let (past, either) = (&before.themes[then], overlap.either(then, now));
        let smaller = overlap.still(then).min(overlap.old(now));
        let claims = if past.alive { most(common, smaller) && 10 * common >= either } else { most(common, either) };
        let rank = (past.by_user, past.alive, common, Reverse(past.id));
        claims.then_some(Link { then, now, common, either, rank, place: place[now] })
    };
    overlap.pairs().filter(discovered).filter_map(link).collect()
}

fn best_first(left: &Link, right: &Link) -> Ordering {
    // Fractions are compared exactly: a rounded quotient could turn a tie.
    let alike = (right.common * left.either).cmp(&(left.common * right.either));
    alike.then(right.rank.cmp(&left.rank)).then(left.place.cmp(&right.place))
}

/// Themes of now, largest first, then by what they hold: the same whatever order they come in.
fn order(themes: &[Present]) -> Vec<usize> {
    let key = |at: usize| {
        let mut members = themes[at].members.clone();
        members.sort_unstable();
        (Reverse(members.len()), members, &themes[at].seed, &themes[at].names)
    };
    let mut order: Vec<usize> = (0..themes.len()).collect();
    order.sort_by_cached_key(|&at| key(at));
    order
}

/// Where in the order each stands.
fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &at)| places[at] = place);
    places
}
