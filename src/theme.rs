//! A theme: a cluster of paragraphs about one subject, described by the user or found in the corpus.
//!
//! Not here: how themes are found and named (`themes`).

use serde::{Deserialize, Serialize};

use crate::theme_log::ThemeId;

/// Who named the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The user described it.
    Seeded,
    /// The corpus showed it.
    Discovered,
}

/// A paragraph that belongs to a theme.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The row.
    pub row: usize,
    /// How well it fits: seeded, the likeness to the description (cosine beyond the corpus's mean plus
    /// TF-IDF cosine, -1 to 2); discovered, the cosine to the theme's centroid (-1 to 1).
    pub score: f32,
}

/// What counted as fitting a seeded theme, and where that came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The smallest score that fits.
    pub threshold: f32,
    /// Whether the user gave it; otherwise it is derived from the corpus's own background.
    pub given: bool,
    /// The score of a typical paragraph of this corpus (the median).
    pub background: f32,
    /// Paragraphs that are nearer to a counter-example than to the theme.
    pub counter: usize,
    /// Why nothing can fit, where it is so: the highest cosine of a paragraph to the description, and the cosine that
    /// unrelated texts do not reach in this model.
    pub absent: Option<(f32, f32)>,
    /// The closest paragraphs that do not fit, best first; none that is nearer to a counter-example.
    pub nearest_misses: Vec<Member>,
}

/// One theme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Theme {
    /// What a library knows it by for good; none without a library, and for one that the library does not remember.
    pub id: Option<ThemeId>,
    /// Unique among the themes of a run.
    pub name: String,
    /// Seeded or discovered.
    pub origin: Origin,
    /// The user's description of a seeded theme.
    pub description: Option<String>,
    /// What sets its paragraphs apart from the others, most telling first.
    pub keywords: Vec<String>,
    /// Its paragraphs, best first, then by row.
    pub members: Vec<Member>,
    /// The row that stands for it: of a seeded theme the best fit, of a discovered one the medoid. None when empty.
    pub representative: Option<usize>,
    /// Two or three more rows that span it: each far from the representative and from those before it.
    pub exemplars: Vec<usize>,
    /// Mean cosine between its paragraphs (1 for a single one, 0 for none).
    pub cohesion: f32,
    /// The theme whose paragraphs are nearest, and their mean cosine to these; none for an empty or the only theme.
    pub nearest: Option<NearTheme>,
    /// How much of it is found again in halves of the corpus that are clustered apart, 0 to 1: the mean over halves of the
    /// best Jaccard index (Hennig 2007). For seeded themes, and methods that are not repeated, none.
    pub trust: Option<f32>,
    /// What it divides into, largest first; none where it is of one piece.
    pub parts: Vec<SubTheme>,
    /// For seeded themes, what counted as fitting.
    pub fit: Option<Fit>,
}

/// A theme beside another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NearTheme {
    /// Which: an index into [`Themes::themes`].
    pub theme: usize,
    /// Mean cosine between the paragraphs of the one and of the other.
    pub cosine: f32,
}

/// A part of a theme about something narrower.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubTheme {
    /// Unique among the parts of its theme.
    pub name: String,
    /// What sets its paragraphs apart from those of the other parts, most telling first.
    pub keywords: Vec<String>,
    /// Its paragraphs, best first, then by row; scores as in a discovered theme.
    pub members: Vec<Member>,
    /// As [`Theme::trust`], within the theme.
    pub trust: f32,
}

/// All themes of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Themes {
    /// Seeded themes as the user ordered them, then discovered ones by size, largest first.
    pub themes: Vec<Theme>,
    /// Rows in no theme.
    pub unassigned: Vec<usize>,
    /// How the discovered themes were found and how their number was chosen, in a sentence.
    pub method: String,
}

impl Theme {
    /// A theme of members, best first, that is still to be named and measured.
    pub fn found(origin: Origin, members: Vec<Member>) -> Self {
        Self {
            id: None,
            name: String::new(),
            origin,
            description: None,
            keywords: Vec::new(),
            representative: members.first().map(|member| member.row),
            members,
            exemplars: Vec::new(),
            cohesion: 0.0,
            nearest: None,
            trust: None,
            parts: Vec::new(),
            fit: None,
        }
    }
}

impl Themes {
    /// The same themes of paragraphs that are counted otherwise: `at` says what each row becomes.
    pub fn map_rows(self, at: impl Fn(usize) -> usize) -> Self {
        self.keep_rows(|row| Some(at(row)))
    }

    /// As [`map_rows`](Self::map_rows), without the rows that become nothing.
    pub fn keep_rows(mut self, at: impl Fn(usize) -> Option<usize>) -> Self {
        let rows = |rows: &mut Vec<usize>| *rows = rows.iter().filter_map(|&row| at(row)).collect();
        let members = |members: &mut Vec<Member>| {
            let kept = members.iter().filter_map(|member| Some(Member { row: at(member.row)?, ..*member }));
            *members = kept.collect();
        };
        for theme in &mut self.themes {
            members(&mut theme.members);
            theme.representative = theme.representative.and_then(&at);
            rows(&mut theme.exemplars);
            theme.parts.iter_mut().for_each(|part| members(&mut part.members));
            theme.fit.iter_mut().for_each(|fit| members(&mut fit.nearest_misses));
        }
        rows(&mut self.unassigned);
        self
    }

    /// The themes as a partition of so many rows: for each the position of the theme it fits best, the first of those it
    /// fits equally; none for a row in no theme.
    pub fn best_of_rows(&self, rows: usize) -> Vec<Option<usize>> {
        let mut best: Vec<Option<(usize, f32)>> = vec![None; rows];
        for (at, theme) in self.themes.iter().enumerate() {
            for member in &theme.members {
                let best = &mut best[member.row];
                if best.is_none_or(|(_, score)| member.score > score) {
                    *best = Some((at, member.score));
                }
            }
        }
        best.into_iter().map(|best| best.map(|(at, _)| at)).collect()
    }

    /// The same partition a level deeper, `best` being the first: of a theme that has parts, each part and what is in none of them
    /// count by themselves. The numbers are above all themes' where they name a part.
    pub fn best_part_of_rows(&self, best: &[Option<usize>]) -> Vec<Option<usize>> {
        let mut deeper = best.to_vec();
        let mut next = self.themes.len();
        for (at, theme) in self.themes.iter().enumerate() {
            for part in &theme.parts {
                for member in part.members.iter().filter(|member| best[member.row] == Some(at)) {
                    deeper[member.row] = Some(next);
                }
                next += 1;
            }
        }
        deeper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_by_the_theme_it_fits_best_and_by_the_first_of_equals() {
        let theme = |members: &[(usize, f32)]| {
            Theme::found(Origin::Seeded, members.iter().map(|&(row, score)| Member { row, score }).collect())
        };
        let themes = vec![theme(&[(0, 0.9), (1, 0.5), (3, 0.2)]), theme(&[(1, 0.6), (3, 0.2)])];
        let themes = Themes { themes, unassigned: vec![2], method: String::new() };
        assert_eq!(themes.best_of_rows(4), [Some(0), Some(1), None, Some(0)]);
    }

    #[test]
    fn parts_count_a_level_deeper_with_what_is_in_none() {
        let members = |rows: &[usize]| rows.iter().map(|&row| Member { row, score: 0.5 }).collect::<Vec<_>>();
        let part = |rows| SubTheme { name: String::new(), keywords: Vec::new(), members: members(rows), trust: 1.0 };
        let first = Theme {
            parts: vec![part(&[0, 1]), part(&[2])],
            ..Theme::found(Origin::Discovered, members(&[0, 1, 2, 3]))
        };
        let themes = vec![first, Theme::found(Origin::Discovered, members(&[4]))];
        let themes = Themes { themes, unassigned: vec![5], method: String::new() };
        let deeper = themes.best_part_of_rows(&themes.best_of_rows(6));
        assert_eq!(deeper, [Some(2), Some(2), Some(3), Some(0), Some(1), None]);
    }
}
