//! The OpenAPI document: `openapi.json`, with this server's limits and model in their places.

use serde_json::{Value, json};

use super::app::App;

/// The document, but for what depends on the server.
const DOCUMENT: &str = include_str!("openapi.json");

/// The document of a server.
pub(super) fn document(app: &App) -> Value {
    // The file is part of the program; a test reads it.
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    let (limits, facts) = (&app.limits, &app.model.facts);
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    let schemas = &mut document["components"]["schemas"];
    schemas["Text"]["maxLength"] = json!(limits.text_chars);
    schemas["Texts"]["anyOf"][1]["maxItems"] = json!(limits.request_texts);
    schemas["SimilarityRequest"]["properties"]["inputs"]["properties"]["sentences"]["maxItems"] =
        json!(limits.request_texts - 1);
    schemas["Records"]["maxItems"] = json!(limits.request_texts);
    schemas["Dimensions"]["maximum"] = json!(facts.dim);
    schemas["ModelName"]["enum"] = json!([facts.name]);
    let prompts: Vec<&String> = facts.prompts.keys().collect();
    schemas["PromptName"]["enum"] =
        std::iter::once(Value::Null).chain(prompts.into_iter().map(|name| json!(name))).collect();
    if app.token.is_none() {
        document.as_object_mut().map(|document| document.shift_remove("security"));
    }
    document
}
