//! What a server says of itself: whether it can answer, what it serves and takes, its counters, and its document.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::app::App;
use super::held::Keeper;
use super::openapi;
use super::parameters::{Nothing, Parameters};
use super::refusal::{self, Refusal};
use crate::paragraph::Kind;

/// `GET /health`: whether it can answer.
pub(super) async fn health(State(app): State<App>, _: Parameters<Nothing>) -> Result<axum::Json<Value>, Refusal> {
    if !app.queue.answers() {
        return Err(Refusal::new(refusal::Kind::Unhealthy, "unhealthy: nothing embeds any more"));
    }
    // Asked without a token, it tells no path.
    app.keeper().map_or(Ok(()), |keeper| keeper.health())?;
    Ok(axum::Json(json!({ "status": "ok" })))
}

/// `GET /info`: text-embeddings-inference's fields, and below `refrain` what it has none for.
pub(super) async fn info(State(app): State<App>, _: Parameters<Nothing>) -> axum::Json<Value> {
    let (facts, limits) = (&app.model.facts, &app.limits);
    axum::Json(json!({
        "model_id": facts.name,
        "model_sha": null,
        "model_dtype": dtype(&facts.precision),
        "served_model_name": facts.name,
        "model_type": { "embedding": { "pooling": facts.pooling } },
        "max_concurrent_requests": limits.connections,
        "max_input_length": facts.max_tokens,
        "max_batch_tokens": limits.batch_tokens,
        "max_batch_requests": null,
        "max_client_batch_size": limits.request_texts,
        "auto_truncate": false,
        "tokenization_workers": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "sha": null,
        "docker_label": null,
        "refrain": {
            "dimensions": facts.dim,
            "precision": facts.precision,
            "device": facts.device,
            "model_crc32": format!("{:08x}", facts.crc32),
            "prompts": facts.prompts,
            "limits": {
                "body_bytes": limits.body_bytes,
                "text_characters": limits.text_chars,
                "request_texts": limits.request_texts,
                "queued_texts": limits.queued_texts,
            },
            "library": app.keeper().ok().map(|keeper| library(keeper)),
        },
    }))
}

/// What is searched, as the search page shows it.
fn library(keeper: &Keeper) -> Value {
    let name = keeper.path.file_name().unwrap_or_default().to_string_lossy();
    let state = match keeper.state() {
        Ok(state) => state,
        Err(refusal) => return json!({ "name": name, "error": refusal.message }),
    };
    let about = &state.about;
    let kinds: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.is_content()).map(Kind::code).collect();
    let outlets: Vec<&str> = about.outlets.iter().map(|outlet| outlet.name.as_str()).collect();
    let themes = state.themes();
    let themes = themes.themes.iter();
    let themes: Vec<Value> =
        themes.map(|(id, name, paragraphs)| json!({ "id": id, "name": name, "paragraphs": paragraphs })).collect();
    json!({
        "name": name,
        "themes": themes,
        "articles": about.articles,
        "paragraphs": about.paragraphs,
        "outlets": outlets,
        "kinds": kinds,
        "dates": about.dates,
        "changed": about.changed,
        "changes": about.changes,
    })
}

/// The numbers in text-embeddings-inference's words.
fn dtype(precision: &str) -> &str {
    match precision.split(' ').next() {
        Some("f32") => "float32",
        Some("f16") => "float16",
        Some("bf16") => "bfloat16",
        _ => precision,
    }
}

/// `GET /metrics`: in OpenMetrics' text to who asks for that, as Prometheus does; else in Prometheus' own, older one.
pub(super) async fn metrics(State(app): State<App>, _: Parameters<Nothing>, asked: HeaderMap) -> impl IntoResponse {
    let mut wanted = asked.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    match wanted.any(|wanted| wanted.contains("application/openmetrics-text")) {
        true => ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], app.metrics.text()),
        false => ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.plain_text()),
    }
}

/// `GET /openapi.json`.
pub(super) async fn openapi(State(app): State<App>, _: Parameters<Nothing>) -> axum::Json<Value> {
    axum::Json(openapi::document(&app))
}
