//! `/v1/embeddings` and `/v1/models` as OpenAI has them (the embeddings part of its OpenAPI document).
//!
//! Told apart from it: there is one model, and a request for another is refused; lists of token ids are refused, for they
//! belong to another tokenizer; a text longer than the model reads is run in windows, and loses nothing.

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::app::App;
use super::body::{Json, written};
use super::inputs::{self, Texts, check};
use super::refusal::{Kind, Refusal};
use crate::embed::Manner;

/// What `/v1/embeddings` takes.
#[derive(Debug, Deserialize)]
pub(super) struct EmbeddingsRequest {
    input: Texts,
    model: String,
    encoding_format: Option<Encoding>,
    #[serde(default, deserialize_with = "inputs::whole")]
    dimensions: Option<usize>,
    /// Whoever asks for somebody else may say for whom; nothing is done with it.
    #[serde(rename = "user")]
    _user: Option<String>,
}

/// How vectors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    /// As numbers.
    Float,
    /// Little-endian 32-bit floats in base64: what OpenAI's own clients ask for.
    Base64,
}

#[derive(Serialize)]
struct Embeddings {
    object: &'static str,
    data: Vec<Embedding>,
    model: String,
    usage: Usage,
}

#[derive(Serialize)]
struct Embedding {
    object: &'static str,
    index: usize,
    embedding: Vector,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector {
    Floats(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: usize,
    total_tokens: usize,
}

/// `POST /v1/embeddings`.
pub(super) async fn embeddings(
    State(app): State<App>,
    Json { value, share }: Json<EmbeddingsRequest>,
) -> Result<Response, Refusal> {
    let EmbeddingsRequest { input: Texts(texts), model, encoding_format, dimensions, .. } = value;
    check_model(&app, &model)?;
    check(&app, &texts, "input")?;
    let manner = Manner { prompt: app.model.facts.prompt.clone(), cut: None };
    let embedded = inputs::embed(&app, texts, manner, dimensions).await?;
    drop(share);
    let (tokens, count) = (embedded.tokens, embedded.vectors.len());
    let format = encoding_format.unwrap_or(Encoding::Float);
    let vectors = embedded.vectors.into_iter().enumerate();
    let data =
        vectors.map(|(index, vector)| Embedding { object: "embedding", index, embedding: encoded(vector, format) });
    let usage = Usage { prompt_tokens: tokens, total_tokens: tokens };
    let model = app.model.facts.name.clone();
    Ok(written(Embeddings { object: "list", data: data.collect(), model, usage }, count).await)
}

/// `GET /v1/models`: the one there is.
pub(super) async fn models(State(app): State<App>) -> axum::Json<Value> {
    axum::Json(json!({ "object": "list", "data": [described(&app)] }))
}

/// `GET /v1/models/{model}`.
pub(super) async fn model(State(app): State<App>, Path(name): Path<String>) -> Result<axum::Json<Value>, Refusal> {
    check_model(&app, &name)?;
    Ok(axum::Json(described(&app)))
}

fn described(app: &App) -> Value {
    json!({ "id": app.model.facts.name, "object": "model", "created": 0, "owned_by": "refrain" })
}

/// The model by its name, or by org/name on the hub.
fn check_model(app: &App, asked: &str) -> Result<(), Refusal> {
    let name = &app.model.facts.name;
    if asked == name || asked.rsplit_once('/').is_some_and(|(_, last)| last == name) {
        return Ok(());
    }
    let what = format!("The model `{asked}` does not exist: this server has `{name}`");
    Err(Refusal::new(Kind::NotFound, what).of("model").coded("model_not_found"))
}

fn encoded(vector: Vec<f32>, format: Encoding) -> Vector {
    match format {
        Encoding::Float => Vector::Floats(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            Vector::Base64(BASE64_STANDARD.encode(bytes))
        }
    }
}
