//! In what numbers the model is run on the CPU. One that was asked for and is missing is an error, never another.

use std::str::FromStr;

use super::EmbedError;
use super::folder::{Making, ModelFolder};
use super::fused::{FusedModel, Kernel};

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// The fastest that decides as 32 bits do: 32 bits. bf16 has a mean cosine of 0.99999 to it, and yet moves scores by
    /// a few thousandths: of the sample corpus's 26 near-duplicate pairs it makes 27.
    #[default]
    Auto,
    /// 32-bit floats throughout.
    F32,
    /// Products of bf16 numbers, everything else in 32 bits. Needs AMX or AVX-512 BF16 and a model of BERT's kind.
    Bf16,
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            other => Err(format!("\"{other}\" is no precision: expected auto, f32 or bf16")),
        }
    }
}

impl Precision {
    /// The kernel to multiply bf16 numbers with; none where the model is to be run in 32 bits.
    ///
    /// # Errors
    /// [`EmbedError::Precision`] for bf16 that the processor does not multiply or the model is not run in.
    pub(super) fn kernel(self, folder: &ModelFolder) -> Result<Option<Kernel>, EmbedError> {
        if self != Self::Bf16 {
            return Ok(None);
        }
        let best = Kernel::best();
        let takes = matches!(&folder.entry, Making::Transformer(model, _) if FusedModel::takes_halves(model));
        match (best.is_fast(), takes) {
            (true, true) => Ok(Some(best)),
            (false, _) => Err(no_bf16("this processor does not multiply it: expected one with AMX or AVX-512 BF16")),
            (true, false) => Err(no_bf16("models of this architecture run in f32 alone")),
        }
    }

    /// # Errors
    /// [`EmbedError::Precision`] for bf16, which the plain path does not run.
    pub(super) fn refuse_off_cpu(self) -> Result<(), EmbedError> {
        if self == Self::Bf16 { Err(no_bf16("on this device models run in f32 alone")) } else { Ok(()) }
    }
}

fn no_bf16(why: &'static str) -> EmbedError {
    EmbedError::Precision { asked: "bf16", why }
}
