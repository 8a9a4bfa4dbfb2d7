//! How much of everything the page lists. What is cut is said on the page; JSON holds all.

/// Coverage groups.
pub(super) const GROUPS: usize = 1_000;
/// Wordings of one group set beside its reference.
pub(super) const WORDINGS: usize = 8;
/// Copies listed of one wording.
pub(super) const COPIES: usize = 12;
/// Pairs that are in no group.
pub(super) const PAIRS: usize = 100;
/// Exclusives of one outlet.
pub(super) const EXCLUSIVES_EACH: usize = 20;
/// Exclusives of all outlets together, and outlets that have some.
pub(super) const EXCLUSIVES: usize = 2_000;
/// Omissions.
pub(super) const OMISSIONS: usize = 500;
/// Quotations.
pub(super) const QUOTATIONS: usize = 500;
/// Outlets that print one quotation.
pub(super) const QUOTED_BY: usize = 20;
/// Paragraphs that stand for a theme, and its nearest misses.
pub(super) const STANDING: usize = 4;
/// Outlets up to which tables have a column for each.
pub(super) const COLUMNS: usize = 8;
/// Outlets up to which their overlap is a matrix.
pub(super) const MATRIX: usize = 25;
/// Pairs of outlets listed where there is no matrix.
pub(super) const OUTLET_PAIRS: usize = 100;
/// Paragraphs left out for one reason, problems, rows of a table of readings.
pub(super) const LEFT_OUT: usize = 50;
