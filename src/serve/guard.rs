//! What stands before and behind every handler: who may ask, counting, the log, and how refusals are written.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, EXPECT, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::app::App;
use super::body::Lent;
use super::refusal::{Kind, Refusal, allowed};

/// What anyone may ask for: whether the server lives.
const OPEN: &str = "/health";

/// A request that was answered, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its method.
    pub method: String,
    /// Its path, without the query, which may be anyone's question.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
}

/// Runs a request: refuses who may not ask, counts, tells, and writes a refusal as its path has it.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    // Who waits to be told to go on sends nothing yet.
    let sends = !request.headers().contains_key(EXPECT);
    let (body, request) = Lent::of(request);
    let response = match admitted(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let response = dressed(response, &path);
    // One that came too slowly was waited for.
    if sends && response.status() != StatusCode::REQUEST_TIMEOUT && body.is_left() {
        body.drain().await;
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.metrics.answered(&route, name(&method), status, took);
    if let Some(tell) = &app.tell {
        tell(&Told { method: name(&method).to_owned(), path, status, took });
    }
    response
}

/// Methods by name; any other is one, so that nobody fills the counters with words.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A refusal in the words of its path. What axum refuses by itself becomes one.
fn dressed(mut response: Response, path: &str) -> Response {
    let allow = allowed(&response);
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = refusal.write(path);
    } else if response.status().is_client_error() && !is_json(response.headers()) {
        let what = response.status().canonical_reason().unwrap_or("refused").to_owned();
        response = Refusal::new(Kind::Malformed, what).write(path);
    }
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn admitted(app: &App, request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    check_origin(headers, request.uri())?;
    check_site(request)?;
    match &app.token {
        None => check_host(headers, request.uri()),
        Some(_) if request.uri().path() == OPEN => Ok(()),
        Some(token) if given_token(headers).is_some_and(|given| token.is(&given)) => Ok(()),
        Some(_) => {
            Err(Refusal::new(Kind::Unauthorized, "expected the header Authorization: Bearer with this server's token"))
        }
    }
}

/// The token that a request carries: as programs send it, or as the password that a browser asks its user for.
fn given_token(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, given) = given.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(given.trim().to_owned());
    }
    let decoded = BASE64_STANDARD.decode(given.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    String::from_utf8(decoded).ok()?.split_once(':').map(|(_, password)| password.to_owned())
}

/// The server that a request is meant for: as its line has it, else its `Host`.
fn asked_of(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let named = || headers.get(HOST)?.to_str().ok()?.parse().ok();
    uri.authority().cloned().or_else(named)
}

/// Without a token only who asks for this machine is answered: a page elsewhere whose name was made to lead here (DNS
/// rebinding) sends its own name.
fn check_host(headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let asked = asked_of(headers, uri);
    let host = asked.as_ref().map_or("", Authority::host);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let local = address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    if local || host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost") {
        return Ok(());
    }
    Err(Refusal::new(Kind::Forbidden, format!("Host \"{host}\": expected localhost or a loopback address")))
}

/// Pages of other origins get nothing done here.
fn check_origin(headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let theirs = origin.split_once("://").map(|(_, authority)| authority);
    if theirs.is_some() && theirs == asked_of(headers, uri).as_ref().map(Authority::as_str) {
        return Ok(());
    }
    Err(Refusal::new(Kind::Forbidden, format!("Origin \"{origin}\": pages of other origins are not answered")))
}

/// Nor do they make a browser ask for anything, as a picture or a frame would, which send no `Origin`. A link that somebody
/// followed may lead to the search page.
fn check_site(request: &Request) -> Result<(), Refusal> {
    let value = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    // What is no browser says nothing.
    let Some(site) = value("sec-fetch-site").filter(|site| !matches!(*site, "same-origin" | "none")) else {
        return Ok(());
    };
    let followed = value("sec-fetch-mode") == Some("navigate") && value("sec-fetch-dest") == Some("document");
    if followed && request.method() == Method::GET && request.uri().path() == "/" {
        return Ok(());
    }
    Err(Refusal::new(Kind::Forbidden, format!("Sec-Fetch-Site \"{site}\": pages of other sites are not answered")))
}

/// What a panic in a handler is answered with.
#[allow(clippy::needless_pass_by_value, reason = "as the layer that catches panics asks for it")]
pub(super) fn after_panic(_: Box<dyn Any + Send>) -> Response {
    Refusal::new(Kind::Internal, "this request met a fault of refrain; others are not touched by it").into_response()
}
