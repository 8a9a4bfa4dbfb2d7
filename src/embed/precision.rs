//! In what numbers the model is run on the CPU. One that was asked for and is missing is an error, never another.

use std::str::FromStr;

use super::EmbedError;
use super::folder::{Making, ModelFolder};
use super::half::{HalfModel, Kernel};

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// The fastest whose vectors have a mean cosine of 0.9999 and more to those of 32 bits: bf16 where the processor
    /// multiplies it, else 32 bits.
    #[default]
    Auto,
    /// 32-bit floats throughout.
    F32,
    /// Products of bf16 numbers, everything else in 32 bits. Needs AMX or AVX-512 BF16.
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
    /// [`EmbedError::Precision`] for bf16 on a processor that does not multiply it, [`EmbedError::Unsupported`] for bf16
    /// and an architecture that is run in 32 bits alone.
    pub(super) fn kernel_for(self, folder: &ModelFolder) -> Result<Option<Kernel>, EmbedError> {
        let best = Kernel::best();
        let runs = match &folder.entry {
            Making::Transformer(blueprint, _) => HalfModel::runs(blueprint),
            Making::Table => false,
        };
        match self {
            Self::F32 => Ok(None),
            Self::Auto => Ok((best.is_fast() && runs).then_some(best)),
            Self::Bf16 if !runs => Err(EmbedError::Unsupported {
                model: folder.name.clone(),
                found: format!("{}, which is run in f32 alone", folder.entry.name()),
                supported: "in bf16 are \"bert\", \"distilbert\", \"roberta\", \"xlm-roberta\" and \"camembert\"",
            }),
            Self::Bf16 if best.is_fast() => Ok(Some(best)),
            Self::Bf16 => Err(EmbedError::Precision { asked: "bf16", needs: "AMX or AVX-512 BF16" }),
        }
    }
}
