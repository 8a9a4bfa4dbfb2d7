//! What is answered to a request that is not served: one table from kind to status, and two ways to write it.
//!
//! A handler gives a [`Refusal`]; `guard` writes it as the API that the path belongs to has it: under `/v1/` as OpenAI's
//! (`{"error": {"message", "type", "param", "code"}}`), elsewhere as text-embeddings-inference's (`{"error", "error_type"}`).

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::queue::{Failure, Load, NotTaken};

/// Kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was given.
    Empty,
    /// The body is no JSON.
    Malformed,
    /// What was given cannot be served.
    Validation,
    /// No token, or a wrong one.
    Unauthorized,
    /// Asked by a page of another origin, or under another server's name.
    Forbidden,
    /// No such path, or nothing of that name.
    NotFound,
    /// The path has other methods.
    Method,
    /// The body took too long.
    Timeout,
    /// The body is too large.
    TooLarge,
    /// The body is of another type.
    MediaType,
    /// The model refused or failed.
    Backend,
    /// Too much is asked at once.
    Overloaded,
    /// A fault of this program.
    Internal,
    /// The server stops, or cannot answer yet.
    Unhealthy,
}

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Its kind.
    pub(super) kind: Kind,
    /// What was found and what was expected.
    pub(super) message: String,
    /// The field that is wrong.
    pub(super) field: Option<&'static str>,
    /// A word for programs, where OpenAI has one.
    pub(super) code: Option<&'static str>,
}

impl Refusal {
    /// A refusal that says why.
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, code: None }
    }

    /// Names the field that is wrong.
    pub(super) fn of(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Adds a word for programs.
    pub(super) fn coded(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// The answer, as the API of a path has it.
    pub(super) fn write(&self, path: &str) -> Response {
        let (status, body) = if path.starts_with("/v1/") { self.openai() } else { self.tei() };
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.kind {
            Kind::Overloaded | Kind::Unhealthy => _ = headers.insert(RETRY_AFTER, HeaderValue::from_static("1")),
            // Which a browser can ask its user for; programs send the token as a bearer.
            Kind::Unauthorized => {
                _ = headers
                    .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"refrain\", charset=\"UTF-8\""))
            }
            _ => (),
        }
        response
    }

    fn tei(&self) -> (StatusCode, Value) {
        let (status, kind, ..) = row(self.kind);
        (status, json!({ "error": self.message, "error_type": kind }))
    }

    fn openai(&self) -> (StatusCode, Value) {
        let (_, _, status, kind, code) = row(self.kind);
        let code = self.code.or(code);
        (status, json!({ "error": { "message": self.message, "type": kind, "param": self.field, "code": code } }))
    }
}

/// Statuses and words: text-embeddings-inference's, then OpenAI's. Where the first has no word for a kind, one is added.
fn row(kind: Kind) -> (StatusCode, &'static str, StatusCode, &'static str, Option<&'static str>) {
    use StatusCode as S;
    let wrong = "invalid_request_error";
    match kind {
        Kind::Empty => (S::BAD_REQUEST, "Empty", S::BAD_REQUEST, wrong, None),
        Kind::Malformed => (S::BAD_REQUEST, "Malformed", S::BAD_REQUEST, wrong, None),
        Kind::Validation => (S::UNPROCESSABLE_ENTITY, "Validation", S::BAD_REQUEST, wrong, None),
        Kind::Unauthorized => (S::UNAUTHORIZED, "Unauthorized", S::UNAUTHORIZED, wrong, Some("invalid_api_key")),
        Kind::Forbidden => (S::FORBIDDEN, "Forbidden", S::FORBIDDEN, wrong, None),
        Kind::NotFound => (S::NOT_FOUND, "NotFound", S::NOT_FOUND, wrong, None),
        Kind::Method => (S::METHOD_NOT_ALLOWED, "MethodNotAllowed", S::METHOD_NOT_ALLOWED, wrong, None),
        Kind::Timeout => (S::REQUEST_TIMEOUT, "Timeout", S::REQUEST_TIMEOUT, wrong, None),
        Kind::TooLarge => (S::PAYLOAD_TOO_LARGE, "TooLarge", S::PAYLOAD_TOO_LARGE, wrong, None),
        Kind::MediaType => (S::UNSUPPORTED_MEDIA_TYPE, "MediaType", S::UNSUPPORTED_MEDIA_TYPE, wrong, None),
        Kind::Backend => (S::FAILED_DEPENDENCY, "Backend", S::INTERNAL_SERVER_ERROR, "server_error", None),
        Kind::Overloaded => {
            let (status, code) = (S::TOO_MANY_REQUESTS, Some("rate_limit_exceeded"));
            (status, "Overloaded", status, "requests", code)
        }
        Kind::Internal => (S::INTERNAL_SERVER_ERROR, "Internal", S::INTERNAL_SERVER_ERROR, "server_error", None),
        Kind::Unhealthy => (S::SERVICE_UNAVAILABLE, "Unhealthy", S::SERVICE_UNAVAILABLE, "server_error", None),
    }
}

/// Carried to `guard`, which knows the path.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = row(self.kind).0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<NotTaken> for Refusal {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::Full(Load { texts, tokens }) => {
                let what = format!("Model is overloaded: {texts} texts of some {tokens} tokens wait already");
                Self::new(Kind::Overloaded, format!("{what}; ask again later"))
            }
            NotTaken::Closed => Self::new(Kind::Unhealthy, "the server is stopping, or embeds no more"),
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Model(why) => Self::new(Kind::Backend, format!("Backend error: {why}")),
            Failure::Panic => Self::new(Kind::Internal, "the model panicked on this request: a fault of refrain"),
        }
    }
}

/// An answer's methods, as a refused one must name them.
pub(super) fn allowed(response: &Response) -> Option<HeaderValue> {
    response.headers().get(ALLOW).cloned()
}
