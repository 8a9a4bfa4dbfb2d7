//! What happened between two generations, in the words of the log.

use std::cmp::Reverse;

use super::overlap::Overlap;
use super::pairing::Pairing;
use super::{Before, Past, Placed};
use crate::theme_log::{Change, Event, Share, ThemeId};

/// All that happened, by theme; of one theme in the order of [`of_now`], then of [`of_then`].
pub(super) fn events(before: &Before, placed: &[Placed], (overlap, pairing): (&Overlap, &Pairing)) -> Vec<Event> {
    let told = Told { before, placed, overlap, pairing };
    let now = (0..placed.len()).flat_map(|now| told.of_now(now));
    let then = (0..before.themes.len()).filter(|&then| before.themes[then].alive).flat_map(|then| told.of_then(then));
    let mut events: Vec<Event> = now.chain(then).collect();
    // Stable: a theme's own order stays.
    events.sort_by_key(|event| event.theme);
    events
}

struct Told<'a> {
    before: &'a Before,
    placed: &'a [Placed],
    overlap: &'a Overlap,
    pairing: &'a Pairing,
}

impl Told<'_> {
    fn of_now(&self, now: usize) -> Vec<Event> {
        let past = self.pairing.origin[now].map(|then| (then, &self.before.themes[then]));
        let began = match past {
            None => Some(self.born(now)),
            Some((_, past)) if !past.alive => Some(Change::Revived { paragraphs: self.overlap.size(now) }),
            Some((then, _)) => self.resized(then, now),
        };
        let renamed = past.and_then(|(_, past)| self.renamed(past, now));
        let changes = began.into_iter().chain(self.merged(now)).chain(renamed);
        changes.map(|change| self.event(now, change)).collect()
    }

    fn of_then(&self, then: usize) -> Vec<Event> {
        let past = &self.before.themes[then];
        let died = || Change::Died {
            paragraphs: self.overlap.size_then(then),
            into: self.pairing.into[then].map(|now| self.id(now)),
        };
        let died = self.pairing.heir[then].is_none().then(died);
        let name = self.pairing.heir[then].map_or(&past.name, |now| &self.placed[now].name);
        let changes = self.split(then).into_iter().chain(died);
        changes.map(|change| Event { theme: past.id, name: name.clone(), change }).collect()
    }

    fn born(&self, now: usize) -> Change {
        let from = self.pairing.parent[now].map(|then| self.before.themes[then].id);
        Change::Born { paragraphs: self.overlap.size(now), from }
    }

    fn resized(&self, then: usize, now: usize) -> Option<Change> {
        let sizes = self.overlap.sizes(then, now);
        if sizes.added + sizes.joined + sizes.removed + sizes.left == 0 {
            return None;
        }
        Some(match sizes.now.cmp(&sizes.before) {
            std::cmp::Ordering::Greater => Change::Grown(sizes),
            std::cmp::Ordering::Less => Change::Shrunk(sizes),
            std::cmp::Ordering::Equal => Change::Exchanged(sizes),
        })
    }

    fn merged(&self, now: usize) -> Option<Change> {
        let ended = (0..self.before.themes.len()).filter(|&then| self.pairing.into[then] == Some(now));
        let share =
            |then: usize| Share { theme: self.before.themes[then].id, paragraphs: self.overlap.common(then, now) };
        let of = most_first(ended.map(share).collect());
        (!of.is_empty()).then_some(Change::Merged { of })
    }

    fn split(&self, then: usize) -> Option<Change> {
        let children = (0..self.placed.len()).filter(|&now| self.pairing.parent[now] == Some(then));
        let share = |now| Share { theme: self.id(now), paragraphs: self.overlap.common(then, now) };
        let children: Vec<Share> = children.map(share).collect();
        if children.is_empty() {
            return None;
        }
        Some(Change::Split {
            into: most_first(self.pairing.heir[then].map(share).into_iter().chain(children).collect()),
        })
    }

    fn renamed(&self, past: &Past, now: usize) -> Option<Change> {
        let Placed { name, by_user, .. } = &self.placed[now];
        let by_user = *by_user && !past.by_user;
        (*name != past.name).then(|| Change::Renamed { from: past.name.clone(), to: name.clone(), by_user })
    }

    fn event(&self, now: usize, change: Change) -> Event {
        let Placed { id, name, .. } = &self.placed[now];
        Event { theme: *id, name: name.clone(), change }
    }

    fn id(&self, now: usize) -> ThemeId {
        self.placed[now].id
    }
}

fn most_first(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_by_key(|share| (Reverse(share.paragraphs), share.theme));
    shares
}
