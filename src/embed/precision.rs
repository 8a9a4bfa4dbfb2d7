//! In what numbers the model is run. One that was asked for and is missing is an error, never another.

use std::str::FromStr;

use super::EmbedError;
use super::folder::{Making, ModelFolder};
use super::fused::{FusedModel, Kernel, Operands};
use crate::gpu::Kind;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// On the CPU the fastest that decides as 32 bits do: 32 bits. bf16 has a mean cosine of 0.99999 to it, and yet moves scores by
    /// a few thousandths: of the sample corpus's 26 near-duplicate pairs it makes 27. On cards f16, which
    /// has three bits more.
    #[default]
    Auto,
    /// 32-bit floats throughout.
    F32,
    /// Products of half-precision numbers, everything else in 32 bits. On cards alone.
    F16,
    /// Products of bf16 numbers, everything else in 32 bits. Needs a card, AMX or AVX-512 BF16 and a model of BERT's kind.
    Bf16,
    /// Products of bytes, with a scale for every token and every output; attention in bf16, everything else in 32 bits.
    /// Needs AMX, AVX-512 VNNI or AVX-VNNI and a model of BERT's kind.
    Int8,
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "f16" => Ok(Self::F16),
            "bf16" => Ok(Self::Bf16),
            "int8" => Ok(Self::Int8),
            other => Err(format!("\"{other}\" is no precision: expected auto, f32, f16, bf16 or int8")),
        }
    }
}

impl Precision {
    /// The kernel to multiply narrow numbers with; none where the model is to be run in 32 bits.
    ///
    /// # Errors
    /// [`EmbedError::Precision`] for numbers that the processor does not multiply or the model is not run in.
    pub(super) fn kernel(self, folder: &ModelFolder) -> Result<Option<Kernel>, EmbedError> {
        if self == Self::F16 {
            return Err(EmbedError::Precision { asked: "f16", why: "it runs on NVIDIA cards alone" });
        }
        let Some(asked) = self.narrow() else { return Ok(None) };
        let best = Kernel::best(asked.operands);
        let takes =
            matches!(&folder.entry, Making::Transformer(model, _) if FusedModel::takes_tiles(model, asked.operands));
        match (best.is_fast(), takes) {
            (true, true) => Ok(Some(best)),
            (false, _) => Err(asked.refused(asked.needs)),
            (true, false) => {
                Err(asked.refused("this model runs in f32 alone: others run BERT, DistilBERT, RoBERTa and XLM-RoBERTa"))
            }
        }
    }

    /// # Errors
    /// [`EmbedError::Precision`] for narrow numbers, which the plain path does not run.
    pub(super) fn refuse_off_cpu(self) -> Result<(), EmbedError> {
        match self.narrow() {
            Some(asked) => Err(asked.refused("on this device models run in f32 alone")),
            None => Ok(()),
        }
    }

    /// The numbers that cards multiply.
    ///
    /// # Errors
    /// [`EmbedError::Precision`] for bytes.
    pub(super) fn on_cards(self) -> Result<Kind, EmbedError> {
        match self {
            Self::Auto | Self::F16 => Ok(Kind::F16),
            Self::Bf16 => Ok(Kind::Bf16),
            Self::F32 => Ok(Kind::F32),
            Self::Int8 => Err(EmbedError::Precision { asked: "int8", why: "it runs on the CPU alone" }),
        }
    }

    fn narrow(self) -> Option<Narrow> {
        match self {
            Self::Auto | Self::F32 | Self::F16 => None,
            Self::Bf16 => Some(Narrow {
                operands: Operands::Bf16,
                name: "bf16",
                needs: "this processor does not multiply it: expected one with AMX or AVX-512 BF16",
            }),
            Self::Int8 => Some(Narrow {
                operands: Operands::Int8,
                name: "int8",
                needs: "this processor does not multiply it: expected one with AMX, AVX-512 VNNI or AVX-VNNI",
            }),
        }
    }
}

/// Numbers of less than 32 bits that were asked for.
struct Narrow {
    operands: Operands,
    name: &'static str,
    needs: &'static str,
}

impl Narrow {
    fn refused(&self, why: &'static str) -> EmbedError {
        EmbedError::Precision { asked: self.name, why }
    }
}
