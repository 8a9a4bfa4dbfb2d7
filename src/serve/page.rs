//! The search page for people: three files, which hold nothing of the library.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;

/// The page runs its own script and asks its own server; nothing else is loaded, sent or framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// `GET /`.
pub(super) async fn html() -> impl IntoResponse {
    file("text/html; charset=utf-8", include_str!("page/page.html"))
}

/// `GET /page.css`.
pub(super) async fn css() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("page/page.css"))
}

/// `GET /page.js`.
pub(super) async fn js() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("page/page.js"))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")], text)
}
