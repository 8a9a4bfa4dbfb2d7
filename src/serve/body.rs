//! A request's body as JSON: its size, the time it may take, and what all bodies together may hold.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::app::App;
use super::refusal::{Kind, Refusal};

/// Bodies are counted in so many bytes.
pub(super) const UNIT: usize = 1_024;
/// How long, and how far, the rest of a body is read that nobody wants.
const DRAIN: Duration = Duration::from_secs(5);
const DRAINED: usize = 64 << 20;
/// An answer of more vectors is written by a thread that may block.
const LARGE: usize = 64;

/// A part of what all bodies may hold, given back with its last holder: who works on a body where nobody can stop the work
/// holds it too.
pub(super) type Share = Arc<OwnedSemaphorePermit>;

/// A parsed body. Keep its share until the answer is there.
pub(super) struct Json<T> {
    /// What was sent.
    pub(super) value: T,
    /// The share.
    pub(super) share: Share,
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_type(request.headers())?;
        let limits = &app.limits;
        let body = request.into_body();
        let length = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if length > limits.body_bytes {
            return Err(too_large(limits.body_bytes));
        }
        // One that does not say how long it is may be as long as any.
        let held = body.size_hint().exact().map_or(limits.body_bytes, |_| length);
        let share = u32::try_from(held.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let share = app.bodies.clone().try_acquire_many_owned(share).map_err(|_| overloaded())?;
        let bytes = read(body, limits.body_bytes, limits.body_time).await?;
        Ok(Self { value: serde_json::from_slice(&bytes).map_err(|error| refused(&error))?, share: Arc::new(share) })
    }
}

/// A body that a handler reads, or leaves: what it leaves can still be read.
#[derive(Clone)]
pub(super) struct Lent(Arc<Mutex<Body>>);

impl Lent {
    /// The request with its body lent.
    pub(super) fn of(request: Request) -> (Self, Request) {
        let (head, body) = request.into_parts();
        let lent = Self(Arc::new(Mutex::new(body)));
        (lent.clone(), Request::from_parts(head, Body::new(lent)))
    }

    /// Reads what is left, up to a limit and a time, and keeps nothing of it: a connection that is closed on who still sends
    /// loses the answer.
    pub(super) async fn drain(mut self) {
        let read = async {
            let mut left = DRAINED;
            while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await {
                let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
                left = less;
            }
        };
        let _ = timeout(DRAIN, read).await;
    }

    /// Whether something is left.
    pub(super) fn is_left(&self) -> bool {
        !self.lock().is_end_stream()
    }

    fn lock(&self) -> MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut *self.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().size_hint()
    }
}

async fn read(body: Body, most: usize, time: Duration) -> Result<Bytes, Refusal> {
    match timeout(time, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // Either longer than the limit or cut off, when nobody reads this.
        Ok(Err(_)) => Err(too_large(most)),
        Err(_) => Err(Refusal::new(Kind::Timeout, format!("the body did not come within {} seconds", time.as_secs()))),
    }
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(Kind::TooLarge, format!("the body is larger than {most} bytes: send less at once"))
}

fn overloaded() -> Refusal {
    Refusal::new(Kind::Overloaded, "Model is overloaded: too many bodies are being answered; ask again later")
}

/// `application/json` or anything `+json`. Also what keeps a page elsewhere from posting a form here.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    let found = if given.is_empty() { "no Content-Type".to_owned() } else { format!("Content-Type {given}") };
    Err(Refusal::new(Kind::MediaType, format!("{found}: expected application/json")))
}

fn refused(error: &serde_json::Error) -> Refusal {
    let kind = if error.classify() == Category::Data { Kind::Validation } else { Kind::Malformed };
    Refusal::new(kind, format!("the body: {error}"))
}

/// Writes an answer of so many vectors or hits: a large one where others need not wait for it.
pub(super) async fn written<T: Serialize + Send + 'static>(value: T, parts: usize) -> Response {
    if parts <= LARGE {
        return axum::Json(value).into_response();
    }
    let written = tokio::task::spawn_blocking(move || axum::Json(value).into_response()).await;
    written.unwrap_or_else(|_| Refusal::new(Kind::Internal, "writing the answer failed").into_response())
}
