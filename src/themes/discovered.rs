//! Themes nobody described, by the method asked for.

use ndarray::{ArrayView2, Axis};

use super::division::{Division, Group};
use super::options::{Method, Options};
use super::{ThemesError, communal, density, kmeans, mixture};
use crate::neighbours::distinct::Distinct;
use crate::vectors::UnitRows;

/// A theme found, and what it divides into.
pub(super) struct Found {
    pub(super) group: Group,
    /// Largest first.
    pub(super) parts: Vec<Group>,
}

/// What clustering gave.
pub(super) struct Discovered {
    /// Largest first.
    pub(super) themes: Vec<Found>,
    /// What was done, in a sentence.
    pub(super) method: String,
}

/// Divides the rows named, of unit rows of shape `(n, dim)` as they are and seen from their mean.
///
/// What is equal and what comes first is told by the rows as they are, which no other row changes.
pub(super) fn find(
    (vectors, rows): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    rest: &[usize],
    options: Options,
) -> Result<Discovered, ThemesError> {
    let distinct = Distinct::of(vectors, rest);
    let number = distinct.firsts.len();
    if let Some(asked) = options.discovered.filter(|&asked| asked == 0 || asked > number) {
        return Err(ThemesError::TooMany { asked, rows: number });
    }
    let chosen = UnitRows::new(rows.select(Axis(0), &distinct.firsts))?;
    let found = match options.method {
        _ if number < kmeans::FEWEST && options.discovered.is_none() => few(rest.len(), number),
        Method::Auto | Method::Graph => communal::divide(&chosen, options),
        Method::KMeans => kmeans::divide(chosen.view(), options)?,
        Method::Dbscan(density) => density::dbscan(chosen.view(), density)?,
        Method::Optics(density) => density::optics(chosen.view(), density)?,
        Method::Gmm => mixture::divide(chosen.view(), options)?,
    };
    let themes = themes(rows, rest, (&distinct, &found, chosen.view()));
    let alone = match options.discovered.unwrap_or(0).saturating_sub(themes.len()) {
        0 => String::new(),
        lost => format!("; {lost} of one paragraph or none are not shown"),
    };
    Ok(Discovered { themes, method: found.method + &alone })
}

/// Of few different paragraphs no themes can be told, but those told again and again are one.
fn few(rows: usize, number: usize) -> Division {
    match rows >= kmeans::FEWEST {
        true => Division::untried(vec![Some(0); number], format!("one theme: {}", kmeans::too_few(number))),
        false => Division::none(number, kmeans::too_few(number)),
    }
}

fn themes(
    rows: ArrayView2<'_, f32>,
    rest: &[usize],
    (distinct, found, chosen): (&Distinct, &Division, ArrayView2<'_, f32>),
) -> Vec<Found> {
    let groups = |found: &Division| {
        let told = rest.iter().copied().zip(distinct.of.iter().copied());
        found.groups(chosen, rows, told)
    };
    let mut of_row = vec![usize::MAX; rows.nrows()];
    let mut themes: Vec<Found> = groups(found).into_iter().map(|group| Found { group, parts: Vec::new() }).collect();
    for (at, theme) in themes.iter().enumerate() {
        theme.group.members.iter().for_each(|member| of_row[member.row] = at);
    }
    for part in found.parts.as_ref().map_or_else(Vec::new, |parts| groups(parts)) {
        let theme = part.members.first().and_then(|member| themes.get_mut(of_row[member.row]));
        theme.into_iter().for_each(|theme| theme.parts.push(part.clone()));
    }
    themes
}

#[cfg(test)]
mod tests {
    use super::super::fixture::bundles;
    use super::*;

    fn rows_of(found: &Discovered) -> Vec<Vec<usize>> {
        let rows = |found: &Found| {
            let mut rows: Vec<usize> = found.group.members.iter().map(|member| member.row).collect();
            rows.sort_unstable();
            rows
        };
        found.themes.iter().map(rows).collect()
    }

    #[test]
    fn the_number_is_found_by_the_graph() {
        let rows = bundles(12);
        let found = find((rows.view(), rows.view()), &(0..36).collect::<Vec<_>>(), Options::default()).unwrap();
        assert_eq!(rows_of(&found), [0..12, 12..24, 24..36].map(Vec::from_iter), "{}", found.method);
        assert!(found.themes.iter().all(|theme| theme.group.trust.unwrap() > 0.9));
    }

    #[test]
    fn a_number_asked_for_is_given_and_one_that_cannot_be_is_refused() {
        let (rows, rest) = (bundles(6), (0..18).collect::<Vec<_>>());
        for number in 1..=18 {
            let options = Options { discovered: Some(number), ..Options::default() };
            let found = find((rows.view(), rows.view()), &rest, options).unwrap();
            // A row alone is no theme, which is said.
            let shown = found.themes.len();
            assert!(shown == number || number > 6 && found.method.contains("not shown"), "{number}: {}", found.method);
            assert!(found.themes.iter().all(|theme| theme.group.members.len() > 1));
        }
        let ask = |number| {
            find((rows.view(), rows.view()), &rest, Options { discovered: Some(number), ..Options::default() })
        };
        assert!(matches!(ask(19), Err(ThemesError::TooMany { asked: 19, rows: 18 })));
        assert!(matches!(ask(0), Err(ThemesError::TooMany { .. })));
    }

    #[test]
    fn too_few_rows_are_left_unassigned() {
        let found = find((bundles(2).view(), bundles(2).view()), &[0, 1, 2], Options::default()).unwrap();
        assert!(found.themes.is_empty() && found.method.contains("different paragraphs left are 3"));
    }

    #[test]
    fn a_paragraph_told_twenty_times_is_no_theme_of_its_own() {
        let few = bundles(12);
        let again: Vec<usize> = (0..36).chain(std::iter::repeat_n(5, 20)).collect();
        let rows = few.select(Axis(0), &again);
        let found = find((rows.view(), rows.view()), &(0..56).collect::<Vec<_>>(), Options::default()).unwrap();
        let mut sizes: Vec<usize> = rows_of(&found).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [12, 12, 32]);
    }

    #[test]
    fn a_paragraph_told_sixty_times_does_not_stand_for_its_theme() {
        let few = bundles(12);
        // A row at the edge of the first bundle.
        let away = few.row(1).dot(&few.row(0));
        let edge = (1..12).fold((1, away), |least, at| {
            let cosine = few.row(at).dot(&few.row(0));
            if cosine < least.1 { (at, cosine) } else { least }
        });
        let again: Vec<usize> = (0..36).chain(std::iter::repeat_n(edge.0, 60)).collect();
        let rows = few.select(Axis(0), &again);
        let found = find((rows.view(), rows.view()), &(0..96).collect::<Vec<_>>(), Options::default()).unwrap();
        let theme = found.themes.iter().find(|theme| theme.group.members.len() > 60).unwrap();
        assert_ne!(again[theme.group.members[0].row], edge.0);
    }

    #[test]
    fn few_different_paragraphs_told_many_times_are_one_theme() {
        let rows = bundles(2).select(Axis(0), &(0..40).map(|at| at % 6).collect::<Vec<_>>());
        let found = find((rows.view(), rows.view()), &(0..40).collect::<Vec<_>>(), Options::default()).unwrap();
        assert_eq!(rows_of(&found), [(0..40).collect::<Vec<_>>()]);
        assert!(found.method.starts_with("one theme"), "{}", found.method);
    }

    #[test]
    fn shuffled_rows_have_the_same_themes() {
        let rows = bundles(12);
        let order: Vec<usize> = (0..36).map(|at| (at * 7 + 3) % 36).collect();
        let all: Vec<usize> = (0..36).collect();
        let plain = find((rows.view(), rows.view()), &all, Options::default()).unwrap();
        let turned = rows.select(Axis(0), &order);
        let shuffled = find((turned.view(), turned.view()), &all, Options::default()).unwrap();
        let mut back: Vec<Vec<usize>> = rows_of(&shuffled)
            .into_iter()
            .map(|theme| {
                let mut rows: Vec<usize> = theme.into_iter().map(|row| order[row]).collect();
                rows.sort_unstable();
                rows
            })
            .collect();
        back.sort();
        assert_eq!(back, rows_of(&plain));
    }

    #[test]
    fn every_method_finds_three_bundles() {
        let (rows, rest) = (bundles(20), (0..60).collect::<Vec<_>>());
        let density = super::super::Density::default();
        for method in [Method::Graph, Method::KMeans, Method::Dbscan(density), Method::Optics(density), Method::Gmm] {
            let found = find((rows.view(), rows.view()), &rest, Options { method, ..Options::default() }).unwrap();
            assert_eq!(found.themes.len(), 3, "{method:?}: {}", found.method);
        }
        // A reach that is given cuts linfa's ordering, which it would begin anew at every dense place.
        let density = super::super::Density { tolerance: Some(0.5), ..density };
        for method in [Method::Dbscan(density), Method::Optics(density)] {
            let found = find((rows.view(), rows.view()), &rest, Options { method, ..Options::default() }).unwrap();
            assert_eq!(found.themes.len(), 3, "{method:?}: {}", found.method);
        }
    }
}
