//! Tokens to one vector: how a window's token embeddings are pooled.
//!
//! Source: sentence-transformers, `sentence_transformer/modules/pooling.py`. Rows are those of one window, without
//! padding, so that there is no mask.

use serde::Deserialize;

use super::EmbedError;
use super::blueprint::Blueprint;
use super::folder::File;

/// How token embeddings become one vector: the results of all modes side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pooling {
    modes: Vec<Mode>,
    /// Whether the tokens of a prompt take part.
    pub(super) with_prompt: bool,
}

/// One way to pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The first token's.
    Cls,
    Max,
    Mean,
    /// The sum, divided by the square root of the number of tokens.
    MeanSqrtLen,
    /// The mean weighted by position, counted from 1.
    WeightedMean,
    /// The last token's.
    LastToken,
}

/// Names in the order in which several are laid side by side, with the switch that older files have for each.
const MODES: [(Mode, &str, &str); 6] = [
    (Mode::Cls, "cls", "pooling_mode_cls_token"),
    (Mode::Max, "max", "pooling_mode_max_tokens"),
    (Mode::Mean, "mean", "pooling_mode_mean_tokens"),
    (Mode::MeanSqrtLen, "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
    (Mode::WeightedMean, "weightedmean", "pooling_mode_weightedmean_tokens"),
    (Mode::LastToken, "lasttoken", "pooling_mode_lasttoken"),
];

#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Config {
    pooling_mode: Option<Named>,
    #[serde(default = "yes")]
    include_prompt: bool,
    #[serde(flatten)]
    switches: serde_json::Map<String, serde_json::Value>,
}

fn yes() -> bool {
    true
}

impl Pooling {
    /// Reads a pooling module's `config.json`; without one the mean is meant.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] names a mode that is none of the six.
    pub(super) fn read(file: Option<&File>) -> Result<Self, EmbedError> {
        let Some(file) = file else { return Ok(Self::of(Mode::Mean)) };
        let config: Config = file.parse()?;
        let modes = match &config.pooling_mode {
            Some(Named::One(name)) => vec![Mode::named(name, file)?],
            Some(Named::Several(names)) => {
                names.iter().map(|name| Mode::named(name, file)).collect::<Result<Vec<Mode>, EmbedError>>()?
            }
            None => config.switched_on(file)?,
        };
        if modes.is_empty() {
            return Err(file.bad("pooling_mode names none"));
        }
        Ok(Self { modes, with_prompt: config.include_prompt })
    }

    /// What sentence-transformers takes for a folder that names no pooling.
    pub(super) fn of_bare(blueprint: &Blueprint) -> Self {
        Self::of(if blueprint.continues { Mode::LastToken } else { Mode::Mean })
    }

    fn of(mode: Mode) -> Self {
        Self { modes: vec![mode], with_prompt: true }
    }

    /// The names of all modes.
    pub(super) fn names() -> Vec<&'static str> {
        MODES.iter().map(|(_, name, _)| *name).collect()
    }

    /// The modes by name.
    pub(super) fn name(&self) -> String {
        let names = self.modes.iter().flat_map(|mode| MODES.iter().filter(move |(known, ..)| known == mode));
        names.map(|(_, name, _)| *name).collect::<Vec<&str>>().join("+")
    }

    /// The modes as numbers: their places among all ([`Pooling::names`]).
    pub(super) fn codes(&self) -> Vec<u32> {
        let place = |mode: &Mode| MODES.iter().position(|(known, ..)| known == mode).unwrap_or_default();
        self.modes.iter().map(|mode| place(mode) as u32).collect()
    }

    /// Components of a pooled vector.
    pub(super) fn width(&self, hidden: usize) -> usize {
        self.modes.len() * hidden
    }

    /// Pools the rows of one window, of which the first `skip` take no part; zeros where none is left.
    ///
    /// `rows` has shape `(tokens, hidden)`, `out` holds [`Pooling::width`] values.
    pub(super) fn pool(&self, rows: &[f32], hidden: usize, skip: usize, out: &mut [f32]) {
        for (mode, out) in self.modes.iter().zip(out.chunks_exact_mut(hidden)) {
            mode.pool(rows, skip, out);
        }
    }
}

impl Config {
    fn switched_on(&self, file: &File) -> Result<Vec<Mode>, EmbedError> {
        let on = |switch: &str| self.switches.get(switch).and_then(serde_json::Value::as_bool).unwrap_or(false);
        let modes: Vec<Mode> = MODES.iter().filter(|(_, _, switch)| on(switch)).map(|(mode, ..)| *mode).collect();
        let known = |switch: &str| MODES.iter().any(|(_, _, known)| *known == switch);
        let unknown = self
            .switches
            .iter()
            .find(|(name, value)| name.starts_with("pooling_mode_") && !known(name) && *value == true);
        match unknown {
            Some((name, _)) => Err(file.unsupported(&format!("the pooling \"{name}\""), SUPPORTED)),
            None if modes.is_empty() => Ok(vec![Mode::Mean]),
            None => Ok(modes),
        }
    }
}

const SUPPORTED: &str = "are cls, max, mean, mean_sqrt_len_tokens, weightedmean and lasttoken";

impl Mode {
    fn named(name: &str, file: &File) -> Result<Self, EmbedError> {
        let found = MODES.iter().find(|(_, known, _)| *known == name).map(|(mode, ..)| *mode);
        found.ok_or_else(|| file.unsupported(&format!("the pooling \"{name}\""), SUPPORTED))
    }

    fn pool(self, rows: &[f32], skip: usize, out: &mut [f32]) {
        let hidden = out.len();
        let taken = || rows.chunks_exact(hidden).skip(skip);
        let count = taken().count() as f32;
        out.fill(0.0);
        match self {
            Self::Cls => taken().take(1).for_each(|row| out.copy_from_slice(row)),
            Self::LastToken => taken().last().into_iter().for_each(|row| out.copy_from_slice(row)),
            Self::Max => {
                taken().take(1).for_each(|row| out.copy_from_slice(row));
                taken().for_each(|row| out.iter_mut().zip(row).for_each(|(most, value)| *most = larger(*most, *value)));
            }
            Self::Mean => weighted(taken().map(|row| (1.0, row)), count, out),
            Self::MeanSqrtLen => weighted(taken().map(|row| (1.0, row)), count.sqrt(), out),
            Self::WeightedMean => {
                let weights = || (1..=rows.len() / hidden).skip(skip).map(|place| place as f32);
                weighted(weights().zip(taken()), weights().sum(), out);
            }
        }
    }
}

/// The larger of two, unless one is no number: that stays, which `f32::max` would hide, and the vector is refused.
fn larger(most: f32, value: f32) -> f32 {
    if value > most || value.is_nan() { value } else { most }
}

/// `out = sum of weight * row / divisor`.
fn weighted<'a>(rows: impl Iterator<Item = (f32, &'a [f32])>, divisor: f32, out: &mut [f32]) {
    for (weight, row) in rows {
        out.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
    }
    // Upstream's, for a window of which nothing takes part.
    out.iter_mut().for_each(|sum| *sum /= divisor.max(1e-9));
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn pooling(text: &'static str) -> Result<Pooling, EmbedError> {
        let file = File {
            model: "tiny".to_owned(),
            name: "1_Pooling/config.json".to_owned(),
            bytes: Cow::Borrowed(text.as_bytes()),
        };
        Pooling::read(Some(&file))
    }

    fn pooled(text: &'static str, skip: usize) -> Vec<f32> {
        let rows = [1.0, 2.0, 3.0, -4.0, 5.0, 9.0, 7.0, 1.0];
        let pooling = pooling(text).unwrap();
        let mut out = vec![7.0; pooling.width(2)];
        pooling.pool(&rows, 2, skip, &mut out);
        out
    }

    #[test]
    fn each_mode_is_its_definition() {
        assert_eq!(pooled(r#"{"pooling_mode": "cls"}"#, 0), [1.0, 2.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "lasttoken"}"#, 0), [7.0, 1.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "max"}"#, 0), [7.0, 9.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "mean"}"#, 0), [4.0, 2.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "mean_sqrt_len_tokens"}"#, 0), [8.0, 4.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "weightedmean"}"#, 0), [5.0, 2.5]);
    }

    #[test]
    fn what_is_no_number_is_not_hidden_by_the_largest() {
        let max = pooling(r#"{"pooling_mode": "max"}"#).unwrap();
        for rows in [[f32::NAN, 1.0], [1.0, f32::NAN]] {
            let mut out = [0.0];
            max.pool(&rows, 1, 0, &mut out);
            assert!(out[0].is_nan(), "{rows:?}");
        }
    }

    #[test]
    fn a_prompt_s_rows_take_no_part_and_keep_the_weights_of_the_rest() {
        assert_eq!(pooled(r#"{"pooling_mode": "mean"}"#, 2), [6.0, 5.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "cls"}"#, 2), [5.0, 9.0]);
        assert_eq!(pooled(r#"{"pooling_mode": "weightedmean"}"#, 2), [43.0 / 7.0, 31.0 / 7.0]);
        assert_eq!(pooled(r#"{"pooling_mode": ["max", "mean", "cls"]}"#, 4), [0.0; 6]);
    }

    #[test]
    fn modes_are_numbered_as_cards_number_them() {
        assert_eq!(Pooling::names(), crate::gpu::MODES);
        assert_eq!(pooling(r#"{"pooling_mode": ["lasttoken", "cls"]}"#).unwrap().codes(), [5, 0]);
    }

    #[test]
    fn switches_of_older_files_come_in_the_reference_s_order() {
        let text = r#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true, "include_prompt": false}"#;
        let pooling = pooling(text).unwrap();
        assert_eq!((pooling.name().as_str(), pooling.with_prompt), ("cls+mean", false));
        assert_eq!(pooled(text, 0), [1.0, 2.0, 4.0, 2.0]);
        assert_eq!(Pooling::read(None).unwrap().name(), "mean");
    }

    #[test]
    fn another_pooling_is_refused_by_name() {
        let error = pooling(r#"{"pooling_mode_sum": true}"#).unwrap_err().to_string();
        assert!(
            error.starts_with("model tiny has the pooling \"pooling_mode_sum\": supported are cls, max"),
            "{error}"
        );
        assert!(pooling(r#"{"pooling_mode": []}"#).unwrap_err().to_string().starts_with("1_Pooling/config.json of"));
    }
}
