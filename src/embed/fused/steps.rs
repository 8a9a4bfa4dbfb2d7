//! What is done to pooled vectors: projections and normalising, as the model's modules say.
//!
//! Source: sentence-transformers, `base/modules/dense.py` and `normalize.py`.

use candle_core::Result;

use super::super::EmbedError;
use super::super::blueprint::{Activation, Linear};
use super::super::folder::{Projection, Step};
use super::dense::Dense;
use super::rows::activate;
use super::weights::Weights;

/// The steps of one model, loaded.
pub(in super::super) struct Steps {
    steps: Vec<Loaded>,
}

enum Loaded {
    Project { map: Dense, activation: Activation, residual: Residual },
    Normalize,
}

enum Residual {
    None,
    Same,
    Mapped(Dense),
}

impl Steps {
    /// Loads the steps after vectors of `width` components, and says how wide they leave them.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where a projection takes vectors of another width, or as [`Weights::matrix`].
    pub(in super::super) fn load(steps: &[Step], mut width: usize) -> std::result::Result<(Self, usize), EmbedError> {
        let mut loaded = Vec::with_capacity(steps.len());
        for step in steps {
            let Step::Dense(projection) = step else {
                loaded.push(Loaded::Normalize);
                continue;
            };
            loaded.push(project(projection, width)?);
            width = projection.outputs;
        }
        Ok((Self { steps: loaded }, width))
    }

    /// Runs the steps on vectors laid end to end, `width` components each.
    ///
    /// # Errors
    /// None but mistakes in this crate.
    pub(in super::super) fn apply(&self, mut vectors: Vec<f32>, mut width: usize) -> Result<Vec<f32>> {
        for step in &self.steps {
            match step {
                Loaded::Normalize => vectors.chunks_exact_mut(width.max(1)).for_each(to_unit),
                Loaded::Project { map, activation, residual } => {
                    vectors = projected(vectors, width, (map, *activation, residual))?;
                    width = map.bias.len();
                }
            }
        }
        Ok(vectors)
    }
}

/// Brings a vector to length one.
pub(in super::super) fn to_unit(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length);
}

fn project(projection: &Projection, width: usize) -> std::result::Result<Loaded, EmbedError> {
    let Projection { inputs, outputs, bias, activation, residual, weights: files } = projection;
    let weights = Weights::open(files, &[], "")?;
    if *inputs != width {
        let what = format!("a projection of {inputs} components after vectors of {width}");
        return Err(weights.bad(what));
    }
    let map = Dense::load(&weights, *inputs, &[Linear::new("linear".to_owned(), *outputs, *bias)])?;
    let residual = match residual {
        false => Residual::None,
        true if inputs == outputs => Residual::Same,
        true => {
            Residual::Mapped(Dense::load(&weights, *inputs, &[Linear::new("residual".to_owned(), *outputs, false)])?)
        }
    };
    Ok(Loaded::Project { map, activation: *activation, residual })
}

fn projected(
    vectors: Vec<f32>,
    width: usize,
    (map, activation, residual): (&Dense, Activation, &Residual),
) -> Result<Vec<f32>> {
    let mut out = vec![0.0; vectors.len() / width * map.bias.len()];
    map.apply(&vectors, &mut out, false)?;
    activate(&mut out, &map.bias, activation);
    let mut add = |values: &[f32]| out.iter_mut().zip(values).for_each(|(out, value)| *out += value);
    match residual {
        Residual::None => {}
        Residual::Same => add(&vectors),
        Residual::Mapped(map) => {
            let mut mapped = vec![0.0; vectors.len() / width * map.bias.len()];
            map.apply(&vectors, &mut mapped, false)?;
            add(&mapped);
        }
    }
    Ok(out)
}
