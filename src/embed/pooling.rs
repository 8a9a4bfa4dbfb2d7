//! Tokens to one vector: how a window's token embeddings are pooled.
//!
//! Source: sentence-transformers, `models/Pooling.py`. Padding takes no part.

use candle_core::{DType, Result, Tensor};
use serde::Deserialize;

use super::EmbedError;
use super::folder::parse;

/// How token embeddings become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    /// The mean over all tokens that are not padding.
    Mean,
    /// The first token's.
    Cls,
}

#[derive(Deserialize)]
struct PoolingConfig {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
    #[serde(default)]
    pooling_mode_max_tokens: bool,
    #[serde(default)]
    pooling_mode_mean_sqrt_len_tokens: bool,
    #[serde(default)]
    pooling_mode_weightedmean_tokens: bool,
    #[serde(default)]
    pooling_mode_lasttoken: bool,
}

impl Pooling {
    /// Reads a pooling module's `config.json`.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] unless exactly mean or exactly cls is asked for.
    pub(super) fn parse(model: &str, bytes: &[u8]) -> std::result::Result<Self, EmbedError> {
        let config: PoolingConfig = parse(model, "1_Pooling/config.json", bytes)?;
        let asked = config.asked();
        match asked.as_slice() {
            ["mean"] => Ok(Self::Mean),
            ["cls"] => Ok(Self::Cls),
            _ => Err(EmbedError::Unsupported {
                model: model.to_owned(),
                found: format!("the pooling \"{}\"", asked.join("+")),
                supported: "are mean and cls, one at a time",
            }),
        }
    }

    /// One vector a window, not yet of unit length: shape `(batch, dim)`.
    ///
    /// `tokens` has shape `(batch, tokens, dim)`, `mask` `(batch, tokens)` with 1 for a token and 0 for padding.
    pub(super) fn apply(self, tokens: &Tensor, mask: &Tensor) -> Result<Tensor> {
        match self {
            Self::Cls => tokens.narrow(1, 0, 1)?.squeeze(1),
            Self::Mean => {
                let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
                tokens.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)
            }
        }
    }
}

impl PoolingConfig {
    fn asked(&self) -> Vec<&'static str> {
        [
            (self.pooling_mode_cls_token, "cls"),
            (self.pooling_mode_mean_tokens, "mean"),
            (self.pooling_mode_max_tokens, "max"),
            (self.pooling_mode_mean_sqrt_len_tokens, "mean_sqrt_len"),
            (self.pooling_mode_weightedmean_tokens, "weightedmean"),
            (self.pooling_mode_lasttoken, "lasttoken"),
        ]
        .into_iter()
        .filter_map(|(on, name)| on.then_some(name))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn padding_takes_no_part_in_the_mean() {
        let tokens = Tensor::new(&[[[1.0_f32, 2.0], [3.0, 4.0], [9.0, 9.0]]], &Device::Cpu).unwrap();
        let mask = Tensor::new(&[[1_u32, 1, 0]], &Device::Cpu).unwrap();
        let pooled = |pooling: Pooling| pooling.apply(&tokens, &mask).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(pooled(Pooling::Mean), [[2.0, 3.0]]);
        assert_eq!(pooled(Pooling::Cls), [[1.0, 2.0]]);
    }

    #[test]
    fn another_pooling_is_refused_by_name() {
        let error = Pooling::parse("tiny", br#"{"pooling_mode_max_tokens": true}"#).unwrap_err().to_string();
        assert_eq!(error, "model tiny has the pooling \"max\": supported are mean and cls, one at a time");
    }
}
