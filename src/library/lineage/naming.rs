//! What themes are called that have a past: a name stays while its theme is mostly the same, and the user's for good.

use std::collections::BTreeSet;

use super::overlap::Overlap;
use super::pairing::{Pairing, most};
use super::{Before, Past, Present};

/// A theme of now: the names it could have, best first; whether the first is the user's; and who is asked first.
struct Wish {
    names: Vec<String>,
    by_user: bool,
    turn: Turn,
}

/// Who chooses before whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Users,
    Seeded,
    Kept,
    New,
}

/// One a theme of now: what it is called, and whether the user said so.
pub(super) fn names(before: &Before, themes: &[Present], of: (&Overlap, &Pairing)) -> Vec<(String, bool)> {
    let wishes: Vec<Wish> = (0..themes.len()).map(|now| wish(before, themes, of, now)).collect();
    let mut turns: Vec<usize> = (0..themes.len()).collect();
    turns.sort_by_key(|&now| (wishes[now].turn, of.1.ids[now]));
    let mut taken = BTreeSet::new();
    let mut names = vec![(String::new(), false); themes.len()];
    for now in turns {
        let name = free(&wishes[now].names, &taken);
        taken.insert(name.clone());
        names[now] = (name, wishes[now].by_user);
    }
    names
}

fn wish(before: &Before, themes: &[Present], (overlap, pairing): (&Overlap, &Pairing), now: usize) -> Wish {
    let own = || themes[now].names.iter().cloned();
    let after = |name: &str| std::iter::once(name.to_owned()).chain(own()).collect();
    let past = pairing.origin[now].map(|then| (then, &before.themes[then]));
    match past {
        Some((_, past)) if past.by_user => Wish { names: after(&past.name), by_user: true, turn: Turn::Users },
        _ if themes[now].seed.is_some() => Wish { names: own().collect(), by_user: false, turn: Turn::Seeded },
        _ => match (brought(before, (overlap, pairing), now), past) {
            (Some(other), _) => Wish { names: after(&other.name), by_user: true, turn: Turn::Users },
            (None, Some((then, past))) if most(overlap.common(then, now), overlap.either(then, now)) => {
                Wish { names: after(&past.name), by_user: false, turn: Turn::Kept }
            }
            _ => Wish { names: own().collect(), by_user: false, turn: Turn::New },
        },
    }
}

/// The theme that the user named and that went into this one, making up a quarter of it or more: a smaller one would name what it is not.
fn brought<'a>(before: &'a Before, (overlap, pairing): (&Overlap, &Pairing), now: usize) -> Option<&'a Past> {
    let ended = (0..before.themes.len()).filter(|&then| pairing.into[then] == Some(now) && before.themes[then].by_user);
    let quarter = ended.filter(|&then| 4 * overlap.common(then, now) >= overlap.old(now));
    let key = |&then: &usize| (overlap.common(then, now), std::cmp::Reverse(before.themes[then].id));
    quarter.max_by_key(key).map(|then| &before.themes[then])
}

/// The first name that is free; where none is, the first with a number.
fn free(names: &[String], taken: &BTreeSet<String>) -> String {
    if let Some(name) = names.iter().find(|name| !taken.contains(*name)) {
        return name.clone();
    }
    let first = names.first().map_or("theme", String::as_str);
    let numbered = (2..).map(|number| format!("{first} ({number})"));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}
