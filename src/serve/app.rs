//! What every handler sees, and which handler a path has.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use super::body::UNIT;
use super::guard::{Told, after_panic, guard};
use super::held::{Keeper, Opened};
use super::metrics::Metrics;
use super::model::Model;
use super::queue::Queue;
use super::refusal::{Kind, Refusal};
use super::settings::{Limits, Settings, Token};
use super::{about, articles, findings, nearest, openai, page, tei};

/// What is told of each request.
pub type Tell = Arc<dyn Fn(&Told) + Send + Sync>;

/// What a server is given to answer with.
pub struct Given {
    /// The model.
    pub model: Model,
    /// The library; none where only vectors are served.
    pub library: Option<Opened>,
    /// Who is told of each request.
    pub tell: Option<Tell>,
}

/// What handlers share.
#[derive(Clone)]
pub(super) struct App(Arc<Shared>);

/// The parts of [`App`].
pub(super) struct Shared {
    pub(super) model: Model,
    library: Option<Arc<Keeper>>,
    pub(super) queue: Arc<Queue>,
    pub(super) limits: Limits,
    pub(super) metrics: Arc<Metrics>,
    /// What bodies may hold, in units of [`UNIT`] bytes.
    pub(super) bodies: Arc<Semaphore>,
    pub(super) token: Option<Token>,
    pub(super) tell: Option<Tell>,
}

impl App {
    /// What handlers share, of what the server was told.
    pub(super) fn new(given: Given, settings: &Settings) -> Self {
        let Given { model, library, tell } = given;
        let metrics = Arc::new(Metrics::new());
        let limits = settings.limits.clone();
        Self(Arc::new(Shared {
            library: library.map(|opened| Arc::new(Keeper::new(opened, metrics.clone()))),
            queue: Arc::new(Queue::new(&limits, metrics.clone())),
            bodies: Arc::new(Semaphore::new(limits.held_bytes.div_ceil(UNIT))),
            token: settings.token().cloned(),
            model,
            limits,
            metrics,
            tell,
        }))
    }

    /// The library.
    ///
    /// # Errors
    /// 404 where none is served.
    pub(super) fn keeper(&self) -> Result<&Arc<Keeper>, Refusal> {
        let what = "this server has no library: start it with one (refrain serve LIBRARY)";
        self.library.as_ref().ok_or_else(|| Refusal::new(Kind::NotFound, what))
    }

    /// Every path. `openapi.json` describes the same ones; a test holds them together.
    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/", get(page::html).post(tei::embed))
            .route("/page.css", get(page::css))
            .route("/page.js", get(page::js))
            .route("/embed", post(tei::embed))
            .route("/similarity", post(tei::similarity))
            .route("/v1/embeddings", post(openai::embeddings))
            .route("/v1/models", get(openai::models))
            .route("/v1/models/{*model}", get(openai::model))
            .route("/nearest", get(nearest::get).post(nearest::post))
            .route("/articles", get(articles::list).post(articles::add))
            .route("/articles/{*id}", delete(articles::remove))
            .route("/themes", get(findings::themes))
            .route("/duplicates", get(findings::duplicates))
            .route("/report", get(findings::report))
            .route("/health", get(about::health))
            .route("/info", get(about::info))
            .route("/metrics", get(about::metrics))
            .route("/openapi.json", get(about::openapi))
            .fallback(no_path)
            .method_not_allowed_fallback(no_method)
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(from_fn_with_state(self.clone(), guard))
            .with_state(self)
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

async fn no_path() -> Refusal {
    Refusal::new(Kind::NotFound, "no such path: GET /openapi.json lists those there are")
}

async fn no_method() -> Refusal {
    Refusal::new(Kind::Method, "this path does not have this method: the header Allow lists those it has")
}
