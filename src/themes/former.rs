//! Themes as they were before some rows came, and as marks on rows.
//!
//! Not here: what is made of them (`extended`, `seeded`).

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::ThemesError;
use crate::theme::{Member, Origin, Theme, Themes};

/// Themes as they were, and what came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Former {
    /// The themes, of rows of now; what is gone is in none. One seeded theme a seed.
    pub themes: Themes,
    /// Rows that were not there then, ascending.
    pub came: Vec<usize>,
    /// Rows in no theme that came since all were clustered, and those that came now; ascending.
    pub open: Vec<usize>,
}

impl Former {
    /// Whether a theme that they were extended to is not one of them.
    pub fn is_new(&self, theme: &Theme) -> bool {
        let open = |member: &Member| self.open.binary_search(&member.row).is_ok();
        theme.origin == Origin::Discovered && theme.members.iter().all(open)
    }

    /// Whether all of it is of so many rows, and of themes of so many seeds.
    pub(super) fn check(&self, rows: usize, seeds: usize) -> Result<(), ThemesError> {
        let themes = &self.themes.themes;
        let members = themes.iter().flat_map(|theme| {
            theme.parts.iter().flat_map(|part| &part.members).chain(&theme.members).map(|member| member.row)
        });
        let others = [&self.themes.unassigned, &self.came, &self.open];
        let highest = members.chain(others.into_iter().flatten().copied()).max();
        if let Some(row) = highest.filter(|&row| row >= rows) {
            return Err(ThemesError::FormerRow { row, rows });
        }
        let found = themes.iter().filter(|theme| theme.origin == Origin::Seeded).count();
        if found == seeds { Ok(()) } else { Err(ThemesError::FormerSeeds { found, expected: seeds }) }
    }
}

/// Former themes as marks on rows.
pub(super) struct Marks<'a> {
    pub(super) discovered: Vec<&'a Theme>,
    pub(super) came: Vec<bool>,
    pub(super) open: Vec<bool>,
    /// The theme and the part of each row that was there.
    pub(super) theme: Vec<Option<u32>>,
    pub(super) part: Vec<Option<u32>>,
    /// Which parts are a theme's.
    pub(super) parts: Vec<Range<usize>>,
}

impl<'a> Marks<'a> {
    /// Of so many rows.
    pub(super) fn new(former: &'a Former, rows: usize) -> Self {
        let discovered: Vec<&Theme> =
            former.themes.themes.iter().filter(|theme| theme.origin == Origin::Discovered).collect();
        let mut parts = Vec::new();
        let mut next = 0;
        for theme in &discovered {
            parts.push(next..next + theme.parts.len());
            next += theme.parts.len();
        }
        Self {
            came: marked(&former.came, rows),
            open: marked(&former.open, rows),
            theme: homes(discovered.iter().map(|theme| theme.members.as_slice()), rows),
            part: homes(discovered.iter().flat_map(|theme| &theme.parts).map(|part| part.members.as_slice()), rows),
            parts,
            discovered,
        }
    }

    /// Whether a row came.
    pub(super) fn came(&self, row: usize) -> bool {
        self.came[row]
    }
}

/// A described theme as it was.
pub(super) struct WasDescribed {
    pub(super) rows: FxHashSet<usize>,
    /// The smallest score that fitted; none for a theme of no rows, which says nothing of what fits.
    pub(super) threshold: Option<f32>,
}

/// The described themes as they were, in the user's order.
pub(super) fn described(former: &Themes) -> Vec<WasDescribed> {
    let was = |theme: &Theme| WasDescribed {
        rows: theme.members.iter().map(|member| member.row).collect(),
        threshold: theme.fit.as_ref().filter(|_| !theme.members.is_empty()).map(|fit| fit.threshold),
    };
    former.themes.iter().filter(|theme| theme.origin == Origin::Seeded).map(was).collect()
}

fn marked(rows: &[usize], all: usize) -> Vec<bool> {
    let mut marks = vec![false; all];
    rows.iter().for_each(|&row| marks[row] = true);
    marks
}

fn homes<'a>(groups: impl Iterator<Item = &'a [Member]>, rows: usize) -> Vec<Option<u32>> {
    let mut homes = vec![None; rows];
    for (group, members) in (0..).zip(groups) {
        members.iter().for_each(|member| homes[member.row] = Some(group));
    }
    homes
}
