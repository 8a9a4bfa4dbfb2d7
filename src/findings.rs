//! Findings: everything one run found. Every renderer reads only this.

use crate::collection::Collection;
use crate::coverage::Coverage;
use crate::map::ThemeMap;
use crate::quotation::Quotation;
use crate::theme::Themes;

/// How a run was made, so that it can be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Version of this crate.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// Components a vector.
    pub dim: usize,
    /// Word pieces a window may hold.
    pub max_tokens: Option<usize>,
    /// The device the model ran on: "cpu", "cuda:0".
    pub device: String,
    /// The numbers it ran in: "f32", "bf16 by AMX".
    pub precision: String,
    /// Paragraphs longer than the model reads, embedded in windows.
    pub windowed: usize,
    /// The inputs as the user named them.
    pub inputs: Vec<String>,
}

/// Everything one run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// How it was made.
    pub run: Run,
    /// What was read.
    pub collection: Collection,
    /// The themes; none where the command did not ask for them.
    pub themes: Option<Themes>,
    /// Near-duplicate coverage; none where the command did not ask for it.
    pub coverage: Option<Coverage>,
    /// Quotations that several outlets print, most outlets first; none where the command did not ask for coverage.
    pub quotations: Option<Vec<Quotation>>,
    /// Places and neighbours of the paragraphs; none where the output does not need them.
    pub map: Option<ThemeMap>,
}
