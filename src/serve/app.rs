//! What every handler sees, and which handler a path has.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use super::body::UNIT;
use super::guard::{Told, after_panic, guard};
use super::metrics::Metrics;
use super::model::Model;
use super::queue::Queue;
use super::refusal::{Kind, Refusal};
use super::settings::{Limits, Settings, Token};
use super::{about, openai, tei};

/// What is told of each request.
pub type Tell = Arc<dyn Fn(&Told) + Send + Sync>;

/// What handlers share.
#[derive(Clone)]
pub(super) struct App(Arc<Shared>);

/// The parts of [`App`].
pub(super) struct Shared {
    pub(super) model: Model,
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
    pub(super) fn new(model: Model, settings: &Settings, tell: Option<Tell>) -> Self {
        let metrics = Arc::new(Metrics::new());
        let limits = settings.limits.clone();
        Self(Arc::new(Shared {
            queue: Arc::new(Queue::new(&limits, metrics.clone())),
            bodies: Arc::new(Semaphore::new(limits.held_bytes.div_ceil(UNIT))),
            token: settings.token().cloned(),
            model,
            limits,
            metrics,
            tell,
        }))
    }

    /// Every path. `openapi.json` describes the same ones; a test holds them together.
    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/", post(tei::embed))
            .route("/embed", post(tei::embed))
            .route("/similarity", post(tei::similarity))
            .route("/v1/embeddings", post(openai::embeddings))
            .route("/v1/models", get(openai::models))
            .route("/v1/models/{*model}", get(openai::model))
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
