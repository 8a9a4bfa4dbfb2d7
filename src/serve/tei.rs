//! `/embed` and `/similarity` as text-embeddings-inference has them (router/src/http of its repository, 1.8).
//!
//! Told apart from it: a text longer than the model reads is run in windows where a request says nothing of `truncate`;
//! with `false` it is refused, with `true` cut, as there. Vectors always have length one: `normalize: false` is refused.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;
use serde::Deserialize;

use super::app::App;
use super::body::{Json, Share, written};
use super::inputs::{self, Texts, check};
use super::refusal::{Kind, Refusal};
use crate::embed::{Cut, Manner};

/// What `/embed` takes.
#[derive(Debug, Deserialize)]
pub(super) struct EmbedRequest {
    inputs: Texts,
    #[serde(flatten)]
    how: How,
    normalize: Option<bool>,
    #[serde(default, deserialize_with = "inputs::whole")]
    dimensions: Option<usize>,
}

/// How texts are embedded.
#[derive(Debug, Default, Deserialize)]
struct How {
    truncate: Option<bool>,
    truncation_direction: Option<Direction>,
    prompt_name: Option<String>,
}

/// The end that is cut off.
#[derive(Debug, Clone, Copy, Deserialize)]
enum Direction {
    #[serde(alias = "left")]
    Left,
    #[serde(alias = "right")]
    Right,
}

/// What `/similarity` takes.
#[derive(Debug, Deserialize)]
pub(super) struct SimilarityRequest {
    inputs: Compared,
    parameters: Option<How>,
}

/// A text, and those it is compared with.
#[derive(Debug, Deserialize)]
struct Compared {
    source_sentence: String,
    sentences: Vec<String>,
}

/// `POST /embed`: a list of vectors.
pub(super) async fn embed(
    State(app): State<App>,
    Json { value, share }: Json<EmbedRequest>,
) -> Result<Response, Refusal> {
    let EmbedRequest { inputs: Texts(texts), how, normalize, dimensions } = value;
    if normalize == Some(false) {
        let what = "`normalize` must be true: this server's vectors have length one";
        return Err(Refusal::new(Kind::Validation, what).of("normalize"));
    }
    check(&app, &texts, "inputs")?;
    let manner = manner(&app, &texts, &how, &share).await?;
    let embedded = inputs::embed(&app, texts, manner, dimensions).await?;
    drop(share);
    let (tokens, count) = (embedded.tokens, embedded.vectors.len());
    let mut response = written(embedded.vectors, count).await;
    response.headers_mut().insert("x-compute-tokens", HeaderValue::from(tokens));
    Ok(response)
}

/// `POST /similarity`: a list of cosines.
pub(super) async fn similarity(
    State(app): State<App>,
    Json { value, share }: Json<SimilarityRequest>,
) -> Result<Response, Refusal> {
    let SimilarityRequest { inputs: Compared { source_sentence, sentences }, parameters } = value;
    if sentences.is_empty() {
        return Err(Refusal::new(Kind::Empty, "`inputs.sentences` cannot be empty").of("inputs"));
    }
    let mut texts = vec![source_sentence];
    texts.extend(sentences);
    check(&app, &texts, "inputs")?;
    let manner = manner(&app, &texts, &parameters.unwrap_or_default(), &share).await?;
    let embedded = inputs::embed(&app, texts, manner, None).await?;
    drop(share);
    let cosines: Vec<f32> = match embedded.vectors.split_first() {
        Some((source, others)) => others.iter().map(|other| dot(source, other)).collect(),
        None => Vec::new(),
    };
    Ok(written(cosines, 0).await)
}

/// Prompt and cut of a request; refuses a text that is too long where it may not be cut.
async fn manner(app: &App, texts: &[String], how: &How, share: &Share) -> Result<Manner, Refusal> {
    let facts = &app.model.facts;
    let prompt = match &how.prompt_name {
        None => facts.prompt.clone(),
        Some(name) => facts.prompts.get(name).cloned().ok_or_else(|| no_prompt(app, name))?,
    };
    if how.truncate == Some(false) {
        refuse_long(app, texts, &prompt, share).await?;
    }
    let end = match how.truncation_direction {
        Some(Direction::Left) => Cut::Start,
        Some(Direction::Right) | None => Cut::End,
    };
    Ok(Manner { prompt, cut: (how.truncate == Some(true)).then_some(end) })
}

fn no_prompt(app: &App, name: &str) -> Refusal {
    let names: Vec<&str> = app.model.facts.prompts.keys().map(String::as_str).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Refusal::new(Kind::Validation, format!("`prompt_name` {name}: this model's prompts are {names}")).of("prompt_name")
}

/// Counts the tokens of texts that may have too many, where counting holds nobody up.
async fn refuse_long(app: &App, texts: &[String], prompt: &str, share: &Share) -> Result<(), Refusal> {
    let Some(most) = app.model.facts.max_tokens else { return Ok(()) };
    // A token is a byte at least.
    let long: Vec<String> = texts.iter().filter(|text| text.len() + prompt.len() + 2 > most).cloned().collect();
    if long.is_empty() {
        return Ok(());
    }
    let (embedder, prompt, share) = (app.model.embedder.clone(), prompt.to_owned(), share.clone());
    let counted = tokio::task::spawn_blocking(move || -> Result<usize, String> {
        let _share = share;
        let tokens = long.iter().map(|text| embedder.tokens(text, &prompt).map_err(|error| error.to_string()));
        tokens.collect::<Result<Vec<usize>, String>>().map(|tokens| tokens.into_iter().max().unwrap_or(0))
    });
    let failed = |why: String| Refusal::new(Kind::Backend, format!("tokenizer error {why}"));
    let given = counted.await.map_err(|error| failed(error.to_string()))?.map_err(failed)?;
    if given <= most {
        return Ok(());
    }
    let what = format!("Input validation error: `inputs` must have less than {most} tokens. Given: {given}");
    Err(Refusal::new(Kind::Validation, what).of("inputs"))
}

/// Cosine of two unit vectors.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
