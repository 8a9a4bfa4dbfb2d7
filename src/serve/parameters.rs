//! What stands behind the `?` of an address: names that a path knows, each once; any other is refused, never passed over.
//!
//! Paths that imitate another API pass over what they do not know, as that API does.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refusal::{Kind, Refusal};

/// The parameters that a path takes.
pub(super) trait Known: DeserializeOwned {
    /// Their names.
    const NAMES: &'static [&'static str];
    /// Those that are whole numbers.
    const NUMBERS: &'static [&'static str] = &[];
    /// Those that are true or false.
    const FLAGS: &'static [&'static str] = &[];
}

/// Parameters, read.
pub(super) struct Parameters<T>(pub(super) T);

/// A path that takes none.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

impl Known for Nothing {
    const NAMES: &'static [&'static str] = &[];
}

impl<T: Known, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let path = format!("{} {}", parts.method, parts.uri.path());
        let wrong = |what: String| Refusal::new(Kind::Validation, what);
        let unreadable = |_| wrong(format!("what follows the ? of {path} is no list of parameters"));
        let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(unreadable)?;
        for (at, (name, value)) in given.iter().enumerate() {
            let before = &given[..at];
            fault::<T>(name, value, before).map_or(Ok(()), |what| Err(wrong(what.replace("{path}", &path))))?;
        }
        Query::<T>::try_from_uri(&parts.uri).map(|Query(value)| Self(value)).map_err(unreadable)
    }
}

/// What is wrong with a parameter that stands behind others.
fn fault<T: Known>(name: &str, value: &str, before: &[(String, String)]) -> Option<String> {
    let expected =
        || if T::NAMES.is_empty() { "it takes none".to_owned() } else { format!("expected {}", T::NAMES.join(", ")) };
    if !T::NAMES.contains(&name) {
        return Some(format!("`{name}` is no parameter of {{path}}: {}", expected()));
    }
    if before.iter().any(|(known, _)| known == name) {
        return Some(format!(
            "`{name}` is given twice: expected it once (several names with a line end between them, %0A)"
        ));
    }
    if T::NUMBERS.contains(&name) && value.parse::<usize>().is_err() {
        return Some(format!("`{name}` must be a whole number, 0 or more. Given: {value}"));
    }
    let flag = matches!(value, "true" | "false");
    (T::FLAGS.contains(&name) && !flag).then(|| format!("`{name}` must be true or false. Given: {value}"))
}
