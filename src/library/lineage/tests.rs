//! Lineages made by hand, and what holds of any.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::theme_log::{Change, Share, Sizes};

fn past(id: u32, name: &str, members: Range<u64>) -> Past {
    Past { id: ThemeId(id), name: name.into(), by_user: false, seed: None, alive: true, members: members.collect() }
}

fn before(themes: Vec<Past>, known: Range<u64>) -> Before {
    let next = themes.iter().map(|theme| theme.id.0 + 1).max().unwrap_or(1);
    Before { themes, known: known.collect(), next }
}

fn found(name: &str, members: impl IntoIterator<Item = u64>) -> Present {
    Present { seed: None, names: vec![name.into()], members: members.into_iter().collect() }
}

fn seeded(name: &str, members: Range<u64>) -> Present {
    Present { seed: Some(name.into()), ..found(name, members) }
}

fn known(range: Range<u64>) -> Vec<u64> {
    range.collect()
}

/// Id and name of each theme, as "t1 name".
fn called(succession: &Succession) -> Vec<String> {
    succession.themes.iter().map(|theme| format!("{} {}", theme.id, theme.name)).collect()
}

/// The events, as "t1 born".
fn told(succession: &Succession) -> Vec<String> {
    succession.events.iter().map(|event| format!("{} {}", event.theme, event.change.code())).collect()
}

fn share(theme: u32, paragraphs: usize) -> Share {
    Share { theme: ThemeId(theme), paragraphs }
}

#[test]
fn the_first_generation_is_born_largest_first() {
    let found = [found("small", 0..3), found("large", 3..9)];
    let first = succeed(&Before { next: 1, ..Before::default() }, &found, &known(0..9));
    assert_eq!(called(&first), ["t2 small", "t1 large"]);
    assert_eq!(told(&first), ["t1 born", "t2 born"]);
    assert_eq!(first.next, 3);
}

#[test]
fn unchanged_themes_have_no_events_whatever_they_would_be_called_now() {
    let before = before(vec![past(1, "chips", 0..5), past(2, "energy", 5..9)], 0..10);
    let same = succeed(&before, &[found("power", 5..9), found("chips, GPUs", 0..5)], &known(0..10));
    assert_eq!(called(&same), ["t2 energy", "t1 chips"]);
    assert_eq!(told(&same), Vec::<String>::new());
}

#[test]
fn growth_alone_never_breaks_an_identity() {
    let before = before(vec![past(1, "chips", 0..3)], 0..3);
    let grown = succeed(&before, &[found("phones", 0..1000)], &known(0..1000));
    assert_eq!(called(&grown), ["t1 chips"]);
    let sizes = Sizes { before: 3, now: 1000, added: 997, joined: 0, removed: 0, left: 0 };
    assert_eq!(grown.events[0].change, Change::Grown(sizes));
}

#[test]
fn removal_alone_never_breaks_an_identity() {
    let before = before(vec![past(1, "chips", 0..100)], 0..200);
    let shrunk = succeed(&before, &[found("phones", 98..100)], &known(98..200));
    assert_eq!(called(&shrunk), ["t1 chips"]);
    let sizes = Sizes { before: 100, now: 2, added: 0, joined: 0, removed: 98, left: 0 };
    assert_eq!(shrunk.events[0].change, Change::Shrunk(sizes));
}

#[test]
fn the_largest_heir_of_a_split_keeps_the_id() {
    let before = before(vec![past(4, "chips", 0..10)], 0..10);
    let split = succeed(&before, &[found("tariffs", 0..4), found("foundries", 4..10)], &known(0..10));
    assert_eq!(called(&split), ["t5 tariffs", "t4 chips"]);
    assert_eq!(told(&split), ["t4 shrunk", "t4 split", "t5 born"]);
    assert_eq!(split.events[1].change, Change::Split { into: vec![share(4, 6), share(5, 4)] });
    assert_eq!(split.events[2].change, Change::Born { paragraphs: 4, from: Some(ThemeId(4)) });
}

#[test]
fn a_merge_goes_on_as_the_one_that_gives_most() {
    let before = before(vec![past(1, "tariffs", 0..4), past(2, "foundries", 4..10)], 0..10);
    let merged = succeed(&before, &[found("chips", 0..10)], &known(0..10));
    assert_eq!(called(&merged), ["t2 foundries"]);
    assert_eq!(told(&merged), ["t1 died", "t2 grown", "t2 merged"]);
    assert_eq!(merged.events[0].change, Change::Died { paragraphs: 4, into: Some(ThemeId(2)) });
    assert_eq!(merged.events[2].change, Change::Merged { of: vec![share(1, 4)] });
    assert_eq!(merged.ended, [ThemeId(1)]);
}

#[test]
fn of_two_that_give_as_much_the_one_the_user_named_wins() {
    let mut before = before(vec![past(1, "tariffs", 0..5), past(2, "my own", 5..10)], 0..10);
    before.themes[1].by_user = true;
    let merged = succeed(&before, &[found("chips", 0..10)], &known(0..10));
    assert_eq!(called(&merged), ["t2 my own"]);
    assert!(merged.themes[0].by_user);
}

#[test]
fn a_users_name_goes_with_its_theme_into_a_merge_where_it_is_a_quarter() {
    let mut before = before(vec![past(1, "tariffs", 0..6), past(2, "my own", 6..10)], 0..10);
    before.themes[1].by_user = true;
    let merged = succeed(&before, &[found("chips", 0..10)], &known(0..10));
    assert_eq!(called(&merged), ["t1 my own"]);
    let renamed = Change::Renamed { from: "tariffs".into(), to: "my own".into(), by_user: true };
    assert!(merged.events.iter().any(|event| event.change == renamed), "{:?}", merged.events);
    before.themes[0].members = (0..50).collect();
    before.themes[1].members = (50..54).collect();
    before.known = known(0..54);
    let merged = succeed(&before, &[found("chips", 0..54)], &known(0..54));
    assert_eq!(called(&merged), ["t1 tariffs"]);
}

#[test]
fn a_users_name_stays_through_what_would_rename_another() {
    let mut before = before(vec![past(1, "old", 0..10)], 0..10);
    let thirds = [found("a", 0..4), found("b", 4..7), found("c", 7..10)];
    let split = succeed(&before, &thirds, &known(0..10));
    assert_eq!(called(&split)[0], "t1 a");
    assert!(split.events.iter().any(|event| matches!(&event.change, Change::Renamed { by_user: false, .. })));
    before.themes[0].by_user = true;
    let split = succeed(&before, &thirds, &known(0..10));
    assert_eq!(called(&split), ["t1 old", "t2 b", "t3 c"]);
}

#[test]
fn names_are_unique_and_who_had_one_keeps_it() {
    let before = before(vec![past(1, "chips", 0..10)], 0..30);
    let mut other = found("chips", 10..30);
    other.names.push("wafers".into());
    let themes = [other, found("GPUs", 0..10), found("chips", [31, 32])];
    let next = succeed(&before, &themes, &known(0..40));
    assert_eq!(called(&next), ["t2 wafers", "t1 chips", "t3 chips (2)"]);
}

#[test]
fn a_theme_scattered_over_others_dies() {
    let before =
        before(vec![past(1, "chips", 0..9), past(2, "a", 9..20), past(3, "b", 20..30), past(4, "c", 30..40)], 0..40);
    let next = [found("a", (9..20).chain(0..3)), found("b", (20..30).chain(3..6)), found("c", (30..40).chain(6..9))];
    let next = succeed(&before, &next, &known(0..40));
    assert_eq!(told(&next), ["t1 died", "t2 grown", "t3 grown", "t4 grown"]);
    assert_eq!(next.events[0].change, Change::Died { paragraphs: 9, into: None });
}

#[test]
fn a_fragment_does_not_bear_the_name_of_a_whole() {
    let before = before(vec![past(1, "chips", 0..100)], 0..100);
    let next = succeed(&before, &[found("fab tools", 0..9)], &known(0..100));
    assert_eq!(called(&next), ["t2 fab tools"]);
    assert_eq!(told(&next), ["t1 split", "t1 died", "t2 born"]);
}

#[test]
fn a_theme_that_comes_back_as_it_was_has_its_id_and_name_again() {
    let mut before = before(vec![past(1, "chips", 0..10), past(2, "energy", 10..20)], 0..20);
    before.themes[0].alive = false;
    let next = succeed(&before, &[found("energy", 10..20), found("GPUs", 0..8)], &known(0..20));
    assert_eq!(called(&next), ["t2 energy", "t1 chips"]);
    assert_eq!(told(&next), ["t1 revived"]);
    let next = succeed(&before, &[found("energy", 10..20), found("GPUs", 0..4)], &known(0..20));
    assert_eq!(called(&next), ["t2 energy", "t3 GPUs"]);
}

#[test]
fn a_seeded_theme_is_known_by_the_users_name_alone() {
    let mut chips = past(1, "chips", 0..10);
    chips.seed = Some("chips".into());
    let before = before(vec![chips, past(2, "energy", 10..20)], 0..20);
    let next = succeed(&before, &[seeded("chips", 10..20), found("GPUs", 0..10)], &known(0..20));
    assert_eq!(called(&next), ["t1 chips", "t3 GPUs"]);
    let none = succeed(&before, &[Present { seed: Some("chips".into()), ..found("chips", []) }], &known(0..20));
    assert_eq!(called(&none), ["t1 chips"]);
}

#[test]
fn a_seeded_theme_that_the_user_renamed_keeps_that_name() {
    let mut chips = past(1, "silicon", 0..10);
    (chips.seed, chips.by_user) = (Some("chips".into()), true);
    let next = succeed(&before(vec![chips], 0..10), &[seeded("chips", 0..10)], &known(0..10));
    assert_eq!(called(&next), ["t1 silicon"]);
    assert_eq!(told(&next), Vec::<String>::new());
}

#[test]
fn an_addition_about_something_else_moves_no_id() {
    let before = before(vec![past(1, "chips", 0..10), past(2, "energy", 10..20)], 0..20);
    let next = [found("football", 20..60), found("energy", 10..20), found("chips", 0..10)];
    assert_eq!(told(&succeed(&before, &next, &known(0..60))), ["t3 born"]);
}

/// So many paragraphs, each in one theme or in none (0), then and now; gone or not yet there where no number.
fn histories() -> impl Strategy<Value = Vec<(Option<u64>, Option<u64>)>> {
    let theme = || proptest::option::weighted(0.8, 0_u64..6);
    proptest::collection::vec((theme(), theme()), 0..80)
}

fn generation(labels: &[Option<u64>]) -> (Vec<Vec<u64>>, Vec<u64>) {
    let at =
        |wanted: u64| (0..).zip(labels).filter(move |(_, label)| **label == Some(wanted)).map(|(member, _)| member);
    let themes: Vec<Vec<u64>> =
        (1..6).map(|label| at(label).collect()).filter(|members: &Vec<u64>| !members.is_empty()).collect();
    (themes, (0..).zip(labels).filter(|(_, label)| label.is_some()).map(|(member, _)| member).collect())
}

/// No theme of [`histories`] has this id.
const NOBODY: u32 = 99;

fn pasts(themes: Vec<Vec<u64>>, named: u32) -> Vec<Past> {
    let past = |(id, members): (u32, Vec<u64>)| Past {
        by_user: id % 3 == named,
        alive: id != named,
        members,
        ..past(id, &format!("name {id}"), 0..0)
    };
    (1..).zip(themes).map(past).collect()
}

proptest! {
    #[test]
    fn the_order_of_themes_and_paragraphs_does_not_matter(history in histories(), named in 0_u32..3, turn in 0_usize..5) {
        let (then, now): (Vec<_>, Vec<_>) = history.into_iter().unzip();
        let ((then, known_then), (now, known_now)) = (generation(&then), generation(&now));
        let before = Before { themes: pasts(then, named), known: known_then, next: 9 };
        let themes: Vec<Present> = now.into_iter().map(|members| found("new", members)).collect();
        let straight = succeed(&before, &themes, &known_now);
        let (mut turned, mut other) = (themes.clone(), before.clone());
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        turned.iter_mut().for_each(|theme| theme.members.reverse());
        other.themes.reverse();
        let mut again = succeed(&other, &turned, &known_now);
        again.themes.rotate_right(by);
        prop_assert_eq!(again, straight);
    }

    #[test]
    fn ids_and_names_are_unique_and_counts_add_up(history in histories(), named in 0_u32..3) {
        let (then, now): (Vec<_>, Vec<_>) = history.into_iter().unzip();
        let ((then, known_then), (now, known_now)) = (generation(&then), generation(&now));
        let before = Before { themes: pasts(then, named), known: known_then, next: 9 };
        let themes: Vec<Present> = now.into_iter().map(|members| found("new", members)).collect();
        let next = succeed(&before, &themes, &known_now);
        let ids: BTreeSet<ThemeId> = next.themes.iter().map(|theme| theme.id).collect();
        let names: BTreeSet<&str> = next.themes.iter().map(|theme| theme.name.as_str()).collect();
        prop_assert_eq!(ids.len(), themes.len());
        prop_assert_eq!(names.len(), themes.len());
        let count = |code: &str| next.events.iter().filter(|event| event.change.code() == code).count();
        let alive = before.themes.iter().filter(|theme| theme.alive).count();
        prop_assert_eq!(alive + count("born") + count("revived") - count("died"), themes.len());
        prop_assert_eq!(count("died"), next.ended.len());
        prop_assert_eq!(next.next as usize, 9 + count("born"));
        for (at, theme) in next.themes.iter().enumerate() {
            let sizes = next.events.iter().find_map(|event| match &event.change {
                Change::Grown(sizes) | Change::Shrunk(sizes) | Change::Exchanged(sizes) if event.theme == theme.id => Some(*sizes),
                _ => None,
            });
            if let Some(Sizes { before, now, added, joined, removed, left }) = sizes {
                prop_assert_eq!(before + added + joined, now + removed + left);
                prop_assert_eq!(now, themes[at].members.len());
            }
        }
    }

    #[test]
    fn the_same_themes_again_have_no_events(history in histories()) {
        let (now, known) = generation(&history.into_iter().unzip::<_, _, Vec<_>, Vec<_>>().0);
        let themes: Vec<Present> = now.iter().map(|members| found("new", members.iter().copied())).collect();
        let before = Before { themes: pasts(now, NOBODY), known: known.clone(), next: 9 };
        prop_assert_eq!(succeed(&before, &themes, &known).events, Vec::<Event>::new());
    }
}
