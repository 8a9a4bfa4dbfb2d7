//! Finding one part of what a state of the library has to say, and what was found so far.
//!
//! A part is found by itself: themes without near-duplicates, near-duplicates without themes. Both are kept as they were found
//! until the report, which shows them, has taken them, and as they are written until the state is another.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Zoned;

use super::super::articles::told;
use super::super::held::Keeper;
use super::super::refusal::{Kind, Refusal};
use super::{Moment, Part, Written};
use crate::coverage::Coverage;
use crate::duplicates;
use crate::findings::Findings;
use crate::library::{Held, Library, LibraryError, Stamp, Standing, ThemeSettings};
use crate::pipeline::{self, Corpus, Embedded, Engine, Plan};
use crate::quotation::Quotation;
use crate::report;
use crate::theme::Themes;

/// As `refrain report` has it where nothing is said: a paragraph of so many of an outlet's articles is boilerplate.
const RECURRING_FROM: usize = 3;
/// How often a library that changes while it is read is read again.
const TRIES: usize = 20;

/// What was found so far, of the latest state that something was found in.
#[derive(Debug, Default)]
pub(in crate::serve) struct Found {
    of: Option<Moment>,
    written: [Option<Bytes>; Part::COUNT],
    ready: Ready,
}

/// What the report need not find again.
#[derive(Debug, Default)]
struct Ready {
    themes: Option<Themes>,
    coverage: Option<(Coverage, Vec<Quotation>)>,
}

/// What is found, and how.
struct Basis {
    stamp: Stamp,
    held: Held,
    settings: ThemeSettings,
    /// What the themes that the library keeps are to this state.
    stand: Standing,
}

impl Found {
    /// A part, where it was found in this state or a later one.
    pub(super) fn since(&self, asked: &Moment, part: Part) -> Option<Written> {
        let of = self.of.as_ref().filter(|of| of.is_since(asked))?;
        Some(Written { of: of.clone(), text: self.written[part as usize].clone()? })
    }

    /// What was found in this state already, taken for the report.
    fn take(&mut self, moment: &Moment) -> Ready {
        if self.of.as_ref() == Some(moment) { std::mem::take(&mut self.ready) } else { Ready::default() }
    }

    /// Room for what was found in a state; none where something was found in a later one, or since the library was replaced.
    fn room(&mut self, moment: &Moment) -> Option<&mut Self> {
        match &self.of {
            Some(known) if known == moment => {}
            Some(known) if known.era > moment.era || known.is_since(moment) => return None,
            _ => *self = Self { of: Some(moment.clone()), ..Self::default() },
        }
        Some(self)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err asks for it")]
pub(super) fn failed(why: impl ToString) -> Refusal {
    Refusal::new(Kind::Internal, format!("finding themes and duplicates failed: {}", why.to_string()))
}

/// One state of the library.
fn basis(keeper: &Keeper, library: &Library) -> Result<Basis, LibraryError> {
    library.refuse_other(&keeper.made_by)?;
    for _ in 0..TRIES {
        let stamp = library.stamp()?;
        let plain = || ThemeSettings { recurring_from: RECURRING_FROM, ..ThemeSettings::default() };
        let settings = library.generation()?.map_or_else(plain, |latest| latest.settings);
        let held = library.load()?.without_recurring(settings.recurring_from);
        let stand = library.standing(&held, &settings)?;
        // All of it is of one state, and of the library that still has the name.
        if library.stamp()? == stamp && held.changes == stamp.changes {
            return Ok(Basis { stamp, held, settings, stand });
        }
    }
    Err(LibraryError::Busy { path: keeper.path.clone() })
}

/// Finds a part in one state of the library, with the themes that it keeps, or such as are known again by them.
pub(super) fn run(keeper: &Keeper, era: u64, part: Part) -> Result<Written, Refusal> {
    let library = Library::open_to_read(&keeper.path).map_err(told)?;
    let Basis { stamp, held, settings, stand } = basis(keeper, &library).map_err(told)?;
    let moment = Moment { era, stamp };
    let ready = if part == Part::Report { keeper.found().take(&moment) } else { Ready::default() };
    let missing = part.parts().iter().copied().filter(|&part| !ready.has(part));
    let missing: Vec<Part> = missing.collect();
    let wanted = part != Part::Duplicates && ready.themes.is_none();
    let extended = if wanted { extended(keeper, &held, (&settings, &stand))? } else { None };
    let known = ready.themes.is_some() || !matches!(stand, Standing::Anew(_));
    let plan = plan(part, &settings, (known, ready.coverage.is_some()));
    let device = keeper.encoder.device();
    let precision = keeper.made_by.precision.clone();
    let memory = Some(Arc::clone(&keeper.memory));
    let embedded =
        Embedded { vectors: held.vectors, windowed: held.windowed, device: device.to_owned(), precision, memory };
    let inputs = vec![keeper.path.display().to_string()];
    let corpus = Corpus { collection: held.collection, embedded: Some(embedded), inputs };
    let engine = Engine { encoder: &keeper.encoder, device };
    let mut findings = pipeline::run(engine, corpus, &plan, &()).map_err(failed)?;
    missing.iter().for_each(|part| keeper.metrics.found(part.name()));
    findings.themes = match (wanted, stand) {
        (false, _) => ready.themes,
        (true, Standing::Current(themes)) => Some(themes),
        (true, stand) => placed(&library, (findings.themes.or(extended), &stand), &held.ids).map_err(told)?,
    };
    if let Some((coverage, quotations)) = ready.coverage {
        (findings.coverage, findings.quotations) = (Some(coverage), Some(quotations));
    }
    Ok(keep(keeper, (moment, &missing), findings))
}

/// The themes that the library keeps with what came since, where that is little.
fn extended(
    keeper: &Keeper,
    held: &Held,
    (settings, stand): (&ThemeSettings, &Standing),
) -> Result<Option<Themes>, Refusal> {
    let Standing::Little(former, _) = stand else { return Ok(None) };
    let seeds = (&settings.seeds, settings.options);
    let themes = pipeline::extend_themes(&keeper.encoder, (&held.collection, &held.vectors), seeds, former);
    themes.map(Some).map_err(failed)
}

/// Themes that were found or extended under the ids and names of those they are.
fn placed(
    library: &Library,
    (mut themes, stand): (Option<Themes>, &Standing),
    ids: &[i64],
) -> Result<Option<Themes>, LibraryError> {
    if let Some(themes) = &mut themes {
        library.match_themes(themes, ids)?;
        stand.tell(themes);
    }
    Ok(themes)
}

/// What is yet to be found of a part.
fn plan(part: Part, settings: &ThemeSettings, (themes, coverage): (bool, bool)) -> Plan {
    let options = || duplicates::Options { today: Some(Zoned::now().date()), ..duplicates::Options::default() };
    Plan {
        themes: (part != Part::Duplicates && !themes).then(|| (settings.seeds.clone(), settings.options)),
        duplicates: (part != Part::Themes && !coverage).then(options),
        // Set aside where the library was read.
        recurring_from: 0,
        map: part == Part::Report,
    }
}

impl Ready {
    /// Whether a part need not be found.
    fn has(&self, part: Part) -> bool {
        match part {
            Part::Themes => self.themes.is_some(),
            Part::Duplicates => self.coverage.is_some(),
            Part::Report => false,
        }
    }
}

/// Writes the parts that were found, as the command that finds each alone writes it, and keeps them; the last is what was asked
/// for.
fn keep(keeper: &Keeper, (of, parts): (Moment, &[Part]), mut findings: Findings) -> Written {
    let texts: Vec<Bytes> = parts.iter().map(|&part| text(&mut findings, part)).collect();
    let text = texts.last().cloned().unwrap_or_default();
    let mut found = keeper.found();
    if let Some(found) = found.room(&of) {
        for (&part, text) in parts.iter().zip(texts) {
            found.written[part as usize] = Some(text);
        }
        match parts {
            [Part::Themes] => found.ready.themes = findings.themes,
            [Part::Duplicates] => found.ready.coverage = findings.coverage.zip(findings.quotations),
            // The report has taken what there was.
            _ => {}
        }
    }
    Written { of, text }
}

/// A part of what was found, without the others.
fn text(findings: &mut Findings, part: Part) -> Bytes {
    let mut text = Vec::new();
    // Memory takes whatever is written to it.
    let _ = match part {
        Part::Report => report::html(findings, None, &mut text),
        Part::Themes => {
            let apart = (findings.coverage.take(), findings.quotations.take(), findings.map.take());
            let written = report::json(findings, &mut text);
            (findings.coverage, findings.quotations, findings.map) = apart;
            written
        }
        Part::Duplicates => {
            let apart = (findings.themes.take(), findings.map.take());
            let written = report::json(findings, &mut text);
            (findings.themes, findings.map) = apart;
            written
        }
    };
    Bytes::from(text)
}
