//! Which rows may answer: by outlet, day, kind, and whatever rows the caller names (a theme's, say).
//!
//! What a filter names and the corpus does not have is an error that says what there is. Not here: themes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use thiserror::Error;

use crate::collection::Collection;
use crate::paragraph::Kind;

/// Outlets that a message names at the most.
const NAMED: usize = 12;

/// Why a filter cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FilterError {
    /// There is no such outlet.
    #[error("no outlet \"{name}\" here: there {there}")]
    Outlet {
        /// The name given.
        name: String,
        /// What there is.
        there: String,
    },
    /// Nothing can answer.
    #[error("the outlets that are asked for and those that are shut out leave none to search")]
    NoOutlet,
    /// The last day comes before the first.
    #[error("no day is from {from} to {to}: expected the earlier day first")]
    Days {
        /// The first day.
        from: Date,
        /// The last.
        to: Date,
    },
}

/// Which rows may answer. Empty: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Outlets, by name; empty: any.
    pub outlets: Vec<String>,
    /// Outlets shut out.
    pub not_outlets: Vec<String>,
    /// The first day of publication; what has no date is shut out by either day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Kinds of paragraphs; empty: any.
    pub kinds: Vec<Kind>,
    /// Rows; none: any.
    pub rows: Option<BTreeSet<usize>>,
    /// Rows that are no answer: the question itself.
    pub not_rows: Vec<usize>,
}

/// What filters ask of each row, by articles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Names of the outlets.
    pub outlets: Vec<String>,
    /// The outlet, an index into those, and the day of each article.
    pub articles: Vec<(u32, Option<Date>)>,
    /// The article, an index into those, and the kind of each row.
    pub rows: Vec<(u32, Kind)>,
}

impl Sheet {
    /// Of a collection.
    pub fn of(collection: &Collection) -> Self {
        Self {
            outlets: collection.outlets.clone(),
            articles: collection.articles.iter().map(|article| (article.outlet.0, article.date)).collect(),
            rows: collection.paragraphs.iter().map(|paragraph| (paragraph.article as u32, paragraph.kind)).collect(),
        }
    }

    /// The outlet of a row: an index.
    pub fn outlet_of(&self, row: usize) -> u32 {
        self.articles[self.rows[row].0 as usize].0
    }

    /// For every row whether its outlet is another than this row's.
    pub fn elsewhere(&self, row: usize) -> Vec<bool> {
        let own = self.outlet_of(row);
        let other: Vec<bool> = self.articles.iter().map(|(outlet, _)| *outlet != own).collect();
        self.rows.iter().map(|(article, _)| other[*article as usize]).collect()
    }
}

impl Filter {
    /// One mark a row, whether it may answer; none where all may.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn allowed(&self, sheet: &Sheet) -> Result<Option<Vec<bool>>, FilterError> {
        let outlets = self.allowed_outlets(sheet)?;
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(FilterError::Days { from, to });
        }
        if *self == Self::default() {
            return Ok(None);
        }
        let article = |(outlet, day): &(u32, Option<Date>)| outlets[*outlet as usize] && self.within(*day);
        let articles: Vec<bool> = sheet.articles.iter().map(article).collect();
        let kind = |kind: &Kind| self.kinds.is_empty() || self.kinds.contains(kind);
        let row = |(article, own): &(u32, Kind)| articles[*article as usize] && kind(own);
        let mut rows: Vec<bool> = sheet.rows.iter().map(row).collect();
        if let Some(named) = &self.rows {
            rows.iter_mut().enumerate().for_each(|(row, may)| *may &= named.contains(&row));
        }
        for &row in &self.not_rows {
            rows.get_mut(row).into_iter().for_each(|may| *may = false);
        }
        Ok(Some(rows))
    }

    fn within(&self, day: Option<Date>) -> bool {
        match day {
            None => self.from.is_none() && self.to.is_none(),
            Some(day) => self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to),
        }
    }

    fn allowed_outlets(&self, sheet: &Sheet) -> Result<Vec<bool>, FilterError> {
        if let Some(name) = self.outlets.iter().chain(&self.not_outlets).find(|name| !sheet.outlets.contains(name)) {
            return Err(FilterError::Outlet { name: name.clone(), there: there(&sheet.outlets) });
        }
        let may = |name: &String| {
            (self.outlets.is_empty() || self.outlets.contains(name)) && !self.not_outlets.contains(name)
        };
        let allowed: Vec<bool> = sheet.outlets.iter().map(may).collect();
        if !allowed.is_empty() && !allowed.contains(&true) {
            return Err(FilterError::NoOutlet);
        }
        Ok(allowed)
    }
}

/// What outlets there are.
fn there(outlets: &[String]) -> String {
    match outlets.len() {
        0 => "is none".to_owned(),
        count if count <= NAMED => format!("are {}", outlets.join(", ")),
        count => format!("are {count}, {} and others", outlets[..NAMED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Three articles of two outlets, the last without a date; two rows each, a body and a quote.
    fn sheet() -> Sheet {
        Sheet {
            outlets: vec!["bbc".to_owned(), "wire".to_owned()],
            articles: vec![(0, Some(date(2026, 1, 1))), (1, Some(date(2026, 1, 2))), (1, None)],
            rows: (0..6).map(|row| (row / 2, if row % 2 == 0 { Kind::Body } else { Kind::Quote })).collect(),
        }
    }

    fn rows(filter: &Filter) -> Vec<usize> {
        let marks = filter.allowed(&sheet()).unwrap().unwrap();
        marks.into_iter().enumerate().filter(|(_, may)| *may).map(|(row, _)| row).collect()
    }

    #[test]
    fn filters_hold_together() {
        let wire = || vec!["wire".to_owned()];
        assert_eq!(Filter::default().allowed(&sheet()), Ok(None));
        assert_eq!(rows(&Filter { outlets: wire(), ..Filter::default() }), [2, 3, 4, 5]);
        assert_eq!(rows(&Filter { not_outlets: wire(), kinds: vec![Kind::Quote], ..Filter::default() }), [1]);
        assert_eq!(rows(&Filter { from: Some(date(2026, 1, 2)), ..Filter::default() }), [2, 3]);
        assert_eq!(rows(&Filter { to: Some(date(2026, 1, 1)), ..Filter::default() }), [0, 1]);
        assert_eq!(rows(&Filter { rows: Some([1, 2, 9].into()), not_rows: vec![2, 9], ..Filter::default() }), [1]);
        assert_eq!(sheet().elsewhere(2), [true, true, false, false, false, false]);
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        let refused = |filter: Filter| filter.allowed(&sheet()).unwrap_err().to_string();
        let unknown = Filter { outlets: vec!["cnn".to_owned()], ..Filter::default() };
        assert_eq!(refused(unknown), "no outlet \"cnn\" here: there are bbc, wire");
        let none = Filter { not_outlets: vec!["bbc".to_owned(), "wire".to_owned()], ..Filter::default() };
        assert_eq!(refused(none), FilterError::NoOutlet.to_string());
        let days = Filter { from: Some(date(2026, 1, 2)), to: Some(date(2026, 1, 1)), ..Filter::default() };
        assert!(refused(days).starts_with("no day is from 2026-01-02"));
    }
}
