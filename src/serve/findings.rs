//! `/report`, `/themes`, `/duplicates`: what `refrain report`, `themes` and `duplicates` say of the library, found once a
//! state and kept until there is another.
//!
//! One state is worked on at a time; whoever asks meanwhile waits, and too many are refused. It goes on when who asked first
//! has gone: somebody else waits for the same. Nothing is written: new themes are kept by `refrain themes` alone.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Zoned;

use super::app::App;
use super::articles::told;
use super::held::Keeper;
use super::refusal::{Kind, Refusal};
use crate::duplicates;
use crate::findings::Findings;
use crate::library::{Held, Library, LibraryError, Stamp, Standing, ThemeSettings};
use crate::pipeline::{self, Corpus, Embedded, Engine, Plan};
use crate::report;
use crate::theme::Themes;

/// As `refrain report` has it where nothing is said: a paragraph of so many of an outlet's articles is boilerplate.
const RECURRING_FROM: usize = 3;
/// What a report may do beyond what its own policy says: nothing, and nobody may frame it but this server's own page.
const POLICY: &str = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
/// How often a library that changes while it is read is read again.
const TRIES: usize = 20;

/// What was found in one state, written.
#[derive(Debug)]
pub(in crate::serve) struct Rendered {
    /// The state.
    pub(in crate::serve) stamp: Stamp,
    report: Bytes,
    themes: Bytes,
    duplicates: Bytes,
}

/// What is found, and how.
struct Basis {
    stamp: Stamp,
    held: Held,
    settings: ThemeSettings,
    /// What the themes that the library keeps are to this state.
    stand: Standing,
}

/// `GET /report`: the HTML page.
pub(super) async fn report(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    let rendered = rendered(&app).await?;
    let mut response = answer((&headers, &rendered.stamp), &rendered.report, "text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// `GET /themes`: as `refrain themes --format json`.
pub(super) async fn themes(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    let rendered = rendered(&app).await?;
    Ok(answer((&headers, &rendered.stamp), &rendered.themes, "application/json"))
}

/// `GET /duplicates`: as `refrain duplicates --format json`.
pub(super) async fn duplicates(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    let rendered = rendered(&app).await?;
    Ok(answer((&headers, &rendered.stamp), &rendered.duplicates, "application/json"))
}

/// The body, or 304 where who asks has it.
fn answer((asked, stamp): (&HeaderMap, &Stamp), body: &Bytes, kind: &'static str) -> Response {
    let Stamp { library, changes, generation, log } = stamp;
    let tag = format!("\"{library}.{changes}.{}.{log}\"", generation.unwrap_or(0));
    let known = has(asked, &tag);
    let mut response = Response::new(if known { Body::empty() } else { Body::from(body.clone()) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Whether who asks has what has this tag.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// What was found in the state there is, found now if nobody asked before.
async fn rendered(app: &App) -> Result<Arc<Rendered>, Refusal> {
    let keeper = app.keeper()?.clone();
    if let Some(rendered) = known(&keeper)? {
        return Ok(rendered);
    }
    let what = "too many wait for the report already: ask again later";
    let place = keeper.readers.clone().try_acquire_owned().map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    // A task of its own, which goes on when this request is given up.
    let found = tokio::spawn(async move {
        let _place = place;
        find(keeper).await
    });
    found.await.map_err(|_| Refusal::new(Kind::Internal, "finding failed: a fault of refrain"))?
}

/// What was found in the state there is, where it was.
fn known(keeper: &Keeper) -> Result<Option<Arc<Rendered>>, Refusal> {
    let state = keeper.state()?;
    if state.about.paragraphs == 0 {
        return Err(Refusal::new(Kind::NotFound, "the library holds no paragraph yet"));
    }
    Ok(keeper.rendered(&state.themes().stamp))
}

async fn find(keeper: Arc<Keeper>) -> Result<Arc<Rendered>, Refusal> {
    let alone = keeper.finding.clone().lock_owned().await;
    // Somebody may have found it meanwhile, and the state may be another.
    if let Some(rendered) = known(&keeper)? {
        return Ok(rendered);
    }
    let finder = keeper.clone();
    let found = tokio::task::spawn_blocking(move || {
        let _alone = alone;
        // Threads of its own: who wants a vector meanwhile shares the cores, and does not wait for the end.
        let pool = rayon::ThreadPoolBuilder::new().build().map_err(failed)?;
        let rendered = Arc::new(pool.install(|| run(&finder))?);
        finder.keep_rendered(rendered.clone());
        Ok(rendered)
    });
    let found = found.await.map_err(failed)?;
    // It may be of a later state than the one that is kept.
    keeper.refresh().await;
    found
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err asks for it")]
fn failed(why: impl ToString) -> Refusal {
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

/// Finds everything in one state of the library, with the themes that it keeps, or such as are known again by them.
fn run(keeper: &Keeper) -> Result<Rendered, Refusal> {
    let library = Library::open_to_read(&keeper.path).map_err(told)?;
    let Basis { stamp, held, settings, stand } = basis(keeper, &library).map_err(told)?;
    let extended = extended(keeper, &held, (&settings, &stand))?;
    let plan = Plan {
        themes: matches!(stand, Standing::Anew(_)).then(|| (settings.seeds.clone(), settings.options)),
        duplicates: Some(duplicates::Options { today: Some(Zoned::now().date()), ..duplicates::Options::default() }),
        // Set aside above.
        recurring_from: 0,
        map: true,
    };
    let device = keeper.encoder.device();
    let precision = keeper.made_by.precision.clone();
    let embedded =
        Embedded { vectors: held.vectors, windowed: held.windowed, device: device.to_owned(), precision, memory: None };
    let inputs = vec![keeper.path.display().to_string()];
    let corpus = Corpus { collection: held.collection, embedded: Some(embedded), inputs };
    let engine = Engine { encoder: &keeper.encoder, device };
    let mut findings = pipeline::run(engine, corpus, &plan, &()).map_err(failed)?;
    findings.themes = findings.themes.or(extended);
    match (stand, &mut findings.themes) {
        (Standing::Current(themes), _) => findings.themes = Some(themes),
        (stand, Some(themes)) => {
            library.match_themes(themes, &held.ids).map_err(told)?;
            stand.tell(themes);
        }
        (_, None) => (),
    }
    Ok(write(findings, stamp))
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

/// The page of everything; the themes and the duplicates as the commands that find them alone write them.
fn write(findings: Findings, stamp: Stamp) -> Rendered {
    let (mut page, mut themes, mut duplicates) = (Vec::new(), Vec::new(), Vec::new());
    // Memory takes whatever is written to it.
    let _ = report::html(&findings, None, &mut page);
    let Findings { coverage, quotations, .. } = findings;
    let alone = Findings { coverage: None, quotations: None, map: None, ..findings };
    let _ = report::json(&alone, &mut themes);
    let _ = report::json(&Findings { themes: None, coverage, quotations, ..alone }, &mut duplicates);
    Rendered { stamp, report: page.into(), themes: themes.into(), duplicates: duplicates.into() }
}
