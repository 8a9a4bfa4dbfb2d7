//! Texts as requests give them: one, or a list; and the vectors that become of them.
//!
//! What both APIs have in common: limits of count and length, the wait for the queue, and `dimensions`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Unexpected, Visitor};

use super::app::App;
use super::queue::{Embedded, Failure};
use super::refusal::{Kind, Refusal};
use crate::embed::Manner;

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = Texts;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text or a list of texts (lists of token ids are not taken: they belong to one tokenizer)")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(text)) = list.next_element()? {
            texts.push(text);
        }
        Ok(Texts(texts))
    }
}

/// A text in a list; what else stands there is refused in the same words.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct One;
        impl Visitor<'_> for One {
            type Value = Text;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                OneOrMore.expecting(out)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
                Ok(Text(text))
            }
        }
        from.deserialize_any(One)
    }
}

/// A whole number, as JSON has it: 22.0 is one too.
pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else { return Ok(None) };
    // So small a number that each whole one below it is exact.
    let of_float = || number.as_f64().filter(|value| value.fract() == 0.0 && (0.0..=1e15).contains(value));
    let whole = number
        .as_u64()
        .and_then(|value| usize::try_from(value).ok())
        .or_else(|| of_float().map(|value| value as usize));
    whole.map(Some).ok_or_else(|| Error::custom(format!("{number} is not a whole number, or is less than 0")))
}

/// A whole number, as JSON has it or as an address does.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    struct Count;
    impl<'de> Visitor<'de> for Count {
        type Value = Option<usize>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a whole number")
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
            from.deserialize_u64(self)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            usize::try_from(value).map(Some).map_err(E::custom)
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            // So small a number that each whole one below it is exact.
            let whole = value.fract() == 0.0 && (0.0..=1e15).contains(&value);
            if whole { Ok(Some(value as usize)) } else { Err(E::invalid_value(Unexpected::Float(value), &self)) }
        }
    }
    from.deserialize_option(Count)
}

/// Refuses no texts, too many, an empty one, and one that is too long.
pub(super) fn check(app: &App, texts: &[String], field: &'static str) -> Result<(), Refusal> {
    let (most, longest) = (app.limits.request_texts, app.limits.text_chars);
    if texts.is_empty() {
        return Err(Refusal::new(Kind::Empty, format!("`{field}` cannot be empty")).of(field));
    }
    if texts.len() > most {
        let what = format!("batch size {} > maximum allowed batch size {most}", texts.len());
        return Err(Refusal::new(Kind::Validation, what).of(field));
    }
    if let Some(at) = texts.iter().position(String::is_empty) {
        return Err(Refusal::new(Kind::Empty, format!("`{field}` cannot be empty: text {at} is")).of(field));
    }
    let long = |text: &&String| text.len() > longest && text.chars().count() > longest;
    if let Some(text) = texts.iter().find(long) {
        let given = text.chars().count();
        let what = format!("`{field}` must have at most {longest} characters a text. Given: {given}");
        return Err(Refusal::new(Kind::Validation, what).of(field));
    }
    Ok(())
}

/// Refuses a number of components that the model does not have.
pub(super) fn check_dimensions(app: &App, dimensions: Option<usize>) -> Result<(), Refusal> {
    let full = app.model.facts.dim;
    match dimensions {
        Some(asked) if !(1..=full).contains(&asked) => {
            let what = format!("`dimensions` must be 1 to {full} with this model. Given: {asked}");
            Err(Refusal::new(Kind::Validation, what).of("dimensions"))
        }
        _ => Ok(()),
    }
}

/// Embeds texts together with those of other requests.
pub(super) async fn embed(
    app: &App,
    texts: Vec<String>,
    manner: Manner,
    dimensions: Option<usize>,
) -> Result<Embedded, Refusal> {
    check_dimensions(app, dimensions)?;
    let awaited = app.queue.submit(texts, manner)?;
    // Nobody will answer: the thread that should has ended.
    let gone = || Refusal::new(Kind::Unhealthy, "the server stopped before this request was answered");
    let mut embedded = awaited.await.map_err(|_| gone())??;
    if let Some(dimensions) = dimensions {
        embedded.vectors.iter_mut().try_for_each(|vector| shorten(vector, dimensions))?;
    }
    Ok(embedded)
}

/// Keeps the first components, brought to length one again.
fn shorten(vector: &mut Vec<f32>, dimensions: usize) -> Result<(), Failure> {
    vector.truncate(dimensions);
    let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt() as f32;
    if length == 0.0 {
        return Err(Failure::Model(format!("the first {dimensions} components of a vector are all zero")));
    }
    vector.iter_mut().for_each(|value| *value /= length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_or_several_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<Texts>(json).map(|texts| texts.0);
        assert_eq!(read("\"a\"").unwrap(), ["a"]);
        assert_eq!(read("[\"a\", \"\\u00e9\"]").unwrap(), ["a", "é"]);
        assert!(read("[]").unwrap().is_empty());
        for wrong in ["1", "null", "{}", "[1, 2]", "[[1]]", "[\"a\", null]"] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains("expected a text or a list of texts"), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_kept_has_length_one_again() {
        let mut vector = vec![0.6, 0.0, 0.8];
        shorten(&mut vector, 2).unwrap();
        assert_eq!(vector, [1.0, 0.0]);
        assert!(shorten(&mut vec![0.0, 1.0], 1).is_err());
    }
}
